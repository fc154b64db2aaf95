"""Where a construct ends in a language of indented blocks.

A body or block ends before the first line of code that is indented less than it; a statement with its line,
or with the block that its header opens and the clauses that belong to it.
"""

from __future__ import annotations

import re

from lsp_server.core.context import Extent
from lsp_server.core.target import Target
from lsp_server.core.truncation.boundary import SUFFIX_REACHED, Point, visible_head
from lsp_server.core.truncation.passage import Passage
from lsp_server.core.truncation.python_lexer import PythonLexer
from lsp_server.core.truncation.suffix import Suffix
from lsp_server.core.truncation.tokens import Kind, Token, width

_CLAUSES = frozenset(("else", "elif", "except", "finally"))
_HANDLERS = frozenset(("except", "finally"))
_TOP_LEVEL = frozenset(("@", "def", "class", "async", "import", "from"))
"""What begins a line that is not part of a body printed without its indentation."""
_DEFINITIONS = frozenset(("def", "class", "async"))
_PREPARATIONS = frozenset(("@", "import", "from"))
_BLOCKS = (Extent.BODY, Extent.BLOCK, Extent.PASSAGE, Extent.DEFINITION)
"""What goes on from statement to statement until a line is indented less."""
_LEVELS = re.compile(r"^[ \t]*(?=[^\s#])", re.MULTILINE)


class PythonBoundary:
    """Reads Python; see `Boundary`."""

    def __init__(self, target: Target, suffix: Suffix) -> None:
        self.points: list[Point] = []
        self.end: Point | None = None
        self.rule = ""
        self.surplus: int | None = None
        self.depth = 0
        self._extent = target.extent
        self._suffix = suffix
        self._passage = Passage(target.extent, width(suffix.next_indent or "") == width(target.indent))
        self._head = target.head
        self._level = width(target.indent)
        self._parent = max(0, self._level - max(1, width(target.unit)))
        self._reset()
        self._column = 0
        self._tries: list[int] = []
        self._base: int | None = None
        self._floor = 0
        self._pending = False
        self._in_block = self._undented = self._live = False
        self._begin_live(target)

    def _reset(self) -> None:
        """A new logical line."""
        self._first = self._last = ""
        self._content_end = 0

    def _begin_live(self, target: Target) -> None:
        head = visible_head(target)
        self._lexer = PythonLexer(-len(head))
        for character in head:
            self.push(character)
        self._floor = len(self._lexer.brackets)
        self._in_literal = self._lexer.inside
        self._live = True
        if self._first and (self._last != ":" or self._extent is Extent.STATEMENT):
            self._base = self._column if self._extent is Extent.STATEMENT else self._level
        self.depth = self._below_header()
        for character in target.lead:
            self.push(character)

    def push(self, character: str) -> None:
        """Read one more character."""
        for token in self._lexer.push(character):
            if self.end is None:
                self._take(token)

    @property
    def tail(self) -> str:
        """The brackets that would have to follow for the line to be complete."""
        return self._suffix.tail("".join(self._lexer.brackets))

    @property
    def in_data(self) -> bool:
        """Whether a line that began now would be one of a list of values."""
        return self._lexer.continued

    @property
    def at_base(self) -> bool:
        """Whether the last line of code stood on the level of the construct's own statements."""
        return self._column == (self._level if self._base is None else self._base)

    @property
    def inside(self) -> str:
        """``"string"``, ``"comment"`` or, in code, ``""``."""
        return self._lexer.inside

    @property
    def continued(self) -> bool:
        """Whether a line that began now would continue the one before it."""
        return self._lexer.continued

    def _finish(self, point: Point, rule: str) -> None:
        self.end, self.rule = point, rule

    def _last_point(self) -> Point:
        return self.points[-1] if self.points else Point(0)

    def _take(self, token: Token) -> None:
        if token.kind is Kind.BREAK:
            self._line_break(token)
        elif token.kind is Kind.COMMENT:
            self._content_end = token.end if self._first else self._content_end
        elif token.kind is Kind.BEGIN:
            self._begin(token)
        else:
            self._word(token)

    def _begin(self, token: Token) -> None:
        """The first character of a logical line."""
        self._column, self._first = token.column, token.text
        if self._live:
            self._tries = [column for column in self._tries if column <= token.column]
            if self._base is None:
                self._set_base(token)
            elif self._extent in _BLOCKS:
                self._dedent(token)
            elif self._in_block:
                self._after_block(token)

    def _set_base(self, token: Token) -> None:
        """The model's own level: a body that is no deeper than its header was printed without its indentation."""
        self._base = token.column
        self._undented = self._extent is Extent.BODY and token.column <= self._parent < self._level
        inner = self._extent in (Extent.BLOCK, Extent.PASSAGE)
        if inner and token.column < self._level and self._has_level(token.column):
            self._finish(Point(0), f"{self._extent.value} complete")

    def _has_level(self, column: int) -> bool:
        """Whether the cursor's block may be left for one in ``column``; if not, the model's levels are its own."""
        just_opened = self._head.rstrip().endswith(":")
        return not just_opened and any(width(space) == column for space in _LEVELS.findall(self._head))

    def _dedent(self, token: Token) -> None:
        if token.column < (self._base or 0):
            self._finish(self._last_point(), f"{self._extent.value} complete")

    def _after_block(self, token: Token) -> None:
        """A line after a statement's block: a deeper one belongs to it, one on its level when it is a clause."""
        if token.column < (self._base or 0):
            self._finish(self._last_point(), "statement complete")
        self._pending = token.column == self._base

    def _word(self, token: Token) -> None:
        if not self._last:
            self._first = token.text or self._first
            self._first_word(token.text)
        self._closes_more(token)
        if self.end is None:
            self._last, self._content_end = token.text or "string", token.end

    def _first_word(self, word: str) -> None:
        """What only the whole first word of a line can tell."""
        on_level = self._live and self._column == self._base and word not in _CLAUSES
        if on_level and self._passage.ends_before(word):
            self._finish(self._last_point(), f"{self._extent.value} complete")
        if self._undented and self._column == self._base and word in _TOP_LEVEL:
            self._finish(self._last_point(), "body complete" if self.points else "nothing written")
        if self._pending:
            self._pending = False
            if word not in _CLAUSES or self._clause_follows():
                self._finish(self._last_point(), "statement complete")

    def _clause_follows(self) -> bool:
        """Whether the text after the cursor goes on with a clause of this statement."""
        word = self._suffix.next_text.partition(":")[0].partition(" ")[0]
        return word in _CLAUSES and width(self._suffix.next_indent or "") in (self._level, self._base)

    def _closes_more(self, token: Token) -> None:
        """A bracket or quote that was open at the cursor and that the rest of its line closes is not written again."""
        if token.kind is Kind.CLOSE and len(self._lexer.brackets) < self._floor:
            self._floor = len(self._lexer.brackets)
            self._close_outer(token)
        elif token.kind is Kind.STRING and self._live and token.start < 0 and self._suffix.starts_with(token.text):
            self._finish(Point(token.end - len(token.text)), SUFFIX_REACHED)

    def _close_outer(self, token: Token) -> None:
        if self._suffix.starts_with(token.text):
            self._finish(Point(token.start), SUFFIX_REACHED)
        elif token.text in self._suffix.rest_closers and self.surplus is None:
            self.surplus = token.start

    def _line_break(self, token: Token) -> None:
        line_wise = self._live and self._extent in (Extent.LINE, Extent.STATEMENT)
        if line_wise and self._in_literal == "comment":
            self._finish(Point(token.start), "line complete")
        elif token.text == "string":
            if line_wise and self._in_literal == "string":
                self._finish(Point(token.start), "line complete")
        elif self._lexer.continued:
            if line_wise:
                self._broken_line()
        elif self._first:
            self._logical_line()
        elif line_wise and self._extent is Extent.LINE and self._content_end > 0:
            self._finish(Point(token.start), "line complete")
        else:
            self._passage.blank(token.end)

    def _broken_line(self) -> None:
        """A newline in brackets ends the line when the text below closes all of them."""
        if self._lexer.brackets and self._suffix.closes_all("".join(self._lexer.brackets)):
            self._finish(Point(max(0, self._content_end)), "line complete")

    def _logical_line(self) -> None:
        header = self._last == ":"
        self.depth = self._below_header()
        if self._live:
            self._record(header)
            self._tell()
            if self._extent is Extent.LINE:
                self._finish(Point(max(self._content_end, 0)), "line complete")
            elif self._extent is Extent.STATEMENT:
                self._statement_line(header)
            elif self._base is None and not header:
                self._finish(self._last_point(), f"{self._extent.value} complete")
        self._reset()

    def _tell(self) -> None:
        """Tell of a logical line."""
        if self._column == self._base:
            defines, prepares = self._first in _DEFINITIONS, self._first in _PREPARATIONS
            self._passage.stated(self._content_end, defines=defines, prepares=prepares)
        else:
            self._passage.goes_on(self._content_end)

    def _below_header(self) -> int:
        """1 after a header on the level of the construct's own statements: the next line is one level deeper."""
        return int(self._last == ":" and self._column >= self._level)

    def _record(self, header: bool) -> None:
        if self._first in _HANDLERS and self._column in self._tries:
            self._tries.remove(self._column)
        if header:
            if self._first == "try" and not (self._column == self._base and self._clause_follows()):
                self._tries.append(self._column)
        elif self._first != "@" and not self._tries and self._content_end > 0:
            self.points.append(Point(self._content_end))

    def _statement_line(self, header: bool) -> None:
        if header and not self._in_block:
            below = self._suffix.next_indent
            if below is not None and not self._suffix.fills_line and width(below) > (self._base or 0):
                self._finish(Point(max(0, self._content_end)), "statement complete")
            self._in_block = True
        elif not self._in_block and self._first != "@":
            self._finish(self._last_point(), "statement complete")
