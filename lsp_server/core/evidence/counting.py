"""Loops that count wrongly, or divide by what they count: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import comparisons, literal
from lsp_server.core.evidence.loops import range_of
from lsp_server.core.evidence.reading import changes_in
from lsp_server.core.evidence.rule import BRACES, EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, Use, field, inside, text_of


def _unchanged_counter(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for (int i = 0; i < n; j++)``: the loop counts another variable than it asks for."""
    update, condition, start = (loop.child_by_field_name(name) for name in ("update", "condition", "initializer"))
    if update is None or condition is None or start is None:
        return
    names = [name for name in subject.names_in(start) if name in subject.names_in(condition)]
    body = field(loop, "body")
    if len(names) != 1 or body is None or set(subject.names_in(condition)) & set(subject.names_in(update)):
        return
    if not changes_in(subject, names[0], body) and not changes_in(subject, names[0], condition):
        yield Sighting(update, {"name": names[0], "update": text_of(update)})


def _counted_by_hand(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """The variable of a ``for i in range()`` is changed at the end of the body: the next round knows nothing of it."""
    name = field(loop, "left")
    body = field(loop, "body")
    if range_of(subject, loop) is None or name is None or body is None or name.type != "identifier":
        return
    for mention in subject.uses(text_of(name)):
        statement = subject.statement(mention.node)
        inner = next((one for one in subject.above(statement) if subject.is_a(one, "loop")), None)
        own = mention.use is Use.UPDATED and inside(statement, body) and inner is not None and inner.id == loop.id
        if own and not _read_after(subject, mention.node):
            yield Sighting(statement, {"name": text_of(name)}, ((name, "Each round sets it anew."),))


def _read_after(subject: Subject, node: Node) -> bool:
    return any(
        mention.node.start_byte > node.end_byte for mention in subject.uses(text_of(node)) if mention.use is Use.READ
    )


def _zero_divisor(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for j in range(n): x % j``: the first round divides by nothing."""
    counted, name, body = range_of(subject, loop), field(loop, "left"), field(loop, "body")
    arguments = field(counted, "arguments")
    if arguments is None or name is None or body is None or name.type != "identifier":
        return
    given = arguments.named_children
    if len(given) == 1 or (len(given) > 1 and literal(given[0]) == 0 and len(given) == 2):
        first = given[0] if len(given) > 1 else arguments
        yield from _divisions(subject, text_of(name), body, first)


def _zero_counter(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for (int j = 0; ...) x % j``."""
    start, body = loop.child_by_field_name("initializer"), field(loop, "body")
    parts = [start, *start.named_children] if start is not None and body is not None else []
    for declared in parts:
        name = field(declared, "declarator") or field(declared, "left")
        value = field(declared, "value") or field(declared, "right")
        if name is not None and value is not None and name.type == "identifier" and literal(value) == 0:
            yield from _divisions(subject, text_of(name), body or loop, declared)


def _divisions(subject: Subject, name: str, body: Node, first: Node) -> Iterator[Sighting]:
    """Where ``body`` divides by ``name`` with nothing in the way that looks at it."""
    for node in [*subject.own("arithmetic"), *subject.own("augmented")]:
        sign, divisor = node.child_by_field_name("operator"), field(node, "right")
        if sign is None or divisor is None or not inside(node, body) or text_of(divisor) != name:
            continue
        divides = text_of(sign) in ("/", "%", "//", "/=", "%=", "//=")
        formats = subject.is_python and text_of(sign) == "%" and not _is_of_numbers(subject, node)
        if divides and not formats and not _is_guarded(subject, node, name, body):
            yield Sighting(first, {"name": name}, ((divisor, "This divides by it."),))


def _is_of_numbers(subject: Subject, node: Node) -> bool:
    """Whether ``a % b`` is no format: nobody compares a text that is filled in with a number."""
    around = next((one for one in subject.above(node) if one.type != "parenthesized_expression"), None)
    compared = any(
        isinstance(literal(side), float) for one in comparisons(subject, around) for side in (one.left, one.right)
    )
    return compared or subject.is_a(around, "condition", "boolean") or subject.is_a(node, "condition")


def _is_guarded(subject: Subject, node: Node, name: str, body: Node) -> bool:
    """Whether something on the way to ``node`` looks at ``name``, or handles that it fails."""
    before = [one for one in subject.own("condition") if one.start_byte < node.start_byte and inside(one, body)]
    first = [use for use in subject.uses(name) if inside(use.node, body) and use.node.start_byte < node.start_byte]
    changed = [use for use in first if use.use is not Use.READ]
    asked = any(name in subject.names_in(one) and not inside(node, one) for one in before)
    joined = any(
        subject.is_a(around, "boolean") and name in subject.names_in(field(around, "left") or node)
        for around in subject.above(node)
        if not inside(node, field(around, "left") or body)
    )
    handled = any(subject.is_a(around, "try") for around in subject.above(node))
    return asked or bool(changed) or joined or handled


def _wrong_way(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for (i = 0; i < n; i--)``: every round leads away from the end."""
    condition, update, body = field(loop, "condition"), loop.child_by_field_name("update"), field(loop, "body")
    if condition is None or update is None or body is None or update.type != "update_expression":
        return
    name, down = text_of(field(update, "argument") or update), "--" in text_of(update)
    for one in comparisons(subject, condition):
        away = one.sign in (("<", "<=") if down else (">", ">="))
        if away and text_of(one.left) == name and not changes_in(subject, name, body):
            yield Sighting(update, {"update": text_of(update), "condition": text_of(condition)})


def _empty_range(subject: Subject, call: Node) -> Iterator[Sighting]:
    """``range(n, 0)``: without a step of -1 nothing is counted."""
    arguments = field(call, "arguments")
    if text_of(field(call, "function") or call) != "range" or arguments is None or arguments.named_child_count != 2:
        return
    start, stop = arguments.named_children
    first, last = literal(start), literal(stop)
    if isinstance(first, float) and isinstance(last, float):
        empty = first > last
    else:
        empty = last in (0, -1) and re.match(r"[-(]", text_of(start)) is None
    if empty and text_of(stop) in ("0", "-1", text_of(stop) if isinstance(first, float) else ""):
        yield Sighting(call, {"start": text_of(start), "stop": text_of(stop)})


def _zero_start(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``i = 0`` in front of ``while i < n``, and the first thing the body does with ``i`` is to divide by it."""
    body, block = field(loop, "body"), subject.parent(loop)
    for one in comparisons(subject, field(loop, "condition")):
        name = text_of(one.left)
        before = [use for use in subject.uses(name) if use.node.end_byte < loop.start_byte and use.use is not Use.READ]
        if body is None or not before or one.sign not in ("<", "<="):
            continue
        start = subject.parent(before[-1].node)
        value = field(start, "right") or field(start, "value")
        near = (
            block is not None
            and subject.is_a(block, "block")
            and subject.parent(subject.statement(before[-1].node)) == block
        )
        if near and value is not None and literal(value) == 0 and start is not None:
            first = next((use for use in subject.uses(name) if inside(use.node, body)), None)
            found = _divisions(subject, name, body, start)
            yield from (seen for seen in found if first is not None and seen.related[0][0] == first.node)


RULES = (
    Rule(
        "counter that stays",
        BRACES,
        "wrong-value",
        "for",
        _unchanged_counter,
        "The loop waits for `{name}`, and `{update}` changes something else.",
        whole=True,
    ),
    Rule(
        "counted by hand",
        ONLY_PYTHON,
        "wrong-value",
        "for",
        _counted_by_hand,
        "Changing `{name}` here has no effect on the loop, which sets it anew in each round.",
    ),
    Rule(
        "division by the first value",
        ONLY_PYTHON,
        "off-by-one",
        "for",
        _zero_divisor,
        "`{name}` begins with 0 here, and dividing by it fails in the first round.",
    ),
    Rule(
        "division by the first value of a loop in braces",
        BRACES,
        "off-by-one",
        "for",
        _zero_counter,
        "`{name}` begins with 0 here, and dividing by it fails in the first round.",
    ),
    Rule(
        "division by what a while begins with",
        EVERY,
        "off-by-one",
        "while",
        _zero_start,
        "`{name}` begins with 0 here, and dividing by it fails in the first round.",
    ),
    Rule(
        "away from the end",
        BRACES,
        "wrong-value",
        "for",
        _wrong_way,
        "`{update}` leads away from where `{condition}` ends.",
        whole=True,
    ),
    Rule(
        "empty range",
        ONLY_PYTHON,
        "wrong-value",
        "call",
        _empty_range,
        "This counts up from `{start}` to `{stop}`: without a step of -1 there is nothing in it.",
    ),
)
