"""What a signature promises and the body or a call does not keep: a family of rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from lsp_server.core.evidence.rule import EVERY, ONLY_PYTHON, Rule, Sighting
from lsp_server.core.evidence.subject import QUERIES, Subject, Use, bare, field, statements, text_of
from lsp_server.core.parsing import Parsed, of_tree


@dataclass(frozen=True)
class _Takes:
    """How many arguments by position a function needs and takes; its parameters' names."""

    least: int
    most: int
    names: tuple[str, ...]


@of_tree
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
    if subject.is_a(subject.parent(call), "return"):
        return  # What mirrors another function hands its arguments on in this way.
    given = tuple(text_of(one) for one in arguments.named_children)
    for at, (one, other) in enumerate(pairwise(given)):
        long = len(one) > 2 and len(other) > 2
        if long and one != other and len(takes.names) > at + 1 and takes.names[at : at + 2] == (other, one):
            yield Sighting(arguments, {"name": text_of(called), "one": other, "other": one})


def _used_up(subject: Subject, loop: Node) -> Iterator[Sighting]:
    """``while b: ...`` and then ``return b``, which is nothing by then."""
    condition, block = bare(field(loop, "condition")), subject.parent(loop)
    if condition is None or condition.type != "identifier" or block is None:
        return
    if any(subject.has(leaving, loop) for leaving in ("break", "return", "goto")):
        return
    following = next((one for one in statements(block) if one.start_byte > loop.start_byte), None)
    given = bare(next(iter(following.named_children), None)) if following is not None else None
    returned = following is not None and subject.is_a(following, "return")
    if returned and given is not None and text_of(given) == text_of(condition):
        related = ((condition, "The loop ends when it is zero, empty or None."),)
        yield Sighting(given, {"name": text_of(given)}, related)


def _yielded(subject: Subject, node: Node) -> Iterator[Sighting]:
    """``yield f(x)`` in ``f``: a generator is handed out where its values are meant."""
    call = next(iter(node.named_children), None)
    called = field(call, "function") if call is not None and call.type == "call" else None
    whole = "from" not in [child.type for child in node.children]
    if call is not None and called is not None and whole and text_of(called) == subject.function.name:
        change = ((call, f"from {text_of(call)}"),)
        yield Sighting(call, {"name": text_of(called)}, title="Yield its values", change=change)


RULES = (
    Rule(
        "generator as a value",
        ONLY_PYTHON,
        "wrong-value",
        "yield",
        _yielded,
        "`{name}` gives a generator, and its values are not yielded one by one.",
    ),
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
        "used up",
        EVERY,
        "wrong-value",
        "while",
        _used_up,
        "`{name}` is always zero or empty here, since the loop ends only when it is.",
        whole=True,
    ),
)
