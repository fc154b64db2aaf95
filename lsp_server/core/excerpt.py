"""What of a file a model is shown of one function: the declarations it needs, its head, and its body.

It never knows how it is asked, nor what about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_server.core.context import Context, Function
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.notes import note_below
from lsp_server.core.syntax import context_at, language_of

_DECLARATIONS = 2000
"""Characters; of more the nearest are taken."""

_BEFORE = 12
_BEHIND = 5
"""Lines around a part of a body that are shown with it."""

_WORDS = 600
"""Characters of what a question is put in."""

_LEAST_PART = 400
"""Characters of a body that are looked at together, however little room there is."""


@dataclass(frozen=True)
class Excerpt:
    r"""A function in parts: ``above`` and ``head`` end where ``body`` begins, which is at ``start`` of the document.

    ``above`` are declarations, ``note`` is documentation that stands below the function. Each part that is not empty
    ends with a line end; the lines end in ``\n``. Where ``body`` is a part of the function's, ``behind`` are the lines
    that follow it, and ``head`` ends with those that come before it.
    """

    language: Language
    above: str
    head: str
    body: str
    note: str
    start: int
    behind: str = ""

    @property
    def opening(self) -> str:
        """All that comes before the body."""
        return self.above + self.head

    @property
    def whole(self) -> str:
        """The function with what it needs."""
        return self.opening + self.body + self.behind

    def parts(self, characters: int) -> Iterator[Excerpt]:
        """The excerpt itself if that is short enough to be read twice within ``characters``, else excerpts of parts."""
        room = (characters - _WORDS - 2 * len(self.opening) - len(self.note)) // 2
        if len(self.body) <= room:
            yield self
            return
        lines = self.body.splitlines(keepends=True)
        around = sum(map(len, sorted(lines, key=len)[-_BEFORE - _BEHIND :]))
        for first, end in _ranges(lines, max(room - around, _LEAST_PART)):
            before = "".join(lines[max(first - _BEFORE, 0) : first])
            skipped = f"{self.language.line_comment} …\n" if first > _BEFORE else ""
            yield replace(
                self,
                head=self.head + skipped + before,
                body="".join(lines[first:end]),
                start=self.start + sum(map(len, lines[:first])),
                behind="".join(lines[end : end + _BEHIND]),
            )


def excerpt_of(document: Document, function: Function) -> Excerpt:
    """The excerpt of a function that has a body. Raises ValueError for one that has none."""
    if function.body is None:
        raise ValueError(f"{function.name} has no body to look at")
    text = document.text
    line = document.line_span(document.line_at(function.body.start)).start
    start = line if line >= function.signature.end else function.body.start
    context = context_at(document, function.body.start)
    body = text[start : function.span.end].rstrip() + "\n"
    below = note_below(document, function)
    note = below.of(text).strip() + "\n" if below else ""
    language = language_of(document) or PYTHON
    return Excerpt(language, _above(context, function), text[function.span.start : start], body, note, start)


def _ranges(lines: list[str], characters: int) -> Iterator[tuple[int, int]]:
    """Runs of lines of at most so many characters each; a line that is longer is one of its own."""
    first, room = 0, characters
    for at, line in enumerate(lines):
        if len(line) > room and at > first:
            yield first, at
            first, room = at, characters
        room -= len(line)
    yield first, len(lines)


def _above(context: Context, function: Function) -> str:
    text = context.document.text
    spans = [span for span in context.declarations if span.end <= function.span.start]
    told = function.documentation
    if told and told.end <= function.span.start:
        spans.append(told)
    parts, room = [_header(scope.header) for scope in context.scopes], _DECLARATIONS
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        part = _lines(text, span)
        room -= len(part)
        if room < 0:
            break
        parts.insert(0, part)
    return "".join(parts) + "\n" if parts else ""


def _lines(text: str, span: Span) -> str:
    return span.of(text).rstrip() + "\n"


def _header(header: str) -> str:
    return header.rstrip() + "\n"
