"""Public benchmark data as completion problems: a document, a cursor, and the program that decides.

Where each set can be had is in the README; nothing of it is stored in this repository.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Problem:
    """Insert text between ``before`` and ``after``; ``before + text + after + test`` must run and exit with 0."""

    identifier: str
    language: str
    before: str
    after: str
    reference: str
    test: str

    def program(self, inserted: str) -> str:
        """The source that is run to judge ``inserted``."""
        return self.before + inserted + self.after + self.test


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        raise SystemExit(f"{path} is missing: name the folder that holds the public data with --data (see README)")
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


def humaneval(data: Path) -> Iterator[Problem]:
    """HumanEval: a Python body from signature and docstring."""
    for row in _rows(data / "humaneval" / "HumanEval.jsonl.gz"):
        check = f"\n{row['test']}\ncheck({row['entry_point']})\n"
        yield Problem(row["task_id"], "python", row["prompt"], "", row["canonical_solution"], check)


def humaneval_cpp(data: Path) -> Iterator[Problem]:
    """HumanEval-X, C++: a body from comment and signature; the closing brace is the completion's."""
    for row in _rows(data / "humaneval-x" / "humaneval-x-cpp.jsonl"):
        yield Problem(row["task_id"], "cpp", row["prompt"], "", row["canonical_solution"], "\n" + row["test"])


@dataclass(frozen=True)
class Bug:
    """A program with a bug in ``function``, the same without, and the test that tells; each is a whole file."""

    identifier: str
    function: str
    buggy: str
    clean: str
    test: str
    language: str = "python"


def humanevalfix(data: Path) -> Iterator[Bug]:
    """HumanEvalFix, Python."""
    for row in _rows(data / "humanevalfix" / "humanevalpack-python.jsonl"):
        programs = (row["prompt"] + row["buggy_solution"], row["prompt"] + row["canonical_solution"])
        yield Bug(row["task_id"], row["entry_point"], *programs, row["test"])


def humaneval_cpp_bugs(data: Path) -> Iterator[Bug]:
    """HumanEval-X, C++, with a small mutation each, as `cpp_pairs` makes them."""
    for row in _rows(data / PAIRS["humaneval-cpp"]):
        yield Bug(row["id"], row["function"], row["buggy"], row["clean"], row["test"], row["lang"])


def _infilling(path: Path) -> Iterator[Problem]:
    for row in _rows(path):
        check = f"\n{row['test']}\ncheck({row['entry_point']})\n"
        yield Problem(row["task_id"], "python", row["prompt"], row["suffix"], row["canonical_solution"], check)


def single_line(data: Path) -> Iterator[Problem]:
    """HumanEval-Infilling, one line: the gap is an empty line, as an editor leaves it after Enter."""
    for row in _infilling(data / "humaneval-infilling" / "HumanEval-SingleLineInfilling-odd.jsonl.gz"):
        reference = row.reference.removesuffix("\n")
        yield Problem(row.identifier, row.language, row.before, "\n" + row.after, reference, row.test)


def random_span(data: Path) -> Iterator[Problem]:
    """HumanEval-Infilling, random spans: the gap begins and ends anywhere."""
    yield from _infilling(data / "humaneval-infilling" / "HumanEval-RandomSpanInfillingLight.jsonl.gz")


@dataclass(frozen=True)
class Pair:
    """A file with a bug on ``lines`` (counted from 1) and without it."""

    identifier: str
    language: str
    buggy: str
    clean: str
    lines: tuple[int, ...]


def pairs(path: Path) -> Iterator[Pair]:
    """A file of pairs: HumanEvalFix and QuixBugs as they are handed on, or one's own in the same form."""
    for row in _rows(path):
        yield Pair(row["id"], row["lang"], row["buggy"], row["clean"], tuple(row["bug_lines"]))


EXTENSIONS = {"python": "py", "cpp": "cpp", "c": "c"}
"""Of files, by the language."""

PAIRS = {
    "humanevalfix": "humanevalfix/labels-python.jsonl",
    "quixbugs": "quixbugs/quixbugs-python.jsonl",
    "humaneval-cpp": "humaneval-x/pairs-cpp.jsonl",
}
"""Files of pairs in the folder of the public data."""

MADE = ("humaneval-cpp",)
"""Files of pairs that are made here, and may not be there yet."""

BUGS = {"humanevalfix": humanevalfix, "humaneval-cpp": humaneval_cpp_bugs}
"""Those that a test tells apart."""

DATASETS = {
    "humaneval": humaneval,
    "humaneval-cpp": humaneval_cpp,
    "single-line": single_line,
    "random-span": random_span,
}
