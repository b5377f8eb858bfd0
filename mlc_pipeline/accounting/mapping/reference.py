"""What Zoho Books has to map to: accounts, vendors, currencies, taxes and dimensions, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeVar

from mlc_pipeline.accounting.organization import TagPlace
from mlc_pipeline.accounting.wording import exact_key

DimensionKind = Literal["reporting_tag", "project", "customer", "location"]


@dataclass(frozen=True, slots=True)
class Account:
    """A row of Zoho's chart of accounts; `code` may be empty and need not be unique."""

    account_id: str
    name: str
    code: str
    type: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Vendor:
    """A Zoho contact of type vendor; `email` is the one of its primary contact person.

    `number` is its contact number, or the custom field that mlc.yaml names; empty where Zoho does not list it.
    """

    vendor_id: str
    name: str
    email: str
    currency: str
    is_active: bool
    number: str = ""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency that the Zoho organization keeps, with the decimals it has there."""

    currency_id: str
    code: str
    precision: int


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax or tax group of the Zoho organization; `percentage` as a number of percent, None where unknown."""

    tax_id: str
    name: str
    percentage: Decimal | None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ReportingTagHead:
    """A reporting tag itself: its options are `DimensionValue`s. `on_bills`, `on_journals`: where it may stand."""

    tag_id: str
    name: str
    is_active: bool
    is_mandatory: bool = False
    on_bills: TagPlace = "line_item"
    on_journals: TagPlace = "line_item"


@dataclass(frozen=True, slots=True)
class DimensionValue:
    """Something a line can be told apart by: an option of a reporting tag, a project, a customer or a location.

    `group_id` is the reporting tag of an option, the customer of a project. `path` are the names from the topmost
    option or location down to this one.
    """

    dimension: DimensionKind
    id: str
    name: str
    path: tuple[str, ...]
    is_active: bool
    group_id: str = ""
    code: str = ""

    @property
    def written_path(self) -> str:
        """The path as mlc.yaml names it: a colon that belongs to a name is written with a backslash before it."""
        return ":".join(name.replace(":", r"\:") for name in self.path) or self.name


class ChartOfAccounts:
    """The chart of accounts, looked up by code and by exact name."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        rows = tuple(accounts)
        self._by_code = indexed(rows, lambda account: account.code.strip())
        self._by_name = indexed(rows, lambda account: exact_key(account.name))

    def with_code(self, code: str) -> Sequence[Account]:
        """All accounts with this account code."""
        return self._by_code.get(code.strip(), ())

    def with_name(self, name: str) -> Sequence[Account]:
        """All accounts with exactly this name."""
        return self._by_name.get(exact_key(name), ())


Row = TypeVar("Row")


def indexed(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, tuple[Row, ...]]:
    """The rows by their key; rows without one are left out."""
    index: dict[str, list[Row]] = {}
    for row in rows:
        text = key(row)
        if text:
            index.setdefault(text, []).append(row)
    return {text: tuple(found) for text, found in index.items()}
