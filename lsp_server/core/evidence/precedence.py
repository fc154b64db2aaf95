"""Conditions of C and C++ whose signs bind or end otherwise than they look: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import comparisons, is_steady, literal
from lsp_server.core.evidence.rule import BRACES, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, field, text_of


def _chain(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``a < b < c`` compares a truth value with ``c``."""
    for outer in comparisons(subject, node) if "::" not in text_of(node) else ():
        left = node.child_by_field_name("left")
        for within in comparisons(subject, left) if left is not None else ():
            # A template's arguments may be taken for comparisons; not where the last side is a number.
            rising = {outer.sign, within.sign} <= {"<", "<="} and ">" not in text_of(node)
            if rising and left is not None and is_steady(text_of(node)) and within.right.type != "type_descriptor":
                joined = f"{text_of(left)} && {text_of(within.right)} {outer.sign} {text_of(outer.right)}"
                yield Sighting(
                    node, {"chain": text_of(node)}, title="Compare both sides", change=((node, f"({joined})"),)
                )


def _precedence(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``x & 1 == 0`` compares first, and then joins bits with the answer."""
    left, right, sign = (node.child_by_field_name(name) for name in ("left", "right", "operator"))
    if left is None or right is None or sign is None or subject.is_a(left, "comparison", "boolean"):
        return
    for one in comparisons(subject, right):
        if literal(one.right) is not None and not subject.is_a(one.left, "comparison"):
            bits = f"({text_of(left)} {text_of(sign)} {text_of(one.left)}) {one.sign} {text_of(one.right)}"
            words = {"sign": text_of(sign), "comparison": text_of(right)}
            yield Sighting(node, words, title="Join the bits first", change=((node, bits),))


def _empty(subject: Subject, node: Node) -> Iterator[Sighting]:
    """A semicolon right after a condition, and the block that it was for behind it."""
    statement = subject.parent(node)
    following = statement.next_named_sibling if statement is not None else None
    if statement is None or following is None or following.type != "compound_statement":
        return
    if statement.child_by_field_name("alternative") is None:
        word = statement.type.partition("_")[0]
        yield Sighting(node, {"word": word}, title="Delete the semicolon", change=((node, ""),))


def _unsigned(subject: Subject, node: Node) -> Iterator[Sighting]:
    """A loop that counts an unsigned variable down to below nothing."""
    declared = field(node, "initializer")
    kind = text_of(declared.child_by_field_name("type") or node) if declared is not None else ""
    condition, update = field(node, "condition"), text_of(field(node, "update") or node)
    for one in comparisons(subject, condition) if re.fullmatch(r"size_t|std::size_t|unsigned.*", kind) else ():
        name = text_of(one.left)
        if one.sign == ">=" and literal(one.right) == 0 and re.search(rf"{re.escape(name)}\s*--|--\s*{name}", update):
            yield Sighting(condition or node, {"name": name, "kind": kind})


RULES = (
    Rule(
        "chain of comparisons",
        BRACES,
        "wrong-condition",
        "comparison",
        _chain,
        "`{chain}` compares the answer of the first comparison, 0 or 1, with what follows.",
    ),
    Rule(
        "comparison before bits",
        BRACES,
        "wrong-condition",
        "bitwise",
        _precedence,
        "`{comparison}` is computed before `{sign}` is applied.",
    ),
    Rule(
        "empty branch",
        BRACES,
        "wrong-condition",
        "empty",
        _empty,
        "This semicolon is all that the `{word}` decides over; the block below it runs in any case.",
    ),
    Rule(
        "unsigned countdown",
        BRACES,
        "constant-condition",
        "for",
        _unsigned,
        "`{name}` is of type `{kind}` and never below 0, so that this always holds.",
    ),
)
