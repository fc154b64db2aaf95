"""Loops that do not do what a loop is for: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import comparisons
from lsp_server.core.evidence.flow import ends, leaves_loop
from lsp_server.core.evidence.reading import changes_in, is_local, is_pure_call
from lsp_server.core.evidence.rule import BRACES, EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import QUERIES, Subject, Use, field, inside, statements, text_of
from lsp_server.core.parsing import Parsed, of_tree

_LOOKING_AROUND = re.compile(
    r"\b(?:global|nonlocal|yield|await|next|input|open|self|static|extern|volatile|random|rand|time|now|cin|getchar)\b|"
    r"\w\.(?:pop|append|add|insert|extend|remove|clear|update|sort|push\w*|erase|read\w*|get\w*|next)\b|"
    r"\w->\w|[\w\])]\.\w+\s*=[^=]|\]\s*=[^=]|&\w|\*\w+\s*="
)
"""Signs that a function may answer differently when it is asked the same again."""
_EXITS = ("return", "raise", "goto", "yield", "await")
_CALLS = ("call", "call_expression")


def _stuck(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """Nothing in the loop can change its condition, and nothing else leaves the loop."""
    condition, body = field(loop, "condition"), field(loop, "body")
    if condition is None or body is None or any(subject.has(name, body) for name in _EXITS):
        return
    names = list(dict.fromkeys(subject.names_in(condition)))
    if not names or leaves_loop(subject, loop) or not _is_of_values(subject, condition):
        return
    called = {text_of(node) for node in subject.captured.get("called", []) if inside(node, condition)}
    watched = [name for name in names if name not in called]
    if not watched or not all(is_local(subject, name) for name in watched):
        return
    if not any(_may_change(subject, name, loop, condition) for name in watched):
        listed = " and ".join(f"`{name}`" for name in watched)
        verb = "stays" if len(watched) == 1 else "stay"
        yield Sighting(condition, {"names": f"{listed} {verb} the same"})


def _may_change(subject: Subject, name: str, loop: Node, condition: Node) -> bool:
    if any(text_of(use.node) == name and _is_reference(subject, use.node) for use in subject.uses(name)):
        return True
    if _has_alias(subject, name, condition):
        return True
    outside = subject.nested + subject.own("lambda")
    if any(name in subject.names_in(node) for node in outside):
        return True
    update = loop.child_by_field_name("update")
    parts = [part for part in (field(loop, "body"), update) if part is not None]
    return any(changes_in(subject, name, part) for part in parts)


def _has_alias(subject: Subject, name: str, condition: Node) -> bool:
    """Whether a collection that the condition looks into may be changed by another name, or by a method kept as one."""
    for use in subject.uses(name):
        around = subject.parent(use.node)
        if around is None or use.use is not Use.READ:
            continue
        call = subject.parent(around)
        kept = around.type == "attribute" and not (
            call is not None and call.type == "call" and field(call, "function") == around
        )
        right = around.child_by_field_name("right")
        copied = subject.is_a(around, "assignment") and right is not None and right.id == use.node.id
        if kept or (copied and not comparisons(subject, condition)) or (copied and "len(" in text_of(condition)):
            return True
    return False


def _is_reference(subject: Subject, node: Node) -> bool:
    """Whether a name may be changed through another: its address is taken, or it refers to something else."""
    around = subject.parent(node)
    return around is not None and (
        around.type in ("reference_declarator", "pointer_declarator")
        or (around.type == "pointer_expression" and text_of(around).startswith("&"))
    )


def _is_of_values(subject: Subject, condition: Node) -> bool:
    """Whether a condition depends on local values alone: no attribute that others set, no call that looks elsewhere."""
    if re.search(r"volatile|\bawait\b|:=", text_of(condition)):
        return False
    nodes = [condition]
    while nodes:
        node = nodes.pop()
        if node.type in ("attribute", "field_expression", "pointer_expression", "subscript", "subscript_expression"):
            return False
        if node.type in ("assignment_expression", "update_expression"):
            return False
        if node.type in _CALLS and not is_pure_call(node) and not _is_plain_call(subject, node):
            return False
        nodes.extend(node.named_children)
    return True


def _is_plain_call(subject: Subject, call: Node) -> bool:
    """Whether a call is of a function of this file that, by its looks, knows nothing but its arguments."""
    called = field(call, "function")
    return called is not None and text_of(called) in _plain_functions(subject.tree)


@of_tree
def _plain_functions(tree: Parsed) -> frozenset[str]:
    found: dict[str, list[bool]] = {}
    captured = tree.nodes(QUERIES)
    for node in captured.get("function", []):
        name = node.child_by_field_name("name") or field(node.child_by_field_name("declarator"), "declarator")
        if name is not None:
            calls = [call for call in captured.get("call", []) if inside(call, node) and not is_pure_call(call)]
            plain = _LOOKING_AROUND.search(text_of(node)) is None and not calls
            found.setdefault(text_of(name), []).append(plain and node.parent == tree.tree.root_node)
    return frozenset(name for name, plain in found.items() if plain == [True])


def range_of(subject: Subject, loop: Node) -> Node | None:
    """The call of ``range`` that a Python loop goes through."""
    over = field(loop, "right")
    if over is not None and over.type == "call" and text_of(field(over, "function") or over) == "range":
        return over
    return None


def _once(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """The first round always leaves the loop, after a choice that looks like one for each round."""
    body = field(loop, "body")
    if body is None or not subject.is_a(body, "block") or subject.has("continue", body):
        return
    found = statements(body)
    if not found or not subject.is_a(found[-1], "branch") or not ends(subject, found[-1], generous=False):
        return
    if subject.has("break", body) or subject.has("yield", body):
        return
    leaving = [node for node in subject.own("return") if inside(node, found[-1])]
    values = {text_of(node) for node in leaving}
    if len(leaving) > 1 and len(values) > 1:
        yield Sighting(loop.children[0], {})


def _other_variable(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """A loop inside another whose variable is not used, while that of the outer loop is."""
    name, body, over = field(loop, "left"), field(loop, "body"), field(loop, "right")
    outer = next((around for around in subject.above(loop) if subject.is_a(around, "for")), None)
    around = field(outer, "left")
    if name is None or body is None or over is None or around is None or name.type != "identifier":
        return
    if text_of(name).startswith("_") or around.type != "identifier" or text_of(name) in subject.names_in(body):
        return
    later = [use for use in subject.uses(text_of(name)) if use.node.start_byte > loop.end_byte][:1]
    later = [use for use in later if use.use is Use.READ]
    counted = range_of(subject, loop)
    counts = counted is not None and not _depends(subject, counted, text_of(around))
    if not later and not counts and text_of(around) in subject.names_in(body) and text_of(around) != text_of(over):
        yield Sighting(name, {"name": text_of(name), "other": text_of(around)}, ((around, "This one is used."),))


def _other_counter(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """The same where loops count: the inner one walks through something and its body only uses the outer counter."""
    outer = next((around for around in subject.above(loop) if subject.is_a(around, "for")), None)
    inner_name, outer_name = _counter(subject, loop), _counter(subject, outer)
    body = field(loop, "body")
    walks = re.search(r"(?:size|length)\(\)", text_of(loop.child_by_field_name("condition") or loop))
    if inner_name is None or outer_name is None or body is None or not walks:
        return
    name, other = text_of(inner_name), text_of(outer_name)
    used = set(subject.names_in(body))
    later = [use for use in subject.uses(name) if use.node.start_byte > loop.end_byte][:1]
    if name not in used and other in used and name != other and not any(use.use is Use.READ for use in later):
        yield Sighting(inner_name, {"name": name, "other": other}, ((outer_name, "This one is used."),))


def _counter(subject: Subject, loop: Node | None) -> Node | None:
    """What a loop counts by ``++``."""
    update = loop.child_by_field_name("update") if loop is not None else None
    counted = field(update, "argument") if update is not None and update.type == "update_expression" else None
    return counted if counted is not None and counted.type == "identifier" else None


def _depends(subject: Subject, counted: Node, name: str) -> bool:
    """Whether a range begins where it says and has to do with ``name``: its values are meant, not their number."""
    arguments = field(counted, "arguments")
    return arguments is not None and arguments.named_child_count > 1 and name in subject.names_in(arguments)


def _changed_while_walked(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``for x in xs: xs.remove(x)``, and going on with the loop."""
    over, body = field(loop, "right"), field(loop, "body")
    if over is None or body is None or over.type not in ("identifier", "attribute"):
        return
    walked = text_of(over)
    for call in subject.own("call.statement"):
        called = field(call, "function")
        if called is None or called.type != "attribute" or not inside(call, body):
            continue
        method = text_of(called.child_by_field_name("attribute") or called)
        target = text_of(called.child_by_field_name("object") or called)
        changing = target == walked != "self" and method in ("remove", "pop", "insert", "popleft")
        if changing and not _goes_on_no_further(subject, call, loop) and not _rebound(subject, walked, body):
            yield Sighting(call, {"walked": walked, "method": method}, ((over, "It is walked through here."),))


def _rebound(subject: Subject, walked: str, body: Node) -> bool:
    return any(use.use is Use.BOUND and inside(use.node, body) for use in subject.uses(walked))


def _goes_on_no_further(subject: Subject, call: Node, loop: Node) -> bool:
    """Whether the loop is left right after ``call``: by what follows it, at any level up to the loop."""
    current: Node | None = subject.parent(call)
    while current is not None and current.id != loop.id:
        block = subject.parent(current)
        following = [one for one in statements(block) if one.start_byte > current.start_byte] if block else []
        in_block = subject.is_a(block, "block")
        if in_block and any(ends(subject, one, generous=False) for one in following):
            return True
        current = block
    return False


RULES = (
    Rule(
        "condition that stays",
        EVERY,
        "constant-condition",
        "while",
        _stuck,
        "{names} inside the loop, so that it never ends.",
        whole=True,
    ),
    Rule(
        "loop that runs once",
        EVERY,
        "unreachable-code",
        "loop",
        _once,
        "The first round always leaves this loop, so that there is never a second one.",
        whole=True,
    ),
    Rule(
        "other loop's variable",
        ONLY_PYTHON,
        "wrong-value",
        "for",
        _other_variable,
        "`{name}` is not used in its loop, which uses `{other}` of the loop around it.",
    ),
    Rule(
        "other loop's counter",
        BRACES,
        "wrong-value",
        "for",
        _other_counter,
        "`{name}` is not used in its loop, which uses `{other}` of the loop around it.",
        whole=True,
    ),
    Rule(
        "changed while walked through",
        ONLY_PYTHON,
        "wrong-value",
        "for",
        _changed_while_walked,
        "`{method}` changes `{walked}` while a loop walks through it, which skips elements.",
    ),
)
