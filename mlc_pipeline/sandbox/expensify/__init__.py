"""A local Expensify Integration Server: one endpoint, strict as the manual, over an account held in memory."""

from mlc_pipeline.sandbox.expensify.account import ExpensifyAccount
from mlc_pipeline.sandbox.expensify.app import ENDPOINT, create_expensify_app
from mlc_pipeline.sandbox.expensify.faults import Fault, Faults
from mlc_pipeline.sandbox.expensify.limits import RequestLimit
from mlc_pipeline.sandbox.expensify.receipts import RECEIPTS, ReceiptLinks

__all__ = [
    "ENDPOINT",
    "RECEIPTS",
    "ExpensifyAccount",
    "Fault",
    "Faults",
    "ReceiptLinks",
    "RequestLimit",
    "create_expensify_app",
]
