"""Blocks of languages whose blocks are marked by braces: what is open at a place, and what closes it.

It knows no grammar, so that one brace too few does not hide the rest of the file. Where braces do not balance,
the columns in which definitions begin and end decide which one was left open.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lsp_server.core.languages import Language
from lsp_server.core.scanning import (
    CLOSER_OF,
    Nesting,
    Opening,
    Token,
    close_last,
    start_of,
    tokens_between,
    tokens_from,
    tokens_of,
)

_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/|(?:public|private|protected)\s*:)*", re.DOTALL)
_CODE_LINE = re.compile(r"(?<=\n)(?P<space>[ \t]*)[^\s#/{]")
_TYPED = 400
"""Characters before a place that may change soon."""

_MARKS = frozenset({"open", "close", "end", "directive"})
_EXPRESSION_GOES_ON = re.compile(r"\s*[,).{\]?=]")


@dataclass
class Walk:
    """Reads tokens in order and keeps what is open."""

    language: Language
    text: str
    openings: list[Opening] = field(default_factory=list)
    statement: int = 0
    by_column: bool = False
    """Whether a ``}`` closes the block that begins in its column rather than the innermost one."""
    _resume: int = 0
    _branches: list[tuple[list[Opening], int]] = field(default_factory=list)

    def onwards(self, text: str) -> Walk:
        """The same in a text that goes on from what was read."""
        return replace(self, text=text, openings=list(self.openings), _branches=list(self._branches))

    def take(self, token: Token) -> Opening | None:
        """Read one token; the opening it closes, if it closes one."""
        match token.kind:
            case "open":
                self._open(token.start)
            case "close":
                return self._close(token)
            case "end":
                self._end(token)
            case "directive":
                self._directive(token)
        return None

    def _open(self, offset: int) -> None:
        bracket = self.text[offset]
        if bracket == "{":
            if not self.text[self.statement : offset].strip():
                self.statement = self._resume
            self._leave_unclosed(self.statement)
        self.openings.append(Opening(bracket, offset, self.statement))
        if bracket == "{":
            self.statement = self._resume = offset + 1

    def _close(self, token: Token) -> Opening | None:
        closer = self.text[token.start]
        if closer == "}":
            while self.openings and self.openings[-1].bracket != "{":
                self.openings.pop()
            if self.by_column:
                self._drop_deeper(token.start)
        opening = close_last(self.openings, closer)
        if closer == "}":
            goes_on = opening is not None and _EXPRESSION_GOES_ON.match(self.text, token.end)
            self.statement = opening.statement if goes_on and opening else token.end
            self._resume = self.statement
        return opening

    def _end(self, token: Token) -> None:
        while self.openings and self.openings[-1].bracket != "{" and not self._in_for():
            self.openings.pop()
        if not self.openings or self.openings[-1].bracket == "{":
            self.statement = self._resume = token.end

    def _in_for(self) -> bool:
        offset = self.openings[-1].offset
        return self.text[max(0, offset - 8) : offset].rstrip().endswith("for")

    def _directive(self, token: Token) -> None:
        word = self.language.tokens.match(self.text, token.start)
        match word["word"] if word else "":
            case "if" | "ifdef" | "ifndef":
                self._branches.append((list(self.openings), self.statement))
            case "else" | "elif" if self._branches:
                self.openings, self.statement = list(self._branches[-1][0]), self._branches[-1][1]
            case "endif" if self._branches:
                self._branches.pop()
        if not self.openings or self.openings[-1].bracket == "{":
            self._resume, self.statement = self.statement, token.end

    def _leave_unclosed(self, statement: int) -> None:
        """A definition that begins no deeper than the function around it is not inside that function."""
        start = first_code(self.text, statement)
        column = column_of(self.text, start)
        defines = self.language.header.match(self.text, start) or self.language.scope.match(self.text, start)
        if column is None or not self.openings or not defines:
            return
        for index, opening in enumerate(self.openings):
            around = first_code(self.text, opening.statement)
            if opening.bracket == "{" and is_function(self.language, self.text, opening):
                width = column_of(self.text, around)
                if width is not None and width >= column:
                    del self.openings[index:]
                    return

    def _drop_deeper(self, offset: int) -> None:
        """Leave unclosed what begins in a deeper column than the ``}`` at ``offset``.

        Where two blocks begin in its column, a blank line above it says that it belongs to the outer one.
        """
        column = column_of(self.text, offset)
        fitting = [index for index, opening in enumerate(self.openings) if column in self._columns(opening)]
        if column is not None and fitting:
            apart = self.text[:offset].rstrip(" \t").endswith("\n\n")
            del self.openings[fitting[0 if apart else -1] + 1 :]

    def _columns(self, opening: Opening) -> tuple[int | None, int | None]:
        """Where the lines of a block's statement and of its brace begin."""
        start = first_code(self.text, opening.statement)
        return column_of(self.text, start), column_of(self.text, line_code(self.text, opening.offset))


@lru_cache(maxsize=8)
def nesting_at(language: Language, text: str, offset: int) -> Nesting:
    """What is open at ``offset`` of a plain text."""
    settled = _settled(text, tokens_of(language, text), offset - _TYPED)
    walk = _walked(language, text[:settled]).onwards(text)
    for token in _marks(tokens_between(language, text, settled, offset)):
        walk.take(token)
    return Nesting(tuple(walk.openings), walk.statement)


def _settled(text: str, tokens: Sequence[Token], before: int) -> int:
    """Where a statement ends ``before`` a place: what comes then does not change how it reads."""
    end = text.rfind(";\n", 0, max(before, 0))
    at = bisect_left(tokens, end, key=start_of)
    return end + 1 if end >= 0 and at < len(tokens) and tokens[at][:2] == ("end", end) else 0


@lru_cache(maxsize=4)
def _walked(language: Language, text: str) -> Walk:
    """All of a text read; it is not to be changed."""
    walk = Walk(language, text)
    for token in _marks(tokens_of(language, text)):
        walk.take(token)
    return walk


@lru_cache(maxsize=8)
def closings(language: Language, text: str, offset: int, nesting: Nesting) -> Mapping[Opening, int]:
    """Which openings are closed by the text after ``offset``, and where."""
    plainly = _closings(language, text, offset, nesting, by_column=False)
    if all(opening in plainly for opening in nesting.openings if opening.bracket == "{"):
        return plainly
    return _closings(language, text, offset, nesting, by_column=True)


def _closings(language: Language, text: str, offset: int, nesting: Nesting, *, by_column: bool) -> dict[Opening, int]:
    walk = Walk(language, text, list(nesting.openings), nesting.statement, by_column)
    wanted, found = set(nesting.openings), {}
    for token in _marks(tokens_from(language, text, offset)):
        closed = walk.take(token)
        if closed in wanted:
            found[closed] = token.start
            wanted.discard(closed)
        if not wanted:
            break
    return found


def _marks(tokens: Iterable[Token]) -> Iterator[Token]:
    """Those that open or close anything."""
    return (token for token in tokens if token.kind in _MARKS)


def first_code(text: str, offset: int) -> int:
    """The first code at or after ``offset``: white space, comments and access specifiers are passed over."""
    match = _BLANK.match(text, offset)
    return match.end() if match else offset


def line_code(text: str, offset: int) -> int:
    """The first character of the line of ``offset`` that is not white space."""
    start = text.rfind("\n", 0, offset) + 1
    return offset - len(text[start:offset].lstrip(" \t\f"))


def column_of(text: str, offset: int) -> int | None:
    """The column of ``offset``, tabs being 8 wide; None when there is code before it on its line."""
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return len(before.expandtabs(8)) if not before.strip() else None


def is_scope(language: Language, text: str, opening: Opening) -> bool:
    """Whether the block of ``opening`` is that of a class or namespace, by its first words."""
    return bool(language.scope.match(text, first_code(text, opening.statement), opening.offset + 1))


def is_function(language: Language, text: str, opening: Opening) -> bool:
    """Whether the block of ``opening`` looks like a function's body."""
    start = first_code(text, opening.statement)
    return not is_scope(language, text, opening) and bool(language.header.match(text, start))


def close_of(language: Language, text: str, opened: int) -> int:
    """Where the block whose ``{`` is before ``opened`` is closed; the text's end when it is not."""
    nesting = nesting_at(language, text, opened)
    found = closings(language, text, opened, nesting)
    return found.get(nesting.openings[-1], len(text)) if nesting.openings else len(text)


def shallow_line(text: str, offset: int, function: int) -> int:
    """The first line after ``offset`` whose code begins no deeper than the definition at ``function``."""
    width = column_of(text, line_code(text, function)) or 0
    for match in _CODE_LINE.finditer(text, offset):
        if len(match["space"].expandtabs(8)) <= width:
            return match.start()
    return len(text)


def closer_of(language: Language, text: str, opening: Opening) -> str:
    """What closes an opening: a class is a declaration and takes a semicolon."""
    if opening.bracket != "{":
        return CLOSER_OF[opening.bracket]
    match = language.scope.match(text, first_code(text, opening.statement), opening.offset + 1)
    return "};" if match and match["type"] else "}"
