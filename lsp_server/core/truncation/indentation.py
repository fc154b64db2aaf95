"""Gives every line the indentation the document has, whatever the model printed.

A model that writes at the document's own level with the document's own characters is left alone. Otherwise its
levels are kept on a stack and each becomes one unit of the document's. Lines that begin inside a string are
never touched, continued lines move along with the line they continue.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lsp_server.core.context import Extent
from lsp_server.core.languages import Family
from lsp_server.core.target import Target
from lsp_server.core.truncation.tokens import width

_TAB_INDENTED = re.compile(r"^\t", re.MULTILINE)
_SPACE_INDENTED = re.compile(r"^ +\S", re.MULTILINE)


class _Level(NamedTuple):
    """A column of the model's, and what is written in its place."""

    column: int
    printed: str
    written: str


class Indentation:
    """Told of the lines in order, answers with the white space each is to begin with.

    ``literal``: the model writes as the document does, and is left alone.
    """

    def __init__(self, target: Target) -> None:
        self._indent = target.indent
        self._unit = target.unit
        self._regular = target.asked
        """The whole of a definition is new: its own steps can be the document's."""
        self._directives = target.language.family is Family.BRACES
        self._step = 0
        self._stack: list[_Level] = []
        self._current = _Level(0, "", "")
        self.literal = True
        last = (target.head + target.typed).rpartition("\n")[2]
        self._goes_on = self._directives and target.extent is Extent.STATEMENT and bool(last.strip())
        """The model has seen the beginning of the line, and knows how deep a ``case`` or a lone statement stands."""
        self._head_indent = last[: len(last) - len(last.lstrip())]
        mixed = _TAB_INDENTED if "\t" not in target.unit else _SPACE_INDENTED
        self._tabs_mixed = bool(mixed.search(target.head) or mixed.search(target.after))

    def begin(self, printed: str, depth: int) -> None:
        """The first line of code is printed so, ``depth`` levels below the construct's own statements."""
        if depth >= 0:
            expected = self._indent + self._unit * depth
        else:
            expected = self._indent[: max(0, len(self._indent) + depth * len(self._unit))]
        same = printed == expected or (self._tabs_mixed and width(printed) == width(expected))
        same_brace = depth < 0 and printed == self._head_indent
        self.literal = (same or same_brace or self._goes_on) and not self._foreign(printed)
        self._stack = [_Level(width(printed), printed, printed if self.literal else expected)]
        self._current = self._stack[0]

    def align(self, printed: str, typed: str) -> None:
        """A first line that goes on with one before the cursor is printed so, and the user has typed that."""
        self.literal = printed == typed
        self._current = _Level(width(printed), printed, typed)

    def written(self, printed: str, manner: str, first: str, is_code: bool) -> str:
        """The white space to write for a line printed with ``printed``, whose first other character is ``first``."""
        if manner == "string":
            return printed
        if manner == "continued":
            return self._shifted(printed)
        if first == "#" and self._directives:
            return printed
        level = self._level(printed)
        if is_code and not self._is_label(level):
            self._stack.append(level)
            self._current = level
        return level.written

    def _foreign(self, printed: str) -> bool:
        """Whether ``printed`` uses tabs in a document of spaces, or spaces in one of tabs."""
        if self._tabs_mixed:
            return False
        return "\t" in printed if "\t" not in self._unit else printed.startswith(" ")

    def _is_label(self, level: _Level) -> bool:
        """Whether what stands one blank deeper is no block but parts one."""
        return self._regular and bool(self._stack) and level.column == self._stack[-1].column + 1

    def _is_other_step(self, extra: int) -> bool:
        """Whether a block is indented so much more than the one around it as is not usual here."""
        return extra > 1 and extra != width(self._unit)

    def _level(self, printed: str) -> _Level:
        column = width(printed)
        while len(self._stack) > 1 and self._stack[-1].column > column:
            self._stack.pop()
        top = self._stack[-1] if self._stack else _Level(column, printed, printed)
        if self._regular and self._is_other_step(column - top.column):
            self.literal = False
        if self.literal and not self._foreign(printed):
            return _Level(column, printed, printed)
        if column == top.column:
            return top
        return _Level(column, printed, self._deeper(top, column) if column > top.column else self._outer(top, column))

    def _deeper(self, top: _Level, column: int) -> str:
        extra = column - top.column
        self._step = self._step or extra
        levels = max(1, extra // self._step)
        return top.written + self._unit * levels + " " * max(0, extra - levels * self._step)

    def _outer(self, base: _Level, column: int) -> str:
        """Less indented than the first line: a closing brace, a label."""
        missing = base.column - column
        levels = max(1, missing // (self._step or missing))
        return base.written[: max(0, len(base.written) - levels * len(self._unit))]

    def _shifted(self, printed: str) -> str:
        start = self._current
        if self.literal and not self._foreign(printed):
            return printed
        if printed.startswith(start.printed):
            extra = printed[len(start.printed) :]
            return start.written + (extra if "\t" in self._unit else extra.expandtabs(max(1, len(self._unit))))
        return " " * max(0, width(printed) - start.column + width(start.written))
