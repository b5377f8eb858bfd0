"""Heads: what is said of each report, in columns; worked out once for both of its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.columns import TEXT, Integers, Shared, joined, rewritten
from mlc_pipeline.accounting.expenses import Expenses
from mlc_pipeline.accounting.moments import Moments
from mlc_pipeline.accounting.wording import PLAIN_LINE, one_line

# What JSON writes between quotes as it is.
_PLAIN_JSON = r"^[\x20\x21\x23-\x5b\x5d-\x7e]*$"

_quoted = json.JSONEncoder().encode


class Head(NamedTuple):
    """What approved content says of a report; what is missing is empty.

    `report_fields` is the JSON object of the report's own.
    """

    report_id: str
    currency: str
    employee_email: str
    report_fields: str


class Heads:
    """The heads of some reports, in their order; what is missing is empty."""

    def __init__(self, reports: Expenses) -> None:
        """`reports` is one expense of each."""
        self._reports = reports
        self._notes: dict[tuple[str, str], pa.LargeStringArray] = {}

    def __len__(self) -> int:
        return len(self._reports)

    def texts(self, name: str) -> pa.LargeStringArray:
        """A column of texts; one that older frames do not have is empty."""
        return self._reports.texts(name) if name in self._reports else pa.array([""] * len(self), TEXT)

    def shared(self, name: str) -> Shared:
        """The same where many reports are alike."""
        return self._reports.shared(name) if name in self._reports else Shared.of(self.texts(name))

    def distinct(self, names: Sequence[str]) -> tuple[Integers, Sequence[Any]]:
        """For each report the number of its combination of texts, and the combinations as named tuples."""
        return self._reports.distinct(names)

    def head(self, report: int) -> Head:
        """What approved content says of one report."""
        return Head(*(self.texts(name)[report].as_py() for name in Head._fields))

    @cached_property
    def approved(self) -> Moments:
        """When each was approved."""
        return Moments(self._reports.column("approved_at").to_pandas())

    @cached_property
    def approved_at(self) -> pa.LargeStringArray:
        """ISO 8601 in UTC."""
        return pa.array(self.approved.in_utc(), TEXT)

    @cached_property
    def emails(self) -> Shared:
        """The addresses of the employees, each on one line."""
        return self.shared("employee_email").written(one_line)

    @cached_property
    def employees(self) -> Shared:
        """The name of each submitter, else the address."""
        names = self.shared("employee_name").written(one_line)
        if all(names.texts):
            return names
        return Shared.of(pc.if_else(pc.equal(names.column(), ""), self.emails.column(), names.column()))

    @cached_property
    def signatures(self) -> Shared:
        """The name of each submitter as descriptions have it."""
        return self.employees.written(descriptions.signature)

    @cached_property
    def openings(self) -> pa.LargeStringArray:
        """How the text begins that is hashed for a part of each report, see `approved.content_hash`."""
        ids = joined('"', rewritten(self.texts("report_id"), _PLAIN_JSON, lambda text: _quoted(text)[1:-1]), '"')
        currencies = self.shared("currency").written(_quoted)
        emails = self.shared("employee_email").written(lambda email: _quoted(email.casefold()))
        return joined("[[", ids, ", ", currencies.column(), ", ", emails.column(), "], [")

    @cached_property
    def further_openings(self) -> pa.LargeStringArray:
        """How that text goes on after the former one."""
        fields = self.texts("report_fields")
        quoted = joined('"', rewritten(fields, _PLAIN_JSON, lambda text: _quoted(text)[1:-1]), '"')
        return joined("[", quoted, ", [")

    def notes(self, timezone: str, period: str) -> pa.LargeStringArray:
        """Report, title, employee, approval, approver and period of each report."""
        key = timezone, period
        if key not in self._notes:
            self._notes[key] = self._noted(timezone, period)
        return self._notes[key]

    def _noted(self, timezone: str, period: str) -> pa.LargeStringArray:
        return descriptions.notes(
            report_ids=self.texts("report_id"),
            titles=rewritten(self.texts("report_name"), PLAIN_LINE, one_line),
            employees=self.employees,
            emails=self.emails,
            approved=pa.array(self.approved.in_zone(ZoneInfo(timezone)), TEXT),
            approvers=self.shared("approver_email").written(one_line),
            timezone=timezone,
            period=period,
        )
