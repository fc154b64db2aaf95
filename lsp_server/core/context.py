"""What is known of one place in one document: the values `syntax` makes and prompts and truncation use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_server.core.document import Document, Span

if TYPE_CHECKING:
    from lsp_server.core.languages import Language


class Place(Enum):
    """What kind of place the cursor is at."""

    EMPTY_BODY = "empty body"
    """Inside (or right after the signature of) a function that has no statement yet."""
    STATEMENT_START = "statement start"
    """Only white space before the cursor on its line, and nothing after it on that line, inside a function or class."""
    LINE_END = "line end"
    """Code before the cursor on its line, nothing after it."""
    MID_LINE = "mid-line"
    """Text after the cursor on its line."""
    COMMENT = "comment"
    STRING = "string"
    TOP_LEVEL = "top level"
    """Outside every function and class, at the start of a statement."""


class Extent(Enum):
    """The construct a completion is to write, and so where it ends."""

    BODY = "function body"
    BLOCK = "block"
    DEFINITION = "definition"
    """A function, method or class that a comment asks for, with what it needs before it."""
    PASSAGE = "passage"
    """The statements that a comment asks for: up to a blank line, the next comment or the end of the block."""
    STATEMENT = "statement"
    LINE = "line"


@dataclass(frozen=True)
class Function:
    """A function around, or just declared before, the cursor.

    ``name`` is as written (``A<T>::f``). ``span`` covers decorators, template head and the comment right above up
    to the end of the body (or of the signature while there is no body). ``signature`` runs from ``def``/return
    type to before ``:``/``{``; of half a signature it is that half. ``documentation`` is the docstring with its
    quotes, or the comment above the function or above the includes above it (then outside ``span``), or the
    comment a body in braces begins with. ``body`` runs from its first to its last code, braces excluded; it is
    None while nothing but an opening brace or colon, documentation and comments are there.
    """

    name: str
    span: Span
    signature: Span
    documentation: Span | None
    body: Span | None
    indent: str
    """White space in front of the signature's first line."""


@dataclass(frozen=True)
class Scope:
    """A class, struct or namespace around the cursor."""

    name: str
    span: Span
    header: str
    """Its first line, such as ``class Stack(Generic[T]):``."""


@dataclass(frozen=True)
class Indentation:
    """``unit`` is one level (a tab or some spaces); ``current`` is the white space a statement at the cursor has."""

    unit: str
    current: str


@dataclass(frozen=True)
class Far:
    r"""What of a file its document leaves out, being far away: text above the place, and below it.

    Lines end in ``\n``.
    """

    above: str = ""
    below: str = ""


NOTHING_FAR = Far()


@dataclass(frozen=True)
class Context:
    """Everything that is seen from ``offset``."""

    document: Document
    offset: int
    language: Language
    place: Place
    function: Function | None
    scopes: tuple[Scope, ...]
    """Outermost first."""
    indentation: Indentation
    closers: str
    """What is open at the cursor and not closed by the text after it, in the order it must be closed: ``")}"``.
    Goes as far out as the function's own brace."""
    body_closed: bool
    """True when the text after the cursor has the ``}`` of the innermost block the cursor is in (C family)."""
    find_declarations: Callable[[], tuple[Span, ...]] = field(repr=False, compare=False)
    """Gives `declarations`."""
    far: Far = NOTHING_FAR

    @cached_property
    def declarations(self) -> tuple[Span, ...]:
        """Declarations in the file that the function needs, in file order; not every prompt shows them.

        Types it names (whole when they are data, else head, fields and method signatures), the members of its own
        class, the imports and includes in use, the signatures of functions it names. Each begins with its line's
        indentation. Never overlaps ``function.span``.
        """
        return self.find_declarations()

    @property
    def before(self) -> str:
        """All text before the cursor."""
        return self.document.text[: self.offset]

    @property
    def after(self) -> str:
        """All text after the cursor."""
        return self.document.text[self.offset :]
