"""The text of an answer as it comes together: bytes go in, whole characters come out, stops stay inside.

Pure: it knows no model and no clock.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class Answer:
    """One answer. ``stopped`` turns true when one of ``stops`` has appeared; nothing comes out after that."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped = False

    def add(self, data: bytes) -> str:
        """The text that is certain now: no half character, nothing that may yet turn out to begin a stop."""
        self._held += self._decoder.decode(data)
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        self.stopped = bool(found)
        return self._take(min(found)) if found else self._take(len(self._held) - self._doubtful())

    def rest(self) -> str:
        """What was held back for a stop that will not come any more; half a character is dropped."""
        return "" if self.stopped else self._take(len(self._held))

    def _take(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text

    def _doubtful(self) -> int:
        """Length of the longest end of the held text that begins a stop."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        lengths = range(min(longest, len(self._held)), 0, -1)
        return next((n for n in lengths if any(stop.startswith(self._held[-n:]) for stop in self._stops)), 0)
