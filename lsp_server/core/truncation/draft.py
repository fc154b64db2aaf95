"""The insertion as it is read, line by line, and as it is written, with the document's indentation.

What is read is kept as the model printed it, so that offsets mean one thing everywhere; only what is given out
is indented. Where the text ends is decided elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from lsp_server.core.languages import Family
from lsp_server.core.target import Target
from lsp_server.core.truncation.boundary import Boundary
from lsp_server.core.truncation.indentation import Indentation

_LINE_START = re.compile(r"\n[ \t]*")


@dataclass(frozen=True)
class Line:
    """A line of the insertion: how it begins, and in which depth of blocks."""

    start: int
    manner: str
    depth: int


class Draft:
    """``text`` is the lead and what was read so far, ``output`` as much of it as has been written."""

    def __init__(self, target: Target, boundary: Boundary) -> None:
        self.text = target.lead
        self.output = ""
        before = (target.head + target.typed + target.lead).rpartition("\n")[2]
        self.fresh = not before.strip()
        """Whether nothing but white space was before the first character on its line."""
        self._target = target
        self._boundary = boundary
        manner = "lead" if target.lead else self._manner() if self.fresh else "middle"
        self.lines = [Line(0, manner, boundary.depth)]
        self._indentation = Indentation(target)
        self._positions = [0] * len(target.lead)
        self._rendered = 0
        self._learned = False
        self._written: dict[int, str] = {}
        if "\n" in target.lead:
            self.start_line(target.lead.rindex("\n") + 1)

    def read(self, character: str, position: int) -> None:
        """Append ``character``, with which ``position`` characters of the raw output had been read."""
        self.text += character
        self._positions.append(position)

    def kept(self, offset: int) -> int:
        """How many characters of the raw output ``text[:offset]`` took."""
        return self._positions[offset - 1] if offset else 0

    def start_line(self, start: int) -> None:
        """A line begins at ``start``, in the state that the boundary is in now."""
        self.lines.append(Line(start, self._manner(), self._boundary.depth))

    def _manner(self) -> str:
        """How a line that began now would begin."""
        if self._boundary.inside == "string":
            return "string"
        return "continued" if self._boundary.continued or self._boundary.inside == "comment" else "code"

    def write(self, offset: int) -> None:
        """Write everything up to ``offset``, each line with its indentation."""
        if offset <= self._rendered:
            return
        if not self._learned:
            self._learn_level(offset)
        if not self._rendered and self.lines[0].manner == "code":
            self._write_first_indentation()
        for match in _LINE_START.finditer(self.text, self._rendered, offset):
            self.output += self.text[self._rendered : match.start()] + "\n"
            self.output += self._white_space(match.start() + 1, match.group()[1:], match.end())
            self._rendered = match.end()
        self.output += self.text[self._rendered : offset]
        self._rendered = offset

    def _learn_level(self, offset: int) -> None:
        """Learn the model's own level from its first line of code before ``offset``."""
        near = (line for line in self.lines if line.start < offset)
        first = next((line for line in near if self._is_code(line) and self._tells_level(line)), None)
        if first is not None:
            self._learned = True
            closes = self._target.language.family is Family.BRACES and self._first_character(first) == "}"
            self._indentation.begin(self._printed(first), first.depth - closes)

    def _write_first_indentation(self) -> None:
        """The white space of a first line that began as a fresh one, less what the user has typed of it."""
        line, typed = self.lines[0], self._target.typed
        printed = self._printed(line)
        written = self._indentation.written(printed, "code", self._first_character(line), self._is_code(line))
        self._written[0] = written
        self.output += written.removeprefix(typed) if len(written) > len(typed) else ""
        self._rendered = len(printed) - len(typed)

    def _printed(self, line: Line) -> str:
        """The white space the model began ``line`` with, what the document already had of it included."""
        text = self.text[line.start :]
        own = text[: len(text) - len(text.lstrip(" \t"))]
        return self._target.typed + own if line.start == 0 else own

    def _first_character(self, line: Line) -> str:
        return self.text[line.start :].lstrip(" \t")[:1]

    def _is_code(self, line: Line) -> bool:
        first = self.text[line.start :].lstrip(" \t")[:2]
        return line.manner == "code" and bool(first.strip()) and first[:1] not in "\n#" and first not in ("//", "/*")

    def _tells_level(self, line: Line) -> bool:
        """Whether ``line`` stands on a level of the document: constructor initialisers before the brace do not."""
        return line.depth >= 0 or self._first_character(line) == "{"

    def _white_space(self, start: int, printed: str, end: int) -> str:
        line = self.lines[bisect_right(self.lines, start, key=lambda line: line.start) - 1]
        first = self.text[end : end + 1] or self._target.after[:1]
        if line.start != start or line.manner == "lead":
            return printed
        if first == "\n" and line.manner != "string":
            return printed if self._indentation.literal else ""
        written = self._indentation.written(printed, line.manner, first, self._is_code(line))
        self._written[start] = written
        return written

    def indent_of(self, line_start: int) -> str:
        """White space of the line that a brace was opened on, as it was written."""
        if line_start in self._written:
            return self._written[line_start]
        before = self._target.head + self._target.typed
        line = before[len(before) + line_start :] if line_start < 0 else self.text[line_start:]
        return line[: len(line) - len(line.lstrip(" \t"))]
