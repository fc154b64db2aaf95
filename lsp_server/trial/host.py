"""The process a trial runs in: a function and its examples come in as one JSON object, a line per example goes out.

It limits itself before anything of the function is evaluated, and it knows nothing of who asks.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import sys
import threading
from typing import Any

# asteval would import it for functions that are not offered, and that takes longer than most trials.
sys.modules["numpy"] = None  # type: ignore[assignment]

from lsp_server.trial.comparison import same  # noqa: E402  # below what keeps numpy out
from lsp_server.trial.evaluator import Evaluator  # noqa: E402
from lsp_server.trial.library import Undecided  # noqa: E402
from lsp_server.trial.program import imported, load  # noqa: E402

_SECONDS = 2
_MEMORY = 512 * 2**20
_STACK = 64 * 2**20

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


def _judged(evaluator: Evaluator, call: str, expected: str) -> bool | None:
    """Whether one example holds; None for undecided."""
    evaluator.said = False
    try:
        value = evaluator.run(ast.parse(call, mode="eval").body)
        result = same(value, ast.literal_eval(expected))
    except (Undecided, *_UNDECIDED):
        return None
    except Exception as problem:  # whatever the code on trial raises
        # Codecs are files that cannot be opened here.
        result = None if type(problem) is LookupError else False
    # An example may show what is printed.
    silent = not evaluator.said or _is_shown(result)
    return result if silent and not evaluator.undecided else None


def _is_shown(result: bool | None) -> bool:
    """Whether a function that also prints gave the value that the example shows."""
    return result is True


def _try(task: dict[str, Any], output: int) -> None:
    sys.setrecursionlimit(_FRAMES)
    evaluator = Evaluator()
    tree = ast.parse(task["source"])
    imported(tree)
    _limit()
    load(evaluator, tree)
    for call, expected in task["examples"]:
        evaluator.undecided = not _is_known(evaluator, call)
        held = None if evaluator.undecided else _judged(evaluator, call, expected)
        os.write(output, (json.dumps(held) + "\n").encode())


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
