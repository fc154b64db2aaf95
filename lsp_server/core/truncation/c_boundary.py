"""Where a construct ends in C and C++.

A body ends at the brace that closes it (and after its handlers when it is a function-try-block), a statement where
nothing that began with it is open: no bracket, no ``else`` that may follow, no ``while`` of a ``do``. Branches of
``#if`` start from the same open brackets, whatever the branch before them left open.
"""

from __future__ import annotations

from lsp_server.core.context import Extent
from lsp_server.core.target import Target
from lsp_server.core.truncation.boundary import SUFFIX_REACHED, Point, visible_head
from lsp_server.core.truncation.c_levels import BLOCKS, Level
from lsp_server.core.truncation.c_lexer import CLexer
from lsp_server.core.truncation.c_statements import CStatements
from lsp_server.core.truncation.passage import Passage
from lsp_server.core.truncation.suffix import Suffix
from lsp_server.core.truncation.tokens import Kind, Token, width

_STATEMENTS = (Extent.STATEMENT, Extent.DEFINITION, Extent.PASSAGE)
"""What stands among the statements or declarations of the block that the cursor is in."""
_PREPARATIONS = frozenset(("using", "typedef"))


class CBoundary(CStatements):
    """Reads C and C++; see `Boundary`."""

    def __init__(self, target: Target, suffix: Suffix) -> None:
        super().__init__()
        self.points: list[Point] = []
        self.end: Point | None = None
        self.rule = ""
        self.surplus: int | None = None
        self._target = target
        self._suffix = suffix
        self._live = False
        self._home = -1
        self._floor = 1
        self._home_depth = 0
        self._passage = Passage(target.extent, suffix.next_text[:1] not in ("", "}"))
        self._declares = self._prepares = False
        self._closed_role = ""
        self._leaving = self._block_follows = False
        self._begin_live(target)

    def _begin_live(self, target: Target) -> None:
        head = visible_head(target)
        self._lexer = CLexer(-len(head))
        self.line_start = -len(head)
        for character in head:
            self.push(character)
        self._in_literal = self._lexer.inside
        self._floor = len(self.levels)
        self._branch_floor = len(self.branches)
        self._live = True
        for character in target.lead:
            self.push(character)
        self._home = self._find_home()
        self._home_depth = (
            self._braces(self.levels[: self._home + 1]) if self._home >= 0 else self._braces(self.levels) + 1
        )
        if target.extent is Extent.STATEMENT:
            self._home = self._statement_level()
            self._block_follows = not self._suffix.fills_line and self._awaits_block() and self._has_block()

    def _find_home(self) -> int:
        """Index of the level whose end, or in which the end, is looked for; -1: a body whose brace is still to come."""
        braces = [index for index, level in enumerate(self.levels) if level.opener in ("", "{")]
        if self._target.extent is Extent.BODY:
            return self._body_level(braces)
        return braces[-1] if self._target.extent is Extent.BLOCK else min(len(self.levels), self._floor) - 1

    def _statement_level(self) -> int:
        """Index of the level around the statement that the cursor's line has begun, with the braces opened there."""
        for index, level in enumerate(self.levels[: self._floor]):
            if level.opener == "{" and level.line_start == self.line_start and level.role != "namespace":
                return index - 1
        return self._home

    def _awaits_block(self) -> bool:
        """Whether the cursor stands right after ``if (…)`` or the brace that it opens."""
        level = self.levels[-1]
        return not level.first and (self._home < self._floor - 1 or bool(level.controls and not level.awaited))

    def _has_block(self) -> bool:
        """Whether that block is there, in the lines below the cursor."""
        return self._suffix.next_text.startswith("{") or self._suffix.deeper(self._line_column())

    def _line_column(self) -> int:
        line = self._target.before.rpartition("\n")[2]
        return width(line[: len(line) - len(line.lstrip())])

    def _body_level(self, braces: list[int]) -> int:
        """The innermost open function; where none is to be seen, whatever the brace before the cursor opened."""
        inner = self.levels[-1]
        if inner.called and not inner.expression and inner.role in ("type", "namespace"):
            return -1
        functions = [index for index in braces if self.levels[index].role == "function"]
        return (functions or braces)[-1] or -1

    @staticmethod
    def _braces(levels: list[Level]) -> int:
        return sum(level.opener == "{" for level in levels)

    def push(self, character: str) -> None:
        """Read one more character."""
        if self._live and self._in_literal and character == "\n" and self._target.extent is Extent.LINE:
            self._finish(Point(self._lexer.offset), "line complete")
        for token in self._lexer.push(character):
            if self.end is None:
                self._take(token)

    @property
    def tail(self) -> str:
        """The brackets that would have to follow for the line to be complete."""
        return self._suffix.tail(self._open_list())

    @property
    def in_data(self) -> bool:
        """Whether a line that began now would be one of a list of values."""
        return self.levels[-1].opener in ("(", "[") or self.levels[-1].role == "value"

    @property
    def at_base(self) -> bool:
        """Whether the last line of code stood on the level of the construct's own statements."""
        return self.depth == 0

    @property
    def inside(self) -> str:
        """``"string"``, ``"comment"``, ``"directive"`` or, in code, ``""``."""
        return self._lexer.inside

    @property
    def continued(self) -> bool:
        """Whether a line that began now would continue the one before it."""
        return self.levels[-1].opener in ("(", "[") or (bool(self.levels[-1].first) and self.depth >= 0)

    @property
    def depth(self) -> int:
        """Levels of blocks below the construct's own statements."""
        return self._braces(self.levels) - self._home_depth

    def _finish(self, point: Point, rule: str) -> None:
        if self.end is None:
            self.end, self.rule = point, rule

    def _take(self, token: Token) -> None:
        if self._block_follows and token.kind is not Kind.COMMENT:
            self._finish(self._before_block(token), "statement complete")
        elif token.kind is Kind.BREAK:
            self._break(token)
        elif token.kind is Kind.COMMENT:
            if self._target.extent is Extent.LINE or self.content_end > self.line_start:
                self.content_end = token.end
        elif token.kind is Kind.DIRECTIVE:
            self.directive(token)
        elif token.kind is not Kind.BEGIN:
            self.code(token)

    def _before_block(self, token: Token) -> Point:
        """Nothing but the rest of the line: a comment, or a brace that only the text below closes yet."""
        wanted = token.text == "{" and self._home == self._floor - 1 and self._suffix.closes_below(self._line_column())
        return Point(token.end if wanted else max(0, self.content_end))

    @property
    def over(self) -> bool:
        """Whether the end is known."""
        return self.end is not None

    def string_closed(self, token: Token) -> None:
        """A quote that was open at the cursor is not closed twice."""
        if self._live and token.start < 0 and self._suffix.starts_with(token.text):
            self._finish(Point(token.end - 1), SUFFIX_REACHED)

    def role_of(self, role: str, level: Level) -> str:
        """Take the brace that the signature before the cursor waits for as its body's."""
        if not self._opens_body(level, role):
            return role
        self._home = len(self.levels)
        self._home_depth = self._braces(self.levels) + 1
        return "function"

    def _opens_body(self, level: Level, role: str) -> bool:
        """Whether a brace is that of the body which is to be written.

        It may be inside of another function too, where a macro heads a block: then nothing but a ``)`` is before it.
        """
        if not self._live or self._target.extent is not Extent.BODY or len(self.levels) != self._floor:
            return False
        if self._home >= 0:
            return (role == "function" or bool(level.controls)) and self.content_end <= 0
        return not level.requirement and not (level.initialisers and role == "value")

    def unmatched(self, token: Token) -> None:
        """A brace that closes what lies around all that was read."""
        if self._live:
            self._finish(Point(token.start), "enclosing block reached")
        else:
            self.levels[-1].restart()

    def stops_before(self, token: Token, index: int) -> bool:
        """Whether what ``token`` closes is closed by the text after the cursor, or lies outside of the construct."""
        if not self._live:
            return False
        block_wise = self._target.extent in (Extent.BODY, Extent.BLOCK)
        if token.text == "}" and block_wise and index <= self._home:
            stops, rule = self._target.closed or index < self._home, f"{self._target.extent.value} complete"
        elif index >= self._floor:
            return False
        elif token.text == "}" and index > self._home:
            stops, rule = self._target.closed, "statement complete"
        elif token.text == "}" and self.levels[index].line_start != self.line_start:
            stops, rule = True, "enclosing block reached"
        else:
            stops, rule = self._suffix.starts_with(token.text), SUFFIX_REACHED
            if token.text in self._suffix.rest_closers and self.surplus is None:
                self.surplus = token.start
        if stops:
            self._finish(Point(token.start), rule)
        else:
            self._floor = min(self._floor, index)
        return stops

    def header_closed(self, token: Token) -> None:
        """``if (…)`` before a block that is there already is a whole statement."""
        at_home = self._live and self._target.extent is Extent.STATEMENT and len(self.levels) - 1 == self._home
        if at_home and not self._suffix.fills_line and self._suffix.next_text.startswith("{"):
            self._finish(Point(token.end), "statement complete")

    def brace_closed(self, closed: Level, index: int, end: int) -> None:
        """The block to be written is complete; a function's body may go on with handlers."""
        whole = self._target.extent is Extent.BLOCK or closed.role not in ("block", "function", "namespace")
        if self._live and index == self._home and whole:
            self._leave(end)

    def may_end(self, end: int) -> None:
        """Note that the text could stop here, and what had to be closed then."""
        opened = self.levels[self._floor :]
        open_controls = (word for level in self.levels[self._floor - 1 :] for word in level.controls)
        unready = self._home < 0 or len(self.branches) > self._branch_floor or not self._live
        if unready or any(level.role not in BLOCKS for level in opened) or {"do", "try"} & set(open_controls):
            return
        if not self._target.closed:
            outermost = self._home + (self._target.extent in _STATEMENTS)
            opened = self.levels[min(outermost, self._floor) :]
        self.points.append(Point(end, _closers(opened)))

    def statement_complete(self, end: int) -> None:
        """End with the statement, or with the one that the body is part of."""
        index = len(self.levels) - 1
        extent = self._target.extent
        if not self._live:
            return
        if extent in (Extent.DEFINITION, Extent.PASSAGE) and index <= self._home:
            self._tell(end)
        elif (extent is Extent.STATEMENT and index <= self._home) or (extent is Extent.BODY and index < self._home):
            self._leave(end)
        elif extent is Extent.BODY and self._home < 0 and index < self._floor:
            self._finish(Point(end), "declaration complete")

    def _tell(self, end: int) -> None:
        """Tell of a statement on the construct's own level; in a class, so indented, one may be a declaration."""
        role, self._closed_role = self._closed_role, ""
        declared = self._declares and bool(self._target.indent)
        defines = declared or role in ("function", "type")
        self._passage.stated(end, defines=defines, prepares=self._prepares)
        if self._passage.complete:
            self._leave(end)

    def _unwind(self, end: int) -> None:
        level = self.levels[-1]
        self._declares = level.called and not level.expression
        self._prepares = level.first in _PREPARATIONS
        super()._unwind(end)

    def _after_close(self, token: Token, closed: Level, index: int) -> None:
        self._closed_role = closed.role
        super()._after_close(token, closed, index)

    def _code(self, token: Token) -> None:
        level = self.levels[-1]
        begins = len(self.levels) - 1 == self._home and not (level.first or level.controls)
        if self._live and begins and token.text != "}" and self._passage.ends_before(token.text):
            self._finish(Point(self._last_end), f"{self._target.extent.value} complete")
        else:
            super()._code(token)

    def _leave(self, end: int) -> None:
        """The construct is complete; inside a branch of ``#if`` that began in it, with the ``#endif``."""
        self._leaving = len(self.branches) > self._branch_floor
        if not self._leaving:
            self._finish(Point(end), f"{self._target.extent.value} complete")

    def branches_closed(self, end: int) -> None:
        """The construct was complete already, in the branches that end here."""
        if self._leaving and len(self.branches) <= self._branch_floor:
            self._finish(Point(end), f"{self._target.extent.value} complete")

    def _break(self, token: Token) -> None:
        before, self.line_start = self.line_start, token.end
        if self.content_end <= before:
            self._passage.blank(token.end)
        if not self._live or self._target.extent is not Extent.LINE or self.content_end <= min(before, 0):
            return
        if self.content_end > 0 and not self._goes_on():
            self._finish(Point(self.content_end, self._block_to_close(before)), "line complete")

    def _goes_on(self) -> bool:
        """Whether a list or an argument is open that the text below does not close."""
        openers = self._open_list()
        return bool(openers) and self._suffix.owed(openers) < len(openers)

    def _open_list(self) -> str:
        """The brackets that are open in the statement being read."""
        openers = ""
        for level in reversed(self.levels):
            if level.opener not in ("(", "[") and level.role not in ("value", "lambda"):
                break
            openers = level.opener + openers
        return openers

    def _block_to_close(self, line_start: int) -> tuple[tuple[int, str], ...]:
        """Braces that the line opened, unless the text below is their block already."""
        opened = self.levels[self._floor :]
        below = self._suffix.next_indent
        if below is not None and width(below) > width(self._target.indent):
            return ()
        return tuple((line_start, closer) for _, closer in _closers(opened))


def _closers(levels: list[Level]) -> tuple[tuple[int, str], ...]:
    return tuple((level.line_start, "};" if level.role == "type" else "}") for level in levels)
