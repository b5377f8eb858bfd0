"""Descriptions and notes: what documents say in words, written for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting.columns import Integers, Shared, compacted, joined
from mlc_pipeline.accounting.money import format_money
from mlc_pipeline.accounting.wording import one_line, shortened

# Zoho documents no lengths for bills; these stay below what its other documents allow.
_LONGEST_DESCRIPTION = 200
_LONGEST_TITLE = 500
_LONGEST_NAME = 80
_LONGEST_MERCHANT = 60
_LINES_OF_REPORT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """What the descriptions of lines end in: the employee and how many expenses.

    `details` stand before that where each line is one expense: where and when.
    """

    names: Shared
    counts: Shared
    details: tuple[Shared, ...] = ()

    @classmethod
    def of(cls, signatures: Shared, counts: Integers, details: tuple[Shared, ...] = ()) -> Tails:
        """The tails of lines with these employees, numbers of expenses and details."""
        numbers, distinct = compacted(counts, int(counts.max(initial=0)) + 1)
        counted = [f"{count} expense{'s' if count > 1 else ''}" for count in distinct.tolist()]
        return cls(signatures, Shared(numbers, counted), details)

    def taken(self, lines: Integers) -> Tails:
        """Those of some lines."""
        details = tuple(detail.taken(lines) for detail in self.details)
        return Tails(self.names.taken(lines), self.counts.taken(lines), details)

    def after(self, said: Shared) -> pa.LargeStringArray:
        """Whole descriptions."""
        return joined(*(part.column() for part in (said, *self.details, self.names, self.counts)))

    def after_shortened(self, said: Shared) -> pa.LargeStringArray:
        """Whole descriptions, in which what is said is cut where they would be too long."""
        tail = (*self.details, self.names, self.counts)
        room = _LONGEST_DESCRIPTION - sum((part.lengths() for part in tail), np.zeros_like(said.numbers))
        long = np.flatnonzero(said.lengths() > room)
        if not len(long):
            return self.after(said)
        cut = [shortened(said.texts[said.numbers[line]], int(room[line])) for line in long]
        numbers = said.numbers.copy()
        numbers[long] = len(said.texts) + np.arange(len(long))
        return self.after(Shared(numbers, [*said.texts, *cut]))


def signature(employee: str) -> str:
    """The employee's name as descriptions have it."""
    return f" · {shortened(employee, _LONGEST_NAME)} · "


def of_merchant(merchant: str) -> str:
    """Where one expense was made, if that is known."""
    name = shortened(one_line(merchant), _LONGEST_MERCHANT)
    return f" · {name}" if name else ""


def of_day(day: str) -> str:
    """When one expense was made, if that is known."""
    return f" · {day}" if day else ""


def of_card(account: str) -> str:
    """What expenses were paid with."""
    return f"Paid by {account}"


OF_PAYABLE = "To be reimbursed"
"""What the employee is owed."""


def of_tax(name: str, categories: str) -> str:
    """The tax within these expenses, as an amount of its own."""
    return f"{one_line(name)}: {categories}"


def moved_from(day: str) -> str:
    """What notes say of the day of a document that a closed period has moved."""
    return f"Original date: {day}"


def notes(
    *,
    report_ids: pa.LargeStringArray,
    titles: pa.LargeStringArray,
    employees: Shared,
    emails: Shared,
    approved: pa.LargeStringArray,
    approvers: Shared,
    timezone: str,
    period: str,
) -> pa.LargeStringArray:
    """Report, title, employee, approval, approver and period; `titles` and all names are on one line."""
    return joined(
        "Expensify report ", report_ids, ": ", _shortened(titles),
        "\nEmployee: ", employees.column(), emails.written(lambda email: f" <{email}>").column(),
        "\nApproved: ", approved, f" ({timezone})",
        approvers.written(lambda approver: f" by {approver}" if approver else "").column(),
        f"\nPeriod: {period}",
    )  # fmt: skip


def beyond_the_report(notes: str) -> list[str]:
    """What notes say beside where a document comes from: a day that moved, what Zoho Books does not take."""
    return notes.split("\n")[_LINES_OF_REPORT:]


def of_moved(original: str, day: str) -> str:
    """The note on a document that a locked period moved to another day."""
    return f"\n{moved_from(original)}, in a closed period; posted on the first open day, {day}"


def of_left_out(tags: Sequence[str], kind: str) -> str:
    """The note on reporting tags that had no place on a document; nothing where there are none."""
    missing = ", ".join(sorted(set(tags)))
    return f"\nReporting tags that Zoho Books does not take on a {kind}: {one_line(missing)}" if missing else ""


_CANNOT_BILL = {
    "journal": "a journal in Zoho Books bills nobody; bill it by hand",
    "vendor credit": "a vendor credit in Zoho Books names no customer; bill or refund it by hand",
}


def of_unbilled(cents: Mapping[str, int], currency: str, kind: str) -> str:
    """The note on a journal or vendor credit on what is to be billed, by customer on one line."""
    amounts = "; ".join([f"{name} {format_money(amount, currency)}" for name, amount in cents.items()])
    return f"\nBillable, but {_CANNOT_BILL[kind]}: {amounts}"


def _shortened(titles: pa.LargeStringArray) -> pa.LargeStringArray:
    long = pc.greater(pc.utf8_length(titles), _LONGEST_TITLE)
    cut = [shortened(title, _LONGEST_TITLE) for title in titles.filter(long).to_pylist()]
    return pc.replace_with_mask(titles, long, pa.array(cut, titles.type)) if cut else titles
