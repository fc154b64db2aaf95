"""Calls of a function to try it with: those of its examples and variations of them, or what its annotations allow.

Only literals are passed. It never knows what a call should give.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import islice

from lsp_server.core.examples import Example

MOST = 32
"""Calls; they are tried on two versions of the function within the same second."""

_SAMPLES: dict[str, tuple[str, ...]] = {
    "int": ("3", "0", "1", "-2", "10", "7", "101"),
    "float": ("1.5", "0.0", "-2.25", "10.0"),
    "str": ("'abca'", "''", "'a'", "'aA bB aa'", "'(())()'", "'12'"),
    "bool": ("True", "False"),
    "list": ("[3, 1, 2, 3]", "[]", "[1]", "[-1, 5, 0]"),
    "dict": ("{'a': 1, 'B': 2}", "{}"),
    "set": ("{1, 2, 3}",),
    "tuple": ("(1, 2)", "(3, 3)"),
}
"""Literals by the name of their type, the most telling first."""

_LISTS = ("list", "sequence", "iterable", "collection")


def calls_for(name: str, examples: Sequence[Example], source: str) -> tuple[str, ...]:
    """Calls of the function ``name`` whose definition is ``source``; none where nothing says what it takes."""
    known = [call for example in examples if (call := _call(example.call, name)) is not None]
    made = _variations(known) if known else _annotated(name, source)
    return tuple(islice(dict.fromkeys(made), MOST))


def _call(text: str, name: str) -> ast.Call | None:
    """The call of ``name`` inside an example."""
    nodes = ast.walk(ast.parse(text, mode="eval"))
    calls = (node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return next((call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name), None)


def _variations(calls: Sequence[ast.Call]) -> Iterator[str]:
    yield from map(ast.unparse, calls)
    for call in calls:
        for at, argument in enumerate(call.args):
            for value in _others(ast.literal_eval(argument)):
                arguments = [*call.args[:at], ast.parse(repr(value), mode="eval").body, *call.args[at + 1 :]]
                yield ast.unparse(ast.Call(call.func, arguments, call.keywords))


def _others(value: object) -> Iterator[object]:
    """Values of the same kind."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value * 2, type(value)(0), -value)
    elif isinstance(value, str | list | tuple):
        yield from (value[:-1], value[::-1], value[1:], value * 2, value[:1], value[:0])


def _annotated(name: str, source: str) -> Iterator[str]:
    """Calls with samples of the annotated types, each argument varied while the others stay."""
    definition = _definition(name, source)
    if definition is None or definition.args.vararg or definition.args.kwonlyargs:
        return
    samples = [_samples(argument.annotation) for argument in (*definition.args.posonlyargs, *definition.args.args)]
    if not samples or not all(samples):
        return
    for number in range(max(map(len, samples))):
        yield _text(name, [options[number % len(options)] for options in samples])
    for at, options in enumerate(samples):
        for option in options[1:]:
            yield _text(name, [option if at == other else first[0] for other, first in enumerate(samples)])


def _text(name: str, arguments: Sequence[str]) -> str:
    return f"{name}({', '.join(arguments)})"


def _definition(name: str, source: str) -> ast.FunctionDef | None:
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return next((node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _samples(annotation: ast.expr | None) -> tuple[str, ...]:
    """Literals of an annotated type; none where it is not a plain one."""
    if isinstance(annotation, ast.Subscript):
        outer, inner = _name(annotation.value), annotation.slice
        items = _samples(inner) if outer in _LISTS else ()
        if items:
            return (_list(items), "[]", _list(items[:1]), _list(items[::-1]), _list((*items[:2], *items[:2])))
        return _SAMPLES.get(outer, ()) if outer in ("dict", "tuple", "set") else ()
    return _SAMPLES["list"] if _name(annotation) in _LISTS else _SAMPLES.get(_name(annotation), ())


def _name(annotation: ast.expr | None) -> str:
    """``List`` and ``typing.List`` are ``list``."""
    if isinstance(annotation, ast.Attribute):
        return annotation.attr.lower()
    return annotation.id.lower() if isinstance(annotation, ast.Name) else ""


def _list(items: Sequence[str]) -> str:
    return f"[{', '.join(items)}]"
