"""One function as the rules see it: its tree, what the queries captured in it, and how each of its names is used.

What a language calls a loop, a condition or an assignment stands in its ``evidence`` query; a rule that uses only
captures and this view works in every language. It must never know what is wrong with anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from tree_sitter import Node

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import Family, Language
from lsp_server.core.parsing import Parsed

QUERIES = "evidence"


class Use(Enum):
    """How a name is used; the value is the name of the captures that say so, in order of precedence."""

    PARAMETER = "parameter"
    DECLARED = "declares"
    """Declared without a value."""
    BOUND = "binds"
    """Given a value of its own by a statement."""
    PART = "unpacks"
    """Given a value in any other way: by a loop, unpacking, an import, inside an expression."""
    UPDATED = "updates"
    """Changed from its own value, and the result not looked at."""
    STORED = "stores"
    """An element of it is set or removed by a statement."""
    FILLED = "fills"
    """A method that only adds to it is called, and the result not looked at."""
    READ = "name"


@dataclass(frozen=True, eq=False)
class Mention:
    """A name at one place."""

    node: Node
    use: Use


@dataclass(frozen=True, eq=False)
class Subject:
    """A function of a parsed document; ``node`` is its definition."""

    document: Document
    tree: Parsed
    node: Node
    function: Function

    @property
    def language(self) -> Language:
        """The language it is written in."""
        return self.tree.language

    @property
    def is_python(self) -> bool:
        """Whether blocks are marked by indentation."""
        return self.language.family is Family.INDENTATION

    @property
    def body(self) -> Node:
        """The block of its statements."""
        return self.node.child_by_field_name("body") or self.node

    @cached_property
    def captured(self) -> dict[str, list[Node]]:
        """What the queries capture in the whole of it, functions inside it included, in the order of the text."""
        found = self.tree.nodes(QUERIES, inside=self.node)
        return {
            name: sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)) for name, nodes in found.items()
        }

    @cached_property
    def nested(self) -> list[Node]:
        """The functions defined inside it."""
        return [node for node in self.captured.get("function", []) if node.id != self.node.id]

    def own(self, capture: str) -> list[Node]:
        """What is captured under that name in it, and not in a function inside it."""
        return self._own.get(capture, [])

    @cached_property
    def _own(self) -> dict[str, list[Node]]:
        inner = [(node.start_byte, node.end_byte) for node in self.nested]
        if not inner:
            return self.captured
        return {
            name: [node for node in nodes if not any(start <= node.start_byte < end for start, end in inner)]
            for name, nodes in self.captured.items()
        }

    def has(self, capture: str, around: Node | None = None) -> bool:
        """Whether anything is captured under that name in ``around``, functions inside it left out."""
        return any(around is None or inside(node, around) for node in self.own(capture))

    @cached_property
    def kinds(self) -> dict[str, set[int]]:
        """The identities of the nodes captured under each name."""
        return {name: {node.id for node in nodes} for name, nodes in self.captured.items()}

    def is_a(self, node: Node | None, *captures: str) -> bool:
        """Whether ``node`` is captured under one of these names."""
        return node is not None and any(node.id in self.kinds.get(name, ()) for name in captures)

    @cached_property
    def _parents(self) -> dict[int, Node]:
        parents: dict[int, Node] = {}
        nodes = [self.node]
        while nodes:
            node = nodes.pop()
            for child in node.children:
                parents[child.id] = node
                nodes.append(child)
        return parents

    def parent(self, node: Node) -> Node | None:
        """What ``node`` is a direct part of; None for the function itself."""
        return self._parents.get(node.id)

    def above(self, node: Node) -> Iterator[Node]:
        """What ``node`` is part of, from near to far, the function itself last."""
        around = self.parent(node)
        while around is not None:
            yield around
            around = self.parent(around)

    def statement(self, node: Node) -> Node:
        """The statement of a block that ``node`` is part of."""
        current = node
        for around in self.above(node):
            if self.is_a(around, "block"):
                return current
            current = around
        return current

    @cached_property
    def mentions(self) -> dict[str, list[Mention]]:
        """Every use of every name in it, functions inside it included, in the order of the text."""
        found: dict[str, list[Mention]] = {}
        uses = {node.id: use for use in reversed(Use) for node in self.captured.get(use.value, [])}
        skipped = self.kinds.get("elsewhere", set())
        for node in self.captured.get(Use.READ.value, []):
            if node.id not in skipped:
                found.setdefault(text_of(node), []).append(Mention(node, uses[node.id]))
        return found

    def uses(self, name: str) -> list[Mention]:
        """Every use of one name."""
        return self.mentions.get(name, [])

    def names_in(self, node: Node) -> list[str]:
        """The names used in ``node``, in order."""
        skipped = self.kinds.get("elsewhere", set())
        nodes = [one for one in self.captured.get("name", []) if inside(one, node) and one.id not in skipped]
        return [text_of(one) for one in nodes]

    def span(self, place: Node | Span) -> Span:
        """A place as a span of the document."""
        return place if isinstance(place, Span) else self.tree.span_of(place)


def text_of(node: Node) -> str:
    """The text of a node, as it is written."""
    return (node.text or b"").decode("utf-8", "replace")


def inside(node: Node, around: Node) -> bool:
    """Whether ``node`` is ``around`` or lies in it."""
    return around.start_byte <= node.start_byte and node.end_byte <= around.end_byte


def field(node: Node | None, name: str) -> Node | None:
    """The part of ``node`` in that field, out of its parentheses."""
    return bare(node.child_by_field_name(name)) if node is not None else None


def bare(node: Node | None) -> Node | None:
    """An expression without the parentheses around it."""
    while node is not None and node.type in ("parenthesized_expression", "condition_clause"):
        parts = [child for child in node.named_children if child.type != "comment"]
        if len(parts) != 1:
            return node
        node = parts[0]
    return node


def statements(block: Node) -> list[Node]:
    """The statements of a block, without its comments."""
    return [child for child in block.named_children if child.type != "comment"]
