"""What Zoho Books tells documents and lines apart by, and what closes or converts them: only what we read of it.

Reporting tags, their options, projects, customers, locations, transaction locks and exchange rates as frozen
values; property names are those of Zoho's OpenAPI files. A text that Zoho left out is "".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self, cast

from mlc_pipeline.zoho.fields import Row, amount, count, day, flag, identifier, instant, rows, text

TagPlace = Literal["", "transaction", "line_item"]


@dataclass(frozen=True, slots=True)
class ReportingTag:
    """A reporting tag; `on_bills` and `on_journals` say where it may stand, None where Zoho does not list that."""

    tag_id: str
    name: str
    is_active: bool
    is_mandatory: bool
    on_bills: TagPlace | None
    on_journals: TagPlace | None

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /reportingtags`; a draft is not in use yet, whatever else it says."""
        return cls(
            tag_id=identifier(row, "tag_id"),
            name=text(row, "tag_name"),
            is_active=flag(row, "is_active", absent=True) and not flag(row, "is_draft", absent=False),
            is_mandatory=flag(row, "is_mandatory", absent=False),
            on_bills=_place(row, "purchases"),
            on_journals=_place(row, "journals", "journal"),
        )


@dataclass(frozen=True, slots=True)
class TagOption:
    """An option of a reporting tag; `path` are the names from the topmost option down to this one."""

    option_id: str
    name: str
    path: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class Project:
    """A project and the customer it belongs to."""

    project_id: str
    name: str
    customer_id: str
    customer_name: str
    is_active: bool

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /projects`."""
        return cls(
            project_id=identifier(row, "project_id"),
            name=text(row, "project_name"),
            customer_id=text(row, "customer_id"),
            customer_name=text(row, "customer_name"),
            is_active=text(row, "status") in ("", "active"),
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """A contact of type customer; `number` where Zoho lists it."""

    customer_id: str
    name: str
    number: str
    is_active: bool
    last_modified: datetime | None = None

    @property
    def contact_id(self) -> str:
        """The customer's id, which is that of the contact."""
        return self.customer_id

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /contacts`."""
        return cls(
            customer_id=identifier(row, "contact_id"),
            name=text(row, "contact_name"),
            number=text(row, "contact_number"),
            is_active=text(row, "status") in ("", "active"),
            last_modified=instant(row, "last_modified_time"),
        )


@dataclass(frozen=True, slots=True)
class Location:
    """A location (formerly branch); `parent_id` is the location above it."""

    location_id: str
    name: str
    parent_id: str
    is_active: bool

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /locations`."""
        return cls(
            location_id=identifier(row, "location_id"),
            name=text(row, "location_name"),
            parent_id=text(row, "parent_location_id"),
            is_active=text(row, "status") in ("", "active"),
        )


@dataclass(frozen=True, slots=True)
class TransactionLock:
    """A lock on transactions up to a day. `module` is Zoho's name of what is locked ("all", "purchase", ...)."""

    until: date | None
    module: str
    is_enabled: bool

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `GET /transactionlocks`; of the scopes' numbers only 0, all, is documented.

        Which days of a partially unlocked one are open, the row does not say: it counts as none.
        """
        everything = row.get("lock_scope") is not None and count(row, "lock_scope", absent=0) == 0
        states = {text(row, name).casefold() for name in ("transaction_lock_status", "lock_status", "status")}
        return cls(
            until=day(row, "transaction_lock_date") or day(row, "end_date"),
            module=text(row, "lock_scope_formatted").casefold() or ("all" if everything else ""),
            is_enabled=not any(word in state for state in states for word in ("disabled", "unlocked", "inactive")),
        )


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """Units of the organization's currency for one of the foreign currency, from a day on."""

    effective: date
    rate: Decimal

    @classmethod
    def read(cls, row: Row) -> Self | None:
        """From a row of `GET /settings/currencies/{currency_id}/exchangerates`; None without a day or a rate."""
        effective, rate = day(row, "effective_date"), amount(row, "rate")
        return cls(effective, rate) if effective and rate else None


def read_option_tree(options: Sequence[Row]) -> tuple[TagOption, ...]:
    """The options of the details page, which nests `children`; where it does not, `parent_id` says the same."""
    flat = list(_flattened(options, ""))
    named = {identifier(row, "option_id"): (text(row, "option_name"), parent) for row, parent in flat}
    return tuple(
        TagOption(
            option_id=identifier(row, "option_id"),
            name=text(row, "option_name"),
            path=_path(identifier(row, "option_id"), named),
            is_active=flag(row, "is_active", absent=True),
        )
        for row, _ in flat
    )


def read_option_list(results: Sequence[Row]) -> tuple[TagOption, ...]:
    """The options of the list of all, which says how deep each one is; an inactive one is not marked there."""
    path: list[str] = []
    options: list[TagOption] = []
    for row in results:
        name = text(row, "option_name")
        path = [*path[: count(row, "depth", absent=0)], name]
        options.append(TagOption(identifier(row, "option_id"), name, tuple(path), is_active=True))
    return tuple(options)


def _flattened(options: Sequence[Row], parent_id: str) -> Iterator[tuple[Row, str]]:
    for row in options:
        yield row, text(row, "parent_id") or parent_id
        yield from _flattened(rows(row, "children"), identifier(row, "option_id"))


def _path(option_id: str, named: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    path: list[str] = []
    seen: set[str] = set()
    while option_id in named and option_id not in seen:
        seen.add(option_id)
        name, option_id = named[option_id]
        path.insert(0, name)
    return tuple(path)


def _place(row: Row, *entities: str) -> TagPlace | None:
    """Where the tag may stand on documents of an entity: documented for the tag, but not in the list of tags."""
    preferences = row.get("multi_preference_entities")
    if not isinstance(preferences, Mapping):
        return None
    enabled = [
        flag(entity, "is_enabled", absent=True)
        for entity in rows(preferences, "entities")
        if text(entity, "entity_name").casefold() in entities
    ]
    if enabled and not any(enabled):
        return ""
    preference = text(preferences, "preference")
    return cast("TagPlace", preference) if preference in ("transaction", "line_item") else None
