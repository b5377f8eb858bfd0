"""Faults to order: what goes wrong on the way of a matching request, before or after the books have changed.

Put `Fault` values on `ZohoBooks.faults`; each is used up `times` times, the first that matches goes first.
Cutting a connection needs the server of `mlc_pipeline.sandbox.server`, which lends its connections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong."""

    CUT_BEFORE_COMMIT = "cut before commit"
    CUT_AFTER_COMMIT = "cut after commit"
    SLOW_COMMIT = "commit after the client has gone"
    ERROR_BEFORE_COMMIT = "500 before commit"
    ERROR_AFTER_COMMIT = "500 after commit"
    BAD_GATEWAY_BEFORE_COMMIT = "502 page before commit"
    BAD_GATEWAY_AFTER_COMMIT = "502 page after commit"
    TRUNCATED_JSON = "half an answer after commit"
    TOO_MANY_PER_MINUTE = "429 code 44"
    TOO_MANY_PER_DAY = "429 code 45"
    TOO_MANY_AT_ONCE = "429 code 1070"
    BLOCKED_FOR_AN_HOUR = "429 code 43"
    ACCESS_REVOKED = "access tokens revoked"


@dataclass(slots=True)
class Fault:
    """One order: `path` is a regular expression searched in the request's path.

    `delay` (seconds) is how long a slow commit waits after the client has gone.
    """

    kind: FaultKind
    method: str = "POST"
    path: str = r"/books/v3/"
    times: int = 1
    delay: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        """Say whether the fault is for this request."""
        return self.times > 0 and self.method == method and re.search(self.path, path) is not None


def take_fault(faults: list[Fault], method: str, path: str) -> Fault | None:
    """Use up one fault for this request, if any matches."""
    for fault in faults:
        if fault.matches(method, path):
            fault.times -= 1
            return fault
    return None
