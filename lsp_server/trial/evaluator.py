"""Python's statements and functions evaluated from their syntax tree, on top of `expressions`.

asteval keeps errors and returns aside and looks at them after each node; here they are exceptions, as in Python.
"""

# ruff: noqa: ANN401, ARG002, D102  # any value may come; asteval names the handlers, one for each kind of node

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from inspect import Parameter, Signature
from typing import Any

from lsp_server.trial.expressions import Expressions
from lsp_server.trial.library import Undecided, library
from lsp_server.trial.scope import Scope

_LIMITS = (MemoryError, RecursionError, SystemError, ImportError, OSError)
"""What the process's limits make of right code; not for the code on trial to handle."""

_NOT_HERE = (ast.Await, ast.Yield, ast.YieldFrom)


class _Return(BaseException):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Break(BaseException):
    pass


class _Continue(BaseException):
    pass


def _binds(signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


class Evaluator(Expressions):
    """Evaluates nodes with `run`, in `scope`. Exceptions of the code on trial come through as they are."""

    def __init__(self) -> None:
        super().__init__()
        self._handled: list[Exception] = []

    def block(self, statements: Iterable[ast.stmt]) -> None:
        """One statement after another."""
        for statement in statements:
            self.run(statement)

    # Names

    def on_global(self, node: ast.Global) -> None:
        for name in node.names:
            self.scope.send(name, self.scope.module)

    def on_nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            owner = self.scope.outer and self.scope.outer.owner(name)
            if not owner:
                raise self.doubt(name)
            self.scope.send(name, owner)

    def on_import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scope.bind(alias.asname or alias.name, library(alias.name))

    def on_importfrom(self, node: ast.ImportFrom) -> None:
        module = library(node.module if not node.level else None)
        for alias in node.names:
            self.scope.bind(alias.asname or alias.name, getattr(module, alias.name))

    # Assignments

    def node_assign(self, node: ast.expr, val: Any) -> None:
        """Bind or store a value at a target."""
        if isinstance(node, ast.Name):
            self.scope.bind(node.id, val)
        elif isinstance(node, ast.Subscript):
            self.run(node.value)[self.run(node.slice)] = val
        elif isinstance(node, ast.Tuple | ast.List):
            self._spread(node.elts, list(val))
        else:
            raise self.doubt("target")

    def _spread(self, targets: list[ast.expr], values: list[Any]) -> None:
        starred = next((at for at, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        if starred is not None and len(values) >= len(targets) - 1:
            behind = len(values) - (len(targets) - starred - 1)
            values = [*values[:starred], values[starred:behind], *values[behind:]]
        if len(values) != len(targets):
            raise ValueError("the number of values to unpack differs")
        for target, value in zip(targets, values, strict=True):
            self.node_assign(target.value if isinstance(target, ast.Starred) else target, value)

    def on_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.node_assign(node.target, self.run(node.value))

    def on_namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.run(node.value)
        self.scope.function.bind(node.target.id, value)
        return value

    def on_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                del self.run(target.value)[self.run(target.slice)]
            elif isinstance(target, ast.Name) and target.id in self.scope.values:
                del self.scope.values[target.id]
            else:
                raise self.doubt("del")

    # Control flow

    def on_return(self, node: ast.Return) -> None:
        raise _Return(self.run(node.value))

    def on_break(self, node: ast.Break) -> None:
        raise _Break

    def on_continue(self, node: ast.Continue) -> None:
        raise _Continue

    def on_while(self, node: ast.While) -> None:
        while self.run(node.test):
            if not self._goes_on(node.body):
                return
        self.block(node.orelse)

    def on_for(self, node: ast.For) -> None:
        for item in self.run(node.iter):
            self.node_assign(node.target, item)
            if not self._goes_on(node.body):
                return
        self.block(node.orelse)

    def _goes_on(self, body: list[ast.stmt]) -> bool:
        """Evaluate a loop's body; whether there may be another round."""
        try:
            self.block(body)
        except _Continue:
            return True
        except _Break:
            return False
        return True

    def on_assert(self, node: ast.Assert) -> None:
        if not self.run(node.test):
            raise AssertionError(self.run(node.msg))

    def on_raise(self, node: ast.Raise) -> None:
        if node.exc is None and self._handled:
            raise self._handled[-1]
        problem = self.run(node.exc)
        problem = problem() if isinstance(problem, type) else problem
        if not isinstance(problem, Exception):
            raise TypeError("exceptions must derive from BaseException")
        raise problem

    def on_try(self, node: ast.Try) -> None:
        try:
            try:
                self.block(node.body)
            except Undecided as doubt:
                raise self.doubt(str(doubt)) from None
            except _LIMITS as limit:
                raise self.doubt(type(limit).__name__) from None
            except Exception as problem:  # whatever the code on trial raises
                if not self._handle(node.handlers, problem):
                    raise
            else:
                self.block(node.orelse)
        finally:
            self.block(node.finalbody)

    def _handle(self, handlers: list[ast.ExceptHandler], problem: Exception) -> bool:
        """Evaluate the first handler for ``problem``; whether there was one."""
        found = next((one for one in handlers if one.type is None or isinstance(problem, self._kinds(one.type))), None)
        if found is None:
            return False
        self._handled.append(problem)
        try:
            if found.name:
                self.scope.bind(found.name, problem)
            self.block(found.body)
        finally:
            self._handled.pop()
        return True

    def _kinds(self, node: ast.expr) -> Any:
        # The exceptions that stand above all others are caught like `Exception`: nothing else reaches a handler.
        if isinstance(node, ast.Name) and node.id == "BaseException":
            return Exception
        return self.run(node)

    # Functions

    def on_functiondef(self, node: ast.FunctionDef, is_lambda: bool = False) -> None:
        if any(isinstance(inner, _NOT_HERE) for statement in node.body for inner in ast.walk(statement)):
            raise self.doubt("yield")
        function = self._function(node.args, lambda: self._returned(node.body))
        for decorator in reversed(node.decorator_list):
            function = self.run(decorator)(function)
        self.scope.bind(node.name, function)

    def on_lambda(self, node: ast.Lambda) -> Any:
        return self._function(node.args, lambda: self.run(node.body))

    def _returned(self, body: list[ast.stmt]) -> Any:
        try:
            self.block(body)
        except _Return as returned:
            return returned.value
        return None

    def _function(self, arguments: ast.arguments, compute: Callable[[], Any]) -> Callable[..., Any]:
        signature, outer = self._signature(arguments), self.scope

        def call(*args: Any, **kwargs: Any) -> Any:
            if self.scope.outer is None and not _binds(signature, args, kwargs):
                # The example itself does not fit the header, which says nothing about the body.
                raise self.doubt("arguments")
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return self.within(Scope(outer, dict(bound.arguments)), compute)

        return call

    def _signature(self, arguments: ast.arguments) -> Signature:
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = len(positional) - len(arguments.defaults)
        defaults = [Parameter.empty] * missing + [self.run(default) for default in arguments.defaults]
        parameters = []
        for at, (one, default) in enumerate(zip(positional, defaults, strict=True)):
            only = at < len(arguments.posonlyargs)
            kind = Parameter.POSITIONAL_ONLY if only else Parameter.POSITIONAL_OR_KEYWORD
            parameters.append(Parameter(one.arg, kind, default=default))
        if arguments.vararg:
            parameters.append(Parameter(arguments.vararg.arg, Parameter.VAR_POSITIONAL))
        for one, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            value = Parameter.empty if given is None else self.run(given)
            parameters.append(Parameter(one.arg, Parameter.KEYWORD_ONLY, default=value))
        if arguments.kwarg:
            parameters.append(Parameter(arguments.kwarg.arg, Parameter.VAR_KEYWORD))
        return Signature(parameters)
