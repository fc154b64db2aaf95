"""Notices a model that repeats itself: the same lines over again, or the same few characters without end.

Works on lines with white space and digits taken out of account where numbers merely count up.
"""

from __future__ import annotations

import re

from lsp_server.core.truncation.suffix import squeeze

_LONGEST_CYCLE = 12
_ROUNDS = 4
_LINES = {1: 8}
"""Lines of a cycle, by its length, that make a loop, so many rounds at least; honest code repeats itself too."""
_LINES_OF_CYCLE = 16
_IN_BRACKETS = 6
"""Times as many lines are needed in brackets, where data stands."""
_COUNTED_LINES = 48
_STUCK = 320
"""Characters on one line that repeat with a short period."""
_DIGITS = re.compile(r"\d+")


class Loops:
    """Told of every finished line, says from where on the text only repeats itself.

    ``cut`` is the offset at which the second round of a loop begins, or, where numbers only count up, its last line.
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._lines: list[str] = []
        self._counted: list[str] = []
        self._same = [0] * (_LONGEST_CYCLE + 1)
        self._alike = [0] * (_LONGEST_CYCLE + 1)
        self.cut: int | None = None

    def line(self, text: str, start: int, data: bool) -> None:
        """Take a finished line that began at ``start``; ``data``: inside brackets."""
        plain = squeeze(text)
        if not plain or self.cut is not None:
            return
        self._starts.append(start)
        self._lines.append(plain)
        self._counted.append(_DIGITS.sub("0", plain))
        for period in range(1, min(_LONGEST_CYCLE, len(self._lines) - 1) + 1):
            self._same[period] = self._run(self._lines, self._same, period)
            self._alike[period] = 0 if data else self._run(self._counted, self._alike, period)
            self._judge(period, data)

    @staticmethod
    def _run(lines: list[str], runs: list[int], period: int) -> int:
        return runs[period] + 1 if lines[-1] == lines[-1 - period] else 0

    def _judge(self, period: int, data: bool) -> None:
        needed = _LINES.get(period, _LINES_OF_CYCLE) * (_IN_BRACKETS if data else 1)
        repeated = self._same[period]
        if repeated + period >= max(needed, _ROUNDS * period) and self._telling(period):
            self.cut = self._starts[len(self._lines) - repeated]
        elif self._alike[period] >= _COUNTED_LINES and self._telling(period):
            self.cut = self._starts[-1]

    def _telling(self, period: int) -> bool:
        """Lines of brackets alone repeat in honest code."""
        return sum(map(len, self._lines[-period:])) >= 4

    def suspect(self) -> int | None:
        """Offset from which on all lines may turn out to be a loop; None while nothing repeats."""
        runs = [run for run in self._same if run]
        return self._starts[len(self._lines) - max(runs)] if runs else None

    def repeated_at_end(self) -> int | None:
        """Where a stream that was cut short repeats itself, three rounds being enough then."""
        for period in range(1, _LONGEST_CYCLE + 1):
            if self._same[period] >= 2 * period and self._telling(period):
                return self._starts[len(self._lines) - self._same[period]]
        return None

    @staticmethod
    def stuck(line: str) -> bool:
        """Whether one endless line repeats a few characters."""
        if len(line) < _STUCK or len(line) % 40:
            return False
        tail = line[-_STUCK:]
        return any(tail[period:] == tail[:-period] for period in range(1, 40))
