"""How many threads write an answer: as many as were fastest of late, which other programs change.

Every token is a few hundred small steps at whose ends all threads wait for the slowest. With a core that somebody else
uses one thread fewer is faster, with a free one all of them are. It never knows what is computed.
"""

from __future__ import annotations

from collections import deque
from statistics import median

_REMEMBERED = 5
"""Steps of each number of threads by which it is judged."""

_BETWEEN_TRIES = 16
"""Steps with fewer threads, then one with all: the other program may have ended."""

_CALM = 4
"""So many times as many with all threads: that another program has begun shows in their own times."""


class Pace:
    """Chooses between ``most`` threads and one fewer."""

    def __init__(self, most: int) -> None:
        self._took = {count: deque[float](maxlen=_REMEMBERED) for count in (most, most - 1) if count > 0}
        self._steps = 0

    def threads(self) -> int:
        """For the next step."""
        self._steps += 1
        unknown = [count for count, took in self._took.items() if len(took) < _REMEMBERED]
        if unknown:
            return unknown[0]
        best, *others = sorted(self._took, key=lambda count: median(self._took[count]))
        between = _BETWEEN_TRIES * (_CALM if best == max(self._took) else 1)
        return others[0] if others and self._steps % between == 0 else best

    def took(self, threads: int, seconds: float) -> None:
        """A step with so many threads took so long."""
        self._took[threads].append(seconds)
