"""Comparisons and what joins them, alike in all languages, and whether several can hold together.

It must never know which rule asks.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from lsp_server.core.evidence.subject import Subject, bare, field, text_of

Value = float | str
AND, OR = "and", "or"
_JOINS = {"and": AND, "&&": AND, "or": OR, "||": OR}
_OPERATORS: dict[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_CHANGING = re.compile(r"[\w\])]\s*\(|\+\+|--|:=|[^=!<>]=[^=]")
_NUMBER = re.compile(r"([+-]?(?:\d[\d_']*\.?\d*(?:[eE][+-]?\d+)?|\.\d+))[uUlLfF]*")


@dataclass(frozen=True, eq=False)
class Comparison:
    """``left sign right``; in a chain of comparisons one of them."""

    left: Node
    sign: str
    right: Node


@dataclass(frozen=True)
class Constraint:
    """What a comparison with a literal asks of its other side, the literal always on the right."""

    subject: str
    sign: str
    value: Value
    written: str

    def holds(self, value: Value) -> bool:
        """Whether ``value`` is let through; values of the other kind are equal to nothing."""
        return _OPERATORS[self.sign](value, self.value)


def join_of(subject: Subject, node: Node | None) -> str:
    """``and``, ``or``, or nothing for what is no such expression."""
    if node is None or not subject.is_a(node, "boolean"):
        return ""
    return _JOINS[text_of(node.child_by_field_name("operator") or node)]


def terms(subject: Subject, node: Node) -> list[Node]:
    """What ``and`` or ``or`` joins in ``node``, in order, out of parentheses."""
    join = join_of(subject, node)
    found: list[Node] = []
    for side in (field(node, "left"), field(node, "right")):
        if side is not None:
            found.extend(terms(subject, side) if join_of(subject, side) == join else [side])
    return found


def is_outermost(subject: Subject, node: Node) -> bool:
    """Whether nothing around ``node`` joins it with more by the same word."""
    around = next((one for one in subject.above(node) if one.type != "parenthesized_expression"), None)
    return join_of(subject, around) != join_of(subject, node)


def comparisons(subject: Subject, node: Node | None) -> list[Comparison]:
    """The comparisons that ``node`` is made of: one, or as many as Python's chains have signs."""
    if node is None or not subject.is_a(node, "comparison"):
        return []
    if not subject.is_python:
        left, right, sign = field(node, "left"), field(node, "right"), node.child_by_field_name("operator")
        return [Comparison(left, text_of(sign), right)] if left and right and sign else []
    operands = [bare(child) or child for child in node.named_children if child.type != "comment"]
    signs = [text_of(child) for child in node.children_by_field_name("operators")]
    return [Comparison(*parts) for parts in zip(operands, signs, operands[1:], strict=False)]


def is_steady(text: str) -> bool:
    """Whether an expression, by its looks, has the same value each time: it calls and changes nothing."""
    return _CHANGING.search(text) is None


def literal(node: Node) -> Value | None:
    """The value of a literal number or string, of a character of C its code; None for anything else."""
    text = text_of(node)
    number = _NUMBER.fullmatch(text)
    if number:
        return float(number[1].replace("_", "").replace("'", ""))
    if node.type not in ("string", "string_literal", "char_literal"):
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    if not isinstance(value, str):
        return None
    return float(ord(value)) if node.type == "char_literal" and len(value) == 1 else value


def constraint(comparison: Comparison) -> Constraint | None:
    """What a comparison of something steady with a literal asks; None for any other comparison."""
    left, sign, right = comparison.left, comparison.sign, comparison.right
    if literal(left) is not None:
        left, sign, right = right, MIRRORED.get(sign, ""), left
    value = literal(right)
    if value is None or sign not in _OPERATORS or literal(left) is not None or not is_steady(text_of(left)):
        return None
    return Constraint("".join(text_of(left).split()), sign, value, text_of(right))


def passing(constraints: Iterable[Constraint]) -> list[Value] | None:
    """Of all values that tell the constraints apart those that pass every one; None where they cannot be compared."""
    wanted = list(constraints)
    numbers = [one.value for one in wanted if isinstance(one.value, float)]
    texts = [one.value for one in wanted if isinstance(one.value, str)]
    if numbers and texts:
        return None
    apart = sorted({*numbers, *(value + step for value in numbers for step in (-1, 1))})
    tried: list[Value] = [*apart, *((low + high) / 2 for low, high in pairwise(apart))]
    tried.extend(other for text in texts for other in ("", text, text + "\0"))  # No text is between the last two.
    return [value for value in dict.fromkeys(tried) if all(one.holds(value) for one in wanted)]
