"""What a language contributes to reading examples: how it writes a value, and a call with values.

Notations read text only and never raise. They never know where an example stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

LONGEST = 4000
"""Characters of a call or a value; longer ones are not read."""

STRING = re.compile(
    r"[bru]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")", re.DOTALL | re.IGNORECASE
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}


class Notation(Protocol):
    """How one language writes examples."""

    @property
    def wrappers(self) -> Sequence[str]:
        """Functions whose value says clearly what the call inside them gave."""

    @property
    def gives(self) -> re.Pattern[str]:
        """What stands between a call and its value."""

    def value_at(self, text: str) -> str:
        """The literal that ``text`` begins with, or nothing."""

    def value(self, literal: str) -> object:
        """What a literal stands for."""

    def call(self, text: str, name: str) -> str:
        """``text`` in its usual form where it is ``name`` called with literals, by itself or wrapped; else nothing."""

    def arguments(self, names: Sequence[str], values: Sequence[str]) -> str:
        """Literals that were stated, some with a name, as those of a call; nothing where they are none."""


def bracket_end(text: str) -> int:
    """Where the bracket that ``text`` begins with is closed; 0 where there is none, or it stays open."""
    waiting: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        string = STRING.match(text, at) if character in "'\"" else None
        if string:
            at = string.end()
            continue
        if character in _CLOSES:
            waiting.append(_CLOSES[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
        at += 1
        if not waiting:
            return at if character in ")]}" else 0
    return 0
