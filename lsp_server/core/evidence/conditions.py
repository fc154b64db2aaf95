"""Conditions that decide something else than they seem to: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import (
    AND,
    NEGATED,
    OR,
    Constraint,
    comparisons,
    constraint,
    is_outermost,
    is_steady,
    join_of,
    literal,
    passing,
    terms,
)
from lsp_server.core.evidence.rule import BRACES, EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, bare, text_of

_LITERALS = ("integer", "float", "string", "tuple", "list", "dictionary", "set", "concatenated_string")
_TEXTS = ("string", "string_literal", "concatenated_string")
_TRUE = ("True", "true")


def _assigned(subject: Subject, condition: Node) -> Iterator[Sighting]:
    """``if (a = b)``. A second pair of parentheses, a call and a step along a list say that it is meant."""
    bare_ones = ("for_statement", "conditional_expression")  # Parentheses there are a choice.
    wrapped = condition.named_children if (subject.parent(condition) or condition).type not in bare_ones else []
    direct = [child for child in (condition, *wrapped) if subject.is_a(child, "assignment")]
    joined = [term for term in _terms_of(subject, condition) if subject.is_a(term, "assignment")]
    for node in dict.fromkeys([*direct, *joined]):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        if left and right and sign and text_of(sign) == "=" and _could_be_compared(subject, left, right):
            words = {"left": text_of(left), "right": text_of(right)}
            yield Sighting(node, words, title="Compare with `==`", change=((sign, "=="),))


def _terms_of(subject: Subject, condition: Node) -> list[Node]:
    inner = bare(condition)
    if inner is None or not join_of(subject, inner):
        return []
    sides = [inner.child_by_field_name("left"), inner.child_by_field_name("right")]
    return [side for side in sides if side is not None]


def _could_be_compared(subject: Subject, left: Node, right: Node) -> bool:
    looped = any(around.type in ("while_statement", "for_statement") for around in [*subject.above(left)][1:3])
    walks = right.type in ("subscript_expression", "pointer_expression") and looped
    steps = re.search(rf"(?<!\w){re.escape(text_of(left))}(?!\w)", text_of(right))
    called = not (is_steady(text_of(left)) and is_steady(text_of(right)))
    bits = re.search(r">>|<<|&|\||(?:^|[=(,])\s*\*", text_of(right)) is not None
    return not (bits or walks or steps or called or left.type == "pointer_expression")


def _unused_comparison(subject: Subject, node: Node) -> Iterator[Sighting]:
    watched = any(around.type in ("with_statement", "try_statement") for around in subject.above(node))
    if watched or _is_tested(subject, node):
        return
    for one in comparisons(subject, node)[:1]:
        sign = node.child_by_field_name("operator") or node.child_by_field_name("operators")
        if one.sign == "==" and sign is not None and is_steady(text_of(one.left)) and literal(one.left) is None:
            words = {"left": text_of(one.left), "right": text_of(one.right)}
            yield Sighting(node, words, title="Assign with `=`", change=((sign, "="),))


def _identity(subject: Subject, node: Node) -> Iterator[Sighting]:
    for one in comparisons(subject, node):
        other = one.right if one.right.type in _LITERALS else one.left
        if one.sign not in ("is", "is not") or other.type not in _LITERALS:
            continue
        sign = next(child for child in node.children_by_field_name("operators") if text_of(child) == one.sign)
        better = "==" if one.sign == "is" else "!="
        words = {"sign": one.sign, "literal": text_of(other), "better": better}
        yield Sighting(node, words, title=f"Compare with `{better}`", change=((sign, better),))


def _same_sides(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``a[i] == a[i]``. A plain name compared with itself asks whether it is a number at all."""
    for one in comparisons(subject, node):
        left, right = text_of(one.left), text_of(one.right)
        is_nan_test = one.sign in ("==", "!=") and one.left.type in ("identifier", "attribute", "field_expression")
        if (
            left == right
            and is_steady(left)
            and not (is_nan_test or _is_tested(subject, node))
            and literal(one.left) is None
        ):
            yield Sighting(node, {"side": left})


def _is_tested(subject: Subject, node: Node) -> bool:
    """Whether the comparison itself is on trial: in an assertion."""
    tests = subject.function.name.startswith("test")
    return tests or any(around.type == "assert_statement" for around in subject.above(node))


def _contradiction(subject: Subject, node: Node) -> Iterator[Sighting]:
    """Comparisons of one thing with literals that cannot all hold, or of which one always does."""
    if not is_outermost(subject, node):
        return
    join = join_of(subject, node)
    asked: dict[str, list[Constraint]] = {}
    for term in terms(subject, node):
        found = comparisons(subject, term)
        for one in found if join == AND or len(found) == 1 else ():
            wanted = constraint(one)
            if wanted is not None:
                wanted = wanted if join == AND else replace(wanted, sign=NEGATED[wanted.sign])
                asked.setdefault(wanted.subject, []).append(wanted)
    for name, group in asked.items():
        yield from _verdict(node, name, join, group)


def _verdict(node: Node, name: str, join: str, wanted: list[Constraint]) -> Iterator[Sighting]:
    left = passing(wanted) if len(wanted) > 1 else None
    if left == []:
        never = f"The comparisons of `{name}` can never hold together."
        yield Sighting(node, {"verdict": never if join == AND else f"One of the comparisons of `{name}` always holds."})
    elif left and join == AND and len(left) == 1 and all(one.sign in ("<=", ">=") for one in wanted):
        yield Sighting(node, {"verdict": f"The comparisons of `{name}` hold together for `{wanted[0].written}` only."})


def _implied(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``a == b and b == c and a == c``: the last one says nothing new, where ``or`` would."""
    join = join_of(subject, node)
    groups: list[set[str]] = []
    for term in terms(subject, node) if is_outermost(subject, node) else ():
        for one in comparisons(subject, term):
            pair = {"".join(text_of(side).split()) for side in (one.left, one.right)}
            if one.sign != ("==" if join == AND else "!=") or len(pair) < 2 or not all(map(is_steady, pair)):
                continue
            if any(pair <= group for group in groups):
                yield Sighting(term, {"term": text_of(term)})
            touched = [group for group in groups if pair & group]
            groups = [group for group in groups if group not in touched] + [pair.union(*touched)]


def _literal_term(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``x == 'a' or 'b'``: the last literal is a condition of its own, and true."""
    if not is_outermost(subject, node) or join_of(subject, node) != OR or not _decides(subject, node):
        return
    *first, last = terms(subject, node)
    value = literal(last)
    compared = [one for term in first for one in comparisons(subject, term)]
    if not value or not compared or compared[-1].sign not in ("==", "!="):
        return
    left = text_of(compared[-1].left)
    whole = f"{left} {compared[-1].sign} {text_of(last)}"
    certain = compared[-1].sign == "==" and is_steady(left)
    yield Sighting(
        last, {"literal": text_of(last)}, title=f"Write `{whole}`", change=((last, whole),) if certain else ()
    )


def _decides(subject: Subject, node: Node) -> bool:
    """Whether ``node`` is a condition, or with others joined to one."""
    current: Node | None = node
    while current is not None and not subject.is_a(current, "condition"):
        current = subject.parent(current)
        if not (subject.is_a(current, "boolean", "condition") or bare(current) is not current):
            return False
    return current is not None


def _literal_condition(subject: Subject, node: Node) -> Iterator[Sighting]:
    """A text, a tuple or a known answer as the whole of a condition, or joined to it."""
    inner = bare(node)
    if inner is None:
        return
    for term in terms(subject, inner) if join_of(subject, inner) else [inner]:
        is_tuple = term.type == "tuple" and term.named_child_count > 0
        is_text = term.type in _TEXTS and len(text_of(term)) > 2 and join_of(subject, inner) != OR
        if (is_text and literal(term)) or is_tuple:
            yield Sighting(term, {"literal": text_of(term).split("\n")[0], "verdict": "true"})
    if join_of(subject, inner) == OR and text_of(terms(subject, inner)[-1]) in _TRUE:
        yield Sighting(inner, {"literal": text_of(inner).split("\n")[0], "verdict": "true"})


def _size_test(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``len(x) >= 0`` and ``v.size() < 0``: no size is below nothing."""
    for one in comparisons(subject, node):
        size = re.fullmatch(r"len\([^()]*\)|[\w.>-]+(?:\.|->)(?:size|length)\(\)", text_of(one.left))
        if size and literal(one.right) == 0 and one.sign in ("<", ">="):
            yield Sighting(node, {"test": text_of(node), "verdict": "false" if one.sign == "<" else "true"})


RULES = (
    Rule(
        "assignment in a condition",
        BRACES,
        "assignment-in-condition",
        "condition",
        _assigned,
        "This assigns `{right}` to `{left}` where a comparison is meant.",
    ),
    Rule(
        "comparison as a statement",
        EVERY,
        "unused-value",
        "unused.comparison",
        _unused_comparison,
        "This compares `{left}` with `{right}` and does nothing with the answer.",
    ),
    Rule(
        "identity of a literal",
        ONLY_PYTHON,
        "wrong-condition",
        "comparison",
        _identity,
        "`{sign}` asks whether two things are the same object, which says nothing about `{literal}`: use `{better}`.",
    ),
    Rule(
        "same on both sides",
        EVERY,
        "constant-condition",
        "comparison",
        _same_sides,
        "`{side}` is compared with itself.",
    ),
    Rule(
        "contradiction",
        EVERY,
        "constant-condition",
        "boolean",
        _contradiction,
        "{verdict}",
    ),
    Rule(
        "implied comparison",
        EVERY,
        "wrong-condition",
        "boolean",
        _implied,
        "`{term}` follows from the other comparisons and changes nothing.",
    ),
    Rule(
        "literal joined to a comparison",
        EVERY,
        "constant-condition",
        "boolean",
        _literal_term,
        "`{literal}` stands here as a condition of its own, which is always true.",
    ),
    Rule(
        "literal as a condition",
        EVERY,
        "constant-condition",
        "condition",
        _literal_condition,
        "`{literal}` is always {verdict}.",
    ),
    Rule(
        "size below nothing",
        EVERY,
        "constant-condition",
        "comparison",
        _size_test,
        "`{test}` is always {verdict}: a size is never negative.",
    ),
)
