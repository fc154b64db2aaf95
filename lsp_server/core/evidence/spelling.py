"""Names that no declaration has, and that are one slip away from a name that is declared: a family of rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.near import nearest
from lsp_server.core.evidence.rule import BRACES, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import QUERIES, Subject, Use, text_of
from lsp_server.core.names import defined_in
from lsp_server.core.parsing import Parsed, of_tree

_OPEN = re.compile(r"__getattr|__dict__|__slots__|setattr|vars\(|@dataclass|@attr|metaclass")
_SHORTEST = 5
"""Letters of a name in C and C++, where another file may declare it; below that, chosen names are one slip apart."""


@of_tree
def _file(tree: Parsed) -> dict[str, list[str]]:
    """The texts of what the queries capture in the whole file, by the captures' names."""
    wanted = (
        "declared.type",
        "declared.name",
        "type",
        "include",
        "struct.used",
        "name",
        "declares",
        "binds",
        "unpacks",
        "parameter",
    )
    found = tree.nodes(QUERIES)
    return {name: [text_of(node) for node in found.get(name, [])] for name in wanted}


def _unknown(subject: Subject, function: Node) -> Iterator[Sighting]:
    """Names in Python that nothing in the file binds, and that are not built in."""
    known = defined_in(subject.language, subject.tree.text)
    if known is None:
        return
    own = {node.id for node in subject.own("name")}
    for name, uses in subject.mentions.items():
        if name in known or name.startswith("__") or uses[0].node.id not in own:
            continue
        if any(subject.is_a(around, "try") for around in subject.above(uses[0].node)):
            continue
        meant = nearest(name, (other for other in subject.mentions if other in known)) or nearest(name, known)
        if meant is not None:
            change = tuple((use.node, meant) for use in uses)
            yield Sighting(uses[0].node, {"name": name, "meant": meant}, title=f"Write `{meant}`", change=change)


def _unknown_member(subject: Subject, function: Node) -> Iterator[Sighting]:
    """``self.coutn`` in a class without bases that has ``self.count``."""
    holder = next(_classes_around(subject.node), None)
    if holder is None or _may_have_more(holder):
        return
    known = _members(subject.tree).get(holder.start_byte, frozenset())
    for node in subject.own("member"):
        name = text_of(node)
        if name not in known and not name.startswith("__"):
            meant = nearest(name, known)
            if meant is not None:
                words = {"name": f"self.{name}", "meant": f"self.{meant}"}
                yield Sighting(node, words, title=f"Write `{meant}`", change=((node, meant),))


def _classes_around(node: Node) -> Iterator[Node]:
    """The class that a method is right in."""
    around = node.parent
    while around is not None and around.type in ("block", "decorated_definition"):
        around = around.parent
    if around is not None and around.type == "class_definition":
        yield around


def _may_have_more(holder: Node) -> bool:
    """Whether a class may have members that its text does not name."""
    return (
        holder.child_by_field_name("superclasses") is not None
        or holder.has_error
        or _OPEN.search(text_of(holder)) is not None
    )


@of_tree
def _members(tree: Parsed) -> dict[int, frozenset[str]]:
    """The members that each class of a file gives itself, by where the class begins."""
    found = tree.nodes(QUERIES)
    given = [*found.get("member.set", []), *found.get("member.defined", [])]
    classes = found.get("class", [])
    return {
        one.start_byte: frozenset(text_of(node) for node in given if one.start_byte < node.start_byte < one.end_byte)
        for one in classes
    }


def _unknown_type(subject: Subject, function: Node) -> Iterator[Sighting]:
    """Types that nothing in the file declares, next to one that it does declare."""
    file = _file(subject.tree)
    declared = set(file["declared.type"])
    written = Counter(file["type"])
    for node in subject.own("type"):
        name = text_of(node)
        if name in declared or len(name) < _SHORTEST or subject.is_a(node, "declared.type"):
            continue
        meant = nearest(name, declared, inward=True)
        related: tuple[tuple[Node, str], ...] = ()
        if meant is None and _stands_alone(subject, node):
            other = _other_spelling(subject, node, written)
            meant, related = (text_of(other), ((other, "Here it is spelt so."),)) if other is not None else (None, ())
        around = subject.parent(node)
        qualified = around is not None and around.type in ("qualified_identifier", "nested_namespace_specifier")
        known = file["include"] and written[name] > 1
        if meant is not None and written[name] <= written[meant] and not qualified and not known:
            words = {"name": name, "meant": meant}
            yield Sighting(node, words, related, title=f"Write `{meant}`", change=((node, meant),))


def _stands_alone(subject: Subject, node: Node) -> bool:
    """Whether no header can declare the structure that ``node`` names: the file includes none."""
    around = subject.parent(node)
    return around is not None and around.type == "struct_specifier" and not _file(subject.tree)["include"]


def _other_spelling(subject: Subject, node: Node, written: Counter[str]) -> Node | None:
    """Another name of a structure that is as good as this one: the rarer of the two is the slip, then the longer."""
    name = text_of(node)
    for other in subject.own("struct.used"):
        rank, own = (written[text_of(other)], -len(text_of(other))), (written[name], -len(name))
        later = rank == own and node.start_byte < other.start_byte
        if nearest(name, [text_of(other)], inward=True) and (rank > own or later):
            return other
    return None


def _unknown_variable(subject: Subject, function: Node) -> Iterator[Sighting]:
    """Variables that nothing in the file declares, next to one that the function declares."""
    if "::" in subject.function.name:
        return
    file = _file(subject.tree)
    if file["include"] and subject.tree.tree.root_node.has_error:
        return  # What does not parse may be a declaration.
    declared = {name for kind in ("declared.name", "declares", "binds", "unpacks", "parameter") for name in file[kind]}
    local = {name for name, uses in subject.mentions.items() if uses[0].use in (Use.PARAMETER, Use.DECLARED, Use.BOUND)}
    in_class = subject.node.parent is not None and subject.node.parent.type == "field_declaration_list"
    for name, uses in subject.mentions.items():
        node = uses[0].node
        around = subject.parent(node)
        called = subject.is_a(node, "called") or (
            around is not None and around.type == "argument_list" and name.isupper()
        )
        if name in declared or len(name) < _SHORTEST or name.isupper() or called or in_class:
            continue
        meant = nearest(name, local, inward=True)
        if meant is not None and len(uses) <= len(subject.uses(meant)) and re.fullmatch(r"[A-Za-z]\w*", name):
            change = tuple((use.node, meant) for use in uses)
            yield Sighting(node, {"name": name, "meant": meant}, title=f"Write `{meant}`", change=change)


RULES = (
    Rule(
        "misspelt name",
        ONLY_PYTHON,
        "unknown-name",
        "function",
        _unknown,
        "Nothing defines `{name}`; `{meant}` is meant.",
    ),
    Rule(
        "misspelt member",
        ONLY_PYTHON,
        "unknown-name",
        "function",
        _unknown_member,
        "The class has no `{name}`; `{meant}` is meant.",
    ),
    Rule(
        "misspelt type",
        BRACES,
        "unknown-name",
        "function",
        _unknown_type,
        "No declaration has the type `{name}`; `{meant}` is meant.",
    ),
    Rule(
        "misspelt variable",
        BRACES,
        "unknown-name",
        "function",
        _unknown_variable,
        "Nothing declares `{name}`; `{meant}` is meant.",
    ),
)
