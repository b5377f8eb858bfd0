"""Lists as Zoho gives them: the documented search variants of a filter, sorting, pages and their context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.errors import invalid_value
from mlc_pipeline.sandbox.zoho.organization import Record

DEFAULT_PER_PAGE = 10
MOST_PER_PAGE = 200

#: The suffixes of the text filters; the chart of accounts spells them with another underscore.
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "": str.__eq__,
    "_startswith": str.startswith,
    "_starts_with": str.startswith,
    "_ends_with": str.endswith,
    "_contains": str.__contains__,
}
_DATE_TESTS: dict[str, Callable[[str, str], bool]] = {
    "": str.__eq__,
    "_start": str.__ge__,
    "_end": str.__le__,
    "_before": str.__lt__,
    "_after": str.__gt__,
}


def keep_text(call: Call, rows: Iterable[Record], parameter: str, name: str = "") -> list[Record]:
    """Keep rows whose property (`name`, else called like the parameter) fits every variant given."""
    wanted = [
        (test, call.query[parameter + suffix].casefold())
        for suffix, test in _TEXT_TESTS.items()
        if call.query.get(parameter + suffix)
    ]
    return [row for row in rows if all(test(_text(row, name or parameter), text) for test, text in wanted)]


def keep_number(call: Call, rows: Iterable[Record], parameter: str) -> list[Record]:
    """Keep rows by a document number, where the settings may make Zoho's exact filter match parts."""
    if call.books.settings.number_filters_are_exact or parameter not in call.query:
        return keep_text(call, rows, parameter)
    part = call.query[parameter].casefold()
    return [row for row in rows if part in _text(row, parameter)]


def keep_dates(call: Call, rows: Iterable[Record], parameter: str, name: str = "") -> list[Record]:
    """Keep rows by a date (yyyy-mm-dd) and its variants."""
    if not call.books.settings.date_filters_work:
        return list(rows)
    wanted = [
        (test, call.query[parameter + suffix])
        for suffix, test in _DATE_TESTS.items()
        if call.query.get(parameter + suffix)
    ]
    return [row for row in rows if all(test(str(row[name or parameter])[:10], date) for test, date in wanted)]


def keep_modified(call: Call, rows: Iterable[Record]) -> list[Record]:
    """Keep rows modified at or after `last_modified_time`."""
    given = call.query.get("last_modified_time")
    if not given:
        return list(rows)
    try:
        since = instant(given)
    except ValueError:
        raise invalid_value("last_modified_time") from None
    return [row for row in rows if instant(row["last_modified_time"]) >= since]


def keep_search(call: Call, rows: Iterable[Record], *names: str) -> list[Record]:
    """Keep rows in which `search_text` occurs in one of the properties."""
    text = call.query.get("search_text", "").casefold()
    return [row for row in rows if not text or any(text in _text(row, name) for name in names)]


def keep_lines(call: Call, rows: Iterable[Record], parameter: str) -> list[Record]:
    """Keep documents with a line of which the property called like the parameter has the value."""
    wanted = call.query.get(parameter)
    return [row for row in rows if not wanted or any(line.get(parameter) == wanted for line in row["line_items"])]


def keep_line_text(call: Call, rows: Iterable[Record], parameter: str) -> list[Record]:
    """Keep documents with a line whose property fits every variant given."""
    return [row for row in rows if keep_text(call, row["line_items"], parameter)]


def keep_locations(call: Call, rows: Iterable[Record], parameter: str = "location_ids") -> list[Record]:
    """Keep documents of one of the locations, whose ids are listed with commas between."""
    wanted = call.query.get(parameter)
    return [row for row in rows if not wanted or row["location_id"] in wanted.split(",")]


def filter_value(call: Call, prefix: str, known: Iterable[str], default: str = "All") -> str:
    """Return the value of `filter_by` without its prefix; refuses values the sandbox does not know."""
    value = call.query.get("filter_by", f"{prefix}.{default}")
    bare = value.removeprefix(f"{prefix}.")
    if value == bare or bare not in known:
        raise invalid_value("filter_by")
    return bare


def in_order(
    call: Call, rows: list[Record], default: str, columns: Collection[str] = (), *, order: str = "A"
) -> list[Record]:
    """Sort by `sort_column`; `sort_order` (A or D), or else `order`, is its direction.

    `columns` are those that the OpenAPI files name in words; what they list as values was checked before.
    """
    column = call.query.get("sort_column", default)
    order = call.query.get("sort_order", order)
    if order not in ("A", "D"):
        raise invalid_value("sort_order")
    if columns and column not in (default, *columns):
        raise invalid_value("sort_column")
    return sorted(rows, key=lambda row: _sortable(row.get(column)), reverse=order == "D")


def one_page(call: Call, key: str, rows: list[Record], *, documented: bool = True) -> Record:
    """Return the asked page under `key` with its context.

    `documented` says whether the OpenAPI files list a page_context for the operation: clients see one
    everywhere, so the settings decide for the others.
    """
    page, per_page = _positive(call, "page", 1), _positive(call, "per_page", DEFAULT_PER_PAGE)
    if per_page > MOST_PER_PAGE:
        raise invalid_value("per_page")
    start = (page - 1) * per_page
    answer: Record = {key: rows[start : start + per_page]}
    if documented or call.books.settings.page_context_everywhere:
        answer["page_context"] = {
            "page": page,
            "per_page": per_page,
            "has_more_page": start + per_page < len(rows),
            "applied_filter": call.query.get("filter_by", "Status.All"),
            "sort_column": call.query.get("sort_column", "created_time"),
            "sort_order": call.query.get("sort_order", "A"),
        }
    return answer


def _positive(call: Call, name: str, default: int) -> int:
    number = int(call.query.get(name, default))
    if number < 1:
        raise invalid_value(name)
    return number


def _text(row: Record, name: str) -> str:
    return str(row.get(name) or "").casefold()


def _sortable(value: Any) -> tuple[bool, Any]:
    return (True, value.casefold()) if isinstance(value, str) else (False, value or 0)


def instant(text: str) -> datetime:
    """Return the time that a text like `2013-10-07T18:24:51+0530` stands for."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
