"""Everything that is seen from one place of a document, and whether a text fits there.

Read `context_at` first. It works on the broken code people have while typing and never raises for an offset
inside the document. It must never know of models, prompts or LSP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lsp_server.core import braces, lines
from lsp_server.core.context import Context, Function, Indentation, Place, Scope
from lsp_server.core.declarations import declarations_for
from lsp_server.core.document import Document, Span
from lsp_server.core.indentation import current_of, space_before, unit_of, width_of
from lsp_server.core.languages import PYTHON, Family, Language, by_file_name, by_language_id
from lsp_server.core.mending import closings, mended, nesting_at
from lsp_server.core.outline import Head, Outline, outline_by_braces, outline_by_lines
from lsp_server.core.parsing import parsed
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
    closed: dict[Opening, int]
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
        declarations=declarations_for(mended(parsed(language, view.text), offset), function),
    )


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
    comment = _leading_comment(view, head)
    end = head.signature.end if head.opened is None else _body_end(view, head)
    docstring = _docstring(view, head, end) or (None if comment else _first_comment(view, head))
    if docstring and view.around and docstring.end == view.offset:
        end = view.offset
    opened = docstring.end if docstring else head.opened
    body = None if opened is None else _code(view, opened, end)
    start = _head_start(view, head)
    if comment and not view.text[comment.end : start].strip():
        start = comment.start
    last = body.end if body else opened if opened is not None else head.signature.end
    if view.language.family is Family.BRACES and view.text.startswith("}", end):
        last = end + 1
    return Function(
        head.name, Span(start, max(last, head.signature.end)), head.signature, docstring or comment, body, indent
    )


def _head_start(view: _View, head: Head) -> int:
    """Where the decorators or the template head of a function begin."""
    start = head.signature.start
    if view.language.family is Family.BRACES:
        match = _TEMPLATE_HEAD.search(view.text, max(0, start - 2000), start)
        return match.start() if match else start
    starts = lines.statements_of(view.language, view.text)
    index = next((at for at, where in enumerate(starts) if where >= start), 0)
    while index > 0 and view.text.startswith("@", starts[index - 1]):
        index -= 1
    return min(start, starts[index]) if starts else start


_TEMPLATE_HEAD = re.compile(r"template\s*<[^;{}]*>\s*(?:requires\b[^;{}]*)?\Z")
_LICENCE = re.compile(r"copyright|licen[cs]e|spdx", re.IGNORECASE)


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


def _docstring(view: _View, head: Head, end: int) -> Span | None:
    """The string that is the first statement of an indented body, the quotes included."""
    if view.language.family is Family.BRACES or head.opened is None:
        return None
    starts = lines.statements_of(view.language, view.text)
    first = next((start for start in starts if start >= head.opened), None)
    if first is None or first >= end:
        return None
    token = token_around(view.language, view.text, first + 1) or token_around(view.language, view.text, first + 2)
    if token is None or token.kind != "string" or token.start > first + 2:
        return None
    if view.around == token and _swallows(view, token):
        return Span(first, view.offset)
    line = view.text.find("\n", token.end)
    rest = view.text[token.end : line if line >= 0 else len(view.text)].strip()
    return Span(first, token.end) if not rest or rest.startswith("#") else None


def _first_comment(view: _View, head: Head) -> Span | None:
    """The comment that a body in braces begins with."""
    if view.language.family is Family.INDENTATION or head.opened is None:
        return None
    start = head.opened + len(view.text[head.opened :]) - len(view.text[head.opened :].lstrip())
    token = token_around(view.language, view.text, start + 1)
    return Span(token.start, token.end) if token and token.kind == "comment" and token.start == start else None


def _swallows(view: _View, token: Token) -> bool:
    """Whether a string was left open and took in the code after it."""
    rest = view.text[view.offset : token.end]
    return any(view.language.header.match(line.strip()) for line in rest.split("\n")[1:])


def _leading_comment(view: _View, head: Head) -> Span | None:
    """The comment a function is introduced with: right above it, or above the includes right above it."""
    comment = _comment_above(view, _head_start(view, head))
    if comment is not None or view.language.family is Family.INDENTATION:
        return comment
    above = _head_start(view, head)
    start = above
    while (line := _line_above(view.text, start)) is not None:
        written = line.of(view.text)
        if written.strip() and not view.language.imports.match(written):
            break
        start = line.start
    if start == above or not view.text[start:above].strip():
        return None
    comment = _comment_above(view, start)
    return comment if comment and not _LICENCE.search(comment.of(view.text)) else None


def _line_above(text: str, offset: int) -> Span | None:
    start = text.rfind("\n", 0, offset) + 1
    return Span(text.rfind("\n", 0, start - 1) + 1, start - 1) if start else None


def _comment_above(view: _View, offset: int) -> Span | None:
    """The run of comments that ends on the line above ``offset``, or one blank line above that."""
    found: Span | None = None
    line_start = view.text.rfind("\n", 0, offset) + 1
    while line_start > 0:
        before = view.text[:line_start].rstrip() if found is None else view.text[: line_start - 1].rstrip(" \t")
        gap = view.text.count("\n", len(before), line_start)
        token = token_around(view.language, view.text, len(before) - 1) if before else None
        if token is None or token.kind != "comment" or gap > (2 if found is None else 1):
            break
        start = view.text.rfind("\n", 0, token.start) + 1
        if view.text[start : token.start].strip():
            break
        found = Span(token.start, found.end if found else token.end)
        line_start = start
    return found


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
    unclosed = is_open(view.language, view.text, view.around) or _swallows(view, view.around)
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
    return len(parsed(language, plain(document.text)).errors()) if language else 0


def adds_error(document: Document, span: Span, text: str) -> bool:
    """Whether replacing ``span`` by ``text`` breaks the document more than it is.

    It does when the tree gets more ERROR and MISSING nodes than it has and would have if the best were written
    there; and when errors stay in or around ``text`` that whatever follows it cannot mend, though the place is
    sound. So a text may leave unfinished what was unfinished, and may bring errors elsewhere to light.
    """
    language = language_of(document)
    if language is None:
        return False
    old = parsed(language, plain(document.text))
    new = old.edited(span, plain(text))
    errors, known = new.errors(), old.errors()
    if not errors or not known:
        return bool(errors)
    end = span.start + len(text)
    touched = any(error.start <= end and error.end >= span.start for error in errors)
    if len(errors) <= len(known) and not touched:
        return False
    ideal = mended(old.edited(span, ""), span.start)
    result = mended(new, end)
    if result.errors_around(span.start) > ideal.errors_around(span.start):
        return True
    return len(errors) > max(len(known), len(ideal.errors))
