"""The small changes that could be made to a function: another operator, another name, one more, one less, a line gone.

Most bugs that are found late are one of these. They are tried where something can tell which of them are right; here
nobody knows. Kinds of change are rows of data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import tree_sitter

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit
from lsp_server.core.languages import PYTHON
from lsp_server.core.parsing import Parsed, parsed
from lsp_server.core.syntax import language_of

MOST = 800
"""Changes of one function; they are made in file order, so a longer function is looked at from its front."""

_MOST_NAMES = 12
"""Of the names in a function, the most frequent take each other's places."""

_ALIKE: tuple[tuple[str, ...], ...] = (
    ("<", "<=", ">", ">=", "==", "!="),
    ("+", "-", "*", "/", "//", "%", "**"),
    ("+=", "-=", "*=", "/=", "//=", "%=", "="),
    ("&", "|", "^"),
    ("&=", "|=", "^=", "+="),
    ("<<", ">>"),
    ("and", "or"),
    ("&&", "||"),
    ("in", "not in"),
    ("is", "is not"),
    ("break", "continue"),
    ("++", "--"),
    ("True", "False"),
    ("true", "false"),
)
"""Tokens of the grammar; each may be meant where another of its row stands."""

_WORDS: tuple[tuple[str, ...], ...] = (
    ("min", "max"),
    ("any", "all"),
    ("floor", "ceil", "round"),
    ("append", "extend", "insert"),
    ("sum", "len", "max", "min"),
    ("lower", "upper", "swapcase"),
    ("islower", "isupper", "isalpha", "isdigit"),
    ("startswith", "endswith"),
    ("find", "rfind"),
    ("lstrip", "rstrip", "strip"),
    ("push_back", "push_front"),
    ("begin", "rbegin"),
    ("front", "back"),
    ("keys", "values", "items"),
    ("list", "set", "sorted", "tuple"),
)
"""Names of functions and methods, likewise."""

_NUMBERS = ("integer", "number_literal", "float")
_LITERALS = ("true", "false")
_NAMES = ("identifier",)
_BINARY = ("binary_operator", "boolean_operator", "binary_expression")
_NEGATIONS = ("not_operator", "unary_expression", "unary_operator")
_CALLS = ("call", "call_expression")
_BLOCKS = ("block", "compound_statement", "module")
_SIMPLE = ("comment", "pass_statement")
_COUNTED = (
    "argument_list", "subscript", "subscript_expression", "slice", "return_statement", "comparison_operator",
    "binary_expression", "subscript_argument_list",
)  # fmt: skip
"""Where a bound, an index or a result stands that may be one off."""


def small_changes(document: Document, function: Function) -> tuple[Edit, ...]:
    """Edits inside the function's body, one of which may be the right one; none twice."""
    language = language_of(document) or PYTHON
    tree = parsed(language, document.text)
    if function.body is None:
        return ()
    changes = _changes(tree, function.body, _names_in(tree, function.span))
    inside = (edit for edit in changes if edit.text != edit.span.of(document.text))
    return tuple(dict.fromkeys(islice(inside, MOST)))


def _changes(tree: Parsed, body: Span, names: tuple[str, ...]) -> Iterator[Edit]:
    for node in _nodes(tree, body):
        span = tree.span_of(node)
        for text in (*_other_tokens(node), *_other_names(node, names), *_other_forms(node)):
            yield Edit(span, text)
        yield from _without_statement(tree, node)


def _nodes(tree: Parsed, within: Span) -> Iterator[tree_sitter.Node]:
    """All nodes that lie in ``within``, in file order, a node before its children."""
    start, end = tree.byte_of(within.start), tree.byte_of(within.end)
    waiting = [tree.tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.end_byte <= start or node.start_byte >= end:
            continue
        if node.start_byte >= start and node.end_byte <= end:
            yield node
        if node.type not in ("string", "string_literal", "comment"):
            waiting.extend(reversed(node.children))


def _text(node: tree_sitter.Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _names_in(tree: Parsed, within: Span) -> tuple[str, ...]:
    """The variables of a function, the most frequent first."""
    named = (node for node in _nodes(tree, within) if node.type in _NAMES and not _is_called(node))
    counts = Counter(_text(node) for node in named)
    return tuple(name for name, _ in counts.most_common(_MOST_NAMES))


def _is_called(node: tree_sitter.Node) -> bool:
    """Whether a name is that of a function, an attribute or a parameter of somebody else."""
    parent = node.parent
    if parent is None:
        return False
    field = next((parent.field_name_for_child(at) for at, child in enumerate(parent.children) if child == node), None)
    return field in ("function", "attribute", "field") or (field == "name" and parent.type != "named_expression")


def _other_tokens(node: tree_sitter.Node) -> Iterator[str]:
    """For an operator or a literal."""
    if node.child_count:
        return
    text = _text(node)
    if node.type in _NUMBERS:
        yield from _other_numbers(text)
    elif not node.is_named or node.type in _LITERALS:
        yield from _others(_ALIKE, text)


def _others(rows: tuple[tuple[str, ...], ...], text: str) -> Iterator[str]:
    yield from (other for row in rows if text in row for other in row if other != text)


def _other_numbers(text: str) -> Iterator[str]:
    if text.isdecimal():
        number = int(text)
        yield from map(str, sorted({number + 1, number - 1, 0, 1} - {number}))
        yield f"-{number}"


def _other_names(node: tree_sitter.Node, names: tuple[str, ...]) -> Iterator[str]:
    if node.type not in (*_NAMES, "field_identifier"):
        return
    text = _text(node)
    yield from _others(_WORDS, text)
    if text in names and not _is_called(node):
        yield from (name for name in names if name != text)


def _other_forms(node: tree_sitter.Node) -> Iterator[str]:
    """For an expression: one more or less, negated or not, a part of it alone, its arguments the other way round."""
    text, children = _text(node), node.named_children
    parent = node.parent
    if parent is not None and node.is_named and parent.type in _COUNTED and node.type not in ("slice", "ERROR"):
        yield from (f"{text} + 1", f"{text} - 1")
    if parent is not None and parent.child_by_field_name("condition") == node:
        yield from _negated(node, text)
    if node.type in _BINARY and len(children) == 2:
        yield from map(_text, children)
    elif node.type in _NEGATIONS and len(children) == 1:
        yield _text(children[0])
    elif node.type in _CALLS:
        yield from _other_calls(node)
    elif node.type == "subscript" and len(children) == 2 and children[1].type == "slice":
        yield _text(children[0])


def _negated(node: tree_sitter.Node, text: str) -> tuple[str, ...]:
    return (f"(!{text})",) if node.type in ("parenthesized_expression", "condition_clause") else (f"not ({text})",)


def _other_calls(node: tree_sitter.Node) -> Iterator[str]:
    arguments = node.child_by_field_name("arguments")
    given = [_text(child) for child in arguments.named_children] if arguments is not None else []
    called = _text(node.child_by_field_name("function"))
    if len(given) == 1:
        yield given[0]
    if len(given) == 2:
        yield f"{called}({given[1]}, {given[0]})"


def _without_statement(tree: Parsed, node: tree_sitter.Node) -> Iterator[Edit]:
    """The lines of a statement that its block can do without."""
    parent = node.parent
    if parent is None or parent.type not in _BLOCKS or not node.is_named or node.type in _SIMPLE:
        return
    if parent.named_child_count > 1:
        span, text = tree.span_of(node), tree.text
        start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) + 1
        if not text[start : span.start].strip() and not text[span.end : end].strip() and end:
            yield Edit(Span(start, end), "")
