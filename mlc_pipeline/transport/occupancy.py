"""How full a shared budget is, as a pure value: who is in flight, what the last windows and the last day hold.

A request occupies every window from the moment it takes a place until the window's length after its *answer*:
the other side counts it somewhere between the two, so however late it arrives, no window there holds too many.
All instants are milliseconds of one clock, the database's.
"""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from mlc_pipeline.transport.pacing import DAY, FULL, Heard, Kind, Remaining, Wait

_HOURS = 24
_GLANCE_SECONDS = 0.03
"""How soon to look again when it depends on an answer that somebody waits for."""
_SLOWEST = 16


@dataclass(frozen=True, slots=True)
class Window:
    """At most `requests` in any `seconds`."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a budget allows.

    `at_once` and `per_day` are None where there is no such limit. `usual_per_day` holds while neither
    `per_day` is set nor the other side has said how many are left. `reserve_percent` of the day is for others.
    A place is taken back `lease_seconds` after it was given, for its machine may have vanished.
    """

    windows: tuple[Window, ...]
    at_once: int | None = None
    per_day: int | None = None
    usual_per_day: int | None = None
    reserve_percent: int = 0
    day_seconds: float = 86_400.0
    lease_seconds: float = 120.0

    def scaled(self, time_scale: float) -> Self:
        """The same limits where minutes and days last `time_scale` of their real length: in a sandbox."""
        windows = tuple(Window(each.requests, each.seconds * time_scale) for each in self.windows)
        return replace(self, windows=windows, day_seconds=self.day_seconds * time_scale)


@dataclass(slots=True)
class Closing:
    """Nothing is sent until an instant. With `probe`, one request is let through then, to see."""

    since: int
    until: int
    kind: Kind
    reason: str
    probe: bool
    probed_by: str | None = None


@dataclass(slots=True)
class Quota:
    """What the other side last said is left: so many of `limit`, until its day or shorter while begins anew."""

    limit: int
    left: int
    until: int
    kind: Kind


@dataclass(slots=True)
class Occupancy:
    """The state of one budget; `now` never runs backwards in it.

    After a refusal that says we were too fast only a half of each window is used, after the next a quarter, and
    twice as much again after each hour without one: the limits may have changed, or others may use them too.
    """

    now: int = 0
    answered: list[int] = field(default_factory=list)
    in_flight: dict[str, int] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)
    closing: Closing | None = None
    quota: Quota | None = None
    slowed_by: int = 1
    slowed_since: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """What `written` gave."""
        kept = json.loads(text)
        return cls(
            now=kept["now"],
            answered=kept["answered"],
            in_flight=kept["in_flight"],
            hours={int(hour): count for hour, count in kept["hours"].items()},
            closing=Closing(**kept["closing"]) if kept["closing"] else None,
            quota=Quota(**kept["quota"]) if kept.get("quota") else None,
            slowed_by=kept.get("slowed_by", 1),
            slowed_since=kept.get("slowed_since", 0),
        )

    def written(self) -> str:
        """As text, to be kept."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def move_to(self, now: int, limits: Limits, *, jumped: int = 0) -> None:
        """Let time pass until `now`; places whose lease has ended count as answered then.

        `jumped` is by how much the clock was set forward since the last look. What is kept is moved with the
        clock, and nothing of it may lie in the future: a jump makes us wait longer, never send too early.
        """
        self._shift(min(0, now - self.now) + jumped, now, limits)
        self.now = now
        for ticket in [ticket for ticket, until in self.in_flight.items() if until <= now]:
            insort(self.answered, self.in_flight.pop(ticket))
        longest = max((_ms(window.seconds) for window in limits.windows), default=0)
        self.answered = [instant for instant in self.answered if instant > now - longest]
        self.hours = {hour: count for hour, count in self.hours.items() if self._end_of(hour, limits) > now}
        if self.quota is not None and self.quota.until <= now:
            self.quota = None
        if self.closing is not None and self.closing.until <= now and not self.closing.probe:
            self.closing = None
        if self.slowed_by > 1 and now - self.slowed_since >= self._hour(limits):
            self.slowed_by, self.slowed_since = self.slowed_by // 2, now

    def take(self, ticket: str, limits: Limits) -> Wait | None:
        """Give a place to `ticket`; or say how long until there may be one, and then change nothing."""
        wait = self._closed() or self._used_up(limits) or self._day_is_over(limits) or self._full(limits)
        if wait is not None:
            return wait
        if self.closing is not None:
            length = self.closing.until - self.closing.since
            self.closing.since, self.closing.until = self.now, self.now + length
            self.closing.probed_by = ticket
        self.in_flight[ticket] = self.now + _ms(limits.lease_seconds)
        hour = self.now // self._hour(limits)
        self.hours[hour] = self.hours.get(hour, 0) + 1
        if self.quota is not None:
            self.quota.left -= 1
        return None

    def give_back(self, ticket: str, limits: Limits) -> None:
        """End a place whose request was never sent: it counts nowhere, and a probe goes to the next."""
        lease_end = self.in_flight.pop(ticket, None)
        if lease_end is None:
            return
        self._let_the_next_probe(ticket)
        hour = (lease_end - _ms(limits.lease_seconds)) // self._hour(limits)
        if hour in self.hours:
            self.hours[hour] -= 1
        if self.quota is not None:
            self.quota.left += 1

    def abandon(self, tickets: Iterable[str]) -> None:
        """End places whose processes are gone: what they sent may have arrived, but its answer comes to nobody."""
        for ticket in tickets:
            if self.in_flight.pop(ticket, None) is not None:
                insort(self.answered, self.now)
                self._let_the_next_probe(ticket)

    def end(self, ticket: str, heard: Heard) -> None:
        """End a place by its answer, and heed what that said of the limits."""
        if self.in_flight.pop(ticket, None) is not None:
            insort(self.answered, self.now)
        if heard.remaining is not None:
            self._heed(heard.remaining)
        if heard.pause is not None:
            until = self.now + _ms(heard.pause.seconds)
            is_probe = self.closing is not None and self.closing.probed_by == ticket
            if heard.pause.slows and (is_probe or self.closing is None or self.closing.until <= self.now):
                self.slowed_by, self.slowed_since = min(2 * self.slowed_by, _SLOWEST), self.now
            if is_probe or self.closing is None or self.closing.until < until:
                kind, reason, probe = heard.pause.kind, heard.pause.reason, heard.pause.probe
                self.closing = Closing(self.now, until, kind, reason, probe)
        elif self.closing is not None and self.closing.probed_by == ticket:
            self.closing = None

    def _let_the_next_probe(self, ticket: str) -> None:
        """If it was to be seen by this ticket's answer whether a pause is over: there will be none."""
        if self.closing is not None and self.closing.probed_by == ticket:
            length = self.closing.until - self.closing.since
            self.closing.since, self.closing.until = self.now - length, self.now
            self.closing.probed_by = None

    def _heed(self, said: Remaining) -> None:
        # Those in flight may be counted in what is left or not; of answers that overtook each other, the least.
        left, known = said.left - len(self.in_flight), self.quota
        if known is not None and known.limit == said.limit and 0 < left - known.left <= len(self.in_flight) + 1:
            left = known.left
        self.quota = Quota(said.limit, left, self.now + _ms(said.seconds), said.kind)

    def _closed(self) -> Wait | None:
        closing = self.closing
        if closing is None or closing.until <= self.now:
            return None
        if closing.probed_by in self.in_flight:
            return self._wait(self.now + _ms(_GLANCE_SECONDS), FULL, "one request asks whether the pause is over")
        return self._wait(closing.until, closing.kind, closing.reason)

    def _used_up(self, limits: Limits) -> Wait | None:
        """By what the other side said. Only of a day there is anything to keep for others."""
        quota = self.quota
        if quota is None:
            return None
        reserve = _reserve(quota.limit, limits) if quota.kind == DAY else 0
        if quota.left > reserve:
            return None
        reason = (
            _day_reason(quota.limit, reserve) if quota.kind == DAY else "what the other side allows is used up"
        )
        return self._wait(quota.until, quota.kind, reason)

    def _day_is_over(self, limits: Limits) -> Wait | None:
        """By our own count."""
        is_told = self.quota is not None and self.quota.kind == DAY
        per_day = limits.per_day if limits.per_day is not None or is_told else limits.usual_per_day
        if per_day is None:
            return None
        reserve = _reserve(per_day, limits)
        if sum(self.hours.values()) < per_day - reserve:
            return None
        oldest = min((hour for hour, count in self.hours.items() if count), default=self.now // self._hour(limits))
        return self._wait(self._end_of(oldest, limits), DAY, _day_reason(per_day, reserve))

    def _full(self, limits: Limits) -> Wait | None:
        if limits.at_once is not None and len(self.in_flight) >= limits.at_once:
            return self._wait(self.now + _ms(_GLANCE_SECONDS), FULL, "all places are taken")
        free_at = max(self._window_frees(limits), default=self.now)
        return self._wait(free_at, FULL, "the window is full") if free_at > self.now else None

    def _window_frees(self, limits: Limits) -> Iterator[int]:
        for window in limits.windows:
            length = _ms(window.seconds)
            inside = [instant for instant in self.answered if instant > self.now - length]
            allowed = max(1, window.requests // self.slowed_by)
            too_many = len(inside) + len(self.in_flight) - allowed + 1
            if too_many > len(inside):
                yield self.now + _ms(_GLANCE_SECONDS)
            elif too_many > 0:
                yield inside[too_many - 1] + length

    def _wait(self, until: int, kind: Kind, reason: str) -> Wait:
        return Wait((until - self.now) / 1000, kind, reason, until)

    def _hour(self, limits: Limits) -> int:
        return max(1, _ms(limits.day_seconds / _HOURS))

    def _end_of(self, hour: int, limits: Limits) -> int:
        """When the last request of an hour is a day old."""
        return (hour + 1 + _HOURS) * self._hour(limits)

    def _shift(self, by: int, now: int, limits: Limits) -> None:
        if by == 0:
            return
        self.answered = sorted(min(now, instant + by) for instant in self.answered)
        latest = now + _ms(limits.lease_seconds)
        self.in_flight = {ticket: min(latest, until + by) for ticket, until in self.in_flight.items()}
        self.slowed_since = min(now, self.slowed_since + by)
        if self.closing is not None:
            length = self.closing.until - self.closing.since
            self.closing.since = min(now, self.closing.since + by)
            self.closing.until = self.closing.since + length
        if self.quota is not None:
            self.quota.until = min(now + _ms(limits.day_seconds), self.quota.until + by)
        self._shift_hours(by, now // self._hour(limits), limits)

    def _shift_hours(self, by: int, present: int, limits: Limits) -> None:
        hours: dict[int, int] = {}
        for hour, count in self.hours.items():
            moved = min(present, hour + round(by / self._hour(limits)))
            hours[moved] = hours.get(moved, 0) + count
        self.hours = hours


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _reserve(per_day: int, limits: Limits) -> int:
    return per_day * limits.reserve_percent // 100


def _day_reason(limit: int, reserve: int) -> str:
    kept = f", {reserve:,} of them are kept for people and other programs" if reserve else ""
    return f"the requests of the day are used up (of {limit:,} a day{kept})"
