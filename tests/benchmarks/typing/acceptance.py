"""What the hands take of a suggestion: as far as it is right, whole or by lines and words, as editors let one accept.

They take it where that spares them at least two keys, and a word is among what is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.benchmarks.typing.agreement import common_length
from tests.benchmarks.typing.hands import keys

_LEAST_SAVED = 2
_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")


@dataclass(frozen=True)
class Acceptance:
    """``text`` is inserted by so many ``presses``."""

    text: str
    presses: int

    @property
    def saved(self) -> int:
        """Keys that need not be pressed."""
        return len(keys(self.text)) - self.presses


def acceptance(suggested: str, expected: str) -> Acceptance | None:
    """What is taken of ``suggested`` where ``expected`` is still to be typed; None where it is not worth it."""
    right = common_length(suggested, expected)
    taken = Acceptance(suggested, 1) if right == len(suggested) else _by_parts(suggested, expected, right)
    return taken if taken.saved >= _LEAST_SAVED and re.search(r"\w", taken.text) else None


def _by_parts(suggested: str, expected: str, right: int) -> Acceptance:
    """The lines that are right, a press each, then the words."""
    ends = [found.start() for found in re.finditer(r"\n", suggested) if 0 < found.start() <= right]
    end, presses = (ends[-1], len(ends)) if ends else (0, 0)
    for word in _WORD.finditer(suggested, end):
        if word.end() > right or _goes_on(expected, word.end()):
            break
        end, presses = word.end(), presses + 1
    return Acceptance(suggested[:end], presses)


def _goes_on(text: str, at: int) -> bool:
    """Whether a word of ``text`` goes on at that place."""
    return re.match(r"\w\w", text[at - 1 : at + 1]) is not None
