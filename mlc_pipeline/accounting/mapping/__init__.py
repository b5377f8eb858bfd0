"""Mapping: what an Expensify category, tag, tax, card, employee and currency stand for in Zoho Books.

A `Resolution` is either an answer with how it was found, or the reason why there is none. Nothing is guessed:
two candidates are a reason, not a choice. One file per kind of answer; all are pure functions.
"""

from mlc_pipeline.accounting.mapping.accounts import (
    NOT_FOR_CARDS,
    NOT_FOR_EXPENSES,
    NOT_FOR_PAYABLES,
    CategoryRules,
    resolve_card,
    resolve_category,
    resolve_payable,
)
from mlc_pipeline.accounting.mapping.answers import NOTHING, Resolution, mapping_version
from mlc_pipeline.accounting.mapping.currencies import resolve_currency
from mlc_pipeline.accounting.mapping.dimensions import DimensionRule, Dimensions, Term, resolve_dimension
from mlc_pipeline.accounting.mapping.new_vendors import NewVendors, with_address
from mlc_pipeline.accounting.mapping.reference import (
    Account,
    ChartOfAccounts,
    Currency,
    DimensionKind,
    DimensionValue,
    ReportingTagHead,
    Tax,
    Vendor,
)
from mlc_pipeline.accounting.mapping.taxes import (
    ExpenseTax,
    TaxOverride,
    TaxRules,
    resolve_tax,
    resolve_tax_account,
)
from mlc_pipeline.accounting.mapping.vendors import (
    Employee,
    EmployeeRules,
    Vendors,
    resolve_card_vendor,
    resolve_employee,
)

__all__ = [
    "NOTHING",
    "NOT_FOR_CARDS",
    "NOT_FOR_EXPENSES",
    "NOT_FOR_PAYABLES",
    "Account",
    "CategoryRules",
    "ChartOfAccounts",
    "Currency",
    "DimensionKind",
    "DimensionRule",
    "DimensionValue",
    "Dimensions",
    "Employee",
    "EmployeeRules",
    "ExpenseTax",
    "NewVendors",
    "ReportingTagHead",
    "Resolution",
    "Tax",
    "TaxOverride",
    "TaxRules",
    "Term",
    "Vendor",
    "Vendors",
    "mapping_version",
    "resolve_card",
    "resolve_card_vendor",
    "resolve_category",
    "resolve_currency",
    "resolve_dimension",
    "resolve_employee",
    "resolve_payable",
    "resolve_tax",
    "resolve_tax_account",
    "with_address",
]
