"""Where control goes, and where it cannot: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from lsp_server.core.evidence.comparisons import is_steady
from lsp_server.core.evidence.flow import branches, ends, has_else, is_endless
from lsp_server.core.evidence.rule import EVERY, Rule, Sighting
from lsp_server.core.evidence.subject import Subject, bare, field, statements, text_of

_NOTHING = re.compile(
    r"(?:\w+\.)?(?:None|Any|Optional|Iterator|Iterable|Generator|Async\w+|NoReturn|Never|object)\b.*|.*\bNone\b.*|.*\bNoReturn\b.*",
    re.DOTALL,
)
_VALUES = re.compile(r"(?:std::)?(?:string|vector|map|set|unordered_\w+|deque|pair|list)\b")
_ABSTRACT = re.compile(r"abstract|overload|property\.setter")


def _unreachable(subject: Subject, block: Node) -> Iterator[Sighting]:
    found = statements(block)
    for before, after in pairwise(found):
        if ends(subject, before, generous=False):
            if _is_meant(before, after) or (subject.is_a(before, "loop", "do") and is_endless(subject, before)):
                return
            word = text_of(before).split()[0].strip(";:({")
            related = ((before, "Nothing gets past this."),)
            yield Sighting(after, {"word": word}, related)
            return


_JUMPED_TO = ("labeled_statement", "case_statement", "declaration", "function_definition", "type_definition")
_FILLING = re.compile(
    r"(?:yield|raise|assert|break|pass|__builtin_unreachable|abort)\b.*|;|[A-Z_0-9]+(?:\(.*\))?;?", re.DOTALL
)


def _is_meant(before: Node, after: Node) -> bool:
    """What is written to be dead: a label is jumped to, a declaration does nothing, a ``yield`` makes a generator."""
    reports = (
        before.type == "return_statement" and re.search(r"(?i)error|raise|fail|throw", text_of(before)) is not None
    )
    refuses = reports or (before.type in ("raise_statement", "throw_statement") and after.type == "return_statement")
    jumped = "goto" in before.type or re.search(r"^\s*\w+:(?!:)", text_of(after), re.MULTILINE) is not None
    return refuses or jumped or after.type in _JUMPED_TO or _FILLING.fullmatch(text_of(after)) is not None


def _endless(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``while True`` without a way out, and statements behind it that were to be reached."""
    block = subject.parent(loop)
    if block is None or not is_endless(subject, loop) or not subject.is_a(block, "block"):
        return
    following = [one for one in statements(block) if one.start_byte > loop.start_byte]
    condition = loop.child_by_field_name("condition")
    leaving = following and re.match(
        r"(?:std::)?(?:exit|abort|_exit|__builtin_unreachable|break)\b", text_of(following[0])
    )
    if following and condition is not None and not leaving and not following[0].type.startswith("labeled"):
        related = ((following[0], "This is never reached."),)
        yield Sighting(bare(condition) or condition, {}, related)


def _missing_return(subject: Subject, node: Node) -> Iterator[Sighting]:
    """A function that is to return a value, and whose end is reached."""
    if ends(subject, subject.body, generous=True):
        return
    if not (_promises_in_python(subject) if subject.is_python else _promises(subject)):
        return
    last = statements(subject.body)[-1]
    if subject.is_a(last, "loop", "range.loop", "do") and subject.has("return", last):
        return  # A search may be sure to find.
    if subject.is_a(last, "branch") and "isinstance(" in text_of(field(last, "condition") or last):
        return  # A chain of types may name all there are.
    name = subject.function.name
    if subject.is_python:
        yield Sighting(_last(subject, subject.body), {"name": name})
    else:
        yield Sighting(subject.body.children[-1], {"name": name})


def _gives_value(subject: Subject) -> bool:
    return any(node.named_child_count and text_of(node) != "return None" for node in subject.own("return"))


def _promises(subject: Subject) -> bool:
    """Whether a C or C++ function must return a value."""
    kind = subject.node.child_by_field_name("type")
    declarator = subject.node.child_by_field_name("declarator")
    if kind is None or declarator is None or subject.has("yield") or subject.function.name in ("main", "wmain"):
        return False
    head = text_of(subject.node).partition("{")[0]
    if re.search(r"\b(auto|decltype|noreturn|naked|co_return|__attribute__)\b", head) or "->" in head:
        return False
    if text_of(kind) == "void" and declarator.type != "pointer_declarator":
        return False
    plain = kind.type in ("primitive_type", "sized_type_specifier") or _VALUES.match(text_of(kind))
    return _gives_value(subject) or bool(plain)


def _promises_in_python(subject: Subject) -> bool:
    kind = subject.node.child_by_field_name("return_type")
    around = subject.parent(subject.node) or subject.node.parent
    decorated = (
        around is not None and around.type == "decorated_definition" and _ABSTRACT.search(text_of(around)) is not None
    )
    return (
        kind is not None
        and _NOTHING.fullmatch(text_of(kind).strip("\"'")) is None
        and not decorated
        and not subject.has("yield")
        and _gives_value(subject)
    )


def _last(subject: Subject, node: Node) -> Node:
    """The statement that a block ends with, or the head of the compound statement that it ends with."""
    last = statements(node)[-1]
    inner = [child for child in last.children if subject.is_a(child, "block")]
    if inner and last.type in ("with_statement", "for_statement", "while_statement"):
        return _last(subject, inner[-1])
    return last if not inner else last.children[0]


def _dropped_recursion(subject: Subject, call: Node) -> Iterator[Sighting]:
    """A call of the function itself at the end of a branch, its value dropped, where others return one."""
    name = call.child_by_field_name("function")
    statement = subject.parent(call)
    if name is None or statement is None or text_of(name) != subject.function.name or subject.has("yield"):
        return
    returns = subject.own("return")
    if not returns or not all(node.named_child_count and text_of(node) != "return None" for node in returns):
        return
    block = subject.parent(statement)
    is_last = block is not None and statements(block)[-1].id == statement.id
    looped = any(subject.is_a(around, "loop", "range.loop") for around in subject.above(call))
    if is_last and not looped and _is_at_end(subject, statement):
        yield Sighting(call, {"name": text_of(name)}, title="Return it", change=((call, f"return {text_of(call)}"),))


def _is_at_end(subject: Subject, statement: Node) -> bool:
    """Whether nothing of the function comes after the branches that ``statement`` ends one of."""
    last = statements(subject.body)[-1]
    return last.start_byte <= statement.start_byte and statement.end_byte <= last.end_byte


def _same_branches(subject: Subject, node: Node) -> Iterator[Sighting]:
    """Every branch of an ``if`` does the same."""
    bodies = list(branches(node))
    if len(bodies) < 2 or not has_else(node):
        return
    texts = {" ".join(text_of(body).split()) for body in bodies}
    if len(texts) == 1 and "pass" not in texts and texts != {"{ }"}:
        related = tuple((body, "The same again.") for body in bodies[1:])
        yield Sighting(field(node, "condition") or node, {}, related)


def _same_choice(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``a if c else a``, ``c ? a : a``."""
    parts = node.named_children
    first, last = (parts[0], parts[2]) if subject.is_python else (parts[1], parts[2])
    if len(parts) == 3 and text_of(first) == text_of(last):
        yield Sighting(node, {})


def _repeated_condition(subject: Subject, node: Node) -> Iterator[Sighting]:
    """A condition that an earlier branch of the same ``if`` has taken."""
    if not subject.is_python and (subject.parent(node) or node).type == "else_clause":
        return
    seen: dict[str, Node] = {}
    for condition in _conditions(node):
        text = " ".join(text_of(condition).split())
        if text in seen and is_steady(text):
            yield Sighting(condition, {"condition": text}, ((seen[text], "This takes it first."),))
        seen.setdefault(text, condition)


def _conditions(node: Node) -> Iterator[Node]:
    """The conditions of an ``if`` and of all that hangs on its ``else``."""
    current: Node | None = node
    while current is not None:
        condition = field(current, "condition")
        if condition is not None:
            yield condition
        following = None
        for alternative in current.children_by_field_name("alternative"):
            if alternative.type == "elif_clause":
                inner = field(alternative, "condition")
                if inner is not None:
                    yield inner
            else:
                following = next((child for child in alternative.named_children if child.type == "if_statement"), None)
        current = following if current.type == "if_statement" else None


RULES = (
    Rule(
        "unreachable",
        EVERY,
        "unreachable-code",
        "block",
        _unreachable,
        "This never runs: the `{word}` before it leaves in every case.",
        whole=True,
    ),
    Rule(
        "loop without a way out",
        EVERY,
        "constant-condition",
        "while",
        _endless,
        "This condition always holds and nothing leaves the loop, so that what follows it is never reached.",
        whole=True,
    ),
    Rule(
        "missing return",
        EVERY,
        "missing-return",
        "function",
        _missing_return,
        "Control can go on from here to the end of `{name}` without a value to return.",
        whole=True,
    ),
    Rule(
        "dropped recursion",
        EVERY,
        "missing-return",
        "call.statement",
        _dropped_recursion,
        "The value of this call of `{name}` is dropped; a `return` is missing.",
        whole=True,
    ),
    Rule(
        "same branches",
        EVERY,
        "constant-condition",
        "branch",
        _same_branches,
        "Whatever this decides, the same is done.",
    ),
    Rule(
        "same choice",
        EVERY,
        "constant-condition",
        "ternary",
        _same_choice,
        "Whatever this decides, the value is the same.",
    ),
    Rule(
        "repeated condition",
        EVERY,
        "unreachable-code",
        "branch",
        _repeated_condition,
        "`{condition}` was asked before, so that this branch is never taken.",
    ),
)
