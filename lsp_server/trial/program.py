"""A file as the scope its functions see: functions, offered imports, plain constants. The rest is not evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lsp_server.trial.evaluator import Evaluator
from lsp_server.trial.library import Undecided, is_offered, library
from lsp_server.trial.scope import UNKNOWN

_PLAIN = (
    ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop,
    ast.List, ast.Tuple, ast.Set, ast.Dict, ast.expr_context,
)  # fmt: skip


def load(evaluator: Evaluator, tree: ast.Module) -> None:
    """Bind the names of ``tree``; those whose value is not evaluated become unknown."""
    for statement in tree.body:
        try:
            if _is_evaluated(statement):
                evaluator.run(statement)
                continue
        except (Undecided, Exception):  # a name that could not be bound is unknown, whatever the cause
            pass
        for name in _bound(statement):
            evaluator.scope.bind(name, UNKNOWN)
    # A definition that is not used decides nothing.
    evaluator.undecided = False


def imported(tree: ast.Module) -> None:
    """Import the offered modules that ``tree`` names anywhere: later no file can be opened."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in filter(is_offered, names):
            library(name)


def _is_evaluated(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return statement.value is not None and all(isinstance(node, _PLAIN) for node in ast.walk(statement.value))
    return isinstance(statement, ast.FunctionDef | ast.Import | ast.ImportFrom)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement may bind in its module; ``*`` for those that nobody knows."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
