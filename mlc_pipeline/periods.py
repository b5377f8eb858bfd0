"""Approval periods: the weeks or months, in a connection's time zone, whose approvals are posted together.

One period is one Dagster partition; its window is the same instant for instant as Dagster's own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, takewhile
from zoneinfo import ZoneInfo

import dagster as dg

from mlc_pipeline.config import LAST_MONTHLY_DAY, Cadence, PeriodSettings

_LATEST_START = date(9990, 1, 1)  # leaves room for the end of the last period within Python's calendar


class UnknownPeriod(LookupError):
    """No approval period has this key; the text says which keys there are."""


@dataclass(frozen=True, slots=True)
class ApprovalPeriod:
    """One approval period, `[start, end)`.

    `start` and `end` are the local midnights as aware datetimes of the connection's zone. Where a clock
    change swallows or repeats a midnight, they are the instants that Dagster takes: the end of the gap,
    or the first of the two. The difference of two datetimes of one zone is wall-clock time in Python:
    convert to UTC before subtracting.
    """

    key: str
    start: datetime
    end: datetime

    def is_closed(self, now: datetime) -> bool:
        """Whether the period ended at or before the aware `now`: nothing more can be approved in it."""
        return self.end.astimezone(UTC) <= now


@dataclass(frozen=True, slots=True)
class ApprovalPeriods:
    """All approval periods of a connection, from its start date on, without gap or overlap.

    The start date decides the weekday on which a weekly period begins, or the day of the month (1 to 28)
    on which a monthly one does; it is also the key of the first period.
    """

    cadence: Cadence
    start: date
    timezone: str

    def __post_init__(self) -> None:
        if self.cadence == "monthly" and self.start.day > LAST_MONTHLY_DAY:
            raise ValueError(f"monthly periods begin on a day from 1 to 28, not on day {self.start.day}")

    @property
    def partitions_def(self) -> dg.WeeklyPartitionsDefinition | dg.MonthlyPartitionsDefinition:
        """The same periods as Dagster partitions; Dagster lists those that have ended."""
        first = self.start.isoformat()
        if self.cadence == "weekly":
            # Dagster counts weekdays from Sunday = 0, and silently skips to the next matching day otherwise.
            weekday = self.start.isoweekday() % 7
            return dg.WeeklyPartitionsDefinition(start_date=first, day_offset=weekday, timezone=self.timezone)
        return dg.MonthlyPartitionsDefinition(start_date=first, day_offset=self.start.day, timezone=self.timezone)

    def period(self, key: str) -> ApprovalPeriod:
        """The period with this key (its start date, `YYYY-MM-DD`), ended or not.

        Raises UnknownPeriod, which says what would be right.
        """
        try:
            day = date.fromisoformat(key)
        except ValueError:
            raise UnknownPeriod(f"{key!r} is not a period. {self._how_keys_look()}") from None
        if not self.start <= day <= _LATEST_START:
            raise UnknownPeriod(f"There is no period {key!r}. {self._how_keys_look()}")
        period = self._at(self._index_of(day))
        if period.key != key:
            raise UnknownPeriod(
                f"There is no period {key!r}; its day is in period {period.key}, "
                f"and the next one is {period.end.date().isoformat()}. {self._how_keys_look()}"
            )
        return period

    def closed_by(self, now: datetime) -> list[ApprovalPeriod]:
        """The periods that had ended at the aware `now`, oldest first."""
        return list(takewhile(lambda period: period.is_closed(now), map(self._at, count())))

    def _at(self, index: int) -> ApprovalPeriod:
        start = self._start_date(index)
        return ApprovalPeriod(
            key=start.isoformat(),
            start=self._midnight(start),
            end=self._midnight(self._start_date(index + 1)),
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.timezone))

    def _start_date(self, index: int) -> date:
        if self.cadence == "weekly":
            return self.start + timedelta(weeks=index)
        years, month = divmod(self.start.month - 1 + index, 12)
        return self.start.replace(year=self.start.year + years, month=month + 1)

    def _index_of(self, day: date) -> int:
        if self.cadence == "weekly":
            return (day - self.start).days // 7
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        return months - (day.day < self.start.day)

    def _how_keys_look(self) -> str:
        closed = self.closed_by(datetime.now(UTC))
        last = f"the last one that has ended is {closed[-1].key}" if closed else "none has ended yet"
        begins = (
            f"every {self.start:%A}" if self.cadence == "weekly" else f"on day {self.start.day} of every month"
        )
        return (
            f"A period's key is its start date, YYYY-MM-DD; periods begin {begins} "
            f"from {self.start.isoformat()} on ({self.timezone}), and {last}."
        )


def approval_periods(settings: PeriodSettings) -> ApprovalPeriods:
    """The approval periods of a connection, from the `period` section of its configuration."""
    return ApprovalPeriods(settings.cadence, settings.start, settings.timezone)
