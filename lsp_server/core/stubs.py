"""Functions that only stand in for what is still to be written: their stub, and the document without it.

It never knows who writes the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.functions import function_at
from lsp_server.core.languages import PYTHON, Family, Language
from lsp_server.core.scanning import plain, tokens_of, without_comments
from lsp_server.core.syntax import language_of


@dataclass(frozen=True)
class Stub:
    """``span`` is what the body of ``function`` is to replace; empty where nothing stands in for it yet."""

    function: Function
    span: Span


_UNWRITTEN = (
    r"not[ _-]?(?:yet[ _-]?)?implemented|unimplemented|implement|to[ -]?do|fix[ -]?me|stub|placeholder|your code"
)
_UNWRITTEN_COMMENT = re.compile(_UNWRITTEN, re.IGNORECASE)
_STUBS = {
    Family.INDENTATION: re.compile(
        r"(?:(?:\.\.\.|pass|raise\s+NotImplementedError(?:\([^\n]*\))?|return\s+NotImplemented)\s*)+"
    ),
    Family.BRACES: re.compile(
        rf"(?:throw\s+(?:std::)?\w+\s*(?:\(|\{{)[^;]*(?i:{_UNWRITTEN})[^;]*(?:\)|\}})\s*;"
        r"|(?:std::)?(?:abort|terminate|unreachable|__builtin_unreachable)\s*\(\s*\)\s*;"
        rf"|assert\s*\(\s*(?:false|0|!\s*\")(?i:[^;]*)\)\s*;|#\s*error[^\n]*(?i:{_UNWRITTEN})[^\n]*)"
    ),
}
"""Code that does nothing but say that something is missing."""
_EMPTY_RESULT = re.compile(r"return\b[^;\n]{0,20};?")
"""A result of no meaning: a stub where a comment in the same body says so."""


def stub_at(document: Document, offset: int) -> Stub | None:
    """The stub of the function that ``offset`` lies in; None when the function is written, or there is none."""
    language = language_of(document)
    around = function_at(document, offset) if language else None
    # Seen from a comment that is being written the function ends there; seen from its signature it does not.
    function = function_at(document, around.signature.end) if around else None
    if language is None or function is None:
        return None
    text = plain(document.text)
    inside = _inside(language, text, function)
    if inside is None:
        return None
    code = without_comments(language, text, inside.start, inside.end).strip()
    comments = _comments(language, text, inside)
    unwritten = [comment for comment in comments if _UNWRITTEN_COMMENT.search(comment.of(text))]
    if code and not _STUBS[language.family].fullmatch(code) and not (unwritten and _EMPTY_RESULT.fullmatch(code)):
        return None
    start = min([comment.start for comment in unwritten], default=inside.end)
    return Stub(function, _replaced(text, Span(min(start, _first(text, inside, code)), inside.end)))


def _inside(language: Language, text: str, function: Function) -> Span | None:
    """Between the signature, or the docstring, and the end of the body; None while there is no body at all."""
    own = function.documentation
    inner = own is not None and language is PYTHON and own.start > function.signature.end
    if language.family is Family.INDENTATION:
        opened = text.find(":", function.signature.end) + 1
        end = function.body.end if function.body else function.span.end
        return Span(own.end if own and inner else opened, _line_end(text, end)) if opened else None
    opened = text.find("{", function.signature.end, function.span.end) + 1
    return Span(opened, text.rfind("}", opened, function.span.end)) if opened else None


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _comments(language: Language, text: str, inside: Span) -> list[Span]:
    found = (token for token in tokens_of(language, text) if token.kind == "comment")
    return [Span(token.start, token.end) for token in found if inside.start <= token.start < inside.end]


def _first(text: str, inside: Span, code: str) -> int:
    """Where the stub's code begins; the end where there is none."""
    return text.index(code, inside.start) if code else inside.end


def _replaced(text: str, span: Span) -> Span:
    """Without the white space at its end; from the line's end on where nothing is before it but the header."""
    written = span.of(text).rstrip()
    line = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    start = span.start if not line.strip() else span.start - len(line) + len(line.rstrip())
    return Span(start, max(start, span.start + len(written)))
