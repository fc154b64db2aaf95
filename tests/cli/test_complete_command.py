"""`phi-lsp complete`: what is printed, and where."""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.cli import complete as command
from lsp_server.core.document import Span
from lsp_server.core.suggestion import Suggestion
from lsp_server.pipelines.request import Outcome, Trace

if TYPE_CHECKING:
    from tests.cli.conftest import Run

EASY = "def add(a, b):\n    return a + b\n\n\ndef subtract(a, b):\n    return "
"""What even the smallest model can go on with."""


@pytest.mark.model
def test_a_completion_as_json_fits_the_file_and_says_what_it_cost(
    phi_lsp: Run, placed: Callable[[Path], Path], smol_model: Path, tmp_path: Path
):
    placed(smol_model)
    file = tmp_path / "easy.py"
    file.write_text(EASY)
    done = phi_lsp("complete", f"{file}:6", "--model", "smollm2-135m", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert ast.parse(EASY + answer["text"])
    assert answer["rule"]
    assert answer["reason"] == ""
    assert 0 < answer["firstPieceSeconds"] <= answer["totalSeconds"]
    assert answer["promptTokens"] > 0
    assert answer["generatedTokens"] > 0
    assert file.read_text() == EASY


def run(monkeypatch: pytest.MonkeyPatch, heard: list[str], text: str, *, as_json: bool = False) -> int:
    """The command with an answer of which ``heard`` came on the way."""

    def completed(_: argparse.Namespace, on_text: Callable[[str], None] | None = None) -> Outcome:
        for part in heard if on_text else ():
            on_text(part)
        suggestions = (Suggestion(Span(0, 0), text, "rule"),) if text else ()
        return Outcome(suggestions, "" if text else "the model was silent", Trace())

    monkeypatch.setattr(command, "completed", completed)
    return command.run(argparse.Namespace(json=as_json))


def check(monkeypatch, capsys, heard: list[str], text: str, printed: str, said: str = "") -> None:
    assert run(monkeypatch, heard, text) == (0 if text else 1)
    assert capsys.readouterr() == (printed, said)


def test_text_is_printed_as_it_becomes_certain_and_once(monkeypatch, capsys):
    check(monkeypatch, capsys, ["return", " x"], "return x + 1", "return x + 1\n")
    check(monkeypatch, capsys, [], "return x", "return x\n")


def test_a_text_that_changed_in_the_end_is_printed_again_as_a_whole(monkeypatch, capsys):
    check(monkeypatch, capsys, ["return y"], "import y\nreturn y", "return y\n\nimport y\nreturn y\n")


def test_nothing_has_its_reason_on_stderr(monkeypatch, capsys):
    check(monkeypatch, capsys, [], "", "", "nothing: the model was silent\n")


def test_nothing_is_null_in_json(monkeypatch, capsys):
    assert run(monkeypatch, [], "", as_json=True) == 1
    printed = json.loads(capsys.readouterr().out)
    assert (printed["text"], printed["alternatives"], printed["reason"]) == (None, [], "the model was silent")
