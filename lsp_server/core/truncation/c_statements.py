"""Statements of C and C++: which brackets are open, and where a statement is complete.

Control words, handlers and the branches of ``#if`` are followed as far as that takes. What is being completed
this module does not know; `CBoundary` listens and decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from lsp_server.core.truncation.c_levels import Branches, Level
from lsp_server.core.truncation.tokens import Kind, Token

_OPENERS = {")": "(", "]": "[", "}": "{"}
_HEADED = frozenset(("if", "for", "while", "switch", "catch"))
_BARE = frozenset(("else", "do", "try"))
_LABELS = frozenset(("case", "default", "public", "private", "protected", "signals"))
_NEEDED = {"if": "else", "do": "while", "try": "catch"}
"""The word that may (``else``) or must (the others) come after the statement of a control word."""
_ENDING = frozenset(("block", "function", "namespace"))
"""Roles of braces that end the statement they are part of."""


class CStatements(ABC):
    """Takes tokens; the methods without a body say what has come to an end."""

    def __init__(self) -> None:
        self.levels = [Level("", "block", 0)]
        self.branches: list[Branches] = []
        self.line_start = 0
        self.content_end = 0
        """End of the last token of code."""
        self._last_end = 0

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether no more tokens are wanted."""

    @abstractmethod
    def role_of(self, role: str, level: Level) -> str:
        """The role of a brace that opens in ``level``, by its looks ``role``."""

    @abstractmethod
    def stops_before(self, token: Token, index: int) -> bool:
        """Whether the closing bracket ``token``, of the level at ``index``, does not belong to the text any more."""

    @abstractmethod
    def unmatched(self, token: Token) -> None:
        """A brace closes what no level opened."""

    @abstractmethod
    def string_closed(self, token: Token) -> None:
        """A string or character literal is complete."""

    @abstractmethod
    def header_closed(self, token: Token) -> None:
        """The ``(…)`` of a control word is complete."""

    @abstractmethod
    def brace_closed(self, closed: Level, index: int, end: int) -> None:
        """A brace, the level of which stood at ``index``, was closed."""

    @abstractmethod
    def may_end(self, end: int) -> None:
        """The text could stop here, though an ``else`` may follow."""

    @abstractmethod
    def statement_complete(self, end: int) -> None:
        """A statement directly in the last level is complete."""

    @abstractmethod
    def branches_closed(self, end: int) -> None:
        """An ``#endif``."""

    def code(self, token: Token) -> None:
        """Take a token that is neither a comment nor a preprocessor line."""
        while self.levels[-1].awaited:
            if self._is_awaited(token, self.levels[-1]):
                self.content_end = token.end
                return
        if not self.over:
            self._code(token)
            self.content_end = token.end

    def _code(self, token: Token) -> None:
        level = self.levels[-1]
        if token.kind is Kind.OPEN:
            self._open(token, level)
        elif token.kind is Kind.CLOSE:
            self._close(token)
        elif token.kind is Kind.WORD:
            self._word(token.text, level)
        elif token.kind is Kind.MARK:
            self._mark(token, level)
        else:
            level.note_mark('"')
            self.string_closed(token)

    def _word(self, word: str, level: Level) -> None:
        starts = not level.first and level.opener not in ("(", "[")
        if starts and word in _BARE:
            level.controls.append(word)
        elif starts and word in _HEADED:
            level.header = level.first = level.previous = word
        else:
            if word == "try" and level.called:
                level.controls.append("try")
            level.note_word(word)

    def _mark(self, token: Token, level: Level) -> None:
        if token.text == ";" and level.opener not in ("(", "["):
            level.role = "lambda" if level.role == "value" else level.role
            self._unwind(token.end)
        elif token.text == ":" and self._ends_label(level):
            level.restart()
        else:
            level.note_mark(token.text)

    @staticmethod
    def _ends_label(level: Level) -> bool:
        return level.first in _LABELS or (level.words == 1 and level.previous == level.first and not level.called)

    def _open(self, token: Token, level: Level) -> None:
        role = token.text if token.text != "{" else level.brace_role()
        if token.text == "{" and level.header and level.opener not in ("(", "["):
            level.controls.append(level.header)
            level.restart()
            role = "block"
        if token.text == "{":
            role = self.role_of(role, level)
        self.levels.append(Level(token.text, role, self.line_start))

    def _close(self, token: Token) -> None:
        index = self._matching(token.text)
        if index < 0 and token.text == "}":
            self.unmatched(token)
        elif index < 0:
            self.levels[-1].note_bracket("(")
        elif not self.stops_before(token, index):
            closed = self.levels[index]
            del self.levels[index:]
            self._after_close(token, closed, index)

    def _matching(self, closer: str) -> int:
        """Index of the level that ``closer`` closes, -1 for none; a parenthesis does not reach over a brace."""
        for index in range(len(self.levels) - 1, 0, -1):
            if self.levels[index].opener == _OPENERS[closer]:
                return index
            if closer != "}" and self.levels[index].opener == "{":
                break
        return -1

    def _after_close(self, token: Token, closed: Level, index: int) -> None:
        below = self.levels[-1]
        if token.text == ")" and below.header:
            below.controls.append(below.header)
            below.restart()
            self.header_closed(token)
            return
        if token.text == "}" and closed.role in _ENDING:
            self._unwind(token.end)
        else:
            below.note_bracket(closed.opener)
        if token.text == "}":
            self.brace_closed(closed, index, token.end)

    def _is_awaited(self, token: Token, level: Level) -> bool:
        """Whether ``token`` is the ``else``, ``catch`` or ``while`` that goes on; if not, the statement is over."""
        awaited, level.awaited = level.awaited, ""
        if token.text != awaited:
            level.controls.pop()
            self._unwind(self._last_end)
            return False
        if awaited == "catch":
            level.header = "catch"
        else:
            level.controls[-1] = "else"
        if awaited != "else":
            level.first = level.previous = awaited
        return True

    def _unwind(self, end: int) -> None:
        """A statement is complete, and with it every control statement that may not go on after it."""
        level = self.levels[-1]
        level.restart()
        self._last_end = end
        while level.controls and level.controls[-1] not in _NEEDED:
            level.controls.pop()
        if level.controls:
            level.awaited = _NEEDED[level.controls[-1]]
        if not level.controls or level.awaited == "else":
            self.may_end(end)
        if not level.controls:
            self.statement_complete(end)

    def directive(self, token: Token) -> None:
        """Take a preprocessor line."""
        word, _, condition = token.text.strip().partition(" ")
        if word.startswith("if"):
            self.branches.append(Branches(self.levels, condition.strip() in ("0", "false")))
        elif word.startswith("el") and self.branches:
            self.levels = self.branches[-1].next(self.levels)
        elif word == "endif" and self.branches:
            self.levels = self.branches.pop().result(self.levels)
            self.branches_closed(token.end)
