"""Editions: what is known of Zoho Books' country versions that decides how documents look, or that there are none.

One row for each edition. What it says stands in Zoho's OpenAPI files (for which editions a property exists) or was
seen live. Of an edition that is not here nothing is known to stand against a document, so it is sent as anywhere.
How organizations name their edition is documented nowhere (“india” was seen), so other names are known too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edition:
    """A country version.

    `takes_line_taxes`: whether a bill's line may name a tax. `takes_employee_bills`: whether a bill may be made to
    a vendor without a registration for the tax, as employees are. `product_type`: what the lines of bills are said
    to be, where they are to say it; those of vendor credits cannot. `reimbursement_code`: the reason why a
    reimbursement without tax is out of the tax's scope, where lines may say one. `is_known`: whether it has a
    row here.
    """

    name: str
    takes_line_taxes: bool = True
    takes_employee_bills: bool = True
    product_type: str = ""
    reimbursement_code: str = ""
    is_known: bool = True


_SERVICE = "service"
"""Meals, travel and lodging are services; goods differ from them only where they cross a border."""

_GCC = Edition("Gulf states")
_UAE = Edition("United Arab Emirates", reimbursement_code="uae_reimbursed_expense")
_KSA = Edition("Saudi Arabia", reimbursement_code="ksa_reimbursed_expense")

_EDITIONS: tuple[tuple[Edition, tuple[str, ...]], ...] = (
    # Neither tax_id on lines nor is_inclusive_tax.
    (
        Edition("United States", takes_line_taxes=False),
        ("us", "usa", "u.s.", "u.s.a.", "united states", "united states of america"),
    ),
    # A vendor without a registration needs a reverse charge (71512), which forbids the tax itself (71510).
    (Edition("India", takes_employee_bills=False), ("in", "india")),
    # product_type is to be specified where purchase orders are not enabled; vat_treatment is the vendor's.
    (Edition("United Kingdom", product_type=_SERVICE), ("uk", "gb", "united kingdom", "great britain")),
    (Edition("European Union", product_type=_SERVICE), ("eu", "europe", "european union")),
    # tax_treatment is the vendor's, by default one without a registration; so in the three after these.
    (_GCC, ("gcc", "bh", "bahrain", "kw", "kuwait", "om", "oman", "qa", "qatar")),
    (_UAE, ("uae", "ae", "united arab emirates")),
    (_KSA, ("ksa", "saudi", "saudi arabia")),
    (Edition("Mexico"), ("mx", "mexico")),
    (Edition("Kenya"), ("ke", "kenya")),
    (Edition("South Africa"), ("za", "south africa", "southafrica")),
    # is_bas_adjustment of journals is for corrections of a statement, which expenses are not.
    (Edition("Australia"), ("au", "australia")),
    # Exemptions may be named, but need not be.
    (Edition("Canada"), ("ca", "canada")),
    (Edition("Global"), ("global",)),
)
_BY_NAME = {name: edition for edition, names in _EDITIONS for name in names}
_OF_GULF_CURRENCY = {"AED": _UAE, "SAR": _KSA}


def edition_named(name: str, currency: str = "") -> Edition:
    """The edition that an organization names, in whatever case; `currency` tells apart the states of the Gulf."""
    found = _BY_NAME.get(" ".join(name.replace("_", " ").split()).casefold())
    if found is None:
        return Edition(name.strip() or "not named", is_known=False)
    return _OF_GULF_CURRENCY.get(currency, found) if found is _GCC else found
