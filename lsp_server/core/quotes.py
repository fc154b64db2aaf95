"""Which stretches of a function may be quoted, line by line: whole lines of code, and the expressions on them.

A quote stands once on its line, so it is always something that can be pointed at. It never knows what is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.parsing import Parsed, parsed
from lsp_server.core.scanning import plain, without_comments
from lsp_server.core.syntax import language_of

MOST_ON_A_LINE = 16

_OPAQUE = re.compile("comment|string|char")
"""Kinds of nodes, in any grammar, whose parts are no expressions."""

_UNSENDABLE = re.compile(r"[\ud800-\udfff]")
"""Half of a surrogate pair, which editors send, is no text."""


def quotes_in(document: Document, function: Function) -> dict[int, tuple[str, ...]]:
    """For each line of code (its index in the document) what may be quoted from it: the whole of it, then parts.

    Lines of documentation, comments and brackets alone are left out.
    """
    language, text = language_of(document) or PYTHON, plain(document.text)
    code = _code(language, text, function)
    parts = _expressions(parsed(language, text), function.span)
    found = {}
    for line in range(document.line_at(function.span.start), document.line_at(function.span.end) + 1):
        whole = document.line_span(line).of(code).strip()
        quotes = [quote for quote in parts.get(line, ()) if quote in whole and whole.count(quote) == 1]
        sent = [quote for quote in dict.fromkeys((whole, *quotes)) if not _UNSENDABLE.search(quote)]
        if sent and re.search(r"\w", whole):
            found[line] = tuple(sent[:MOST_ON_A_LINE])
    return found


def _code(language: Language, text: str, function: Function) -> str:
    """``text`` up to the function's end, with all that is not its code blanked out."""
    start, end = function.span.start, function.span.end
    code = " " * start + without_comments(language, text, start, end)
    told = function.documentation
    if told is None or told.start < start:
        return code
    return code[: told.start] + " " * (told.end - told.start) + code[told.end :]


def _expressions(tree: Parsed, span: Span) -> dict[int, list[str]]:
    """The texts of the named nodes in ``span`` that lie on one line, by line, the longest first."""
    found: dict[int, list[str]] = {}
    for node in _nodes(tree, span):
        if node.is_named and node.start_point.row == node.end_point.row:
            found.setdefault(node.start_point.row, []).append(tree.span_of(node).of(tree.text))
    return {line: sorted(texts, key=len, reverse=True) for line, texts in found.items()}


def _nodes(tree: Parsed, span: Span) -> Iterator[tree_sitter.Node]:
    """The nodes that touch ``span``, each before those inside it."""
    start, end = tree.byte_of(span.start), tree.byte_of(span.end)
    nodes = [tree.tree.root_node]
    while nodes:
        node = nodes.pop()
        if node.end_byte > start and node.start_byte < end:
            yield node
            nodes.extend([] if _OPAQUE.search(node.type) else reversed(node.children))
