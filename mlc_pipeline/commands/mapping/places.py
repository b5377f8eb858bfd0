"""Where in mlc.yaml the answer to a value is overridden, and the section of the connection it stands in."""

from __future__ import annotations

from collections.abc import Mapping

from mlc_pipeline.accounting.mapping import ExpenseTax
from mlc_pipeline.accounting.mappings import field_name
from mlc_pipeline.accounting.wording import exact_key, name_key
from mlc_pipeline.config import Connection, TagTarget, TaxTarget

Place = tuple[str, ...]
"""Keys from the connection's entry down, the last one is the value's: ("mapping", "categories", "Lodging")."""

OVERRIDDEN = ("category", "tag", "report_field", "tax", "tax_account")
"""The kinds that have overrides under `mapping`."""


class NoPlace(Exception):
    """Nothing in mlc.yaml takes an override for it; the text says where it is mended instead."""


def place_of(connection: Connection, kind: str, level: str, name: str, code: str) -> Place:
    """Where the override of a value belongs; where there is one already, its own key.

    Raises:
        NoPlace: there is none.
    """
    if kind in ("tax", "tax_account"):
        return _tax_place(connection, kind, ExpenseTax(name, level, code))
    if kind not in OVERRIDDEN:
        raise NoPlace(_ELSEWHERE.get(kind, f"{kind!r} is no kind of mapping; known are {', '.join(OVERRIDDEN)}."))
    if not name.strip():
        raise NoPlace(_NAMELESS)
    if kind == "category":
        known = (key for key in connection.mapping.categories if exact_key(key) == exact_key(name))
        return ("mapping", "categories", next(known, name))
    section, key, target = tag_target(connection, kind, level)
    return ("mapping", section, key, "values", _known_key(target.values, name) or name)


def tag_target(connection: Connection, kind: str, level: str) -> tuple[str, str, TagTarget]:
    """The section, the key and the entry of mlc.yaml for a tag level or report field, as the answers name it.

    Raises:
        NoPlace: mlc.yaml does not map it.
    """
    if kind == "tag":
        found = {str(number): target for number, target in connection.mapping.tags.items()}
        if level in found:
            return "tags", level, found[level]
        raise NoPlace(f"mapping.tags in mlc.yaml does not map level {level!r}: say there what it becomes.")
    for name, target in connection.mapping.report_fields.items():
        if field_name(name) == level:
            return "report_fields", name, target
    raise NoPlace(f"mapping.report_fields in mlc.yaml does not map {level!r}: say there what it becomes.")


def _tax_place(connection: Connection, kind: str, tax: ExpenseTax) -> Place:
    taxes = connection.mapping.taxes
    if not tax.keys:
        raise NoPlace("A tax without name, code and rate cannot be named in mlc.yaml: correct it in Expensify.")
    key = next(filter(None, (_known_key(taxes, one) for one in tax.keys)), tax.keys[0])
    target = taxes.get(key)
    if isinstance(target, TaxTarget):
        return ("mapping", "taxes", key, "tax" if kind == "tax" else "account")
    if kind == "tax":
        return ("mapping", "taxes", key)
    if target is None:
        return ("mapping", "taxes", key, "account")
    raise NoPlace(f"mapping.taxes in mlc.yaml names no account for {key!r}: write {{tax: NAME, account: CODE}}.")


def _known_key(entries: Mapping[str, object], name: str) -> str | None:
    return next((key for key in entries if name.strip() and name_key(key) == name_key(name)), None)


_NAMELESS = "An empty name cannot be overridden; mapping.unmapped_category takes expenses without a category."
_ELSEWHERE = {
    "employee": "An employee has no override: give the vendor in Zoho Books the employee's e-mail address.",
    "currency": "A currency has no override: add it in Zoho Books.",
    "card": "The account of a card is set under posting.company_card_accounts in mlc.yaml.",
    "card_vendor": "The vendor of a card is set under posting.company_card_vendors in mlc.yaml.",
    "payable": "This account is set by posting.employee_payable_account in mlc.yaml.",
}
