"""Where a construct ends in C and C++.

A body ends at the brace that closes it (and after its handlers when it is a function-try-block), a statement where
nothing that began with it is open: no bracket, no ``else`` that may follow, no ``while`` of a ``do``. Branches of
``#if`` start from the same open brackets, whatever the branch before them left open.
"""

from __future__ import annotations

from lsp_server.core.context import Extent
from lsp_server.core.target import Target
from lsp_server.core.truncation.boundary import Point, visible_head
from lsp_server.core.truncation.c_levels import BLOCKS, Branches, Level
from lsp_server.core.truncation.c_lexer import CLexer
from lsp_server.core.truncation.suffix import Suffix
from lsp_server.core.truncation.tokens import Kind, Token, width

_OPENERS = {")": "(", "]": "[", "}": "{"}
_HEADED = frozenset(("if", "for", "while", "switch", "catch"))
_BARE = frozenset(("else", "do", "try"))
_LABELS = frozenset(("case", "default", "public", "private", "protected", "signals"))
_NEEDED = {"if": "else", "do": "while", "try": "catch"}
"""The word that may (``else``) or must (the others) come after the statement of a control word."""


class CBoundary:
    """Reads C and C++; see `Boundary`."""

    def __init__(self, target: Target, suffix: Suffix) -> None:
        self.points: list[Point] = []
        self.end: Point | None = None
        self.rule = ""
        self.surplus: int | None = None
        self._target = target
        self._suffix = suffix
        self._levels = [Level("", "block", 0)]
        self._branches: list[Branches] = []
        self._content_end = self._last_end = 0
        self._live = False
        self._home = -1
        self._floor = 1
        self._home_depth = 0
        self._leaving = False
        self._begin_live(target)

    def _begin_live(self, target: Target) -> None:
        head = visible_head(target)
        self._lexer = CLexer(-len(head))
        self._line_start = -len(head)
        for character in head:
            self.push(character)
        self._in_literal = self._lexer.inside
        self._floor = len(self._levels)
        self._branch_floor = len(self._branches)
        self._started_controls = len(self._levels[-1].controls)
        self._live = True
        for character in target.lead:
            self.push(character)
        self._home = self._find_home()
        self._home_depth = (
            self._braces(self._levels[: self._home + 1]) if self._home >= 0 else self._braces(self._levels) + 1
        )

    def _find_home(self) -> int:
        """Index of the level whose end, or in which the end, is looked for; -1: a body whose brace is still to come."""
        braces = [index for index, level in enumerate(self._levels) if level.opener in ("", "{")]
        if self._target.extent is Extent.BODY:
            return self._body_level(braces)
        return braces[-1] if self._target.extent is Extent.BLOCK else min(len(self._levels), self._floor) - 1

    def _body_level(self, braces: list[int]) -> int:
        """The innermost open function; where none is to be seen, whatever the brace before the cursor opened."""
        inner = self._levels[-1]
        if inner.called and not inner.expression and inner.role in ("type", "namespace"):
            return -1
        functions = [index for index in braces if self._levels[index].role == "function"]
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
    def in_data(self) -> bool:
        """Whether a line that began now would be one of a list of values."""
        return self._levels[-1].opener in ("(", "[") or self._levels[-1].role == "value"

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
        return self._levels[-1].opener in ("(", "[") or (bool(self._levels[-1].first) and self.depth >= 0)

    @property
    def depth(self) -> int:
        """Levels of blocks below the construct's own statements."""
        return self._braces(self._levels) - self._home_depth

    def _finish(self, point: Point, rule: str) -> None:
        if self.end is None:
            self.end, self.rule = point, rule

    def _take(self, token: Token) -> None:
        if token.kind is Kind.BREAK:
            self._break(token)
        elif token.kind is Kind.COMMENT:
            if self._target.extent is Extent.LINE or self._content_end > self._line_start:
                self._content_end = token.end
        elif token.kind is Kind.DIRECTIVE:
            self._directive(token)
        elif token.kind is not Kind.BEGIN:
            self._token(token)

    def _token(self, token: Token) -> None:
        while self._levels[-1].awaited:
            if self._is_awaited(token, self._levels[-1]):
                self._content_end = token.end
                return
        if self.end is None:
            self._code(token)
            self._content_end = token.end

    def _code(self, token: Token) -> None:
        level = self._levels[-1]
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
            if self._live and token.start < 0 and self._suffix.rest.lstrip().startswith(token.text):
                self._finish(Point(token.end - 1), "suffix reached")

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
        if token.text == "{" and self._opens_body(level, role):
            role = "function"
            self._home = len(self._levels)
            self._home_depth = self._braces(self._levels) + 1
        self._levels.append(Level(token.text, role, self._line_start))

    def _opens_body(self, level: Level, role: str) -> bool:
        """Whether a brace is that of the body which is to be written.

        It may be inside of another function too, where a macro heads a block: then nothing but a ``)`` is before it.
        """
        if not self._live or self._target.extent is not Extent.BODY or len(self._levels) != self._floor:
            return False
        if self._home >= 0:
            return role == "function" and self._content_end <= 0
        return not level.requirement and not (level.initialisers and role == "value")

    def _close(self, token: Token) -> None:
        index = self._matching(token.text)
        if index < 0:
            self._unmatched(token)
        elif not (self._live and self._stops_before(token, index)):
            closed = self._levels[index]
            del self._levels[index:]
            self._floor = min(self._floor, index)
            self._after_close(token, closed, index)

    def _matching(self, closer: str) -> int:
        """Index of the level that ``closer`` closes, -1 for none; a parenthesis does not reach over a brace."""
        for index in range(len(self._levels) - 1, 0, -1):
            if self._levels[index].opener == _OPENERS[closer]:
                return index
            if closer != "}" and self._levels[index].opener == "{":
                break
        return -1

    def _unmatched(self, token: Token) -> None:
        if token.text != "}":
            self._levels[-1].note_bracket("(")
        elif self._live:
            self._finish(Point(token.start), "enclosing block reached")
        else:
            self._levels[-1].restart()

    def _stops_before(self, token: Token, index: int) -> bool:
        """Whether what ``token`` closes is closed by the text after the cursor, or lies outside of the construct."""
        block_wise = self._target.extent in (Extent.BODY, Extent.BLOCK)
        if token.text == "}" and block_wise and index <= self._home:
            stops, rule = self._target.closed or index < self._home, f"{self._target.extent.value} complete"
        elif index >= self._floor:
            return False
        elif token.text == "}" and self._levels[index].line_start != self._line_start:
            stops, rule = True, "enclosing block reached"
        else:
            stops, rule = self._suffix.rest.lstrip().startswith(token.text), "suffix reached"
            if token.text in self._suffix.rest_closers and self.surplus is None:
                self.surplus = token.start
        if stops:
            self._finish(Point(token.start), rule)
        return stops

    def _after_close(self, token: Token, closed: Level, index: int) -> None:
        below = self._levels[-1]
        if token.text == ")" and below.header:
            below.controls.append(below.header)
            below.restart()
            self._header_complete(token)
        elif self._live and index == self._home and closed.role not in ("block", "function", "namespace"):
            self._leave(token.end)
        elif token.text != "}" or closed.role not in ("block", "function", "namespace"):
            below.note_bracket(closed.opener)
        else:
            self._unwind(token.end)
            if self._live and index == self._home and self._target.extent is Extent.BLOCK:
                self._leave(token.end)

    def _header_complete(self, token: Token) -> None:
        """``if (…)`` before a block that is there already is a whole statement."""
        at_home = self._live and self._target.extent is Extent.STATEMENT and len(self._levels) - 1 == self._home
        if at_home and not self._suffix.fills_line and self._suffix.next_text.startswith("{"):
            self._finish(Point(token.end), "statement complete")

    def _is_awaited(self, token: Token, level: Level) -> bool:
        """Whether ``token`` continues the statement before it (``else``, ``catch``, ``while``); if not, that is complete."""
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
        level = self._levels[-1]
        level.restart()
        self._last_end = end
        while level.controls and level.controls[-1] not in _NEEDED:
            level.controls.pop()
        if level.controls:
            level.awaited = _NEEDED[level.controls[-1]]
        if not level.controls or level.awaited == "else":
            self._record(end)
        if not level.controls:
            self._statement_complete(end)

    def _record(self, end: int) -> None:
        opened = self._levels[self._floor :]
        open_controls = (word for level in self._levels[self._floor - 1 :] for word in level.controls)
        unready = self._home < 0 or len(self._branches) > self._branch_floor or not self._live
        if unready or any(level.role not in BLOCKS for level in opened) or {"do", "try"} & set(open_controls):
            return
        if self._target.extent in (Extent.BODY, Extent.BLOCK) and not self._target.closed:
            opened = self._levels[min(self._home, self._floor) :]
        self.points.append(Point(end, _closers(opened)))

    def _statement_complete(self, end: int) -> None:
        index = len(self._levels) - 1
        extent = self._target.extent
        if not self._live:
            return
        if (extent is Extent.STATEMENT and index <= self._home) or (extent is Extent.BODY and index < self._home):
            self._leave(end)
        elif extent is Extent.BODY and self._home < 0 and index < self._floor:
            self._finish(Point(end), "declaration complete")

    def _leave(self, end: int) -> None:
        """The construct is complete; inside a branch of ``#if`` that began in it, with the ``#endif``."""
        self._leaving = len(self._branches) > self._branch_floor
        if not self._leaving:
            self._finish(Point(end), f"{self._target.extent.value} complete")

    def _directive(self, token: Token) -> None:
        word, _, condition = token.text.strip().partition(" ")
        if word.startswith("if"):
            self._branches.append(Branches(self._levels, condition.strip() in ("0", "false")))
        elif word.startswith("el") and self._branches:
            self._levels = self._branches[-1].next(self._levels)
        elif word == "endif" and self._branches:
            self._levels = self._branches.pop().result(self._levels)
            if self._leaving and len(self._branches) <= self._branch_floor:
                self._finish(Point(token.end), f"{self._target.extent.value} complete")

    def _break(self, token: Token) -> None:
        before, self._line_start = self._line_start, token.end
        if not self._live or self._target.extent is not Extent.LINE or self._content_end <= min(before, 0):
            return
        if self._content_end > 0 and not self._goes_on():
            self._finish(Point(self._content_end, self._block_to_close(before)), "line complete")

    def _goes_on(self) -> bool:
        """Whether a list or an argument is open that the text below does not close."""
        openers = ""
        for level in reversed(self._levels):
            if level.opener not in ("(", "[") and level.role not in ("value", "lambda"):
                break
            openers = level.opener + openers
        return bool(openers) and self._suffix.owed(openers) < len(openers)

    def _block_to_close(self, line_start: int) -> tuple[tuple[int, str], ...]:
        """Braces that the line opened, unless the text below is their block already."""
        opened = self._levels[self._floor :]
        below = self._suffix.next_indent
        if below is not None and width(below) > width(self._target.indent):
            return ()
        return tuple((line_start, closer) for _, closer in _closers(opened))


def _closers(levels: list[Level]) -> tuple[tuple[int, str], ...]:
    return tuple((level.line_start, "};" if level.role == "type" else "}") for level in levels)
