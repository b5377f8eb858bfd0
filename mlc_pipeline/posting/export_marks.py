"""Marking reports as exported, once for each posted content.

A label shows in the history of a report in Expensify and cannot be taken away. So the intent is durable before it
is sent, and where an answer was lost Expensify is asked which reports lack the label before it is sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from mlc_pipeline.database import explained, now_ms
from mlc_pipeline.expensify.errors import ExpensifyError
from mlc_pipeline.expensify.jobs import is_report_id
from mlc_pipeline.expensify.marking import ExportMarks
from mlc_pipeline.leases import lease
from mlc_pipeline.posting import audit
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.tables import export_marks

REPORTS_AT_ONCE = 100
_LEASE_SECONDS, _WAIT_SECONDS = 1800.0, 120.0


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of marking: the reason for each report that has no mark yet, and what ended it, if anything."""

    unmarked: Mapping[str, str]
    jobs: int
    failure: str | None


class ExportMarker:
    """Gives reports of one connection its label, and remembers for which content they have it."""

    def __init__(self, engine: sa.Engine, actor: Actor, expensify: ExportMarks, label: str) -> None:
        self._engine = engine
        self._actor = actor
        self._expensify = expensify
        self._label = label
        self._jobs = 0

    def mark(self, period: str, reports: Mapping[str, str]) -> Marked:
        """Mark reports (id: which revisions of its parts are posted) that are not marked with that content yet.

        Raises:
            LeaseUnavailable: another run marks reports of this connection.
        """
        name = f"export marks of {self._actor.connection}"
        with lease(self._engine, name, seconds=_LEASE_SECONDS, wait_seconds=_WAIT_SECONDS):
            states = self._states(reports)
            todo = sorted(report_id for report_id in reports if states.get(report_id) != "marked")
            unmarked = {one: "Its id is not one of Expensify's." for one in todo if not is_report_id(one)}
            todo = [one for one in todo if one not in unmarked]
            for start in range(0, len(todo), REPORTS_AT_ONCE):
                batch = {one: reports[one] for one in todo[start : start + REPORTS_AT_ONCE]}
                begun = frozenset(one for one in batch if states.get(one) == "sending")
                try:
                    unmarked |= self._batch(period, batch, begun)
                except ExpensifyError as error:
                    unmarked |= dict.fromkeys(todo[start:], "Not marked yet: Expensify failed.")
                    return Marked(unmarked, self._jobs, str(error))
            return Marked(unmarked, self._jobs, None)

    def _batch(self, period: str, batch: Mapping[str, str], begun: Collection[str]) -> dict[str, str]:
        """Mark at most REPORTS_AT_ONCE reports; returns those that Expensify left out."""
        lacking = self._expensify.without(self._label, begun) if begun else frozenset()
        self._note("marked", "export_marked", period, {one: batch[one] for one in begun if one not in lacking})
        rest = {one: batch[one] for one in batch if one not in begun or one in lacking}
        if not rest:
            return {}
        self._note("sending", "export_mark_sending", period, rest)
        self._jobs += 1
        held = self._expensify.mark(self._label, rest.keys())
        self._note("marked", "export_marked", period, {one: rest[one] for one in rest if one in held})
        absent = "Expensify left it out of the export that marks: do the credentials still see it?"
        return {one: absent for one in rest if one not in held}

    def _states(self, reports: Mapping[str, str]) -> dict[str, str]:
        """How far each report is with this content and label."""
        found: dict[str, str] = {}
        ids = sorted(reports)
        for start in range(0, len(ids), REPORTS_AT_ONCE):
            query = sa.select(export_marks).where(
                export_marks.c.connection == self._actor.connection,
                export_marks.c.label == self._label,
                export_marks.c.report_id.in_(ids[start : start + REPORTS_AT_ONCE]),
            )
            with explained(self._engine), self._engine.connect() as database:
                rows = database.execute(query).all()
            found |= {row.report_id: row.state for row in rows if row.revisions == reports[row.report_id]}
        return found

    def _note(self, state: str, event: str, period: str, reports: Mapping[str, str]) -> None:
        with self._writing() as database:
            for report_id, revisions in sorted(reports.items()):
                self._put(database, report_id, revisions, state)
                subject = {"period": period, "report_id": report_id}
                details = {"label": self._label, "revisions": revisions}
                audit.append(database, self._actor, event, subject=subject, details=details)

    def _put(self, database: sa.Connection, report_id: str, revisions: str, state: str) -> None:
        key = {
            "connection": self._actor.connection,
            "report_id": report_id,
            "revisions": revisions,
            "label": self._label,
        }
        values = {"state": state, "run_id": self._actor.run_id, "updated_ms": now_ms(database)}
        row = sa.and_(*(export_marks.c[name] == value for name, value in key.items()))
        if database.execute(sa.update(export_marks).where(row).values(**values)).rowcount == 0:
            database.execute(sa.insert(export_marks).values(**key, **values))

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with explained(self._engine), self._engine.begin() as database:
            yield database
