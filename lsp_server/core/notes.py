"""Where a function is documented: in its docstring or comment, or in a text that stands right below it.

It never reads what is said there.
"""

from __future__ import annotations

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import PYTHON
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import plain
from lsp_server.core.syntax import language_of


def documentation_of(document: Document, function: Function) -> tuple[Span, ...]:
    """Everything that documents ``function``, in file order."""
    below = note_below(document, function)
    return tuple(span for span in (function.documentation, below) if span is not None)


def note_below(document: Document, function: Function) -> Span | None:
    """A string that stands by itself below a Python function at the top level, its quotes included."""
    if language_of(document) is not PYTHON or function.indent:
        return None
    tree = parsed(PYTHON, plain(document.text))
    byte = tree.byte_of(function.signature.start)
    children = tree.tree.root_node.named_children
    at = next((at for at, child in enumerate(children) if child.start_byte <= byte < child.end_byte), len(children))
    following = children[at + 1] if at + 1 < len(children) else None
    if following is None or following.type != "expression_statement" or following.named_child_count != 1:
        return None
    return tree.span_of(following) if following.named_children[0].type == "string" else None
