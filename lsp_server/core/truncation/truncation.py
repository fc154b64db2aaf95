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
from lsp_server.core.truncation.boundary import SUFFIX_REACHED, Boundary, Point
from lsp_server.core.truncation.c_boundary import CBoundary
from lsp_server.core.truncation.draft import Draft, Line
from lsp_server.core.truncation.loops import Loops
from lsp_server.core.truncation.noise import Noise, Raw
from lsp_server.core.truncation.opening import Opening
from lsp_server.core.truncation.python_boundary import PythonBoundary
from lsp_server.core.truncation.suffix import Suffix, squeeze
from lsp_server.core.truncation.tokens import width

_NATURAL = frozenset(("", "stop"))
_ENDINGS = {"": "model stopped", "stop": "model stopped", "length": "token limit"}
_LINE_END = re.compile(r"[ \t]*\n")
_BOUNDARIES: dict[Family, type[PythonBoundary] | type[CBoundary]] = {
    Family.INDENTATION: PythonBoundary,
    Family.BRACES: CBoundary,
}


@dataclass(frozen=True)
class Result:
    """``text`` is the whole insertion, lead included; empty when there is nothing worth inserting.

    ``rule`` says in plain words what ended it. ``kept`` is how many characters of the model's raw
    output had been read when the last kept one came, the line end after whole lines included.
    """

    text: str
    rule: str
    kept: int


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
        self._draft = Draft(target, self._boundary)
        self._read_so_far = 0
        self._points_written = 0
        self._end: Point | None = None
        self._doubtful: int | None = None

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
        given = len(self._draft.output)
        if certain := self._certain():
            self._write(len(self._draft.text[:certain].rstrip()))
        return self._draft.output[given:]

    def finish(self, ended: str) -> Result:
        """The finished insertion; ``ended`` says why the stream did (``""`` or ``"stop"``: the model's own end)."""
        if not self.done:
            self._read_all(self._opening.flush())
        for raw in self._noise.flush():
            self._read(raw)
        if self._end is None:
            self._settle(ended)
        return self._result(self._end or Point(0))

    def _write(self, offset: int) -> None:
        """Write from point to point, so that what is written does not depend on how many came with one piece."""
        for point in self._boundary.points[self._points_written :]:
            if point.offset > offset:
                break
            self._draft.write(len(self._draft.text[: point.offset].rstrip()))
            self._points_written += 1
        self._draft.write(offset)

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
        self._draft.read(raw.character, raw.position)
        self._boundary.push(raw.character)
        if self._boundary.end is not None:
            self._decide(self._boundary.end, self._boundary.rule)
        elif raw.character == "\n":
            self._end_line()
        elif self._loops.stuck(self._draft.text[self._draft.lines[-1].start :]):
            self._decide(self._point_before(self._draft.lines[-1].start), "loop")

    def _decide(self, point: Point, rule: str) -> None:
        self._end, self.rule = point, rule

    def _end_line(self) -> None:
        line = self._draft.lines[-1]
        text = self._draft.text[line.start : -1]
        self._draft.start_line(len(self._draft.text))
        if line.manner != "string":
            self._loops.line(text, line.start, self._boundary.in_data)
        if self._loops.cut is not None:
            self._decide(self._point_before(self._loops.cut), "loop")
        elif self._ends_as_cursor_line():
            self._decide(Point(len(self._draft.text) - 1), SUFFIX_REACHED)
        elif text.strip() and line.manner not in ("string", "middle"):
            self._compare(squeeze(text), line)

    def _ends_as_cursor_line(self) -> bool:
        """Whether the line just read, in which brackets may be open, ends with the rest of the cursor's line."""
        line_wise = self._target.extent in (Extent.LINE, Extent.STATEMENT) and self._suffix.fills_line
        return line_wise and self._suffix.repeated_whole(self._draft.text)

    def _compare(self, plain: str, line: Line) -> None:
        """End before a line that the text after the cursor already has."""
        if self._doubtful is not None and self._suffix.repeated(self._suffix.lines[0], plain):
            self._decide(self._point_before(self._doubtful), SUFFIX_REACHED)
        elif self._repeats(plain, line):
            self._decide(self._point_before(line.start), SUFFIX_REACHED)
        else:
            could = self._at_level(line) and not self._suffix.fills_line and plain in self._suffix.lines[:1]
            self._doubtful = line.start if could else None

    def _repeats(self, plain: str, line: Line) -> bool:
        if self._suffix.fills_line or not self._at_level(line):
            return False
        leaps = self._target.extent is Extent.PASSAGE and self._suffix.has(plain, width(self._target.indent))
        return leaps or self._suffix.repeated(plain, None)

    def _at_level(self, line: Line) -> bool:
        """Whether ``line`` stands on the level of the construct's own statements, as the next line does."""
        following, own = width(self._suffix.next_indent or ""), width(self._target.indent)
        if self._target.language.family is Family.BRACES:
            return line.depth == 0 and following >= own
        return self._boundary.at_base and following == own

    def _point_before(self, offset: int) -> Point:
        points = self._boundary.points
        index = bisect_right(points, offset, key=lambda point: point.offset)
        return points[index - 1] if index else Point(0)

    def _certain(self) -> int:
        """Offset up to which no later character can change what is kept."""
        if self._suffix.fills_line or self._end is not None:
            return 0
        line = self._draft.lines[-1].start
        holds = (line, self._doubtful, self._loops.suspect())
        return self._point_before(min(hold for hold in holds if hold is not None)).offset

    def _settle(self, ended: str) -> None:
        """The stream ended before the construct did: keep what can stand."""
        natural = ended in _NATURAL or bool(self._noise.rule)
        self.rule = self._noise.rule or _ENDINGS.get(ended, ended)
        before = len(self._draft.text)
        if natural:
            self._boundary.push("\n")
        if self._boundary.end is not None:
            self._end = self._boundary.end
        elif natural and (self._target.extent is Extent.LINE or self._suffix.fills_line):
            self._end = Point(before, tail="" if self._suffix.fills_line else self._boundary.tail)
        else:
            self._end = self._point_before(self._repeats_from(natural))

    def _repeats_from(self, natural: bool) -> int:
        """Where a loop, or a copy of the next line, was about to begin when the stream ended."""
        line = self._draft.lines[-1]
        holds = [len(self._draft.text), None if natural else self._loops.repeated_at_end()]
        plain = squeeze(self._draft.text[line.start :])
        if plain and self._repeats(plain, line):
            holds.append(line.start)
        return min(hold for hold in holds if hold is not None)

    def _result(self, point: Point) -> Result:
        offset = point.offset if point.opened else self._trimmed(point.offset)
        if not self._draft.text[len(self._target.lead) : offset].strip():
            return Result("", self.rule, 0)
        self._write(offset)
        newline = "\n" if self._precedes_line else ""
        text = self._draft.output + point.tail + self._closing(point) + newline
        line_end = _LINE_END.match(self._draft.text, offset) if self._whole_lines and not point.opened else None
        return Result(text, self.rule, self._draft.kept(line_end.end() if line_end else offset))

    def _trimmed(self, offset: int) -> int:
        """Without what the cursor's line already has, and without white space that would end a line."""
        own = self._draft.text[len(self._target.lead) : offset]
        if self._suffix.fills_line:
            offset -= self._repeated_rest(own)
        if self._precedes_line:
            return len(self._draft.text[:offset].rstrip())
        if self._suffix.rest[:1].strip() and self._suffix.rest[0] in ")]}":
            return offset
        before_text = self._suffix.fills_line and not self._suffix.rest[:1].isspace()
        return len(self._draft.text[:offset].rstrip("\n" if before_text else None))

    def _repeated_rest(self, own: str) -> int:
        """How many characters at the end of ``own`` the rest of the cursor's line makes superfluous."""
        line = self._target.before.rpartition("\n")[2]
        surplus = self._boundary.surplus
        repeated = self._suffix.overlap(line, own)
        if repeated or surplus is None or self._suffix.balances(line + own + self._suffix.rest):
            return repeated
        return max(0, len(self._target.lead) + len(own) - surplus)

    @property
    def _whole_lines(self) -> bool:
        """Whether the insertion begins in column 0, and so consists of whole lines."""
        return self._target.head[-1:] in ("", "\n") and not self._target.typed

    @property
    def _precedes_line(self) -> bool:
        """Whether text follows the cursor in column 0: it must stand on a line of its own again."""
        return self._whole_lines and self._suffix.fills_line and self._target.extent is not Extent.LINE

    def _closing(self, point: Point) -> str:
        lines = ("\n" + self._draft.indent_of(start) + closer for start, closer in reversed(point.opened))
        return "".join(lines)
