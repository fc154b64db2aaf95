"""Tells when nobody has wanted something for a while, so that its memory may be given back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Rest:
    """Calls ``begin`` once it was not wanted for ``seconds``; never where that is None."""

    def __init__(self, seconds: float | None, begin: Callable[[], None]) -> None:
        self._seconds, self._begin = seconds, begin
        self._timer: asyncio.TimerHandle | None = None

    def put_off(self) -> None:
        """It is wanted, for as long as it takes."""
        if self._timer is not None:
            self._timer.cancel()

    def count(self) -> None:
        """It is not wanted from now on."""
        self.put_off()
        if self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin)
