"""The resolved mappings of a period, read back from the `category_mappings` asset and asked expense by expense."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from mlc_pipeline.accounting.mapping.answers import Resolution
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.wording import one_line

TAG_LEVELS = ("1", "2", "3", "4", "5")
"""The levels of Expensify's tags that the expenses frame has, as the mappings frame writes them."""


@dataclass(frozen=True)
class Mappings:
    """The answers that documents are built from.

    Keys: categories (policy id, category, GL code); employees (e-mail, currency); currencies ISO code; cards (card
    name, bank) and card_vendors (these and the currency); tags (level "1" to "5", name, GL code); report_fields
    (field, value); taxes and tax_accounts (name, rate, code as on the expense). What the mappings do not know,
    because the reports were read again after them, is unresolved.
    """

    categories: Mapping[tuple[str, str, str], Resolution]
    employees: Mapping[tuple[str, str], Resolution]
    currencies: Mapping[str, Resolution]
    cards: Mapping[tuple[str, str], Resolution] = field(default_factory=dict)
    version: str = ""
    card_vendors: Mapping[tuple[str, str, str], Resolution] = field(default_factory=dict)
    tags: Mapping[tuple[str, str, str], Resolution] = field(default_factory=dict)
    report_fields: Mapping[tuple[str, str], Resolution] = field(default_factory=dict)
    taxes: Mapping[tuple[str, str, str], Resolution] = field(default_factory=dict)
    tax_accounts: Mapping[tuple[str, str, str], Resolution] = field(default_factory=dict)
    payables: Mapping[str, Resolution] = field(default_factory=dict)

    @cached_property
    def levels(self) -> list[str]:
        """The levels of tags that are mapped."""
        return sorted({level for level, _, _ in self.tags})

    @cached_property
    def _fields(self) -> list[str]:
        return sorted({name for name, _ in self.report_fields})

    def category(self, row: Any) -> Resolution:
        """The account of an expense."""
        key = _text(row.policy_id), _text(row.category), _text(row.category_gl_code)
        return self.categories.get(key) or _stale(Reason.UNMAPPED_CATEGORY, f"category “{key[1]}”")

    def employee(self, row: Any) -> Resolution:
        """The vendor of a report."""
        key = _text(row.employee_email), _text(row.currency)
        return self.employees.get(key) or _stale(Reason.VENDOR_MISSING, f"employee {key[0]}")

    def currency(self, row: Any) -> Resolution:
        """The currency of a report."""
        code = _text(row.currency)
        return self.currencies.get(code) or _stale(Reason.UNKNOWN_CURRENCY, f"currency {code}")

    def card(self, row: Any) -> Resolution:
        """The account that a company-paid expense was paid from."""
        key = _text(row.card_name), _text(row.bank)
        return self.cards.get(key) or _stale(Reason.UNMAPPED_CARD, f"card “{key[0] or key[1]}”")

    def card_vendor(self, row: Any) -> Resolution:
        """The vendor whom a company-paid expense is owed to, where company-paid expenses become bills."""
        key = _text(row.card_name), _text(row.bank), _text(row.currency)
        return self.card_vendors.get(key) or _stale(Reason.UNMAPPED_CARD, f"card “{key[0] or key[1]}”")

    def payable(self) -> Resolution:
        """The account that a journal for an employee credits."""
        return self.payables.get("") or _stale(Reason.UNMAPPED_PAYABLE, "posting.employee_payable_account")

    def dimensions(self, row: Any) -> tuple[Resolution, ...]:
        """What the tags and report fields of an expense become; what it has none of is not in it."""
        return tuple(answer for answer in (*self._of_tags(row), *self._of_report(row)) if answer.how != "none")

    def tax(self, row: Any) -> Resolution:
        """The tax of an expense that has one; `none` without a target where none is to be sent."""
        key = tax_key(row)
        return self.taxes.get(key) or _stale(Reason.UNMAPPED_TAX, f"tax “{key[0] or key[2] or key[1]}”")

    def tax_account(self, row: Any) -> Resolution | None:
        """The account on which a journal books the tax of an expense; None where mlc.yaml names none."""
        return self.tax_accounts.get(tax_key(row))

    def _of_tags(self, row: Any) -> Iterator[Resolution]:
        for level in self.levels:
            key = tag_key(row, level)
            if key[1]:
                yield self.tags.get(key) or _stale(Reason.UNMAPPED_TAG, f"tag “{key[1]}” of level {level}")

    def _of_report(self, row: Any) -> Iterator[Resolution]:
        values = read_fields(_text(getattr(row, "report_fields", ""))) if self._fields else {}
        for name in self._fields:
            value = values.get(name, "")
            if value:
                known = self.report_fields.get((name, value))
                yield known or _stale(Reason.UNMAPPED_TAG, f"value “{value}” of report field {name}")


def read_mappings(rows: pd.DataFrame) -> Mappings:
    """The rows of the `category_mappings` asset as what documents are built from."""
    by_kind: dict[str, dict[Any, Resolution]] = {}
    complete = rows.reindex(columns=[*dict.fromkeys([*rows.columns, "level", "dimension", "group_id"])])
    plain: Iterable[Any] = complete.astype("object").where(complete.notna(), "").itertuples(index=False)
    for row in plain:
        by_kind.setdefault(row.kind, {})[_KEYS[row.kind](row)] = _resolution(row)
    return Mappings(
        categories=by_kind.get("category", {}),
        employees=by_kind.get("employee", {}),
        currencies=by_kind.get("currency", {}),
        cards=by_kind.get("card", {}),
        version=str(rows["version"].iloc[0]) if len(rows) else "",
        card_vendors=by_kind.get("card_vendor", {}),
        tags=by_kind.get("tag", {}),
        report_fields=by_kind.get("report_field", {}),
        taxes=by_kind.get("tax", {}),
        tax_accounts=by_kind.get("tax_account", {}),
        payables=by_kind.get("payable", {}),
    )


def tag_key(row: Any, level: str) -> tuple[str, str, str]:
    """The key of an expense's tag of a level: level, name, GL code."""
    return level, _text(getattr(row, f"tag_{level}")), _text(getattr(row, f"tag_{level}_gl_code"))


def tax_key(row: Any) -> tuple[str, str, str]:
    """The key of an expense's tax: name, rate, code."""
    return _text(row.tax_name), _text(row.tax_rate), _text(row.tax_code)


def read_fields(text: str) -> dict[str, str]:
    """The filled report fields by name, from the `report_fields` column of the expenses; "" has none."""
    values: Mapping[str, Any] = json.loads(text) if text else {}
    return {field_name(name): str(value) for name, value in values.items() if value not in (None, "")}


def field_name(name: str) -> str:
    """The name of a report field as a report spells it: every other character becomes `_` (Expensify manual)."""
    return re.sub(r"[^0-9A-Za-z]", "_", name)


_KEYS: Mapping[str, Any] = {
    "category": lambda row: (row.workspace, row.name, row.code),
    "employee": lambda row: (row.name, row.code),
    "currency": lambda row: row.name,
    "card": lambda row: (row.name, row.code),
    "card_vendor": lambda row: (row.name, row.code, row.level),
    "payable": lambda row: row.name,
    "tag": lambda row: (row.level, row.name, row.code),
    "report_field": lambda row: (row.level, row.name),
    "tax": lambda row: (row.name, row.level, row.code),
    "tax_account": lambda row: (row.name, row.level, row.code),
}


def _resolution(row: Any) -> Resolution:
    return Resolution(
        how=row.how,
        target_id=row.target_id,
        target_code=row.target_code,
        target_name=row.target_name,
        detail=row.detail,
        dimension=row.dimension,
        group_id=row.group_id,
        problem=Problem(row.reason_code, row.reason) if row.reason_code else None,
    )


def _stale(code: Reason, what: str) -> Resolution:
    message = one_line(
        f"The {what} is not in the period's category_mappings: materialize category_mappings again."
    )
    return Resolution(problem=Problem(code, message))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
