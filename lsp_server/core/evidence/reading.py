"""What happens to a name's value where it is only read: whether something may change or keep what it stands for.

It must never know which rule asks.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from lsp_server.core.evidence.subject import Mention, Subject, Use, bare, field, inside, text_of

_PURE = re.compile(
    r"len|abs|min|max|sum|int|float|str|bool|sorted|reversed|list|tuple|set|dict|range|enumerate|zip|any|all|ord|chr|"
    r"round|isinstance|repr|map|filter|math\.\w+|bin|divmod|pow|frozenset|type|print|hash|id|"
    r"(?:std::)?(?:abs|min|max|sqrt|pow|floor|ceil|to_string|strlen|printf)"
)
"""Calls that change nothing of what they are given."""
_WATCHING = re.compile(
    r"size|length|empty|count|find|at|begin|end|front|back|top|contains|c_str|substr|get|keys|values|items|index|"
    r"startswith|endswith|lower|upper|strip|split|join|isdigit|isalpha|copy"
)
"""Methods that change nothing of what they are called on."""
_DYNAMIC = re.compile(r"\b(?:locals|vars|eval|exec|globals|dir)\s*\(")
_CALLS = ("call", "call_expression")
_TRANSPARENT = ("argument_list", "subscript_argument_list", "parenthesized_expression", "keyword_argument", "tuple")
_LOOKS = ("comparison", "boolean", "condition", "return", "loop", "range.loop", "branch", "ternary")
_MEMBERS = ("attribute", "field_expression")


def is_pure_call(call: Node) -> bool:
    """Whether a call is known to change nothing but what it returns."""
    called = field(call, "function")
    if called is None:
        return False
    if called.type in _MEMBERS:
        member = called.child_by_field_name("attribute") or called.child_by_field_name("field")
        plain = _PURE.fullmatch(text_of(called)) is not None
        return plain or (member is not None and _WATCHING.fullmatch(text_of(member)) is not None)
    return _PURE.fullmatch(text_of(called)) is not None


def is_harmless(subject: Subject, mention: Mention) -> bool:
    """Whether what is read here is only looked at: not handed on, not referred to, not changed by a method."""
    if mention.use is not Use.READ:
        return False
    node = mention.node
    for around in subject.above(node):
        if around.type in _TRANSPARENT or (
            subject.is_a(around, "boolean", "ternary") and not _decides(subject, node, around)
        ):
            continue
        if around.type in _CALLS:
            return is_pure_call(around)
        if around.type in _MEMBERS:
            call = subject.parent(around)
            return call is not None and call.type in _CALLS and is_pure_call(call)
        return _is_look(subject, around, node)
    return False


def _decides(subject: Subject, node: Node, around: Node) -> bool:
    """Whether ``node`` is what ``around`` asks, or part of what something else asks, and no value that it may have."""
    asked = next((one for one in around.named_children if subject.is_a(one, "condition")), None)
    return subject.is_a(around, "condition") or (asked is not None and inside(node, asked))


def _is_look(subject: Subject, around: Node, node: Node) -> bool:
    """Whether the construct right around a name only looks at it."""
    if subject.is_a(around, *_LOOKS):
        return True
    if subject.is_a(around, "arithmetic"):
        return (">>" not in text_of(around) and "<<" not in text_of(around)) or subject.is_python
    if subject.is_a(around, "subscript"):
        index = field(around, "subscript") or field(around, "index") or field(around, "indices")
        return index is not None and inside(node, index)
    return around.type in ("unary_expression", "unary_operator", "not_operator", "expression_list", "for_in_clause")


def is_local(subject: Subject, name: str) -> bool:
    """Whether a name belongs to the function alone: it is bound in it, and not shared with what is around."""
    uses = subject.uses(name)
    shared = any(text_of(node) == name for node in subject.captured.get("shared", []))
    declaring = (
        (Use.DECLARED, Use.PARAMETER, Use.PART, Use.BOUND) if subject.is_python else (Use.DECLARED, Use.PARAMETER)
    )
    return not shared and any(use.use in declaring or subject.is_a(use.node, "local") for use in uses)


def is_dynamic(subject: Subject) -> bool:
    """Whether the function may use its names out of sight."""
    return _DYNAMIC.search(text_of(subject.node)) is not None


def is_inner(subject: Subject, node: Node) -> bool:
    """Whether a name is bound in a class inside the function, or in a function inside it."""
    return any(subject.is_a(around, "class") for around in subject.above(node)) or any(
        inside(node, one) for one in subject.nested
    )


def changes_in(subject: Subject, name: str, around: Node) -> bool:
    """Whether anything in ``around`` may change what ``name`` stands for."""
    return any(
        inside(mention.node, around) and not is_harmless(subject, mention) and not _is_plain(subject, mention)
        for mention in subject.uses(name)
    )


def _is_plain(subject: Subject, mention: Mention) -> bool:
    """Whether a name is read as the whole value of an assignment or as what is indexed, in a language of values."""
    parent = subject.parent(mention.node)
    if mention.use is not Use.READ or parent is None:
        return False
    if subject.is_a(parent, "subscript") and not subject.is_a(subject.parent(parent), "assignment", "augmented"):
        return bare(parent) is parent
    right = parent.child_by_field_name("right") or parent.child_by_field_name("value")
    copied = subject.is_a(parent, "assignment", "augmented") or parent.type == "init_declarator"
    return copied and right is not None and right.id == mention.node.id and "&" not in text_of(parent)
