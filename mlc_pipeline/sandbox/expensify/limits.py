"""The request limit of the manual: 5 requests in 10 seconds and 20 in 60 seconds."""

import time
from collections import deque
from collections.abc import Callable


class RequestLimit:
    """Sliding windows; `time_scale` 0.01 makes a minute last 0.6 seconds. Refused requests do not count."""

    def __init__(
        self,
        windows: tuple[tuple[int, float], ...] = ((5, 10.0), (20, 60.0)),
        time_scale: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._windows = [(requests, seconds * time_scale) for requests, seconds in windows]
        self._now = now
        self._admitted: deque[float] = deque(maxlen=max(requests for requests, _ in windows))

    def admits(self) -> bool:
        """Whether a request that comes now is served; counts it if so."""
        now = self._now()
        for requests, seconds in self._windows:
            if sum(1 for at in self._admitted if now - at < seconds) >= requests:
                return False
        self._admitted.append(now)
        return True
