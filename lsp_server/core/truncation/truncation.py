"""The stages of truncation put together: characters in at the top, text that will stay out at the bottom.

    opening -> noise -> boundary (with suffix and loops beside it) -> indentation

Text is given out only up to a point at which it could end, so that nothing has to be taken back
when the stream is cut short.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from lsp_server.core.context import Extent
from lsp_server.core.languages import Family
from lsp_server.core.target import Target
from lsp_server.core.truncation.boundary import Boundary, Point
from lsp_server.core.truncation.c_boundary import CBoundary
from lsp_server.core.truncation.indentation import Indentation
from lsp_server.core.truncation.loops import Loops
from lsp_server.core.truncation.noise import Noise, Raw
from lsp_server.core.truncation.opening import Opening
from lsp_server.core.truncation.python_boundary import PythonBoundary
from lsp_server.core.truncation.suffix import Suffix, squeeze
from lsp_server.core.truncation.tokens import width

_LINE_START = re.compile(r"\n[ \t]*")
_NATURAL = frozenset(("", "stop"))
_ENDINGS = {"": "model stopped", "stop": "model stopped", "length": "token limit"}
_BOUNDARIES: dict[Family, type[PythonBoundary] | type[CBoundary]] = {
    Family.INDENTATION: PythonBoundary,
    Family.BRACES: CBoundary,
}


@dataclass(frozen=True)
class Result:
    """``text`` is the whole insertion, lead included; empty when there is nothing worth inserting.

    ``rule`` says in plain words what ended it. ``kept`` is how many characters of the model's raw
    output had been read when the last kept one came.
    """

    text: str
    rule: str
    kept: int


@dataclass(frozen=True)
class _Line:
    """A line of the insertion: how it begins, and in which depth of blocks."""

    start: int
    manner: str
    depth: int


class Truncation:
    """Reads a model's answer piece by piece and decides where it ends.

    `feed` pieces until `done`, then `finish`; what `feed` gave out is always a beginning of the finished text.
    """

    def __init__(self, target: Target) -> None:
        self.rule = ""
        self._target = target
        self._suffix = Suffix(target.after, target.language.line_comment)
        self._boundary: Boundary = _BOUNDARIES[target.language.family](target, self._suffix)
        self._opening = Opening(target, not self._boundary.inside)
        self._noise = Noise(target.head, lambda: self._boundary.inside)
        self._loops = Loops()
        self._indentation = Indentation(target)
        self._text = target.lead
        self._read_so_far = 0
        self._positions = [0] * len(target.lead)
        self._fresh = not (target.head + target.typed + target.lead).rpartition("\n")[2].strip()
        manner = "lead" if target.lead else "code" if self._fresh else "middle"
        self._lines = [_Line(0, manner, self._boundary.depth)]
        if target.lead.rpartition("\n")[1]:
            self._start_line(target.lead.rindex("\n") + 1)
        self._end: Point | None = None
        self._doubtful: int | None = None
        self._rendered = 0
        self._output = ""
        self._written: dict[int, str] = {}

    @property
    def done(self) -> bool:
        """Whether the construct is complete: pull no more pieces."""
        return self._end is not None or bool(self._noise.rule)

    def feed(self, piece: str) -> str:
        """Read one more piece; the text that has become certain with it."""
        for character in piece:
            if self.done:
                break
            self._read_so_far += 1
            if character != "\r":
                self._read_all(self._opening.feed(Raw(character, self._read_so_far)))
        given = len(self._output)
        self._render(self._certain())
        return self._output[given:]

    def finish(self, ended: str) -> Result:
        """The finished insertion; ``ended`` says why the stream did (``""`` or ``"stop"``: the model's own end)."""
        if not self.done:
            self._read_all(self._opening.flush())
        for raw in self._noise.flush():
            self._read(raw)
        if self._end is None:
            self._settle(ended)
        return self._result(self._end or Point(0))

    def _read_all(self, raws: list[Raw]) -> None:
        for raw in raws:
            for passed in () if self.done else self._noise.feed(raw):
                self._read(passed)
        if self._noise.rule and not self.rule:
            self.rule = self._noise.rule

    def _read(self, raw: Raw) -> None:
        """One character of code."""
        if self._end is not None:
            return
        self._text += raw.character
        self._positions.append(raw.position)
        self._boundary.push(raw.character)
        if self._boundary.end is not None:
            self._decide(self._boundary.end, self._boundary.rule)
        elif raw.character == "\n":
            self._end_line()
        elif len(self._text) - self._lines[-1].start > 0 and self._loops.stuck(self._text[self._lines[-1].start :]):
            self._decide(self._point_before(self._lines[-1].start), "loop")

    def _decide(self, point: Point, rule: str) -> None:
        self._end, self.rule = point, rule

    def _start_line(self, start: int) -> None:
        inside = self._boundary.inside
        continued = self._boundary.continued or inside == "comment"
        manner = "string" if inside == "string" else "continued" if continued else "code"
        self._lines.append(_Line(start, manner, self._boundary.depth))

    def _end_line(self) -> None:
        line = self._lines[-1]
        text = self._text[line.start : -1]
        self._start_line(len(self._text))
        if line.manner != "string":
            self._loops.line(text, line.start, self._boundary.in_data)
        if self._loops.cut is not None:
            self._decide(self._point_before(self._loops.cut), "loop")
        elif self._ends_as_cursor_line():
            self._decide(Point(len(self._text) - 1), "suffix reached")
        elif text.strip() and line.manner not in ("string", "middle"):
            self._compare(squeeze(text), line)

    def _ends_as_cursor_line(self) -> bool:
        """Whether the line just read, in which brackets may be open, ends with the rest of the cursor's line."""
        line_wise = self._target.extent in (Extent.LINE, Extent.STATEMENT) and self._suffix.fills_line
        return line_wise and self._suffix.repeated_whole(self._text)

    def _compare(self, plain: str, line: _Line) -> None:
        """End before a line that the text after the cursor already has."""
        if self._doubtful is not None and self._suffix.repeated(self._suffix.lines[0], plain):
            self._decide(self._point_before(self._doubtful), "suffix reached")
        elif self._repeats(plain, line):
            self._decide(self._point_before(line.start), "suffix reached")
        else:
            could = self._at_level(line) and not self._suffix.fills_line and plain in self._suffix.lines[:1]
            self._doubtful = line.start if could else None

    def _repeats(self, plain: str, line: _Line) -> bool:
        return not self._suffix.fills_line and self._at_level(line) and self._suffix.repeated(plain, None)

    def _at_level(self, line: _Line) -> bool:
        """Whether ``line`` stands on the level of the construct's own statements, as the next line does."""
        if self._target.language.family is Family.BRACES:
            return line.depth == 0
        return self._boundary.at_base and width(self._suffix.next_indent or "") == width(self._target.indent)

    def _point_before(self, offset: int) -> Point:
        points = self._boundary.points
        index = bisect_right(points, offset, key=lambda point: point.offset)
        return points[index - 1] if index else Point(0)

    def _certain(self) -> int:
        """Offset up to which no later character can change what is kept."""
        if self._suffix.fills_line or self._end is not None:
            return 0
        line = self._lines[-1].start
        holds = (line, self._doubtful, self._loops.suspect())
        return self._point_before(min(hold for hold in holds if hold is not None)).offset

    def _settle(self, ended: str) -> None:
        """The stream ended before the construct did: keep what can stand."""
        natural = ended in _NATURAL or bool(self._noise.rule)
        self.rule = self._noise.rule or _ENDINGS.get(ended, ended)
        before = len(self._text)
        if natural:
            self._boundary.push("\n")
        if self._boundary.end is not None:
            self._end = self._boundary.end
        elif natural and (self._target.extent is Extent.LINE or self._suffix.fills_line):
            self._end = Point(before)
        else:
            self._end = self._point_before(self._repeats_from(natural))

    def _repeats_from(self, natural: bool) -> int:
        """Where a loop, or a copy of the next line, was about to begin when the stream ended."""
        line = self._lines[-1]
        holds = [len(self._text), None if natural else self._loops.repeated_at_end()]
        plain = squeeze(self._text[line.start :])
        if plain and self._repeats(plain, line):
            holds.append(line.start)
        return min(hold for hold in holds if hold is not None)

    def _result(self, point: Point) -> Result:
        offset = self._trimmed(point.offset)
        if not self._text[len(self._target.lead) : offset].strip():
            return Result("", self.rule, 0)
        self._render(offset)
        newline = "" if point.opened else self._final_newline(offset)
        text = self._output + self._closing(point) + newline
        kept = self._positions[offset - 1]
        written = re.match(r"[ \t]*\n", self._text[offset:])
        if newline and written:
            kept = self._positions[offset + written.end() - 1]
        return Result(text, self.rule, kept)

    def _trimmed(self, offset: int) -> int:
        """Without what the cursor's line already has, and without white space that would end a line."""
        own = self._text[len(self._target.lead) : offset]
        if self._suffix.fills_line:
            offset -= self._repeated_rest(own)
        if self._suffix.rest[:1].strip() and self._suffix.rest[0] in ")]}":
            return offset
        bare = self._text[:offset].rstrip() if not self._suffix.fills_line else self._text[:offset].rstrip("\n")
        return len(bare) if not self._suffix.rest[:1].isspace() else len(bare.rstrip())

    def _repeated_rest(self, own: str) -> int:
        """How many characters at the end of ``own`` the rest of the cursor's line makes superfluous."""
        line = (self._target.head + self._target.typed).rpartition("\n")[2]
        surplus = self._boundary.surplus
        repeated = self._suffix.overlap(line, own)
        if repeated or surplus is None or self._suffix.balances(line + own + self._suffix.rest):
            return repeated
        return max(0, len(self._target.lead) + len(own) - surplus)

    def _final_newline(self, offset: int) -> str:
        """A newline where the cursor stood in column 0 and none follows."""
        if not self._fresh or self._target.typed or self._target.lead:
            return ""
        if self._target.after:
            follows = self._target.after.startswith(("\n", ")", "]", "}"))
            return "" if follows or self._target.extent is Extent.LINE else "\n"
        return "\n" if self._text[offset:].lstrip(" \t").startswith("\n") else ""

    def _closing(self, point: Point) -> str:
        lines = ("\n" + self._indent_of(start) + closer for start, closer in reversed(point.opened))
        return "".join(lines)

    def _indent_of(self, line_start: int) -> str:
        """White space of the line that a brace was opened on, as it was written."""
        if line_start in self._written:
            return self._written[line_start]
        before = self._target.head + self._target.typed
        line = before[len(before) + line_start :] if line_start < 0 else self._text[line_start:]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _render(self, offset: int) -> None:
        """Write everything up to ``offset``, each line with its indentation."""
        if offset <= self._rendered:
            return
        if not self._rendered:
            self._begin_rendering()
        for match in _LINE_START.finditer(self._text, self._rendered, offset):
            self._output += self._text[self._rendered : match.start()] + "\n"
            self._output += self._white_space(match.start() + 1, match.group()[1:], match.end())
            self._rendered = match.end()
        self._output += self._text[self._rendered : offset]
        self._rendered = offset

    def _begin_rendering(self) -> None:
        """Learn the model's own level from its first line of code, and write the first line's indentation."""
        levels = (line for line in self._lines if self._is_code(line) and self._tells_level(line))
        if first := next(levels, None):
            self._indentation.begin(self._printed(first), first.depth - (self._first_character(first) == "}"))
        if self._lines[0].manner == "code":
            own = self._text[: len(self._text) - len(self._text.lstrip(" \t"))]
            written = self._indentation.written(
                self._target.typed + own, "code", self._text[len(own) : len(own) + 1], self._is_code(self._lines[0])
            )
            self._written[0] = written
            self._output += written.removeprefix(self._target.typed) if len(written) > len(self._target.typed) else ""
            self._rendered = len(own)

    def _printed(self, line: _Line) -> str:
        """The white space the model began ``line`` with, what the document already had of it included."""
        text = self._text[line.start :]
        own = text[: len(text) - len(text.lstrip(" \t"))]
        return self._target.typed + own if line.start == 0 else own

    def _first_character(self, line: _Line) -> str:
        return self._text[line.start :].lstrip(" \t")[:1]

    def _is_code(self, line: _Line) -> bool:
        first = self._text[line.start :].lstrip(" \t")[:2]
        return line.manner == "code" and bool(first.strip()) and first[:1] not in "\n#" and first not in ("//", "/*")

    def _tells_level(self, line: _Line) -> bool:
        """Whether ``line`` stands on a level of the document: constructor initialisers before the brace do not."""
        return line.depth >= 0 or self._first_character(line) == "{"

    def _white_space(self, start: int, printed: str, end: int) -> str:
        line = self._lines[bisect_right(self._lines, start, key=lambda line: line.start) - 1]
        first = self._text[end : end + 1] or self._target.after[:1]
        if line.start != start or line.manner == "lead":
            return printed
        if first == "\n" and line.manner != "string":
            return printed if self._indentation.literal else ""
        written = self._indentation.written(printed, line.manner, first, self._is_code(line))
        self._written[start] = written
        return written
