"""Default values that all calls share: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.rule import ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, Use, field, text_of

_MADE_ONCE = re.compile(r"\[\]|\{\}|(?:list|dict|set|bytearray|defaultdict|deque|OrderedDict|Counter)\(\)")
_MEANT = re.compile(r"^_|cache|memo|seen|state")
"""Names of what is to live as long as the function does."""
_CHANGING = re.compile(
    r"append|add|extend|insert|update|setdefault|pop|popitem|remove|discard|clear|sort|reverse|appendleft|popleft"
)


def _shared_default(subject: Subject, parameter: Node) -> Iterator[Sighting]:
    """A list, dictionary or set as a default that the function changes or gives away."""
    name, value = field(parameter, "name"), field(parameter, "value")
    if name is None or value is None or _MEANT.search(text_of(name)) or not _MADE_ONCE.fullmatch(text_of(value)):
        return
    around = subject.node.parent
    if any(
        one is not None and one.type == "block" for one in (around, around.parent if around else None)
    ) and not _is_method(subject):
        return  # The state of a function inside another lives no longer than one call of that.
    uses = subject.uses(text_of(name))
    if any(use.use is Use.BOUND for use in uses):
        return
    for use in uses:
        doing = _what_happens(subject, use.node, use.use)
        if doing:
            yield Sighting(parameter, {"name": text_of(name), "doing": doing}, ((use.node, f"It is {doing} here."),))
            return


def _is_method(subject: Subject) -> bool:
    around = subject.node.parent
    while around is not None and around.type in ("block", "decorated_definition"):
        around = around.parent
    return around is not None and around.type == "class_definition"


def _what_happens(subject: Subject, node: Node, use: Use) -> str:
    """``changed`` or ``returned``, and nothing where it is only looked at."""
    if use in (Use.STORED, Use.FILLED, Use.UPDATED):
        return "changed"
    around = subject.parent(node)
    if around is None or use is not Use.READ:
        return ""
    if around.type == "return_statement":
        return "returned"
    member = around.child_by_field_name("attribute") if around.type == "attribute" else None
    above = subject.parent(around)
    called = above is not None and above.type == "call" and field(above, "function") == around
    return "changed" if called and member is not None and _CHANGING.fullmatch(text_of(member)) else ""


RULES = (
    Rule(
        "mutable default",
        ONLY_PYTHON,
        "mutable-default",
        "default",
        _shared_default,
        "The default of `{name}` is made once, and is {doing}: all calls share it.",
    ),
)
