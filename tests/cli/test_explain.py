"""`phi-lsp explain`: every step of a completion."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.cli import explain
from lsp_server.models import registry
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.request import Outcome, Request, Trace
from tests.scripted import RecordedEngine, answer, marked

if TYPE_CHECKING:
    from tests.cli.conftest import Run

STEPS = ("context", "target", "prompt (", "raw answer", "inserted", "end")


def explained(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> int:
    monkeypatch.setattr(explain, "completed", lambda _: outcome)
    return explain.run(argparse.Namespace())


def outcome_of(text: str, said: str) -> Outcome:
    document, offset = marked(text)
    return asyncio.run(complete(Request(document, offset, registry.find()), RecordedEngine(answer(said))))


def test_every_step_is_shown_in_its_order(monkeypatch, capsys):
    code = "class A:\n    def double(self, x):\n        '''Twice.'''\n        |\n"
    assert explained(monkeypatch, outcome_of(code, "        return x + x\n\n\ndef other():\n")) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"\n{step}" if step != "context" else step) for step in STEPS]
    assert places == sorted(places)
    for told in (
        "empty body",
        "def double(self, x)",
        "'''Twice.'''",
        "return x + x\n\n\ndef",
        "function body complete",
    ):
        assert told in shown


def test_code_that_looks_like_markup_is_shown_as_it_is(monkeypatch, capsys):
    explained(monkeypatch, outcome_of("def f(x):\n    |\n", "    return x[red] + '[/red]'\n"))
    assert capsys.readouterr().out.count("return x[red] + '[/red]'") == 2


def test_nothing_is_explained_too(monkeypatch, capsys):
    assert explained(monkeypatch, outcome_of("def f(x):\n    |\n", "    return x +* 1\n")) == 1
    assert "nothing: what the model wrote does not parse here" in capsys.readouterr().out
    assert explained(monkeypatch, Outcome((), "no support for the language 'x'", Trace())) == 1
    assert "nothing: no support for the language 'x'" in capsys.readouterr().out


@pytest.mark.model
def test_a_real_model_is_explained(phi_lsp: Run, placed: Callable[[Path], Path], smol_model: Path, tmp_path: Path):
    placed(smol_model)
    file = tmp_path / "easy.py"
    file.write_text("def add(a, b):\n    return a + b\n\n\ndef subtract(a, b):\n    return ")
    done = phi_lsp("explain", f"{file}:6", "--model", "smollm2-135m")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(step in done.stdout for step in STEPS)
    assert "0 of them known" in done.stdout
