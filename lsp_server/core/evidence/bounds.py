"""Indexes that go one past the end of what the loop around them counts: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import comparisons, literal
from lsp_server.core.evidence.rule import BRACES, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, Use, field, inside, text_of

_LENGTH = re.compile(r"len\((?P<of>[A-Za-z_][\w.]*)\)(?:(?P<sign>[+-])(?P<more>\d+))?")
_SIZE = re.compile(
    r"(?:\(?(?:int|size_t)\)?\(?|static_cast<\w+>\()?(?P<of>\w+)(?:\.|->)(?:size|length)\(\)\)?(?:(?P<sign>[+-])(?P<more>\d+))?"
)
_PLAIN = re.compile(r"(?P<of>\w+)(?:(?P<sign>[+-])(?P<more>\d+))?")
_STEADY_CONTAINER = re.compile(r"(?:const\s+)?(?:std::)?(?:(?:vector|array|deque)\s*<.*>|string)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class _Count:
    """``name`` runs through ``around`` up to index ``len(of) + last``: 0 is one past the end, below 0 is inside."""

    name: str
    of: str
    last: int
    from_zero: bool
    bound: Node
    around: Node


def _compact(node: Node) -> str:
    return "".join(text_of(node).split())


def _number(match: re.Match[str]) -> int:
    return int(f"{match['sign']}{match['more']}") if match["more"] else 0


def _counted(subject: Subject, name: Node | None, over: Node | None, around: Node | None) -> _Count | None:
    """A Python loop or comprehension through ``range(len(of))``, possibly with more or less."""
    if name is None or over is None or around is None or name.type != "identifier" or over.type != "call":
        return None
    arguments = field(over, "arguments")
    if text_of(field(over, "function") or over) != "range" or arguments is None:
        return None
    given = arguments.named_children
    if not given or len(given) > 3 or (len(given) == 3 and text_of(given[2]).startswith("-")):
        return None
    stop = given[1] if len(given) > 1 else given[0]
    match = _LENGTH.fullmatch(_compact(stop))
    if match is None or (len(given) == 3 and text_of(given[2]) != "1"):
        return None
    zero = len(given) == 1 or literal(given[0]) == 0
    return _Count(text_of(name), match["of"], _number(match) - 1, zero, stop, around)


def _past_in_loop(subject: Subject, loop: Node) -> Iterator[Sighting]:
    count = _counted(subject, field(loop, "left"), field(loop, "right"), field(loop, "body"))
    if count is not None:
        yield from _past(subject, count)


def _past_in_comprehension(subject: Subject, node: Node) -> Iterator[Sighting]:
    clauses = [child for child in node.named_children if child.type == "for_in_clause"]
    for clause in clauses if len(clauses) == 1 else ():
        count = _counted(subject, field(clause, "left"), field(clause, "right"), node)
        if count is not None:
            yield from _past(subject, count)


def _past_in_while(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``while i <= len(a)`` with ``a[i]`` in front of all that changes ``i``."""
    body = field(loop, "body")
    for one in comparisons(subject, field(loop, "condition")):
        match = _LENGTH.fullmatch(_compact(one.right))
        if match and body is not None and one.left.type == "identifier" and one.sign in ("<", "<="):
            last = _number(match) - (one.sign == "<")
            yield from _past(subject, _Count(text_of(one.left), match["of"], last, False, one.right, body))


def _past_in_for(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for (i = 0; i <= n; i++) a[i]`` where ``a`` has ``n`` elements."""
    body, update = field(loop, "body"), loop.child_by_field_name("update")
    if body is None or update is None or "++" not in text_of(update):
        return
    for one in comparisons(subject, field(loop, "condition")):
        if one.left.type != "identifier" or one.sign not in ("<", "<="):
            continue
        for of, more in _arrays(subject, one.right):
            # What is behind the last character of a string may be looked at, but not by a loop over its characters.
            if one.sign == "<=" or "string" not in _type_of(subject, of):
                last = more - (one.sign == "<")
                yield from _past(subject, _Count(text_of(one.left), of, last, False, one.right, body))


def _arrays(subject: Subject, bound: Node) -> Iterator[tuple[str, int]]:
    """The arrays that ``bound`` is the size of, with how much more it is."""
    text = _compact(bound)
    size = _SIZE.fullmatch(text)
    if size is not None:
        if _STEADY_CONTAINER.fullmatch(_type_of(subject, size["of"])):
            yield size["of"], _number(size)
        return
    match = _PLAIN.fullmatch(text)
    for name, uses in subject.mentions.items() if match else ():
        declared = subject.parent(uses[0].node)
        if declared is None or declared.type != "array_declarator" or match is None:
            continue
        given = text_of(declared.child_by_field_name("size") or uses[0].node)
        if given.isdigit() and text.isdigit():
            yield name, int(text) - int(given)
        elif given == match["of"] and not given.isdigit():
            yield name, _number(match)


def _type_of(subject: Subject, name: str) -> str:
    """The type that the first declaration of ``name`` in the function gives it."""
    uses = subject.uses(name)
    around = (
        next((one for one in subject.above(uses[0].node) if field(one, "type") is not None), None) if uses else None
    )
    kind = field(around, "type")
    return text_of(kind) if kind is not None else ""


def _past(subject: Subject, count: _Count) -> Iterator[Sighting]:
    """Every place in a loop that takes an element one past the end, with nothing in the way that asks."""
    if _is_changed(subject, count):
        return
    for node in subject.own("subscript"):
        array = node.child_by_field_name("value") or node.child_by_field_name("argument")
        if array is None or text_of(array) != count.of or not inside(node, count.around):
            continue
        index = _index(node)
        if index is not None and _reaches(index, count) and not _is_guarded(subject, node, count):
            words = {"index": text_of(index), "array": count.of, "name": count.name}
            yield Sighting(node, words, ((count.bound, f"`{count.name}` goes up to here."),))
            return


def _index(node: Node) -> Node | None:
    index = node.child_by_field_name("subscript") or node.child_by_field_name("index")
    indices = node.child_by_field_name("indices")
    if indices is not None and indices.named_child_count == 1:
        index = indices.named_children[0]
    return index


def _reaches(index: Node, count: _Count) -> bool:
    """Whether an index can be the number of elements or more."""
    text = _compact(index)
    onward = re.fullmatch(rf"{re.escape(count.name)}(?:(?P<sign>[+-])(?P<more>\d+))?", text)
    if onward is not None:
        return count.last + _number(onward) >= 0
    return count.from_zero and text == f"len({count.of})-{count.name}"


def _is_changed(subject: Subject, count: _Count) -> bool:
    """Whether the loop changes how many elements there are, or counts in its own way before it looks."""
    root = count.of.partition(".")[0]
    grown = [use for use in subject.uses(root) if use.use in (Use.FILLED, Use.BOUND, Use.PART, Use.UPDATED)]
    if any(inside(use.node, count.around) for use in grown):
        return True
    counter = [use for use in subject.uses(count.name) if use.use in (Use.BOUND, Use.UPDATED)]
    looks = [node.start_byte for node in subject.own("subscript") if inside(node, count.around)]
    return any(inside(use.node, count.around) and use.node.start_byte < min(looks, default=0) for use in counter)


def _is_guarded(subject: Subject, node: Node, count: _Count) -> bool:
    """Whether a condition in the loop in front of ``node`` looks at the counter, or a failure is handled."""
    asked = [
        one
        for one in [*subject.own("condition"), *subject.own("boolean")]
        if inside(one, count.around) and _is_before(subject, one, node, count) and not _is_left(one, node)
    ]
    handled = any(subject.is_a(around, "try") for around in subject.above(node))
    return handled or any(count.name in _unindexed(subject, one, count) for one in asked)


def _is_before(subject: Subject, condition: Node, node: Node, count: _Count) -> bool:
    """Whether a condition is asked before ``node`` is reached: in a comprehension it stands behind."""
    return condition.start_byte < node.start_byte or subject.is_a(count.around, "comprehension")


def _is_left(condition: Node, node: Node) -> bool:
    """Whether ``node`` is what a condition looks at first, so that nothing in it guards it."""
    left = field(condition, "left")
    return inside(node, left) if left is not None else inside(node, condition) and field(condition, "operator") is None


def _unindexed(subject: Subject, condition: Node, count: _Count) -> list[str]:
    """The names in a condition, without those that are only part of an index."""
    inner = [node for node in subject.own("subscript") if inside(node, condition)]
    nodes = [one for one in subject.captured.get("name", []) if inside(one, condition)]
    return [text_of(one) for one in nodes if not any(inside(one, node) for node in inner)]


RULES = (
    Rule(
        "index past the end",
        ONLY_PYTHON,
        "off-by-one",
        "for",
        _past_in_loop,
        "`{index}` becomes the length of `{array}` in this loop, one past its last index.",
        whole=True,
    ),
    Rule(
        "index past the end of a comprehension",
        ONLY_PYTHON,
        "off-by-one",
        "comprehension",
        _past_in_comprehension,
        "`{index}` becomes the length of `{array}` here, one past its last index.",
        whole=True,
    ),
    Rule(
        "index past the end of a while",
        ONLY_PYTHON,
        "off-by-one",
        "while",
        _past_in_while,
        "`{index}` becomes the length of `{array}` in this loop, one past its last index.",
        whole=True,
    ),
    Rule(
        "index past the end of a loop in braces",
        BRACES,
        "off-by-one",
        "for",
        _past_in_for,
        "`{index}` becomes the size of `{array}` in this loop, one past its last index.",
        whole=True,
    ),
)
