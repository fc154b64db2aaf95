"""What can end a computation from outside: somebody no longer wants it, or its time is up.

Engines ask a `Watch` many times in every decoded token. It never knows what is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic


class Interrupted(Exception):  # noqa: N818 -- nothing went wrong: the reader left, or the time is up
    """The computation was given up; what had been computed before stays valid."""


class Watch:
    """True when asked, once the running request is to be given up.

    ``cancelled`` comes from whoever holds the engine and is called often; it also serves as a sign of life.
    """

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._deadline = math.inf

    def begin(self, seconds: float | None) -> None:
        """A request begins that may take ``seconds``."""
        self._deadline = math.inf if seconds is None else monotonic() + seconds

    @property
    def late(self) -> bool:
        """The request's time is up."""
        return monotonic() >= self._deadline

    def __call__(self) -> bool:
        """Give up now?"""
        return self._cancelled() or self.late
