"""What the preview says of a document: everything that would be in Zoho Books, with the names that people know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from typing import Any

from mlc_pipeline.accounting.documents import Document, DocumentLine
from mlc_pipeline.accounting.organization import Organization
from mlc_pipeline.frames import records
from mlc_pipeline.posting.journals import sides
from mlc_pipeline.steps.reference import ReferenceFrames


@dataclass(frozen=True, slots=True)
class Names:
    """Names in Zoho Books by id; what has none is named by its id."""

    known: Mapping[str, str]

    @classmethod
    def of(cls, reference: ReferenceFrames) -> Names:
        """Those of dimensions, taxes and vendors."""
        dimensions = records(reference.dimensions)
        names = {row["group_id"]: row["group_name"] for row in dimensions if row["group_id"] and row["group_name"]}
        names |= {row["id"]: row["name"] for row in dimensions}
        names |= {row["tax_id"]: row["name"] for row in records(reference.taxes)}
        names |= {row["vendor_id"]: row["name"] for row in records(reference.vendors)}
        return cls(names)

    def of_id(self, record_id: str) -> str | None:
        """The name of one; None where there is no id."""
        return self.known.get(record_id, record_id) or None


def told(document: Document, organization: Organization, names: Names) -> dict[str, Any]:
    """All of a document, as `--json` prints it."""
    is_owed = document.kind != "journal"
    base_total = organization.own_total(document.total_cents, document.exchange_rate)
    lines = [_line(line, names) for line in document.lines]
    offsets = [_line(line, names) for line in document.offsets]
    if not is_owed:
        for line, (side, booked) in zip((*lines, *offsets), sides(document), strict=True):
            line |= _on_side(side, booked)
    return {
        "date": document.date.isoformat(),
        "original_date": document.original_date or None,
        "employee": document.employee_name,
        "vendor_id": document.vendor_id or None,
        "vendor": document.vendor_name if is_owed else None,
        "creates_vendor": is_owed and not document.vendor_id,
        "vendor_number": document.vendor_number or None,
        "precision": document.precision,
        "exchange_rate": document.exchange_rate or None,
        "base_currency": organization.currency or None,
        "base_precision": organization.precision,
        "base_total": format(base_total, "f"),
        "base_total_cents": int(base_total.scaleb(2).to_integral_value(ROUND_HALF_UP)),
        "tags": _tags(document.tags, names),
        "location_id": document.location_id or None,
        "location": names.of_id(document.location_id),
        "tolerance_cents": document.tolerance_cents,
        "notes": document.notes,
        "lines": lines,
        "offsets": offsets,
    }


def changes(before: Document, after: Document, names: Names) -> list[dict[str, Any]]:
    """Which lines of a document become others: those that are alike but for their amount, with both amounts."""
    then, now = (_by_line(document, names) for document in (before, after))
    return [
        {
            "account_code": line[0],
            "account": line[1],
            "details": list(line[2:]),
            "before_cents": then[line],
            "after_cents": now[line],
        }
        for line in dict.fromkeys((*then, *now))
        if then[line] != now[line]
    ]


def details(line: Mapping[str, Any], contact: str = "customer") -> list[str]:
    """What a line says beside its account and amount, in words; `contact` is what its customer is called."""
    words = [f"{tag['tag']}: {tag['option']}" for tag in line["tags"]]
    named = (("project", "project"), ("customer", contact), ("location", "location"))
    words += [f"{label}: {line[name]}" for name, label in named if line[name]]
    words += ["billable"] if line["is_billable"] else []
    return words + ([f"tax: {line['tax']}"] if line["tax"] else [])


def _by_line(document: Document, names: Names) -> Counter[tuple[str, ...]]:
    sums: Counter[tuple[str, ...]] = Counter()
    for line in document.lines:
        sums[(line.account_code, line.account_name, *details(_line(line, names)))] += line.amount_cents
    return sums


def _line(line: DocumentLine, names: Names) -> dict[str, Any]:
    return {
        "account_id": line.account_id,
        "account_code": line.account_code,
        "account": line.account_name,
        "amount_cents": line.amount_cents,
        "description": line.description,
        "tags": _tags(line.tags, names),
        "project_id": line.project_id or None,
        "project": names.of_id(line.project_id),
        "customer_id": line.customer_id or None,
        "customer": names.of_id(line.customer_id),
        "is_billable": line.is_billable,
        "location_id": line.location_id or None,
        "location": names.of_id(line.location_id),
        "tax_id": line.tax_id or None,
        "tax": names.of_id(line.tax_id),
        "tax_cents": line.tax_cents,
    }


def _on_side(side: str, line: DocumentLine) -> dict[str, Any]:
    """A line of a journal says by its side what a sign would say."""
    sign = -1 if line.amount_cents < 0 else 1
    return {"side": side, "amount_cents": sign * line.amount_cents, "tax_cents": sign * line.tax_cents}


def _tags(tags: Iterable[tuple[str, str]], names: Names) -> list[dict[str, str | None]]:
    return [
        {
            "tag_id": tag_id,
            "tag": names.of_id(tag_id),
            "tag_option_id": option_id,
            "option": names.of_id(option_id),
        }
        for tag_id, option_id in tags
    ]
