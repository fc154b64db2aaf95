"""Large structures that are copied at every call: a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.rule import BRACES, Rule, Sighting
from lsp_server.core.evidence.subject import QUERIES, Subject, field, inside, text_of
from lsp_server.core.parsing import Parsed, of_tree

_LARGE = 64
"""Bytes; a copy of less costs about as much as a pointer and what is behind it."""
_POINTER = 8
_BYTES = {
    "char": 1,
    "bool": 1,
    "short": 2,
    "int": 4,
    "float": 4,
    "long": 8,
    "double": 8,
    "string": 32,
    "vector": 24,
    "map": 48,
}
"""Of the types that a field can have, on a machine of 64 bits; the first word that fits counts."""


def _copied(subject: Subject, function: Node) -> Iterator[Sighting]:
    """Parameters that are whole structures and are only read."""
    sizes = _sizes(subject.tree)
    found = [(node, size) for node in _own_parameters(subject) for size in [_size_of(subject, node, sizes)] if size]
    if not found:
        return
    names = [text_of(field(node, "declarator") or node) for node, _ in found]
    listed = " and ".join(f"`{name}`" for name in names)
    known = [size for _, size in found if size > 0]
    words = {
        "names": listed,
        "size": f" ({max(known)} bytes)" if known else "",
        "verb": "is a whole structure and is" if len(found) == 1 else "are whole structures and are",
        "instead": "a reference to const" if subject.language.name == "cpp" else "a pointer to const",
    }
    yield Sighting(found[0][0], words, tuple((node, "This one too.") for node, _ in found[1:]))


def _own_parameters(subject: Subject) -> list[Node]:
    """The function's own parameters that are neither pointers nor references."""
    body = subject.body.start_byte
    own = [node for node in subject.own("parameter.declaration") if node.start_byte < body]
    return [node for node in own if getattr(field(node, "declarator"), "type", "") == "identifier"]


def _size_of(subject: Subject, parameter: Node, sizes: dict[str, int]) -> int:
    """The bytes of a parameter that is large and only read; -1 for a structure that nothing says the size of."""
    kind, name = field(parameter, "type"), text_of(field(parameter, "declarator") or parameter)
    if kind is None or _is_changed(subject, name):
        return 0
    size = sizes.get(text_of(kind.child_by_field_name("name") or kind), 0)
    if size > _LARGE:
        return size
    alone = kind.type == "struct_specifier" and not size and not _includes(subject.tree)
    return -1 if alone and subject.uses(name) else 0


def _is_changed(subject: Subject, name: str) -> bool:
    """Whether a copy is needed: a statement changes it, or it is handed on as a whole."""
    for use in subject.uses(name):
        if subject.is_a(use.node, "parameter"):
            continue
        around = subject.parent(use.node)
        if around is None or around.type != "field_expression":
            return True
        for above in subject.above(around):
            target = field(above, "left") or field(above, "argument")
            changing = above.type in ("assignment_expression", "update_expression", "pointer_expression")
            statement = (
                subject.parent(above) or above
            ).type == "expression_statement" or above.type == "pointer_expression"
            if changing and statement and target is not None and inside(around, target):
                return True
    return False


@of_tree
def _includes(tree: Parsed) -> bool:
    """Whether other files may declare what this one does not."""
    return bool(tree.nodes(QUERIES).get("include"))


@of_tree
def _sizes(tree: Parsed) -> dict[str, int]:
    """The bytes of each structure that a file declares, padding left out; a typedef's name counts as its own."""
    found: dict[str, int] = {}
    for node in sorted(tree.nodes(QUERIES).get("struct", []), key=lambda node: node.start_byte):
        size = _bytes_of(node, found)
        around = node.parent
        names = [node.child_by_field_name("name")]
        names += (
            around.children_by_field_name("declarator")
            if around is not None and around.type == "type_definition"
            else []
        )
        found.update((text_of(name), size) for name in names if name is not None)
    return found


def _bytes_of(structure: Node, known: dict[str, int]) -> int:
    body = structure.child_by_field_name("body")
    sizes = [
        _field_bytes(one, known) for one in (body.named_children if body else []) if one.type == "field_declaration"
    ]
    return max(sizes, default=0) if structure.type == "union_specifier" else sum(sizes)


def _field_bytes(declared: Node, known: dict[str, int]) -> int:
    kind = declared.child_by_field_name("type")
    if kind is None or re.match(r"\s*(?:static|friend|typedef|using)\b", text_of(declared)):
        return 0
    named = text_of(kind.child_by_field_name("name") or kind)
    own = known.get(named) or next((size for word, size in _BYTES.items() if word in named), _POINTER)
    return sum(_declarator_bytes(text_of(one), own) for one in declared.children_by_field_name("declarator"))


def _declarator_bytes(declarator: str, own: int) -> int:
    """Of ``name``, ``*name``, ``name[3][4]`` with elements of ``own`` bytes; an unknown number counts as one."""
    if "(" in declarator and "*" not in declarator:
        return 0
    size = _POINTER if declarator.startswith(("*", "&", "(")) else own
    for number in re.findall(r"\[\s*(\w*)\s*\]", declarator):
        size *= int(number) if number.isdigit() else 1
    return size


RULES = (
    Rule(
        "structure by value",
        BRACES,
        "copied-struct",
        "function",
        _copied,
        "{names} {verb} copied at every call{size}; {instead} is enough.",
        whole=True,
    ),
)
