"""Pairs of C++ programs, one with a bug and one without: the solutions of HumanEval-X, one small mutation in each.

``python -m tests.benchmarks.cpp_pairs --data DIR --json DIR/humaneval-x/pairs-cpp.jsonl``

A mutation is kept when the program still compiles and its tests fail. Which one is tried first, of which kind and
where, is drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tree_sitter

from lsp_server.core.document import Document, Span
from lsp_server.core.functions import functions_in
from lsp_server.core.languages import CPP
from lsp_server.core.parsing import parsed
from tests.benchmarks.arguments import command_line
from tests.benchmarks.datasets import Problem, humaneval_cpp
from tests.benchmarks.execution import passes

_SEED = 20
_TRIED = 25
"""Mutations of one program; after these it has no pair."""

_COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COUNTED = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "+=": "-=", "-=": "+=", "*=": "+=", "/=": "*="}
_JOINED = {"&&": "||", "||": "&&"}
_STATEMENTS = ("expression_statement", "if_statement", "break_statement", "continue_statement")


@dataclass(frozen=True)
class Mutation:
    """Replace ``span`` of the program with ``text``."""

    kind: str
    span: Span
    text: str

    def applied(self, program: str) -> str:
        """The program with the bug."""
        return program[: self.span.start] + self.text + program[self.span.end :]


Place = tuple[tree_sitter.Node, Span, str]
"""A node, where it is, and what it says."""


def _tokens(kind: str, others: dict[str, str]) -> Callable[[Sequence[Place]], Iterator[Mutation]]:
    def mutations(places: Sequence[Place]) -> Iterator[Mutation]:
        for node, span, text in places:
            if text in others and not node.is_named and node.parent and node.parent.type in _EXPRESSIONS:
                yield Mutation(kind, span, others[text])

    return mutations


_EXPRESSIONS = ("binary_expression", "assignment_expression")


def _off_by_one(places: Sequence[Place]) -> Iterator[Mutation]:
    for node, span, text in places:
        if node.type == "number_literal" and text.isdecimal():
            yield from (Mutation("off by one", span, str(int(text) + by)) for by in (1, -1) if int(text) + by >= 0)


def _wrong_variable(places: Sequence[Place]) -> Iterator[Mutation]:
    used = [(span, text) for node, span, text in places if node.type == "identifier" and not _is_called(node)]
    for span, text in used:
        for other in sorted({name for _, name in used} - {text}):
            yield Mutation("wrong variable", span, other)


def _is_called(node: tree_sitter.Node) -> bool:
    return node.parent is not None and node.parent.child_by_field_name("function") == node


def _swapped_arguments(places: Sequence[Place]) -> Iterator[Mutation]:
    for node, span, _ in places:
        if node.type == "argument_list" and node.named_child_count == 2:
            first, second = ((child.text or b"").decode() for child in node.named_children)
            yield Mutation("swapped arguments", span, f"({second}, {first})")


def _missing_statement(places: Sequence[Place]) -> Iterator[Mutation]:
    for node, span, _ in places:
        if node.type in _STATEMENTS and node.parent and node.parent.type == "compound_statement":
            yield Mutation("missing statement", span, "")


def _missing_condition(places: Sequence[Place]) -> Iterator[Mutation]:
    for node, span, _ in places:
        if node.type == "binary_expression" and any((child.text or b"") in (b"&&", b"||") for child in node.children):
            first, second = ((child.text or b"").decode() for child in node.named_children[:2])
            yield from (Mutation("missing condition", span, text) for text in (first, second))


KINDS: tuple[Callable[[Sequence[Place]], Iterator[Mutation]], ...] = (
    _tokens("boundary", _COMPARED),
    _tokens("direction", _TURNED),
    _tokens("arithmetic", _COUNTED),
    _tokens("and, or", _JOINED),
    _off_by_one,
    _wrong_variable,
    _swapped_arguments,
    _missing_statement,
    _missing_condition,
)


def mutations_of(program: str, seed: str) -> Iterator[Mutation]:
    """Mutations of the last function's body, in an order that the seed decides: first the kind is drawn, then one."""
    chance = random.Random(seed)  # the same pairs every time is the point
    body = functions_in(Document("file:///program.cpp", "cpp", program))[-1].body
    places = list(_places(program, body)) if body else []
    waiting = [found for found in (list(kind(places)) for kind in KINDS) if found]
    while waiting:
        found = chance.choice(waiting)
        yield found.pop(chance.randrange(len(found)))
        waiting = [found for found in waiting if found]


def _places(program: str, body: Span) -> Iterator[Place]:
    tree = parsed(CPP, program)
    waiting = [tree.tree.root_node]
    while waiting:
        node = waiting.pop()
        span = tree.span_of(node)
        if body.start <= span.start and span.end <= body.end:
            yield node, span, span.of(program)
        if span.start < body.end and body.start < span.end:
            waiting.extend(reversed(node.children))


def pair(problem: Problem) -> dict[str, object] | None:
    """The row of one program; None where no mutation makes its tests fail, or they fail without one."""
    program = problem.before + problem.reference
    if not passes("cpp", program + problem.test):
        return None
    for number, mutation in enumerate(mutations_of(program, f"{_SEED} {problem.identifier}")):
        buggy = mutation.applied(program)
        if number == _TRIED:
            return None
        if _compiles(buggy + problem.test) and not passes("cpp", buggy + problem.test):
            break
    else:
        return None
    line = buggy.count("\n", 0, mutation.span.start) + 1
    function = functions_in(Document("file:///program.cpp", "cpp", program))[-1].name
    return {
        "id": problem.identifier.replace("/", "-"),
        "lang": "cpp",
        "function": function,
        "kind": mutation.kind,
        "buggy": buggy,
        "clean": program,
        "bug_lines": [line],
        "test": problem.test,
    }


def _compiles(program: str) -> bool:
    command = ["g++", "-std=c++17", "-w", "-fsyntax-only", "-x", "c++", "-"]
    return subprocess.run(command, input=program.encode(), capture_output=True, check=False).returncode == 0


def run(options: argparse.Namespace) -> None:
    """Write all pairs; those that are there already stay."""
    path: Path = options.json
    known = {json.loads(line)["id"] for line in path.read_text().splitlines()} if path.exists() else set()
    for problem in list(humaneval_cpp(options.data))[options.offset :: options.every]:
        row = pair(problem) if problem.identifier.replace("/", "-") not in known else None
        if row:
            with path.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{row['id']}: {row['kind']}", flush=True)


def main() -> None:
    """The command."""
    run(command_line("tests.benchmarks.cpp_pairs", __doc__, "data", "every", "offset", "json").parse_args())


if __name__ == "__main__":
    main()
