"""The construct a completion is to write: what truncation needs to know of the place, and nothing more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.core.comments import Asked, asked_by, comment_at, is_wish
from lsp_server.core.context import Context, Extent, Place
from lsp_server.core.languages import Family

if TYPE_CHECKING:
    from lsp_server.core.languages import Language


@dataclass(frozen=True)
class Target:
    r"""What is being written, and into what.

    The document, once the completion is accepted, reads ``head + typed + <inserted> + after``; the model, having
    read ``head + lead``, continues with raw text. All text uses ``\n`` line ends.
    """

    language: Language
    extent: Extent
    head: str
    """Document text before the cursor, less ``typed``. Scanning state (open brackets, open string) starts here."""
    typed: str
    """White space directly before the cursor: the indentation the user already has on an otherwise blank line, or the
    blanks after ``x =``. The model was not shown it and prints its own; it is not inserted twice."""
    lead: str
    """Text that must come first in the insertion and that the model was shown as if written: ``""``, ``"\\n"``,
    ``" {\\n"``."""
    after: str
    """Document text after the cursor."""
    indent: str
    """White space in front of the construct's own statements: for a body one level below its function."""
    unit: str
    """One level of indentation in this document."""
    closed: bool
    """The text after the cursor already holds what closes the construct (a ``}``); it must not be written again."""
    asked: bool = False
    """A comment right above asks for it."""

    @property
    def margin(self) -> str:
        """``typed`` where it is the indentation of the insertion's first line, else nothing."""
        return self.typed if self.head[-1:] in ("", "\n") and not self.lead else ""

    @property
    def before(self) -> str:
        """The document up to the insertion's first line, or up to the cursor where that line has begun."""
        return self.head if self.margin else self.head + self.typed


def target_for(context: Context) -> Target:
    """What to write at this place: how far, from where, and what must come first."""
    before, after = _plain(context.before), _plain(context.after)
    head = before.rstrip(" \t")
    if context.place in (Place.COMMENT, Place.STRING):
        head = before  # every blank is text here
    asked = _asked(context, after)
    return Target(
        language=context.language,
        extent=asked or _extent(context, head, before[len(head) :], after),
        head=head,
        typed=before[len(head) :],
        lead=_lead(context, head),
        after=after,
        indent=context.indentation.current,
        unit=_unit(context),
        closed=context.body_closed,
        asked=asked is not None,
    )


_INDENTED = re.compile(r"^[ \t]+\S", re.MULTILINE)


def _unit(context: Context) -> str:
    """One level; where no line of the document is indented yet, what the user has typed here is one."""
    text = context.document.text
    typed = text[text.rfind("\n", 0, context.offset) + 1 : context.offset]
    if typed and not typed.strip(" \t") and typed == context.indentation.current and not _INDENTED.search(text):
        return typed
    return context.indentation.unit


def _plain(text: str) -> str:
    """The text with the line ends models know."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _extent(context: Context, head: str, typed: str, after: str) -> Extent:
    if context.place in (Place.COMMENT, Place.STRING, Place.MID_LINE):
        return Extent.LINE
    if context.place is Place.EMPTY_BODY:
        return Extent.BODY
    if context.place is Place.STATEMENT_START and context.function:
        begins_block = bool(typed) and head.rstrip().endswith((":", "{"))
        return Extent.STATEMENT if _function_goes_on(context, after) and not begins_block else Extent.BLOCK
    return Extent.STATEMENT


def _asked(context: Context, after: str) -> Extent | None:
    """What the comment right above the cursor's empty line asks for, if there is one that does."""
    comment = comment_at(context.document, context.offset) if context.place in _LINE_STARTS else None
    if comment is None or not is_wish(comment):
        return None
    if asked_by(comment, context) is Asked.DEFINITION:
        return Extent.DEFINITION
    return Extent.PASSAGE if context.function is None or _function_goes_on(context, after) else Extent.BLOCK


_LINE_STARTS = (Place.STATEMENT_START, Place.TOP_LEVEL)


def _function_goes_on(context: Context, after: str) -> bool:
    """Whether further statements of the cursor's function follow."""
    following = next((line for line in after.split("\n") if line.strip()), "")
    own = context.function.indent if context.function else ""
    if context.language.family is Family.BRACES:
        return bool(following) and not (following.startswith(own + "}") or len(following) == len(own))
    return following.startswith(own) and following[len(own) : len(own) + 1].isspace()


def _lead(context: Context, head: str) -> str:
    """What stands between the signature and the first statement, where the user has not written it yet."""
    if context.place is not Place.EMPTY_BODY:
        return ""
    at_line_start = head.endswith("\n") or not head
    if context.language.family is Family.INDENTATION or _brace_is_open(context, head):
        return "" if at_line_start else "\n"
    own_line = at_line_start or _braces_stand_alone(head)
    return ("" if at_line_start else "\n" if own_line else " ") + "{\n"


def _brace_is_open(context: Context, head: str) -> bool:
    function = context.function
    return function is not None and "{" in head[_plain_length(context, function.signature.end) :]


def _plain_length(context: Context, offset: int) -> int:
    return len(_plain(context.document.text[:offset]))


_BRACE_ALONE = re.compile(r"\)[^\n;{}]*\n\s*\{")
_BRACE_ATTACHED = re.compile(r"\)[^\n;{}]*\{")


def _braces_stand_alone(head: str) -> bool:
    """Whether this file opens function bodies on a line of their own more often than not."""
    return len(_BRACE_ALONE.findall(head)) > len(_BRACE_ATTACHED.findall(head))
