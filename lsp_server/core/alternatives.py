"""Shorter forms of one completion, cut where the syntax tree allows: its first statement, its first line."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from lsp_server.core.context import Context
from lsp_server.core.document import Span
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import plain
from lsp_server.core.syntax import adds_error


def shorter_forms(context: Context, text: str) -> tuple[str, ...]:
    """What of ``text`` could be inserted alone, longest first; each parses as well as the whole does."""
    here = Span(context.offset, context.offset)
    forms = dict.fromkeys(form for form in _cuts(context, text) if form.strip() and len(form) < len(text.rstrip()))
    if not forms:
        return ()
    tree = parsed(context.language, plain(context.document.text))
    errors = len(tree.edited(here, plain(text)).errors)
    return tuple(
        form
        for form in forms
        if len(tree.edited(here, plain(form)).errors) <= errors and not adds_error(context.document, here, form)
    )


def _cuts(context: Context, text: str) -> Iterator[str]:
    """Beginnings of ``text`` that end with one of its lines."""
    statement = _first_statement(context, text)
    if not text[statement:].split("\n", 1)[0].strip():
        yield text[:statement]
    lead = len(text) - len(text.lstrip())
    yield text[: lead + len(text[lead:].split("\n", 1)[0].rstrip())]


def _first_statement(context: Context, text: str) -> int:
    """Where the first whole construct of ``text`` ends: the largest node that begins it and is not all of it."""
    here = Span(context.offset, context.offset)
    tree = parsed(context.language, plain(context.document.text)).edited(here, plain(text))
    start = tree.byte_of(context.offset + len(text) - len(text.lstrip()))
    end = tree.byte_of(context.offset + len(text.rstrip()))
    node = tree.tree.root_node.descendant_for_byte_range(start, start)
    while node is not None and (parent := _larger(node, start, end)) is not None:
        node = parent
    return tree.offset_of(node.end_byte) - context.offset if node is not None else 0


def _larger(node: tree_sitter.Node, start: int, end: int) -> tree_sitter.Node | None:
    parent = node.parent
    return parent if parent is not None and parent.start_byte == start and parent.end_byte < end else None
