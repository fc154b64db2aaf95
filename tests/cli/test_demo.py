"""`phi-lsp demo`: four files completed by the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from lsp_server.cli.demo import CURSOR, SCENES, Scene, _marked, _problems
from lsp_server.core.document import Document
from lsp_server.models import registry

if TYPE_CHECKING:
    from tests.cli.conftest import Run

RIGHT = {
    "primes.py": "return [n for n in range(2, limit) if all(n % d for d in range(2, n))]",
    "cycle.cpp": "ListNode *fast = head;\n    while (fast) fast = fast->next;\n    return false;",
    "words.py": "for word in text.split():",
    "distance.py": "sum((p - q) ** 2 for p, q in zip(a, b))",
}


def problems(scene: Scene, text: str) -> list[str]:
    offset = scene.marked.index(CURSOR)
    return list(_problems(Document(scene.name, scene.language_id, scene.marked.replace(CURSOR, "")), offset, text))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_right_answer_has_no_problem_and_every_wrong_one_has(scene: Scene):
    right = RIGHT[scene.name]
    assert problems(scene, right) == []
    assert problems(scene, "  ") == ["the answer is empty"]
    assert "the answer does not parse" in problems(scene, right + " ((")


def test_an_answer_that_runs_past_its_function_is_found():
    assert problems(SCENES[0], "return []\n\n\ndef other():\n    pass") == ["the answer runs past its function"]


def test_inserted_lines_are_marked_in_front():
    code = Text("def f():\n    a = 1\n    b = 2\n    return a\n")
    shown = _marked(code, code.plain.index("a = 1"), len("a = 1\n    b = 2")).plain
    assert shown.splitlines()[:4] == ["  def f():", "+     a = 1", "+     b = 2", "      return a"]


def test_nothing_inserted_marks_nothing():
    assert "+" not in _marked(Text("def f():\n    \n"), 13, 0).plain


@pytest.mark.parametrize(
    ("words", "told"),
    [((), f"run `phi-lsp models pull {registry.find().name}`"), (("--model", "gpt"), "there is no model `gpt`")],
)
def test_without_a_model_it_ends_at_once_with_the_next_step(phi_lsp: Run, words: tuple[str, ...], told: str):
    done = phi_lsp("demo", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


def test_a_model_that_does_not_open_ends_it_with_the_reason(phi_lsp: Run, tmp_path: Path):
    file = tmp_path / "no.gguf"
    file.write_bytes(b"no model" * 100)
    done = phi_lsp("demo", "--model", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == f"phi-lsp: error: {file} is no whole GGUF file (it does not begin with GGUF); fetch the model again\n"
    )


@pytest.mark.model
def test_the_default_model_completes_all_four(phi_lsp: Run, placed: Callable[[Path], Path], default_model: Path):
    placed(default_model)
    done = phi_lsp("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("All four completed, parsed, and ended where they should.\n")
    assert len(re.findall(r"stopped by: .+, first piece after \d", done.stdout)) == len(SCENES)
