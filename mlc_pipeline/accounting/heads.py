"""Heads: what is said of each report of a period, in columns; worked out once for both of its parts."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlc_pipeline.accounting import descriptions
from mlc_pipeline.accounting.columns import TEXT, Integers, Shared, joined, rewritten
from mlc_pipeline.accounting.expenses import Expenses
from mlc_pipeline.accounting.moments import in_utc, in_zone
from mlc_pipeline.accounting.wording import PLAIN_LINE, one_line

# What JSON writes between quotes as it is.
_PLAIN_JSON = r"^[\x20\x21\x23-\x5b\x5d-\x7e]*$"

_quoted = json.JSONEncoder().encode


class Head(NamedTuple):
    """What approved content says of a report; what is missing is empty.

    `problems` is the JSON list of what the reader found, `report_fields` the JSON object of the report's own.
    """

    report_id: str
    currency: str
    employee_email: str
    problems: str
    report_fields: str


class Heads:
    """The heads of all reports of a period, in the order of the reports; what is missing is empty."""

    def __init__(self, expenses: Expenses, firsts: Integers) -> None:
        """`firsts` is one row of each report."""
        self._expenses, self._firsts = expenses, firsts
        self._texts: dict[str, pa.LargeStringArray] = {}
        self._notes: dict[tuple[str, str], pa.LargeStringArray] = {}

    def texts(self, name: str) -> pa.LargeStringArray:
        """A column of texts."""
        if name not in self._texts:
            self._texts[name] = self.shared(name).column()
        return self._texts[name]

    def shared(self, name: str) -> Shared:
        """The same where many reports are alike; a column that older frames do not have is empty."""
        if name not in self._expenses:
            return Shared(np.zeros(len(self._firsts), dtype=np.int64), [""])
        return self._expenses.shared(name).taken(self._firsts)

    def moments(self, name: str) -> pd.Series[Any]:
        """A column of instants."""
        found: pd.Series[Any] = self._expenses.column(name).take(pa.array(self._firsts)).to_pandas()
        return found

    def head(self, report: int) -> Head:
        """What approved content says of one report."""
        return Head(*(self.texts(name)[report].as_py() for name in Head._fields))

    @cached_property
    def approved_at(self) -> pa.LargeStringArray:
        """ISO 8601 in UTC."""
        return pa.array(in_utc(self.moments("approved_at")), TEXT)

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
        """How the text begins that is hashed for a part of each report, see `approved.approved`."""
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

    def prepare(self, timezone: str, period: str) -> None:
        """Work out all that is said in documents, before threads share it."""
        for name in Head._fields:
            self.texts(name)
        self.texts("approver_email")
        _ = self.approved_at, self.signatures, self.openings, self.further_openings
        self.notes(np.zeros(0, dtype=np.int64), timezone, period)

    def notes(self, reports: Integers, timezone: str, period: str) -> pa.LargeStringArray:
        """Report, title, employee, approval, approver and period of some reports."""
        key = timezone, period
        if key not in self._notes:
            self._notes[key] = self._noted(timezone, period)
        return self._notes[key].take(pa.array(reports))

    def _noted(self, timezone: str, period: str) -> pa.LargeStringArray:
        approvers = self.shared("approver_email").written(one_line)
        return descriptions.notes(
            report_ids=self.texts("report_id"),
            titles=rewritten(self.texts("report_name"), PLAIN_LINE, one_line),
            employees=self.employees,
            emails=self.emails,
            approved=pa.array(in_zone(self.moments("approved_at"), ZoneInfo(timezone)), TEXT),
            approvers=approvers,
            timezone=timezone,
            period=period,
        )
