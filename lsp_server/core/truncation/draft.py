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
from lsp_server.core.truncation.tokens import width

_LINE_START = re.compile(r"\n[ \t]*")
_BLANKS = re.compile(r"[ \t]*")


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
        """Write everything up to ``offset``, each line with its indentation and without blanks at its end."""
        if offset <= self._rendered:
            return
        if not self._learned:
            self._learn_level(offset)
        if not self._rendered and self.fresh and not self._target.lead:
            self._write_first_indentation()
        for match in _LINE_START.finditer(self.text, self._rendered, offset):
            self._write_line(match.start())
            self.output += self._white_space(match.start() + 1, match.group()[1:])
            self._rendered = match.end()
        self.output += self.text[self._rendered : offset]
        self._rendered = offset

    def _write_line(self, end: int) -> None:
        """The rest of the line whose newline is at ``end``; blanks there are kept where a string goes on after it."""
        rest = self.text[self._rendered : end]
        self.output += (rest if self._manner_at(end + 1) == "string" else rest.rstrip(" \t")) + "\n"

    def _learn_level(self, offset: int) -> None:
        """Learn the model's own level from its first line of code before ``offset``."""
        near = (line for line in self.lines if line.start < offset)
        first = next((line for line in near if self._is_code(line) and self._tells_level(line)), None)
        if first is not None:
            self._learned = True
            closes = self._target.language.family is Family.BRACES and self._first_characters(first.start)[:1] == "}"
            self._indentation.begin(self._printed(first.start), first.depth - closes)

    def _write_first_indentation(self) -> None:
        """The white space of a first line that began as a fresh one, less what the user has typed of it."""
        printed, margin = self._printed(0), self._target.margin
        if margin and self.lines[0].manner == "continued":
            self._indentation.align(printed, margin)
        written = self._white_space(0, printed)
        missing = " " * (width(written) - width(margin))
        self.output += written[len(margin) :] if written.startswith(margin) else missing
        self._rendered = len(printed)

    def _printed(self, start: int) -> str:
        """The white space that the line at ``start`` begins with."""
        blanks = _BLANKS.match(self.text, start)
        return blanks.group() if blanks else ""

    def _first_characters(self, start: int) -> str:
        code = start + len(self._printed(start))
        return self.text[code : code + 2]

    def _is_code(self, line: Line) -> bool:
        first = self._first_characters(line.start)
        return line.manner == "code" and bool(first.strip()) and first[:1] not in "\n#" and first not in ("//", "/*")

    def _tells_level(self, line: Line) -> bool:
        """Whether ``line`` stands on a level of the document: constructor initialisers before the brace do not."""
        return line.depth >= 0 or self._first_characters(line.start)[:1] == "{"

    def _line_at(self, start: int) -> Line:
        return self.lines[bisect_right(self.lines, start, key=lambda line: line.start) - 1]

    def _manner_at(self, start: int) -> str:
        """How the line that begins at ``start`` does; as the text before the insertion where none begins there."""
        line = self._line_at(start)
        return line.manner if line.start == start else "lead"

    def _white_space(self, start: int, printed: str) -> str:
        """What is written for the white space ``printed`` at the beginning of the line at ``start``."""
        manner = self._manner_at(start)
        first = self._first_characters(start)[:1] or self._target.after[:1]
        if manner in ("lead", "string"):
            return printed
        if first == "\n":
            return ""
        written = self._indentation.written(printed, manner, first, self._is_code(self._line_at(start)))
        self._written[start] = written
        return written

    def indent_of(self, line_start: int) -> str:
        """White space of the line that a brace was opened on, as it was written."""
        if line_start in self._written:
            return self._written[line_start]
        before = self._target.before
        line = before[len(before) + line_start :] if line_start < 0 else self.text[line_start:]
        return line[: len(line) - len(line.lstrip(" \t"))]
