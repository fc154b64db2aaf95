"""What the documentation of a function promises: its examples, and where each of them stands.

That is a docstring, in Python a string below the function too, or a comment. A function whose examples cannot be tried
has none.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from lsp_server.core.braced_notation import BracedNotation
from lsp_server.core.comments import said_in
from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.examples import Example, examples_in
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.notation import Notation
from lsp_server.core.notes import documentation_of
from lsp_server.core.python_notation import PYTHON_NOTATION
from lsp_server.core.signature import parameters_of
from lsp_server.core.syntax import language_of


def documented_examples(document: Document, function: Function) -> tuple[Example, ...]:
    """The examples of a function at the top level."""
    language = language_of(document)
    if language is None or function.indent:
        return ()
    texts = (_said(language, span.of(document.text)) for span in documentation_of(document, function))
    notation = _notation(language, parameters_of(language, function.signature.of(document.text)))
    return tuple(example for text in texts for example in examples_in(text, function.name, notation))


def commented_examples(language: Language, text: str, name: str) -> tuple[Example, ...]:
    """The examples of the function ``name`` that a comment gives which says ``text``."""
    return examples_in(text, name, _notation(language))


def _notation(language: Language, parameters: Sequence[str] = ()) -> Notation:
    return PYTHON_NOTATION if language is PYTHON else BracedNotation(parameters)


def _said(language: Language, written: str) -> str:
    """What a docstring with its quotes or a comment with its marks says."""
    return _value(written) if language is PYTHON else said_in(written)


def _value(literal: str) -> str:
    """The text that a docstring with its quotes stands for."""
    try:
        value = ast.literal_eval(literal.strip())
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""


def place_of(document: Document, function: Function, example: Example) -> Span:
    """The line that the example stands on; of one that is written otherwise the line where the documentation begins."""
    spans = documentation_of(document, function) or (function.signature,)
    for span in spans:
        for line in range(document.line_at(span.start), document.line_at(span.end) + 1):
            if _bare(example.call) in _bare(document.line_text(line)):
                return _code(document, line)
    return _code(document, document.line_at(spans[0].start))


def _bare(text: str) -> str:
    return "".join(text.split()).replace('"', "'")


def _code(document: Document, line: int) -> Span:
    """A line without the white space around what it says."""
    span = document.line_span(line)
    text = span.of(document.text)
    return Span(span.end - len(text.lstrip()), span.start + len(text.rstrip())) if text.strip() else span
