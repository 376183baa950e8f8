"""A pace that one process counts in its memory: nothing is written, and each process has its own count."""

import threading
import time
from collections import OrderedDict

#: More callers than this are not remembered at once; who was forgotten begins with a full count.
MOST_REMEMBERED = 10_000


class LocalPace:
    """Tokens by caller, filled steadily by this process's own clock."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, who: str, per_minute: int, burst: int) -> float:
        """Take a token: 0.0 when there was one, else the seconds until there is."""
        rate, at = per_minute / 60, time.monotonic()
        with self._lock:
            left, counted_at = self._left.pop(who, (float(burst), at))
            left = min(float(burst), left + (at - counted_at) * rate)
            self._left[who] = (left - 1 if left >= 1 else left, at)
            while len(self._left) > MOST_REMEMBERED:
                self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / rate

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._left.clear()
