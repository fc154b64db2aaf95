"""Takes out what is not code: special tokens, code fences and everything after them.

Knows nothing of what the code is; whether a mark stands inside a string or comment it is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

LITERAL_TOKENS = (
    "</s>",
    "[INST]",
    "[/INST]",
    "[gMASK]",
    "<fim_prefix>",
    "<fim_suffix>",
    "<fim_middle>",
    "<fim_pad>",
    "<file_sep>",
    "<repo_name>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<|",
    "<\uff5c",
)
"""Marks of models; the last two, with a plain and with a full-width bar, only begin them: see `_BARRED`."""
SPACED_TOKENS = ("<PRE>", "<SUF>", "<MID>", "<EOT>", "<s>")
"""Tokens that could also be template arguments: they count only where no word stands right before them."""
CODE_ENDS = ("```", "\\end{", "\\begin{")
"""What ends code, but may stand in a string or a comment."""
_BARRED = re.compile("<[|\uff5c][^|\uff5c<>\n]{0,60}[|\uff5c]?")
_WHOLE_BARRED = re.compile("<[|\uff5c][^|\uff5c<>\n]{1,60}[|\uff5c]>")
_STARTS = frozenset(mark[0] for mark in (*LITERAL_TOKENS, *SPACED_TOKENS, *CODE_ENDS))


class Raw(NamedTuple):
    """One character and how much of the model's raw output had been read with it."""

    character: str
    position: int


def is_special(text: str) -> bool:
    """Whether ``text`` is one whole special token."""
    whole = LITERAL_TOKENS[:-2] + SPACED_TOKENS
    return text in whole or _WHOLE_BARRED.fullmatch(text) is not None


def may_become_special(text: str) -> bool:
    """Whether ``text`` is the beginning of a special token."""
    return any(mark.startswith(text) for mark in LITERAL_TOKENS + SPACED_TOKENS) or bool(_BARRED.fullmatch(text))


class Noise:
    """Passes characters on until a mark ends the code; ``rule`` then says which kind."""

    def __init__(self, document: str, inside: Callable[[], str]) -> None:
        self.rule = ""
        self._document = document
        self._inside = inside
        self._held: list[Raw] = []
        self._before = ""

    def feed(self, raw: Raw) -> list[Raw]:
        """The characters that are no part of a mark, as soon as that is known."""
        if not self._held and raw.character not in _STARTS:
            self._before = raw.character
            return [raw]
        self._held.append(raw)
        text = "".join(one.character for one in self._held)
        if self._ends(text):
            return []
        if self._may_end(text):
            return []
        return self._release()

    def flush(self) -> list[Raw]:
        """What was held when the stream ended."""
        held, self._held = self._held, []
        return held

    def _release(self) -> list[Raw]:
        first, *rest = self._held
        self._held = []
        self._before = first.character
        released = [first]
        for raw in rest:
            released += self.feed(raw)
        return released

    def _ends(self, text: str) -> bool:
        if text in CODE_ENDS and not self._inside():
            self.rule = "fence"
        elif is_special(text) and self._stands_alone(text) and text not in self._document:
            self.rule = "special token"
        if self.rule:
            self._held = []
        return bool(self.rule)

    def _stands_alone(self, text: str) -> bool:
        return text not in SPACED_TOKENS or not (self._before.isalnum() or self._before in "_>")

    def _may_end(self, text: str) -> bool:
        return may_become_special(text) or any(mark.startswith(text) for mark in CODE_ENDS)
