"""llama.vim's policy, as its documentation and program have it: what it sends, and what of an answer it shows. Pure.

Lines and columns are counted from 0. Names and numbers are those of llama.vim's settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

N_PREFIX, N_SUFFIX = 256, 64
N_PREDICT = 128
MAX_LINE_SUFFIX = 8
"""With more characters right of the cursor nothing is asked for unasked."""

T_MAX_PROMPT_MS = 500
T_MAX_PREDICT_MS = 1000
T_FIRST_PREDICT_MS = 250
"""For what is wanted now; what follows a suggestion may take longer."""

_SHORTER = 3
"""An answer is also kept for a window that begins so many lines later."""

Key = tuple[str, str]
"""What stands before the cursor and after it, within the window."""


@dataclass(frozen=True)
class Buffer:
    """The lines of a file and the cursor in them."""

    lines: Sequence[str]
    x: int
    y: int

    @classmethod
    def of(cls, text: str, cursor: int) -> Buffer:
        """At an offset of a text."""
        before = text[:cursor]
        return cls(text.split("\n"), cursor - (before.rfind("\n") + 1), before.count("\n"))

    @property
    def line(self) -> str:
        """The one with the cursor."""
        return self.lines[self.y]

    def around(self, count: int) -> Sequence[str]:
        """So many lines, half of them before the cursor."""
        return self.lines[max(0, self.y - count // 2) : self.y + count // 2 + 1]


@dataclass(frozen=True)
class Local:
    """The window around the cursor, in the parts that the server is sent."""

    prefix: str
    middle: str
    suffix: str
    indent: int
    line_suffix: str

    @property
    def key(self) -> Key:
        """What an answer is kept under."""
        return self.prefix + self.middle, self.suffix

    def windows(self) -> Iterator[Key]:
        """That, and the same for windows that begin later."""
        yield self.key
        prefix = self.prefix
        for _ in range(_SHORTER):
            prefix = prefix.partition("\n")[2]
            if not prefix:
                return
            yield prefix + self.middle, self.suffix


def local(buffer: Buffer) -> Local:
    """At the cursor; a line of white space alone is left to the model from its beginning."""
    line, x = ("", 0) if not buffer.line.strip() else (buffer.line, buffer.x)
    before = buffer.lines[max(0, buffer.y - N_PREFIX) : buffer.y]
    return _local(before, line[:x], line[x:], buffer, len(line) - len(line.lstrip()))


def local_after(buffer: Buffer, content: Sequence[str], indent: int) -> Local:
    """As if the suggestion ``content`` were accepted already; ``indent`` is that of the last request."""
    start = max(0, buffer.y - N_PREFIX + len(content) - 1)
    before = [*buffer.lines[start : buffer.y]]
    if len(content) == 1:
        return _local(before, buffer.line + content[0], "", buffer, indent)
    before += [buffer.line + content[0], *content[1:-1]]
    return _local(before, content[-1], "", buffer, indent)


def _local(before: Sequence[str], middle: str, line_suffix: str, buffer: Buffer, indent: int) -> Local:
    after = buffer.lines[buffer.y + 1 : buffer.y + 1 + N_SUFFIX]
    return Local("\n".join(before) + "\n", middle, f"{line_suffix}\n" + "\n".join(after) + "\n", indent, line_suffix)


@dataclass(frozen=True)
class Hint:
    """``content`` as lines, to stand from the cursor on; ``line`` is what the line before the cursor becomes."""

    content: tuple[str, ...]
    line: str

    @property
    def acceptable(self) -> bool:
        """Whether there is anything to see."""
        return bool("".join(self.content).strip())

    @property
    def text(self) -> str:
        """What would stand there from the beginning of the line on."""
        return self.line + "\n".join(self.content)


def hint(answer: str, buffer: Buffer) -> Hint:
    """What is shown of an answer: nothing where it only says again what follows."""
    content = answer.rstrip("\n").split("\n")
    line = buffer.line
    if not line.strip():
        lead = min(len(content[0]) - len(content[0].lstrip()), len(line))
        line, content[0] = content[0][:lead], content[0][lead:]
    before, after = line[: buffer.x], line[buffer.x :]
    if _repeats(content, before, after, buffer):
        content = [""]
    content[-1] += after
    return Hint(tuple(content), before)


def _repeats(content: Sequence[str], before: str, after: str, buffer: Buffer) -> bool:
    below = buffer.lines[buffer.y + 1 :]
    if len(content) > 1 and content[0] == "" and list(content[1:]) == list(below[: len(content) - 1]):
        return True
    if len(content) == 1 and content[0] == after:
        return True
    written = next((at for at, line in enumerate(below) if line.strip()), len(below) - 1)
    following = below[written:]
    if not following or before + content[0] != following[0]:
        return False
    if len(content) == 2:
        return "".join(following[1:2]).startswith(content[1])
    return list(content[1:]) == list(following[1 : len(content)])
