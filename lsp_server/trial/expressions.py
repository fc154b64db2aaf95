"""Python's expressions evaluated from their syntax tree: asteval's operators and safe attributes, with Python's scopes.

asteval alone has one flat namespace and keeps errors aside, so closures and comprehensions mean something else there
than in Python; here they are those of Python. What is not known exactly raises `Undecided`.
"""

# ruff: noqa: ANN401, ARG002, D102  # any value may come; asteval names the handlers, one for each kind of node

from __future__ import annotations

import ast
import builtins
import math
import operator
import re
import string
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from asteval import Interpreter
from asteval.astutils import op2func, safe_getattr

from lsp_server.trial.library import BUILTINS, Undecided
from lsp_server.trial.scope import UNKNOWN, Scope

_HIDDEN = re.compile(r"_|(?:ag|co|cr|f|func|gi|im|tb)_|mro$|format_map$|with_traceback$|add_note$")
"""Attributes that lead to frames, code and classes."""

_IN_PLACE = {
    ast.Add: operator.iadd,
    ast.BitAnd: operator.iand,
    ast.BitOr: operator.ior,
    ast.BitXor: operator.ixor,
    ast.Mult: operator.imul,
    ast.Sub: operator.isub,
}
_CONVERSIONS: dict[int, Callable[[Any], str]] = {97: ascii, 114: repr, 115: str}
_IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset)

_OWN = (
    "annassign", "generatorexp", "global", "import", "importfrom", "namedexpr", "nonlocal", "starred",
)  # fmt: skip
"""Nodes that asteval does not know, or does not evaluate unless asked to."""


class _Format(string.Formatter):
    """``str.format`` without attributes of what it formats."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        if "." in field_name:
            raise Undecided("format")
        return super().get_field(field_name, args, kwargs)


class Expressions(Interpreter):  # type: ignore[misc]  # asteval has no types
    """Evaluates nodes with `run`, in `scope`. Exceptions of the code on trial come through as they are."""

    def __init__(self) -> None:
        super().__init__(symtable={}, use_numpy=False)
        self.scope = Scope(None)
        self.said = False
        self.undecided = False
        self.steps_left = math.inf
        self.node_handlers.update({name: getattr(self, f"on_{name}") for name in _OWN})
        self.node_handlers.pop("with")

    def run(self, node: ast.AST | None, *_: Any, **__: Any) -> Any:
        """The value of an expression; None for statements."""
        if node is None:
            return None
        self.steps_left -= 1
        if self.steps_left < 0:
            raise self.doubt("too many steps")
        handler = self.node_handlers.get(type(node).__name__.lower())
        if handler is None:
            raise self.doubt(type(node).__name__)
        return handler(node)

    def doubt(self, what: str) -> Undecided:
        """To be raised where Python's answer is not known; a ``finally`` that returns does not undo it."""
        self.undecided = True
        return Undecided(what)

    def raise_exception(self, node: Any, exc: Any = None, msg: str = "", **_: Any) -> None:
        """Asteval's own refusals are not Python's."""
        raise self.doubt(msg)

    def within(self, scope: Scope, compute: Callable[..., Any], *arguments: Any) -> Any:
        """``compute(*arguments)`` with ``scope`` as the current one."""
        before, self.scope = self.scope, scope
        try:
            return compute(*arguments)
        finally:
            self.scope = before

    # Names

    def on_name(self, node: ast.Name) -> Any:
        owner = self.scope.owner(node.id)
        if owner is not None:
            value = owner.values[node.id]
            if value is UNKNOWN:
                raise self.doubt(node.id)
            return value
        if node.id == "print":
            return self._print
        if node.id in BUILTINS:
            return BUILTINS[node.id]
        if hasattr(builtins, node.id) or self.scope.owner("*") or node.id.startswith("__"):
            raise self.doubt(node.id)
        raise NameError(node.id)

    def _print(self, *_: Any, **__: Any) -> None:
        self.said = True

    # Attributes and text

    def on_attribute(self, node: ast.Attribute) -> Any:
        value = self.run(node.value)
        if _HIDDEN.match(node.attr):
            raise self.doubt(node.attr)
        if node.attr == "format" and isinstance(value, str):
            return lambda *args, **kwargs: _Format().vformat(value, args, kwargs)
        return safe_getattr(value, node.attr, self.raise_exception, node)

    def on_formattedvalue(self, node: ast.FormattedValue) -> str:
        convert = _CONVERSIONS.get(node.conversion)
        value = self.run(node.value)
        return format(convert(value) if convert else value, self.run(node.format_spec) or "")

    # Operators

    def on_binop(self, node: ast.BinOp) -> Any:
        left, right = self.run(node.left), self.run(node.right)
        try:
            return op2func(node.op)(left, right)
        except RuntimeError as limit:
            raise self.doubt(str(limit)) from None

    def on_augassign(self, node: ast.AugAssign) -> None:
        target: Any = node.target
        if isinstance(target, ast.Subscript):
            holder, key = ast.Constant(self.run(target.value)), ast.Constant(self.run(target.slice))
            target = ast.Subscript(holder, key, ast.Load())
        elif not isinstance(target, ast.Name):
            raise self.doubt("attribute")
        before, right = self.run(target), self.run(node.value)
        if isinstance(before, _IMMUTABLE) or type(node.op) not in _IN_PLACE:
            after = self.on_binop(ast.BinOp(ast.Constant(before), node.op, ast.Constant(right)))
        else:
            after = _IN_PLACE[type(node.op)](before, right)  # type: ignore[no-untyped-call]  # asteval has no types
        self.node_assign(target, after)

    # Values of several

    def elements(self, nodes: Iterable[ast.expr]) -> Iterator[Any]:
        """The values of ``nodes``, starred ones spread out."""
        for node in nodes:
            if isinstance(node, ast.Starred):
                yield from self.run(node.value)
            else:
                yield self.run(node)

    def on_starred(self, node: ast.Starred) -> Any:
        raise self.doubt("starred")

    def on_list(self, node: ast.List | ast.Tuple) -> list[Any]:
        return list(self.elements(node.elts))

    def on_set(self, node: ast.Set) -> set[Any]:
        return set(self.elements(node.elts))

    def on_dict(self, node: ast.Dict) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            result.update(self.run(value) if key is None else {self.run(key): self.run(value)})
        return result

    def on_call(self, node: ast.Call) -> Any:
        function = self.run(node.func)
        arguments = list(self.elements(node.args))
        keywords: dict[str, Any] = {}
        for keyword in node.keywords:
            keywords.update(self.run(keyword.value) if keyword.arg is None else {keyword.arg: self.run(keyword.value)})
        return function(*arguments, **keywords)

    def rounds(self, generators: list[ast.comprehension], items: Iterable[Any], scope: Scope) -> Iterator[None]:
        """Once for each time a comprehension's element is wanted; ``scope`` has its names then."""
        head, *rest = generators
        if head.is_async:
            raise self.doubt("async")
        for item in items:
            self.within(scope, self.node_assign, head.target, item)
            if all(self.within(scope, self.run, test) for test in head.ifs):
                inner = self.within(scope, self.run, rest[0].iter) if rest else None
                yield from self.rounds(rest, inner, scope) if inner is not None else (None,)

    def _begun(self, node: Any) -> tuple[Scope, Iterator[None]]:
        scope = Scope(self.scope, comprehension=True)
        return scope, self.rounds(node.generators, iter(self.run(node.generators[0].iter)), scope)

    def on_generatorexp(self, node: ast.GeneratorExp) -> Iterator[Any]:
        scope, rounds = self._begun(node)
        return (self.within(scope, self.run, node.elt) for _ in rounds)

    def on_listcomp(self, node: ast.ListComp | ast.SetComp) -> list[Any]:
        scope, rounds = self._begun(node)
        return [self.within(scope, self.run, node.elt) for _ in rounds]

    def on_dictcomp(self, node: ast.DictComp) -> dict[Any, Any]:
        scope, rounds = self._begun(node)
        return {self.within(scope, self.run, node.key): self.within(scope, self.run, node.value) for _ in rounds}
