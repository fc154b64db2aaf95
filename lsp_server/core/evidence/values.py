"""Values that are computed and not used, or used and never computed: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import literal
from lsp_server.core.evidence.near import is_slip
from lsp_server.core.evidence.reading import is_dynamic, is_harmless, is_inner, is_local, is_pure_call
from lsp_server.core.evidence.rule import EVERY, Rule, Sighting
from lsp_server.core.evidence.subject import Mention, Subject, Use, field, inside, text_of

_WRITES = (Use.BOUND, Use.UPDATED, Use.STORED, Use.FILLED, Use.DECLARED)
_MAKERS = re.compile(
    r"\[\]|\{\}|(?:set|dict|list|(?:collections\.)?(?:deque|OrderedDict|Counter|defaultdict))\((?:int|list|set|dict)?\)"
)
_FRESH = re.compile(
    r"[\[{(]|(?:set|dict|list|tuple|sorted|len|sum|int|float|str|(?:collections\.)?(?:deque|OrderedDict|Counter|defaultdict))\("
)
_KEPT = re.compile(r"^_|dummy|unused|ignore|keep")
_CONTAINERS = re.compile(
    r"(?:std::)?(?:vector|set|map|unordered_set|unordered_map|deque|list|stack|queue|multiset)<.*>", re.DOTALL
)
_PLAIN_TYPES = re.compile(
    r"(?:const |static )*(?:(?:unsigned |signed )?(?:int|long|long long|short|char|float|double|bool|size_t)|"
    r"auto|(?:std::)?string|(?:std::)?(?:vector|set|map|unordered_set|unordered_map|deque|list|pair)<.*>)",
    re.DOTALL,
)
_BEGINNINGS = ("None", "False", "false", "True", "true")
"""What a result is before a loop, besides nothing: it is there to be changed."""
_EFFECTS = ("new_expression", "none", "null", "update_expression", "lambda_expression", "ellipsis")


def _unused(subject: Subject, function: Node) -> Iterator[Sighting]:
    """A local that is given values, or filled, and never looked at."""
    if is_dynamic(subject):
        return
    for name, uses in subject.mentions.items():
        written = [use for use in uses if use.use is Use.BOUND]
        if not written or _KEPT.search(name) or not is_local(subject, name):
            continue
        if any(use.use not in _WRITES or _is_aside(subject, use.node) for use in uses):
            continue
        if any(is_slip(other, name) and not is_local(subject, other) for other in subject.mentions):
            continue  # It is used by a name that is not spelt right.
        values = [_value_of(subject, use.node) for use in written]
        worked_out = all(value is not None and _is_worked_out(subject, value) for value in values)
        if worked_out and _is_own(subject, uses, values):
            last = [use for use in uses if use.use is not Use.DECLARED][-1]
            plain = len(uses) == len(written)
            what = f"`{name}` is given a value that" if plain else f"What is collected in `{name}`"
            yield Sighting(last.node, {"what": what})


def _is_own(subject: Subject, uses: list[Mention], values: list[Node | None]) -> bool:
    """Whether what is written to belongs to the name alone: it is made here, or is a value and no pointer."""
    if not subject.is_python and any(text_of(node).isupper() for node in subject.captured.get("called", [])):
        return False  # A macro may use the name out of sight.
    plain = all(use.use in (Use.BOUND, Use.DECLARED) for use in uses)
    if plain:
        return subject.is_python  # A compiler of the others reports these.
    if subject.is_python:
        return all(
            value is not None and (_FRESH.match(text_of(value)) or literal(value) is not None) for value in values
        )
    numbers = all(value is not None and isinstance(literal(value), float) for value in values)
    counts = all(use.use in (Use.BOUND, Use.DECLARED, Use.UPDATED) for use in uses)
    return (counts and numbers) or any(use.use is Use.FILLED for use in uses)


def _is_aside(subject: Subject, node: Node) -> bool:
    """Whether a name is bound where its value may not be the point: in a class, or where failing is looked for."""
    watched = any(around.type in ("with_statement", "try_statement") for around in subject.above(node))
    return watched or is_inner(subject, node)


def _value_of(subject: Subject, name: Node) -> Node | None:
    """What a name is bound to, where its type says that nothing happens when it goes."""
    around = subject.parent(name)
    if around is None:
        return None
    if around.type == "init_declarator":
        declared = subject.parent(around)
        kind = field(declared, "type")
        if kind is None or declared is None or not _PLAIN_TYPES.fullmatch(text_of(kind)):
            return None
        if re.search(r"\b(static|extern|volatile)\b|unused|&", text_of(declared).partition("=")[0]):
            return None
    chained = subject.is_a(subject.parent(around), "assignment")
    return None if chained else field(around, "right") or field(around, "value")


def _is_worked_out(subject: Subject, value: Node) -> bool:
    """Whether a value is made by expressions alone: a call may be there for what it does."""
    nodes = [value]
    while nodes:
        node = nodes.pop()
        if node.type in ("call", "call_expression", "await", "yield", "lambda", "assignment", "assignment_expression"):
            called = field(node, "function")
            if called is None or not is_pure_call(node):
                return False
        around = subject.parent(node)
        method = subject.is_a(around, "call") and field(around, "function") == node
        if node.type in _EFFECTS or (node.type == "attribute" and not method):
            return False
        nodes.extend(node.named_children)
    return True


def _never_filled(subject: Subject, function: Node) -> Iterator[Sighting]:
    """A collection that begins empty, is looked into, and to which nothing is ever added."""
    if is_dynamic(subject):
        return
    for name, uses in subject.mentions.items():
        made = [use for use in uses if use.use in (Use.BOUND, Use.DECLARED)]
        if len(made) != 1 or not is_local(subject, name) or not _is_empty(subject, made[0]):
            continue
        others = [use for use in uses if use is not made[0]]
        asked = [use for use in others if _asks_inside(subject, use) or _is_result(subject, made[0].node, use.node)]
        if asked and all(is_harmless(subject, use) or _takes_out(subject, use) for use in others):
            yield Sighting(asked[0].node, {"name": name}, ((made[0].node, "It is made here."),))


def _is_result(subject: Subject, made: Node, node: Node) -> bool:
    """Whether what was to be collected in a loop is returned."""
    return subject.is_a(subject.parent(node), "return") and _after_loop(subject, made, node)


def _is_empty(subject: Subject, made: Mention) -> bool:
    """Whether a name is bound to a collection with nothing in it."""
    around = subject.parent(made.node)
    if made.use is Use.DECLARED:
        kind = field(around, "type")
        return kind is not None and _CONTAINERS.fullmatch(text_of(kind)) is not None
    value = field(around, "right")
    return value is not None and _MAKERS.fullmatch(text_of(value)) is not None


def _asks_inside(subject: Subject, use: Mention) -> bool:
    """Whether a use only makes sense for a collection that has something in it."""
    around = subject.parent(use.node)
    if around is None or use.use is not Use.READ:
        return False
    text = text_of(around)
    name = re.escape(text_of(use.node))
    member = re.search(rf"(?:not )?in {name}$", text) is not None and subject.is_a(around, "comparison")
    watched = re.fullmatch(rf"{name}(?:\.|->)(?:count|find|pop|top|front|back|popleft|contains|index)", text)
    decides = subject.is_a(around, "while") or (
        subject.is_a(around, "boolean", "condition") and _loops(subject, around)
    )
    return member or watched is not None or decides


def _loops(subject: Subject, node: Node) -> bool:
    return any(
        subject.is_a(around, "while") and inside(node, field(around, "condition") or node)
        for around in subject.above(node)
    )


def _takes_out(subject: Subject, use: Mention) -> bool:
    """``x.pop()`` and ``x[-1]``, for which something must be there."""
    around = subject.parent(use.node)
    if around is None or use.use is not Use.READ:
        return False
    taking = re.fullmatch(r"\w+\.(?:pop|popleft|top|front|back|clear)", text_of(around))
    above = subject.parent(around)
    written = above is not None and subject.is_a(above, "assignment", "augmented") and field(above, "left") == around
    written = written or (above is not None and above.type in ("attribute", "field_expression"))
    return taking is not None or (subject.is_a(around, "subscript") and not written)


def _constant_result(subject: Subject, function: Node) -> Iterator[Sighting]:
    """What is looked at after a loop was given one literal value, and no other anywhere."""
    if is_dynamic(subject) or not subject.own("loop"):
        return
    for name, uses in subject.mentions.items():
        made = [use for use in uses if use.use is Use.BOUND]
        if len(made) != 1 or not is_local(subject, name) or name.isupper():
            continue
        value = _value_of(subject, made[0].node)
        others = [use for use in uses if use is not made[0] and use.use is not Use.DECLARED]
        looks = [use.node for use in others if _after_loop(subject, made[0].node, use.node)]
        wanted = [node for node in looks if value is not None and _matters(subject, node, value)]
        # In Python nothing else than the name itself can give it another text or number.
        kept = all(is_harmless(subject, use) or (subject.is_python and use.use is Use.READ) for use in others)
        if wanted and kept:
            related = ((made[0].node, "This is all it is ever given."),)
            yield Sighting(wanted[-1], {"name": name, "value": text_of(value or made[0].node)}, related)


def _matters(subject: Subject, node: Node, value: Node) -> bool:
    """Whether a value that never changes is not meant at ``node``: a result, or nothing to reckon with."""
    if any(subject.is_a(around, "return") for around in _near(subject, node)):
        alone = subject.is_a(subject.parent(node), "return")
        begins = text_of(value) in _BEGINNINGS or literal(value) in (0, "") or (alone and literal(value) == 1)
        # Where others are returned elsewhere, this may say that nothing was found.
        return begins and (len(subject.own("return")) == 1 or literal(value) == 0)
    around = next(_near(subject, node))
    return literal(value) == 0 and subject.is_a(around, "comparison", "arithmetic") and "." not in text_of(node)


def _after_loop(subject: Subject, made: Node, returned: Node) -> bool:
    """Whether there is a loop between two places, in which something was to happen."""
    return any(made.end_byte < loop.start_byte < returned.start_byte for loop in subject.own("loop"))


def _near(subject: Subject, node: Node) -> Iterator[Node]:
    """What a name is directly part of, through lists of expressions."""
    for around in subject.above(node):
        yield around
        if around.type not in ("expression_list", "tuple", "list", "parenthesized_expression", "initializer_list"):
            return


RULES = (
    Rule(
        "never used",
        EVERY,
        "unused-value",
        "function",
        _unused,
        "{what} is never used.",
        whole=True,
    ),
    Rule(
        "never filled",
        EVERY,
        "missing-code",
        "function",
        _never_filled,
        "`{name}` is always empty here: nothing is ever added to it.",
        whole=True,
    ),
    Rule(
        "constant result",
        EVERY,
        "missing-code",
        "function",
        _constant_result,
        "`{name}` is always `{value}` here: nothing changes it.",
        whole=True,
    ),
)
