"""Everything that is seen from one place of a document, and whether a text fits there.

Read `context_at` first. It works on the broken code people have while typing and never raises for an offset
inside the document. It must never know of models, prompts or LSP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lsp_server.core import braces, lines
from lsp_server.core.context import Context, Function, Indentation, Place, Scope
from lsp_server.core.declarations import declarations_for
from lsp_server.core.document import Document, Span
from lsp_server.core.documentation import comment_before, docstring_in, first_comment, swallows
from lsp_server.core.indentation import current_of, space_before, unit_of, width_of
from lsp_server.core.languages import PYTHON, Family, Language, by_file_name, by_language_id
from lsp_server.core.mending import closings, mended, nesting_at
from lsp_server.core.outline import Head, Outline, definition_start, outline_by_braces, outline_by_lines
from lsp_server.core.parsing import Parsed, parsed
from lsp_server.core.scanning import (
    CLOSER_OF,
    Nesting,
    Opening,
    Token,
    is_open,
    plain,
    quotes_of,
    token_around,
    without_comments,
)


def language_of(document: Document) -> Language | None:
    """The row of a document's language, by its identifier or else its file name."""
    return by_language_id(document.language_id) or by_file_name(document.uri)


@dataclass(frozen=True)
class _View:
    """What the parts of a context are made from. ``text`` is plain."""

    language: Language
    text: str
    offset: int
    around: Token | None
    nesting: Nesting
    closed: Mapping[Opening, int]
    current: str
    outline: Outline


def context_at(document: Document, offset: int) -> Context:
    """What is seen from ``offset``, which is clamped to the document. An unknown language is read as Python."""
    language = language_of(document) or PYTHON
    offset = max(0, min(offset, len(document.text)))
    view = _view(language, plain(document.text), offset)
    function = _function(view)
    place = _place(view, function)
    current = _body_indent(view, function) if place is Place.EMPTY_BODY and function else view.current
    return Context(
        document=document,
        offset=offset,
        language=language,
        place=place,
        function=function,
        scopes=tuple(_whole(view, scope) for scope in view.outline.scopes),
        indentation=Indentation(unit_of(language, view.text), current),
        closers=_closers(view),
        body_closed=_body_closed(view),
        find_declarations=lambda: declarations_for(mended(parsed(language, view.text), offset), function),
    )


def function_around(document: Document, offset: int) -> Function | None:
    """`context_at`'s function alone, for a fraction of the time in a long file."""
    language = language_of(document) or PYTHON
    return _function(_view(language, plain(document.text), max(0, min(offset, len(document.text)))))


def _view(language: Language, text: str, offset: int) -> _View:
    around = token_around(language, text, offset)
    nesting = nesting_at(language, text, offset)
    closed = closings(language, text, offset, nesting)
    current = current_of(language, text, offset, nesting)
    if language.family is Family.BRACES:
        outline = outline_by_braces(language, text, offset, nesting)
    else:
        outline = outline_by_lines(language, text, offset, nesting, current)
    return _View(language, text, offset, around, nesting, closed, current, outline)


def _whole(view: _View, scope: Scope) -> Scope:
    """The scope with its span up to its end, which the outline did not look for."""
    start = scope.span.start
    if view.language.family is Family.INDENTATION:
        end = lines.block_end(view.language, view.text, start, start + len(scope.header))
    else:
        brace = next((opening for opening in view.nesting.openings if opening.offset >= start), None)
        end = view.closed[brace] + 1 if brace and brace in view.closed else len(view.text)
    return replace(scope, span=Span(start, start + len(view.text[start:end].rstrip())))


def _function(view: _View) -> Function | None:
    """The function around the place, its documentation and its body."""
    head = view.outline.head
    if head is None:
        return None
    indent = space_before(view.text, head.signature.start)
    start = definition_start(view.language, view.text, head.signature.start)
    comment = comment_before(view.language, view.text, start)
    end = head.signature.end if head.opened is None else _body_end(view, head)
    docstring = None if head.opened is None else _inner_documentation(view, Span(head.opened, end), comment)
    if docstring and view.around and docstring.end == view.offset:
        end = view.offset
    opened = docstring.end if docstring else head.opened
    body = None if opened is None else _code(view, opened, end)
    if comment and not view.text[comment.end : start].strip():
        start = comment.start
    last = body.end if body else opened if opened is not None else head.signature.end
    if view.language.family is Family.BRACES and view.text.startswith("}", end):
        last = end + 1
    return Function(
        head.name, Span(start, max(last, head.signature.end)), head.signature, docstring or comment, body, indent
    )


def _inner_documentation(view: _View, body: Span, comment: Span | None) -> Span | None:
    """The docstring, or the comment that a body begins with where there is no ``comment`` above the function."""
    around = view.around
    first = around is not None and body.start <= around.start and not view.text[body.start : around.start].strip()
    if around and first and around.kind == "string" and swallows(view.language, view.text, around, view.offset):
        return Span(around.start, view.offset)
    docstring = docstring_in(view.language, view.text, body)
    return docstring or (None if comment else first_comment(view.language, view.text, body.start))


def _body_end(view: _View, head: Head) -> int:
    """Where a body ends: at its ``}``, or before the first line that cannot be in it."""
    if view.language.family is Family.INDENTATION:
        return lines.block_end(view.language, view.text, head.signature.start, head.opened or 0)
    brace = next((opening for opening in view.nesting.openings if opening.offset + 1 == head.opened), None)
    if brace in view.closed and brace is not None:
        return view.closed[brace]
    if brace is None and head.opened is not None:
        return braces.close_of(view.language, view.text, head.opened)
    outer = [end for opening, end in view.closed.items() if opening.offset < head.signature.start]
    return min([braces.shallow_line(view.text, view.offset, head.signature.start), *outer])


def _code(view: _View, start: int, end: int) -> Span | None:
    """From the first to the last code between two offsets; None when there are only comments and white space."""
    code = without_comments(view.language, view.text, start, end)
    if not code.strip():
        return None
    return Span(start + len(code) - len(code.lstrip()), start + len(code.rstrip()))


def _place(view: _View, function: Function | None) -> Place:
    if view.around is not None:
        return Place.COMMENT if view.around.kind == "comment" else Place.STRING
    head = view.outline.head
    line_start = view.text.rfind("\n", 0, view.offset) + 1
    line_end = view.text.find("\n", view.offset)
    before = view.text[line_start : view.offset].strip()
    after = view.text[view.offset : line_end if line_end >= 0 else len(view.text)].strip()
    if function and head and function.body is None and _is_in_body(view, head) and after in ("", "}"):
        return Place.EMPTY_BODY
    if after:
        return Place.MID_LINE
    if before:
        return Place.LINE_END
    return (
        Place.STATEMENT_START if function or any(_is_class(scope) for scope in view.outline.scopes) else Place.TOP_LEVEL
    )


def _is_class(scope: Scope) -> bool:
    return not re.match(r"(?:inline\s+)?namespace\b|extern\b", scope.header)


def _is_in_body(view: _View, head: Head) -> bool:
    """Whether the place is in the function's body, or where the body must begin."""
    if head.opened is not None:
        return view.offset >= head.opened
    signed = view.offset >= head.signature.end and all(opening.bracket == "{" for opening in view.nesting.openings)
    return view.language.family is Family.BRACES and signed


def _body_indent(view: _View, function: Function) -> str:
    """The indentation of an empty body's first statement: its docstring's, what was typed, or one level."""
    if function.documentation and function.documentation.start > function.signature.end:
        return space_before(view.text, function.documentation.start) or view.current
    line_start = view.text.rfind("\n", 0, view.offset) + 1
    typed = view.text[line_start : view.offset]
    if typed and not typed.strip() and width_of(typed) > width_of(function.indent):
        return typed
    return function.indent + unit_of(view.language, view.text)


def _closers(view: _View) -> str:
    """What is open and not closed after the place, as far out as the function's own brace."""
    head = view.outline.head
    floor = head.signature.start if head else 0
    inner = [opening for opening in reversed(view.nesting.openings) if opening.offset >= floor]
    missing = "".join(CLOSER_OF[opening.bracket] for opening in inner if opening not in view.closed)
    if view.around is None or view.around.kind == "comment":
        return missing
    unclosed = is_open(view.language, view.text, view.around) or swallows(
        view.language, view.text, view.around, view.offset
    )
    written = view.text[view.around.start : view.around.end]
    return (quotes_of(written) if unclosed else "") + missing


def _body_closed(view: _View) -> bool:
    """Whether the ``}`` of the construct being written is already there."""
    blocks = [opening for opening in view.nesting.openings if opening.bracket == "{"]
    head = view.outline.head
    if view.language.family is Family.INDENTATION or not blocks:
        return False
    if head and blocks and blocks[-1].offset < head.signature.start:
        return False
    return blocks[-1] in view.closed


def error_count(document: Document) -> int:
    """How many ERROR and MISSING nodes the document's tree has; 0 for an unknown language."""
    language = language_of(document)
    return len(parsed(language, plain(document.text)).errors) if language else 0


def adds_error(document: Document, span: Span, text: str) -> bool:
    """Whether replacing ``span`` by ``text`` breaks the document more than it is.

    It does when the tree gets more ERROR and MISSING nodes than it has and would have if the best were written
    there; and when errors stay in or around ``text`` that whatever follows it cannot mend, though the place is
    sound. So a text may leave unfinished what was unfinished, and may bring errors elsewhere to light. Where
    the rest of the file is broken in any case, the function around the place is judged alone.
    """
    language = language_of(document)
    if language is None:
        return False
    old = parsed(language, plain(document.text))
    new = old.edited(span, plain(text))
    if not new.errors or not old.errors:
        return bool(new.errors)
    if not _breaks(old, new, span):
        return False
    function = function_around(document, span.start)
    if function is None or function.signature.start > span.start:
        return True
    start = function.signature.start
    part = parsed(language, old.text[start : max(function.span.end, span.end)])
    here = Span(span.start - start, span.end - start)
    # Whether the file can be mended takes longest to tell.
    return _breaks(part, part.edited(here, plain(text)), here) or not mended(old, span.start).errors


def _breaks(old: Parsed, new: Parsed, span: Span) -> bool:
    """Whether the tree of a plain text gets worse where ``span`` is replaced than an unfinished place must be."""
    end = span.end + len(new.text) - len(old.text)
    known, errors = old.errors, new.errors
    touched = any(error.start <= end and error.end >= span.start for error in errors)
    if len(errors) <= len(known) and not touched:
        return False
    without = old.edited(span, "")
    # What is mended has no more errors than it had.
    if len(errors) > max(len(known), len(without.errors)):
        return True
    ideal = mended(without, span.start)
    if len(errors) > max(len(known), len(ideal.errors)):
        return True
    return mended(new, end).errors_around(span.start) > ideal.errors_around(span.start)
