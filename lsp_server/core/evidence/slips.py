"""Words and signs one slip away from those that are meant: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import AND, Comparison, comparisons, is_steady, join_of, terms
from lsp_server.core.evidence.rule import BRACES, EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, bare, field, inside, text_of
from lsp_server.core.languages import C

_NOTHING = ("None", "NULL", "nullptr", "0")


def _turned_sign(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``x =- 1`` and ``x =+ 1``, by the spaces."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or node.parent is None:
        return
    between = text_of(node)[len(text_of(left).encode()) :] if text_of(node).isascii() else ""
    slip = re.match(r"\s+=([-+!])\s+\S", between)
    if slip is not None and right.type in ("unary_operator", "unary_expression", "not_operator"):
        better = "!=" if slip[1] == "!" else f"{slip[1]}="
        yield Sighting(node, {"written": f"={slip[1]}", "meant": better})


def _caught(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``except A or B`` catches ``A`` alone."""
    parts = terms(subject, node)
    names = ", ".join(text_of(part) for part in parts)
    first, last = text_of(parts[0]), text_of(parts[-1])
    caught = first if text_of(node.child_by_field_name("operator") or node) == "or" else last
    yield Sighting(node, {"caught": caught}, title=f"Catch `({names})`", change=((node, f"({names})"),))


def _looks_into_nothing(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``x is None and x.y``, ``!p && p->x``, ``p != NULL || p->x``."""
    join = join_of(subject, node)
    parts = terms(subject, node)
    for first, second in pairwise(parts):
        name = _known_to_be_nothing(subject, first, join)
        used = re.search(rf"(?<![\w.>]){re.escape(name)}\s*(?:\.(?!\d)|->)\s*\w", text_of(second)) if name else None
        if (
            name
            and used is not None
            and is_steady(name)
            and not re.search(rf"{re.escape(name)}\s*=[^=]", text_of(node))
        ):
            yield Sighting(second, {"name": name, "nothing": "`None`" if subject.is_python else "null"})


def _known_to_be_nothing(subject: Subject, test: Node, join: str) -> str:
    """The name that is nothing where what follows ``test`` is looked at; empty where none is known to be."""
    for one in comparisons(subject, test):
        equal = one.sign in ("==", "is")
        different = one.sign in ("!=", "is not")
        if (
            text_of(one.right) in _NOTHING[:3]
            and one.left.type == "identifier"
            and (equal if join == AND else different)
        ):
            return text_of(one.left)
    inner = field(test, "argument")
    negated = test.type in ("not_operator", "unary_expression") and text_of(test).startswith(("not", "!"))
    pointer = negated and not subject.is_python and join == AND and inner is not None and inner.type == "identifier"
    return text_of(inner) if pointer and inner is not None else ""


def _compared_text(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``s == "text"`` in C compares addresses."""
    if subject.tree.tree.root_node.has_error:
        return  # It may be C++.
    for one in comparisons(subject, node):
        literals = [side for side in (one.left, one.right) if side.type == "string_literal"]
        if literals and one.sign in ("==", "!="):
            yield Sighting(node, {"literal": text_of(literals[0])})


def _unused_comparison_in_for(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for (i == 0; ...)``."""
    start = loop.child_by_field_name("initializer")
    found: list[Comparison] = comparisons(subject, bare(start))
    sign = start.child_by_field_name("operator") if start is not None else None
    if found and found[0].sign == "==" and start is not None and sign is not None:
        words = {"left": text_of(found[0].left), "right": text_of(found[0].right)}
        yield Sighting(start, words, title="Assign with `=`", change=((sign, "="),))


def _size_of_pointer(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``sizeof(a) / sizeof(a[0])`` where ``a`` is a parameter, and so a pointer."""
    match = re.fullmatch(
        r"sizeof\s*\(?\s*(\w+)\s*\)?\s*/\s*sizeof\s*\(?\s*(?:\1\s*\[\s*0\s*\]|\*\s*\1)\s*\)?", text_of(node)
    )
    if match is None:
        return
    declared = [use.node for use in subject.uses(match[1]) if subject.is_a(use.node, "parameter")]
    around = subject.parent(declared[0]) if declared else None
    if around is not None and around.type in ("array_declarator", "pointer_declarator"):
        yield Sighting(node, {"name": match[1]}, ((declared[0], "It is a pointer here."),))


def _returned_local(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``char text[9]; return text;``: the array ends with the call."""
    given = bare(next(iter(node.named_children), None))
    declarator = subject.node.child_by_field_name("declarator")
    if given is None or given.type != "identifier" or declarator is None or declarator.type != "pointer_declarator":
        return
    for use in subject.uses(text_of(given)):
        around = subject.parent(use.node)
        if around is None or around.child_by_field_name("declarator") != use.node:
            continue
        declared = subject.parent(around) if around is not None and around.type == "array_declarator" else None
        while declared is not None and declared.type in ("init_declarator", "array_declarator"):
            declared = subject.parent(declared)
        kept = declared is not None and re.search(r"\b(static|extern|thread_local)\b", text_of(declared))
        if declared is not None and declared.type == "declaration" and not kept and not inside(declared, node):
            yield Sighting(given, {"name": text_of(given)}, ((use.node, "It is declared here."),))
            return


def _freed_wrongly(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``delete a`` of what ``new T[n]`` made."""
    target = next(iter(node.named_children), None)
    if target is None or target.type != "identifier" or "[" in text_of(node):
        return
    made = [_made(subject, use.node) for use in subject.uses(text_of(target)) if use.node.start_byte < node.start_byte]
    values = [value for value in made if value is not None]
    if values and all(re.match(r"new\s+[\w:]+(?:\s*\*)*\s*\[", text_of(value)) for value in values):
        change = ((node, f"delete[] {text_of(target)}"),)
        yield Sighting(
            node, {"name": text_of(target)}, ((values[0], "An array is made here."),), "Write `delete[]`", change
        )


def _made(subject: Subject, name: Node) -> Node | None:
    """What the declaration or assignment right around ``name`` gives it."""
    around = subject.parent(name)
    while around is not None and around.type == "pointer_declarator":
        around = subject.parent(around)
    value = field(around, "value") or field(around, "right")
    return value if value is not None and not inside(name, value) else None


def _power(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``2 ^ n`` and ``10 ^ n``, which are no powers."""
    left, right, sign = field(node, "left"), field(node, "right"), node.child_by_field_name("operator")
    if left is None or right is None or sign is None or text_of(sign) != "^" or text_of(left) not in ("2", "10"):
        return
    if re.fullmatch(r"\w+", text_of(right)) and not text_of(right).startswith("0x"):
        yield Sighting(node, {"power": text_of(node)})


RULES = (
    Rule(
        "no power",
        EVERY,
        "wrong-value",
        "arithmetic",
        _power,
        "`{power}` is an exclusive or of bits, not a power.",
    ),
    Rule(
        "turned sign",
        EVERY,
        "wrong-value",
        "assignment",
        _turned_sign,
        "`{written}` is an assignment with a sign behind it; `{meant}` is meant.",
    ),
    Rule(
        "caught words",
        ONLY_PYTHON,
        "wrong-condition",
        "caught",
        _caught,
        "This picks one of the exceptions and catches `{caught}` alone.",
    ),
    Rule(
        "looks into nothing",
        EVERY,
        "wrong-condition",
        "boolean",
        _looks_into_nothing,
        "`{name}` is {nothing} whenever this is evaluated.",
    ),
    Rule(
        "compared text",
        (C,),
        "wrong-condition",
        "comparison",
        _compared_text,
        "This compares the address of {literal}, not its characters.",
    ),
    Rule(
        "comparison as a start",
        BRACES,
        "unused-value",
        "for",
        _unused_comparison_in_for,
        "This compares `{left}` with `{right}` and does nothing with the answer.",
    ),
    Rule(
        "size of a pointer",
        BRACES,
        "wrong-value",
        "arithmetic",
        _size_of_pointer,
        "`{name}` is a parameter, and `sizeof` gives the size of a pointer.",
    ),
    Rule(
        "returned local",
        BRACES,
        "wrong-value",
        "return",
        _returned_local,
        "`{name}` ends with this call, and what is returned points to nothing.",
        whole=True,
    ),
    Rule(
        "array freed as one",
        BRACES,
        "wrong-call",
        "deleted",
        _freed_wrongly,
        "`{name}` is an array and is freed by `delete[]`.",
    ),
)
