"""What the documentation of a function promises: its examples, and where each of them stands.

Beside the docstring that is a string below the function. A function whose examples cannot be tried has none.
"""

from __future__ import annotations

import ast

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.examples import Example, examples_in
from lsp_server.core.languages import PYTHON
from lsp_server.core.notes import documentation_of
from lsp_server.core.syntax import language_of


def documented_examples(document: Document, function: Function) -> tuple[Example, ...]:
    """The examples of a Python function at the top level."""
    if language_of(document) is not PYTHON or function.indent:
        return ()
    texts = (_value(span.of(document.text)) for span in documentation_of(document, function))
    return tuple(example for text in texts for example in examples_in(text, function.name))


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
