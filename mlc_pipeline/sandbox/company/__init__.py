"""Invents a company: what its Expensify and its Zoho Books hold, and what should come of it."""

from mlc_pipeline.sandbox.company.generate import generate_company
from mlc_pipeline.sandbox.company.model import Company, Expectation

__all__ = ["Company", "Expectation", "generate_company"]
