"""Whether control gets past a statement.

There are two readings. The strict one says *no* only where control cannot get past whatever happens: what follows is
dead. The generous one says *no* where a person would say so (a context manager that swallows nothing, a call that
never returns, a value that has one of the cases): where it says *yes*, control does get past.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.core.evidence.subject import Subject, bare, field, inside, statements, text_of

_ALWAYS = ("True", "1", "true", "")
_LEAVING = re.compile(
    r"(?i).*(abort|exit|die|panic|fatal|error|unreachable|throw|raise|fail|terminate|longjmp|usage|assert|skip|exec).*"
)
_RETURNING = re.compile(
    r"(?:f|s|sn|v|)printf|f?puts|f?putc|putchar|free|memcpy|memset|memmove|strn?cpy|strn?cat|qsort|(?:std::)?(?:sort|"
    r"swap|reverse|fill)|fclose|fflush|print"
)


def ends(subject: Subject, node: Node, *, generous: bool) -> bool:
    """Whether control never gets past ``node``, in one of the two readings."""
    if subject.is_a(node, "leaves"):
        return True
    if subject.is_a(node, "block") or node.type in ("else_clause", "finally_clause", "labeled_statement"):
        return any(ends(subject, one, generous=generous) for one in statements(node))
    if subject.is_a(node, "branch"):
        return _branches_end(subject, node, generous)
    if subject.is_a(node, "loop", "do"):
        return is_endless(subject, node)
    if node.type in ("try_statement", "with_statement", "match_statement", "switch_statement"):
        return _special(subject, node, generous)
    return generous and _may_leave(node)


def _branches_end(subject: Subject, node: Node, generous: bool) -> bool:
    bodies = list(branches(node))
    return has_else(node) and all(ends(subject, body, generous=generous) for body in bodies)


def branches(node: Node) -> Iterator[Node]:
    """What an ``if`` chooses among: the bodies, that of ``else`` too; in C an ``else if`` is one body."""
    first = node.child_by_field_name("consequence")
    if first is not None:
        yield first
    for alternative in node.children_by_field_name("alternative"):
        body = alternative.child_by_field_name("consequence") or alternative.child_by_field_name("body")
        yield body or next((child for child in alternative.named_children if child.type != "comment"), alternative)


def has_else(node: Node) -> bool:
    """Whether an ``if`` says what to do otherwise."""
    return any(child.type == "else_clause" for child in node.children_by_field_name("alternative"))


def is_endless(subject: Subject, loop: Node) -> bool:
    """Whether a loop is never left by its condition and has no ``break``."""
    if loop.type == "for_statement" and subject.is_python:
        return False
    condition = field(loop, "condition")
    always = condition is None or text_of(condition) in _ALWAYS
    return always and loop.type != "for_range_loop" and not leaves_loop(subject, loop)


def leaves_loop(subject: Subject, loop: Node) -> bool:
    """Whether a ``break`` or a jump inside ``loop`` belongs to it."""
    for node in [*subject.own("break"), *subject.own("goto")]:
        if inside(node, loop):
            around = next((one for one in subject.above(node) if _takes_break(subject, one)), None)
            if node.type == "goto_statement" or around is None or around.id == loop.id:
                return True
    return False


def _takes_break(subject: Subject, node: Node) -> bool:
    return subject.is_a(node, "loop", "do", "range.loop") or node.type == "switch_statement"


def _special(subject: Subject, node: Node, generous: bool) -> bool:
    """Statements whose body may be left early without leaving the function."""
    if node.type == "try_statement":
        return _try_ends(subject, node, generous)
    if not generous:
        return False
    if node.type == "with_statement":
        return ends(subject, node.child_by_field_name("body") or node, generous=True)
    cases = [case for case in statements(node.child_by_field_name("body") or node) if "case" in case.type]
    if node.type == "switch_statement":
        return subject.has("return", node) or subject.has("raise", node)
    return all(ends(subject, case.child_by_field_name("consequence") or case, generous=True) for case in cases)


def _try_ends(subject: Subject, node: Node, generous: bool) -> bool:
    parts = [child for child in node.named_children if child.type.endswith("_clause")]
    final = [part for part in parts if part.type == "finally_clause"]
    if any(ends(subject, part, generous=generous) for part in final):
        return True
    body = node.child_by_field_name("body") or node
    otherwise = [part for part in parts if part.type == "else_clause"]
    done = any(ends(subject, one, generous=generous) for one in [body, *otherwise])
    handlers = [part for part in parts if part.type in ("except_clause", "except_group_clause", "catch_clause")]
    if generous:  # A handler that calls something to report what happened may raise there.
        return done
    return done and all(any(ends(subject, one, generous=generous) for one in _blocks(part)) for part in handlers)


def _blocks(part: Node) -> list[Node]:
    return [child for child in part.named_children if child.type in ("block", "compound_statement")]


def _may_leave(node: Node) -> bool:
    """A call that may be one that never returns, or a macro that may hold a ``return``."""
    if node.type != "expression_statement":
        return node.type not in ("declaration", "pass_statement", "type_definition", "function_definition")
    call = next(iter(node.named_children), None)
    if call is None or call.type not in ("call_expression", "call"):
        return call is not None and call.type in ("identifier", "gnu_asm_expression", "await")
    name = text_of(call.child_by_field_name("function") or call)
    plain = bare(call.child_by_field_name("function"))
    if plain is None or plain.type not in ("identifier", "qualified_identifier") or _RETURNING.fullmatch(name):
        return _LEAVING.fullmatch(name) is not None
    return True
