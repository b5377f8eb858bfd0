"""Faults a test can order: each waits for the next request it fits, and happens once."""

from dataclasses import dataclass, field
from typing import Final

FAULTS: Final[dict[str, str | None]] = {  # the job a fault waits for; None is any
    "download_empty": "download",
    "download_not_found": "download",
    "download_truncated": "download",
    "http_429": None,
    "http_500": None,
    "http_502_html": None,
    "rate_limited": None,
    "slow": None,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `job` narrows it to one job type (`file`, `download`, `get`), `seconds` is for "slow"."""

    name: str
    job: str | None = None
    seconds: float = 1.0


@dataclass
class Faults:
    """The faults that still have to happen, in order."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, name: str, times: int = 1, *, job: str | None = None, seconds: float = 1.0) -> None:
        """Order a fault, several times over if wanted."""
        if name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}; there are {', '.join(FAULTS)}")
        self.waiting += [Fault(name, job or FAULTS[name], seconds)] * times

    def take(self, job: str) -> Fault | None:
        """The first fault that fits a request for this job; it will not happen again."""
        fault = next((fault for fault in self.waiting if fault.job in (None, job)), None)
        if fault is not None:
            self.waiting.remove(fault)
        return fault
