"""A local Zoho Books: accounts server and Books API over a state in memory, strict as the references are."""

from mlc_pipeline.sandbox.zoho.app import create_zoho_app
from mlc_pipeline.sandbox.zoho.books import LoggedRequest, ZohoBooks
from mlc_pipeline.sandbox.zoho.faults import Fault, FaultKind
from mlc_pipeline.sandbox.zoho.organization import Organization
from mlc_pipeline.sandbox.zoho.settings import BooksSettings, Limits, Plan

__all__ = [
    "BooksSettings",
    "Fault",
    "FaultKind",
    "Limits",
    "LoggedRequest",
    "Organization",
    "Plan",
    "ZohoBooks",
    "create_zoho_app",
]
