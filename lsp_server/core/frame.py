r"""A function taken apart to be written anew: what stays of it, and the place where its body was.

All text here has ``\n`` line ends; the way back to the document's own is `Unix`. It must never know of models
or prompts.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.context import Context, Function
from lsp_server.core.document import Document, Span
from lsp_server.core.functions import function_at, functions_in
from lsp_server.core.languages import Family
from lsp_server.core.line_ends import Unix
from lsp_server.core.syntax import context_at
from lsp_server.core.target import Target, target_for


@dataclass(frozen=True)
class Frame:
    """A function: ``head + body + tail`` is its whole text, which ``span`` covers.

    It goes up to the end of its last line of code where a comment stands there. ``head`` goes from its comment or
    decorators to what opens the body, a docstring included; ``body`` is all behind that, with its first line end;
    ``tail`` is the closing brace on its line, or nothing. ``context`` and ``target`` are those of the empty body, in
    ``document`` without what was in it.
    """

    document: Document
    function: Function
    span: Span
    head: str
    body: str
    tail: str
    context: Context
    target: Target

    @property
    def text(self) -> str:
        """The function as it stands."""
        return self.with_body(self.body)

    def with_body(self, body: str) -> str:
        """The function with another body, which begins with its line end."""
        return self.head + body + self.tail

    def changed(self, text: str) -> Document:
        """The document with ``text`` in place of the function."""
        return self.document.edited(self.span, text)

    def signed(self, signature: str) -> str:
        """The head with another signature."""
        signed, start = self.function.signature, self.span.start
        return self.head[: signed.start - start] + signature + self.head[signed.end - start :]


def frame_of(document: Document, function: Function) -> Frame | None:
    """The function taken apart; None where it has no body, or is not found again."""
    unix = Unix.of(document)
    return frame_named(unix.document, function.name, unix.here(function.signature.start))


def frame_named(document: Document, name: str, start: int = 0) -> Frame | None:
    """The same for the function of that name whose signature begins nearest to ``start``."""
    function = function_at(document, start)
    if function is None or (function.name, function.signature.start) != (name, start):
        # It has moved, or ``start`` is not known; all are looked at, which takes longer in a long file.
        named = [one for one in functions_in(document) if one.name == name]
        function = min(named, key=lambda one: abs(one.signature.start - start), default=None)
    if function is None or function.body is None:
        return None
    opened = _opened(document, function)
    return _apart(document, function, opened) if 0 < opened <= function.body.start else None


def _opened(document: Document, function: Function) -> int:
    """Where the body begins: behind the brace, or behind the colon and the docstring."""
    if context_at(document, function.signature.end).language.family is Family.BRACES:
        return document.text.find("{", function.signature.end) + 1
    documentation = function.documentation
    if documentation and documentation.start > function.signature.end:
        return documentation.end
    return document.text.find(":", function.signature.end) + 1


def _apart(document: Document, function: Function, opened: int) -> Frame:
    text = document.text
    braces = text.startswith("}", function.span.end - 1) and text[opened - 1] == "{"
    span = Span(function.span.start, function.span.end if braces else _line_end(text, function.span.end))
    tail = f"\n{function.indent}}}" if braces else ""
    body = text[opened : span.end - braces].rstrip()
    context = context_at(document.edited(Span(opened, span.end), tail), opened)
    return Frame(document, function, span, text[span.start : opened], body, tail, context, target_for(context))


def _line_end(text: str, offset: int) -> int:
    """Where the line ends if nothing but a comment is behind ``offset``, else ``offset`` itself."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return offset + len(text[offset:end].rstrip()) if text[offset:end].lstrip().startswith("#") else offset
