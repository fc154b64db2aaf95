"""The process a trial runs in: functions and their examples come in as one JSON object, a line per example goes out.

It limits itself before anything of the function is evaluated, and it knows nothing of who asks.
"""

from __future__ import annotations

import ast
import contextlib
import json
import math
import os
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

# asteval would import it for functions that are not offered, and that takes longer than most trials.
sys.modules["numpy"] = None  # type: ignore[assignment]

from lsp_server.trial.comparison import RAISES, same  # noqa: E402  # below what keeps numpy out
from lsp_server.trial.evaluator import Evaluator  # noqa: E402
from lsp_server.trial.library import Undecided  # noqa: E402
from lsp_server.trial.program import imported, load  # noqa: E402

_SECONDS = 2
_MEMORY = 512 * 2**20
_STACK = 64 * 2**20
_LONGEST_VALUE = 60
"""Characters of a value that is told; longer ones are not read."""

_FRAMES = 25_000
"""Python's own 1000 calls, at some 25 of the evaluator's each."""

_UNDECIDED = (MemoryError, RecursionError, SystemError, ImportError, OSError, NotImplementedError)
"""Limits of this process, or a function that says itself that it is not written yet."""


def _limit() -> None:
    """Take away files, processes and memory, as far as the system lets a process do that."""
    try:
        import resource  # noqa: PLC0415  # not on every system
    except ImportError:
        return
    limits = {"CPU": _SECONDS, "AS": _MEMORY, "FSIZE": 0, "NOFILE": 0, "NPROC": 0, "CORE": 0}
    for name, limit in limits.items():
        # A limit may exist and be lower already, or not be known to the system.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))


def _judged(evaluator: Evaluator, call: str, expected: str) -> bool | str | None:
    """True where one example holds, what happens instead where it does not; None for undecided."""
    evaluator.said = False
    try:
        value = evaluator.run(ast.parse(call, mode="eval").body)
        held = same(value, ast.literal_eval(expected))
        result = f"gives {_shown(value)}" if held is False else held
    except (Undecided, *_UNDECIDED):
        return None
    except Exception as problem:  # whatever the code on trial raises
        # Codecs are files that cannot be opened here.
        result = None if type(problem) is LookupError else RAISES + type(problem).__name__
    # An example may show what is printed: then only the value that it shows says something.
    silent = not evaluator.said or result is True
    return result if silent and not evaluator.undecided else None


def _shown(value: object) -> str:
    """The value as an expression, if it is short."""
    try:
        text = repr(value)
    except Exception:  # a number of too many digits, a value that cannot be shown
        return "another value"
    return text if len(text) <= _LONGEST_VALUE and text.isprintable() else "another value"


def _try(task: dict[str, Any], output: int) -> None:
    sys.setrecursionlimit(_FRAMES)
    trees = [_tree(source) for source in task["sources"]]
    for tree in trees:
        imported(tree)
    _limit()
    for tree in trees:
        told = _outcomes(tree, task["calls"], task["steps"]) if "calls" in task else _told(tree, **_given(task))
        for line in told:
            os.write(output, (json.dumps(line) + "\n").encode())


def _given(task: dict[str, Any]) -> dict[str, Any]:
    return {"examples": task["examples"], "steps": task["steps"]}


def _outcomes(tree: ast.Module, calls: list[str], steps: int) -> Iterator[str | None]:
    """What each call gives, and its arguments where it changes them; None for undecided."""
    evaluator = Evaluator()
    load(evaluator, tree)
    for call in calls:
        evaluator.steps_left, evaluator.said, evaluator.undecided = steps, False, not _is_known(evaluator, call)
        given = ast.parse(call, mode="eval").body
        outcome = None if evaluator.undecided or not isinstance(given, ast.Call) else _outcome(evaluator, given)
        yield None if evaluator.undecided or evaluator.said else outcome


def _outcome(evaluator: Evaluator, call: ast.Call) -> str | None:
    try:
        arguments = [evaluator.run(argument) for argument in call.args]
        given = {keyword.arg: evaluator.run(keyword.value) for keyword in call.keywords if keyword.arg}
        before = repr((arguments, given))
        value = evaluator.run(call.func)(*arguments, **given)
        after = repr((arguments, given))
        text = repr(value) + (after if after != before else "") if same(value, value) is not None else ""
    except (Undecided, *_UNDECIDED):
        return None
    except Exception as problem:  # whatever the code on trial raises
        return None if type(problem) is LookupError else RAISES + type(problem).__name__
    # Of what is no plain value nothing is known, and of a long one no more is told than who compares needs.
    return sha256(text.encode("utf-8", "replace")).hexdigest() if text else None


def _tree(source: str) -> ast.Module:
    """What cannot be parsed defines nothing."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _told(tree: ast.Module, examples: list[tuple[str, str]], steps: int | None) -> Iterator[bool | str | None]:
    """What becomes of each example. With ``steps`` for each, only until one does not hold: the rest is undecided."""
    evaluator = Evaluator()
    load(evaluator, tree)
    held: bool | str | None = True
    for call, expected in examples:
        if steps is not None and held is not True:
            yield None
            continue
        evaluator.steps_left = math.inf if steps is None else steps
        evaluator.undecided = not _is_known(evaluator, call)
        held = None if evaluator.undecided else _judged(evaluator, call, expected)
        yield held


def _is_known(evaluator: Evaluator, call: str) -> bool:
    """Whether the functions that ``call`` names are there; what the file does not define at its top is unknown."""
    names = {
        node.func.id
        for node in ast.walk(ast.parse(call))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return any(name in evaluator.scope.values for name in names)


def main() -> None:
    """Read the task from standard input and answer on standard output."""
    task = json.load(sys.stdin)
    # Deep recursion through builtin functions needs more than a thread's usual stack.
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_try, args=(task, sys.stdout.fileno()))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
