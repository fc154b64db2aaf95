"""The open brackets of C and C++ and the statement being read in each: the memory of `CBoundary`."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field

_TYPES = frozenset(("class", "struct", "union", "enum"))
_KEYWORDS = _TYPES | {"namespace", "extern"}
_AFTER_PARAMETERS = frozenset((")", "const", "noexcept", "override", "final", "mutable", "volatile", "&", "&&", "try"))
BLOCKS = frozenset(("block", "function", "namespace", "type"))
"""Roles of braces that hold statements or declarations, and that a lone ``}`` closes."""


@dataclass
class Level:
    """One open bracket (none for the file itself: ``opener`` is empty) and the statement being read directly in it."""

    opener: str
    role: str
    line_start: int
    """Offset of the line that the opener stands on."""
    controls: list[str] = field(default_factory=list)
    """Control words whose statement is not finished, outermost first: ``if`` ``else`` ``for`` ``do`` ``try`` …"""
    awaited: str = ""
    """The word that would continue the last of them, now that its statement is finished."""
    first: str = ""
    previous: str = ""
    keyword: str = ""
    header: str = ""
    """A control word that waits for its ``(…)``."""
    words: int = 0
    angles: int = -1
    """Depth in ``template <…>``; -1 outside."""
    called: bool = False
    """A ``(…)`` has been closed: what follows may be a function's body."""
    expression: bool = False
    initialisers: bool = False
    requirement: bool = False

    def restart(self) -> None:
        """The next token begins a statement."""
        self.first = self.previous = self.keyword = self.header = ""
        self.words, self.angles = 0, -1
        self.called = self.expression = self.initialisers = self.requirement = False

    def copied(self) -> Level:
        """A copy that can be changed on its own."""
        other = copy(self)
        other.controls = list(self.controls)
        return other

    def note_word(self, word: str) -> None:
        """Take a word that is no control word at the start of a statement."""
        self.words += 1
        if word == "template":
            self.angles = 0
        elif word in _KEYWORDS and self.angles < 0 and not self.keyword and not self.called:
            self.keyword = word
        elif word in ("return", "co_return", "co_yield", "throw", "new"):
            self.expression = True
        elif word == "requires":
            self.requirement = self.previous in ("requires", "&&", "||", "=", "(", "!", ",")
        elif word == "operator":
            self.keyword = "operator"
        self._follow(word)

    def note_mark(self, mark: str) -> None:
        """Take a mark that ends nothing."""
        if self.angles >= 0 and mark in "<>":
            self.angles += 1 if mark == "<" else -1
            self.angles = self.angles or -1
        elif mark == "=" and self.angles < 0 and (self.called or self.keyword != "operator"):
            self.expression = True
        elif mark == ":" and self.called and not self.expression:
            self.initialisers = True
        self._follow(mark)

    def note_bracket(self, role: str) -> None:
        """Take a bracket that was closed inside the statement; one in square brackets before it is an attribute."""
        if role == "[" and not self.first:
            return
        self.requirement = self.requirement and role == "("
        if role == "(" and self.previous != "operator":
            self.called = self.called or self.angles < 0
        self._follow(")" if role == "(" else "]" if role == "[" else "}")

    def _follow(self, text: str) -> None:
        self.first, self.previous = self.first or text, text

    @property
    def _is_macro(self) -> bool:
        """One word such as ``BOOST_TRY`` or ``__try`` that heads a block."""
        alone = self.words == 1 and self.first == self.previous
        return alone and (self.first.isupper() or self.first.startswith("__"))

    def brace_role(self) -> str:
        """What a ``{`` that comes now opens."""
        if self.opener in ("(", "[") or self.role == "value":
            return "lambda" if self.previous in _AFTER_PARAMETERS or self.previous == "]" else "value"
        if not self.first or self._is_macro:
            return "block"
        if self.requirement or self.expression:
            return "value"
        return self._declared_role()

    def _declared_role(self) -> str:
        """What a ``{`` opens after the beginning of a declaration."""
        if self.keyword == "namespace" or (self.keyword == "extern" and self.previous in ('"', "extern")):
            return "namespace"
        if self.initialisers:
            return "function" if self.previous in (")", "}", ".") else "value"
        if self.keyword in _TYPES and not (self.called and self.previous in _AFTER_PARAMETERS):
            return "type"
        return "function" if self.called else "value"


class Branches:
    """The open brackets around the branches of an ``#if``: each starts from the same, the first one counts."""

    def __init__(self, levels: list[Level], never: bool) -> None:
        self._start = [level.copied() for level in levels]
        self._skipped = never
        self._first: list[Level] | None = None

    def next(self, levels: list[Level]) -> list[Level]:
        """The brackets that the next branch starts from; ``levels`` are those the branch before it left open."""
        if not self._skipped and self._first is None:
            self._first = levels
        self._skipped = False
        return [level.copied() for level in self._start]

    def result(self, levels: list[Level]) -> list[Level]:
        """The brackets that are open after ``#endif``."""
        return self._start if self._skipped else self._first or levels
