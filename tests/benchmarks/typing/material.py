"""What is typed: functions that no model knows by heart, each in the file that it belongs to.

Python functions are those of this project, which is younger than the models; C++ functions are those of the files in
``sources``, renamed by the seed.
"""

from __future__ import annotations

import ast
import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import tree_sitter
import tree_sitter_cpp

from tests.benchmarks.typing.renaming import chosen, renamed

REPOSITORY = Path(__file__).parents[3]
SOURCES = Path(__file__).parent / "sources"
PYTHON_FOLDERS = ("lsp_server", "tests")

_LEAST, _MOST = 150, 600
"""Characters of a function: half a minute to two of typing."""
_LEAST_LINES = 4
_LONGEST_FILE = 40_000


@dataclass(frozen=True)
class Task:
    """``typed`` is written between ``before`` and ``after``; ``identifier`` is the place it was taken from."""

    identifier: str
    language: str
    before: str
    typed: str
    after: str

    @property
    def digest(self) -> str:
        """What tells that two runs typed the same."""
        return hashlib.sha256(f"{self.before}\0{self.typed}\0{self.after}".encode()).hexdigest()[:16]


def tasks(seed: int, count: int) -> list[Task]:
    """So many functions, the languages in turn; a change of one file leaves most of them the same."""
    mixed = chain.from_iterable(zip_longest(*(_shuffled(found(seed), seed) for found in _MATERIAL)))
    return [task for task in mixed if task is not None][:count]


def _shuffled(found: Iterable[Task], seed: int) -> list[Task]:
    return sorted(found, key=lambda task: hashlib.sha256(f"{seed} {task.typed}".encode()).digest())


def python_tasks(_: int) -> Iterator[Task]:
    """The functions of this project."""
    for folder in PYTHON_FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if len(source) <= _LONGEST_FILE:
                yield from _of_python(path.relative_to(REPOSITORY).as_posix(), source)


def _of_python(name: str, source: str) -> Iterator[Task]:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = starts[node.end_lineno or node.lineno] - 1
            yield from _task(f"{name}:{node.lineno}", "python", source, starts[node.lineno - 1] + node.col_offset, end)


def cpp_tasks(seed: int) -> Iterator[Task]:
    """The functions of the files in `SOURCES`, with the comment above each."""
    words = chosen(tomllib.loads((SOURCES / "words.toml").read_text(encoding="utf-8")), seed)
    for path in sorted(SOURCES.glob("*.cpp")):
        source = renamed(path.read_text(encoding="utf-8"), words)
        tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language())).parse(source.encode())
        for node in _functions(tree.root_node):
            yield from _task(f"{path.name}:{node.start_point[0] + 1}", "cpp", source, _start(node), node.end_byte)


def _functions(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    if node.type == "function_definition":
        yield node
        return
    for child in node.children:
        yield from _functions(child)


def _start(function: tree_sitter.Node) -> int:
    above = function.prev_sibling
    near = above is not None and above.type == "comment" and above.end_point[0] + 1 == function.start_point[0]
    return above.start_byte if near and above is not None else function.start_byte


def _task(name: str, language: str, source: str, start: int, end: int) -> Iterator[Task]:
    """The task, where the function is neither too short nor too long; offsets are those of ASCII text."""
    typed = source[start:end]
    if source.isascii() and _LEAST <= len(typed) <= _MOST and typed.count("\n") + 1 >= _LEAST_LINES:
        yield Task(name, language, source[:start], typed, source[end:])


_MATERIAL = (python_tasks, cpp_tasks)
