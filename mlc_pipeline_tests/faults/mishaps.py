"""What goes wrong at Zoho Books during a campaign: faults drawn at random, and a count of those that happened."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlc_pipeline.sandbox.zoho import Fault, FaultKind, ZohoBooks

WRITES = (
    ("POST", r"/bills$"),
    ("POST", r"/bills$"),
    ("POST", r"/journals$"),
    ("POST", r"/journals$"),
    ("POST", r"/contacts$"),
    ("PUT", r"/bills/"),
    ("POST", r"/status/void$"),
)
LOSES_THE_ANSWER = (
    FaultKind.CUT_BEFORE_COMMIT,
    FaultKind.CUT_AFTER_COMMIT,
    FaultKind.SLOW_COMMIT,
    FaultKind.SLOW_COMMIT,
    FaultKind.ERROR_BEFORE_COMMIT,
    FaultKind.ERROR_AFTER_COMMIT,
    FaultKind.BAD_GATEWAY_BEFORE_COMMIT,
    FaultKind.BAD_GATEWAY_AFTER_COMMIT,
    FaultKind.TRUNCATED_JSON,
)
AT_ONCE = tuple(kind for kind in LOSES_THE_ANSWER if kind != FaultKind.SLOW_COMMIT)
REFUSES = (
    FaultKind.TOO_MANY_PER_MINUTE,
    FaultKind.TOO_MANY_AT_ONCE,
    FaultKind.TOO_MANY_PER_DAY,
    FaultKind.BLOCKED_FOR_AN_HOUR,
    FaultKind.ACCESS_REVOKED,
)
LONGEST_DELAY = 0.1
"""Seconds after which a slow commit lands, at the most; the runs' time of grace must be longer."""


@dataclass(slots=True)
class Mishaps:
    """Orders faults of some books, and counts the writes that met one."""

    books: ZohoBooks
    rng: random.Random
    kinds: Sequence[FaultKind] = (*LOSES_THE_ANSWER * 3, *REFUSES)
    met: dict[FaultKind, int] = field(default_factory=dict)
    _ordered: list[Fault] = field(default_factory=list)

    @property
    def faulted(self) -> int:
        """How many requests to write met a fault."""
        return sum(self.met.values())

    @property
    def lost_answers(self) -> int:
        """How many of them left the client without knowing what had become of them."""
        return sum(count for kind, count in self.met.items() if kind in LOSES_THE_ANSWER)

    def order(self, count: int) -> None:
        """Let the next writes go wrong, and now and then a read."""
        self.clear()
        self._ordered = [self._fault() for _ in range(count)]
        self.books.faults.extend(self._ordered)
        if self.rng.random() < 0.3:
            kind = self.rng.choice((FaultKind.CUT_BEFORE_COMMIT, FaultKind.ERROR_BEFORE_COMMIT))
            self.books.faults.append(Fault(kind, "GET", r"/(bills|journals|contacts)", times=2))

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self.books.faults.clear()
        for fault in self._ordered:
            if fault.times == 0:
                self.met[fault.kind] = self.met.get(fault.kind, 0) + 1
        self._ordered = []

    def _fault(self) -> Fault:
        method, path = self.rng.choice(WRITES)
        return Fault(self.rng.choice(self.kinds), method, path, delay=self.rng.uniform(0, LONGEST_DELAY))
