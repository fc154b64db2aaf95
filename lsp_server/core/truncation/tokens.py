"""What the lexers say and the boundaries hear: the little of a language's grammar that decides where constructs end."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """What a token is, as far as ends of constructs are concerned."""

    BEGIN = auto()
    """The first character of code on a fresh line; ``column`` is its indentation, tabs counted to eights."""
    WORD = auto()
    """An identifier, keyword or number, known as soon as the character after it is."""
    STRING = auto()
    """A string or character literal, at its closing quote."""
    MARK = auto()
    """One character of punctuation (``::`` and ``->`` are one token)."""
    OPEN = auto()
    CLOSE = auto()
    COMMENT = auto()
    """A comment, at its end (a line comment's newline is not part of it)."""
    DIRECTIVE = auto()
    """A whole preprocessor line, at its newline."""
    BREAK = auto()
    """A newline outside comments; ``text`` is ``"string"`` when it lies in a string, else empty."""


class Token(NamedTuple):
    """``start`` and ``end`` are offsets into the insertion; what stands before the cursor has negative ones."""

    kind: Kind
    text: str
    start: int
    end: int
    column: int = 0


def width(white_space: str) -> int:
    """The column a line with this indentation starts in, tabs to multiples of eight as Python counts them."""
    return len(white_space.expandtabs(8))
