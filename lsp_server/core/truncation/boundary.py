"""What every boundary scanner has: the points at which the text could stand as it is, and where it ends.

A scanner reads the document before the cursor, then the insertion one character at a time.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from lsp_server.core.target import Target
from lsp_server.core.truncation.skim import reading_start

SUFFIX_REACHED = "suffix reached"
"""The rule that ends a text where it comes to what the text after the cursor has."""


class Point(NamedTuple):
    """``text[:offset]`` can stand, once ``tail`` is added and the blocks that are open are closed.

    ``opened`` are those blocks, innermost last: the offset of the line that opened each, and what closes it.
    """

    offset: int
    opened: tuple[tuple[int, str], ...] = ()
    tail: str = ""


class Boundary(Protocol):
    """Decides by syntax where the construct ends."""

    points: list[Point]
    end: Point | None
    """Set once the construct is complete."""
    rule: str
    surplus: int | None
    """Offset of the first bracket that closes one open at the cursor, although the rest of the line has such a one."""

    @property
    def depth(self) -> int:
        """Levels of blocks below the construct's own statements (negative before its opening brace)."""

    def push(self, character: str) -> None:
        """Read one more character of the insertion."""

    @property
    def tail(self) -> str:
        """The brackets that would have to follow for the line to be complete."""

    @property
    def in_data(self) -> bool:
        """Whether a line that began now would be one of a list of values."""

    @property
    def at_base(self) -> bool:
        """Whether the last line of code stood on the level of the construct's own statements."""

    @property
    def inside(self) -> str:
        """``"string"``, ``"comment"``, … or, in code, ``""``."""

    @property
    def continued(self) -> bool:
        """Whether a line that began now would continue the one before it."""


def visible_head(target: Target) -> str:
    """The part of the document before the insertion that tells what is open there."""
    return target.before[reading_start(target.before, target.language.family) :]
