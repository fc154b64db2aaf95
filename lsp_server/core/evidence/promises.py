"""What a signature promises and the body or a call does not keep: a family of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tree_sitter import Node

from lsp_server.core.evidence.rule import ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import QUERIES, Subject, Use, bare, field, statements, text_of
from lsp_server.core.parsing import Parsed

_STUB = re.compile(r"raise NotImplementedError|\.\.\.|pass\b|super\(\)|locals\(|vars\(|eval\(|exec\(")


@dataclass(frozen=True)
class _Takes:
    """How many arguments by position a function needs and takes; its parameters' names."""

    least: int
    most: int
    names: tuple[str, ...]


@lru_cache(maxsize=8)
def _functions(tree: Parsed) -> dict[str, _Takes]:
    """What the functions at the top of a Python file take; those defined twice, decorated or open-ended left out."""
    found: dict[str, list[_Takes | None]] = {}
    for node in tree.nodes(QUERIES).get("function", []):
        name = node.child_by_field_name("name")
        if name is not None:
            top = node.parent is not None and node.parent.type == "module"
            found.setdefault(text_of(name), []).append(_takes(node) if top else None)
    bound = [text_of(node) for node in tree.nodes(QUERIES).get("binds", [])]
    return {name: takes[0] for name, takes in found.items() if len(takes) == 1 and takes[0] and name not in bound}


def _takes(function: Node) -> _Takes | None:
    parameters = function.child_by_field_name("parameters")
    given = [one for one in parameters.named_children if one.type != "comment"] if parameters is not None else []
    names = [one.child_by_field_name("name") or next(iter(one.named_children), one) for one in given]
    if any("splat" in one.type or "separator" in one.type or one.type == "ERROR" for one in [*given, *names]):
        return None
    needed = [one for one in given if one.type in ("identifier", "typed_parameter")]
    return _Takes(len(needed), len(given), tuple(text_of(name) for name in names))


def _argument_count(subject: Subject, call: Node) -> Iterator[Sighting]:
    """A call of a function of this file with more or fewer arguments than it takes."""
    called, arguments = field(call, "function"), field(call, "arguments")
    if called is None or arguments is None or called.type != "identifier" or arguments.type != "argument_list":
        return
    takes = _functions(subject.tree).get(text_of(called))
    body = subject.body.start_byte
    own = any(use.use is not Use.READ and use.node.start_byte >= body for use in subject.uses(text_of(called)))
    given = [one for one in arguments.named_children if one.type != "comment"]
    if takes is None or own or any("splat" in one.type for one in given):
        return
    expected = any(one.type in ("with_statement", "try_statement") for one in subject.above(call))
    if not expected and not takes.least <= len(given) <= takes.most:
        number = f"{takes.least}" if takes.least == takes.most else f"{takes.least} to {takes.most}"
        yield Sighting(call, {"name": text_of(called), "takes": number, "given": str(len(given))})


def _swapped(subject: Subject, call: Node) -> Iterator[Sighting]:
    """``f(b, a)`` of a function of this file whose parameters are ``a, b``."""
    called, arguments = field(call, "function"), field(call, "arguments")
    takes = _functions(subject.tree).get(text_of(called)) if called is not None else None
    if takes is None or arguments is None or called is None or text_of(called) == subject.function.name:
        return
    given = tuple(text_of(one) for one in arguments.named_children)
    for at, (one, other) in enumerate(pairwise(given)):
        long = len(one) > 2 and len(other) > 2
        if long and one != other and len(takes.names) > at + 1 and takes.names[at : at + 2] == (other, one):
            yield Sighting(arguments, {"name": text_of(called), "one": other, "other": one})


def _unread(subject: Subject, function: Node) -> Iterator[Sighting]:
    """A parameter that the docstring speaks of and the body never reads, where it reads all others."""
    documentation = subject.function.documentation
    if (
        function.id != subject.node.id
        or documentation is None
        or function.parent is None
        or function.parent.type != "module"
    ):
        return
    body, spoken = statements(subject.body), documentation.of(subject.document.text)
    takes = _takes(function)
    if (
        takes is None
        or len(body) < 2
        or _STUB.search(text_of(subject.body))
        or re.search(r"(?i)unused|ignored|deprecat|compat", spoken)
    ):
        return
    unread = [name for name in takes.names if len(subject.uses(name)) == 1 and not name.startswith("_")]
    if len(unread) == 1 and len(takes.names) > 1 and re.search(rf"\b{re.escape(unread[0])}\b", spoken):
        yield Sighting(subject.uses(unread[0])[0].node, {"name": unread[0]})


def _used_up(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``while b: ...`` and then ``return b``, which is nothing by then."""
    condition, block = bare(field(loop, "condition")), subject.parent(loop)
    if condition is None or condition.type != "identifier" or block is None or subject.has("break", loop):
        return
    following = next((one for one in statements(block) if one.start_byte > loop.start_byte), None)
    given = bare(next(iter(following.named_children), None)) if following is not None else None
    if (
        following is not None
        and subject.is_a(following, "return")
        and given is not None
        and text_of(given) == text_of(condition)
    ):
        related = ((condition, "The loop ends when it is zero, empty or None."),)
        yield Sighting(given, {"name": text_of(given)}, related)


RULES = (
    Rule(
        "number of arguments",
        ONLY_PYTHON,
        "wrong-call",
        "call",
        _argument_count,
        "`{name}` takes {takes} arguments and is given {given}.",
    ),
    Rule("swapped arguments", ONLY_PYTHON, "wrong-value", "call", _swapped, "`{name}` takes `{one}` before `{other}`."),
    Rule(
        "parameter never read",
        ONLY_PYTHON,
        "missing-code",
        "function",
        _unread,
        "`{name}` is part of what the documentation says and is never read.",
        whole=True,
    ),
    Rule(
        "used up",
        ONLY_PYTHON,
        "wrong-value",
        "while",
        _used_up,
        "`{name}` is always zero, empty or None here, for the loop has just ended.",
        whole=True,
    ),
)
