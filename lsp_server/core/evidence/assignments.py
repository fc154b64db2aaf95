"""Assignments that take a value twice, from themselves, or before there is one: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import is_steady
from lsp_server.core.evidence.reading import is_dynamic, is_inner, is_local
from lsp_server.core.evidence.rule import BRACES, EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, Use, field, inside, text_of


def _self_assigned(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``x = x``. In a class body and in a parameter's default it means something."""
    left, right, sign = field(node, "left"), field(node, "right"), node.child_by_field_name("operator")
    plain = sign is None or text_of(sign) == "="
    if left is None or right is None or not plain or any(subject.is_a(one, "class") for one in subject.above(node)):
        return
    if text_of(left) == text_of(right) and is_steady(text_of(left)) and node.child_by_field_name("type") is None:
        chosen = any(subject.is_a(one, "branch") for one in subject.above(node))
        if not subject.is_python or (left.type == "identifier" and not chosen):
            yield Sighting(node, {"name": text_of(left)})


def _twice_itself(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``x *= x * y``: the target stands on both sides of the same operator."""
    left, right, sign = field(node, "left"), field(node, "right"), node.child_by_field_name("operator")
    if left is None or right is None or sign is None or not is_steady(text_of(left)):
        return
    within: Node | None = right
    while within is not None and text_of(sign) in ("+=", "*="):
        joined, first = within.child_by_field_name("operator"), field(within, "left")
        if joined is None or first is None or text_of(sign) != f"{text_of(joined)}=":
            return
        if text_of(first) == text_of(left):
            yield Sighting(node, {"name": text_of(left), "sign": text_of(sign)})
        within = first


def _dead_division(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``a - 1 // 2`` and, of integers in C, ``1 / 2``: always 0."""
    left, right, sign = field(node, "left"), field(node, "right"), node.child_by_field_name("operator")
    if left is None or right is None or sign is None or text_of(sign) != ("//" if subject.is_python else "/"):
        return
    above, below = text_of(left), text_of(right)
    if re.fullmatch(r"\d+", above) and re.fullmatch(r"[1-9]\d*", below) and 0 < int(above) < int(below):
        yield Sighting(node, {"division": text_of(node)})


def _uninitialised(subject: Subject, declaration: Node) -> Iterator[Sighting]:
    """A number declared without a value and first used as if it had one."""
    kind = field(declaration, "type")
    if kind is None or kind.type not in ("primitive_type", "sized_type_specifier"):
        return
    if re.search(r"\b(static|extern|thread_local|volatile)\b", text_of(declaration)):
        return
    for declared in declaration.children_by_field_name("declarator"):
        uses = [use for use in subject.uses(text_of(declared)) if use.node.start_byte > declared.start_byte]
        if declared.type == "identifier" and uses and uses[0].use is Use.UPDATED:
            related = ((declared, "It is declared here without one."),)
            if not _set_around(subject, uses[0].node, declaration):
                yield Sighting(uses[0].node, {"name": text_of(declared)}, related)


def _set_around(subject: Subject, node: Node, declaration: Node) -> bool:
    """Whether the first use may come after another: by a jump, or in a later round of a loop begun before."""
    name = text_of(node)
    looped = [
        loop
        for loop in [*subject.own("loop"), *subject.own("do")]
        if inside(node, loop) and not inside(declaration, loop)
    ]
    given = [use for use in subject.uses(name) if use.use in (Use.BOUND, Use.PART) or use.use is Use.READ]
    later = [use for use in given if any(inside(use.node, loop) for loop in looped)]
    guarded = any(subject.is_a(around, "branch") and not inside(declaration, around) for around in subject.above(node))
    return subject.has("goto") or (guarded and bool(later)) or any(use.use is Use.PART for use in subject.uses(name))


def _before_bound(subject: Subject, function: Node) -> Iterator[Sighting]:
    """A local that is read in front of everything that binds it."""
    if is_dynamic(subject):
        return
    for name, uses in subject.mentions.items():
        bound = [use.node for use in uses if use.use is Use.BOUND]
        first = uses[0].node
        if not bound or uses[0].use in (Use.BOUND, Use.DECLARED) or not is_local(subject, name):
            continue
        if any(use.use in (Use.PARAMETER, Use.PART) for use in uses) or first.start_byte < subject.body.start_byte:
            continue
        elsewhere = any(is_inner(subject, node) or _is_scoped(subject, node) for node in [first, *bound])
        same = inside(first, subject.statement(bound[0]))
        if not elsewhere and not same and not _is_conditional(subject, first):
            yield Sighting(first, {"name": name}, ((bound[0], "It gets its first value here."),))


def _is_scoped(subject: Subject, node: Node) -> bool:
    scopes = ("lambda", "comprehension")
    return any(subject.is_a(around, *scopes) for around in subject.above(node))


def _is_conditional(subject: Subject, node: Node) -> bool:
    """Whether ``node`` is reached in some rounds only, or where its failing is expected."""
    for around in subject.above(node):
        if subject.is_a(around, "branch", "ternary", "boolean", "try", "with", "loop") or around.type in (
            "match_statement",
            "except_clause",
            "delete_statement",
        ):
            return True
    return False


RULES = (
    Rule("assigned to itself", EVERY, "excess-code", "assignment", _self_assigned, "`{name}` is assigned to itself."),
    Rule(
        "twice itself",
        ONLY_PYTHON,
        "wrong-value",
        "augmented",
        _twice_itself,
        "`{sign}` takes `{name}` into account already, and here it is on the right side too.",
    ),
    Rule(
        "twice itself in braces",
        BRACES,
        "wrong-value",
        "assignment",
        _twice_itself,
        "`{sign}` takes `{name}` into account already, and here it is on the right side too.",
    ),
    Rule(
        "division that gives 0",
        EVERY,
        "wrong-value",
        "arithmetic",
        _dead_division,
        "`{division}` is computed by itself and gives 0.",
    ),
    Rule(
        "number without a value",
        BRACES,
        "missing-code",
        "declaration",
        _uninitialised,
        "`{name}` has no value yet when this changes it.",
        whole=True,
    ),
    Rule(
        "read before it is bound",
        ONLY_PYTHON,
        "wrong-value",
        "function",
        _before_bound,
        "`{name}` has no value yet when it is read here.",
        whole=True,
    ),
)
