"""`phi-lsp ask` with one question: what is asked, what is printed, and where."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.cli import ask as command
from lsp_server.cli.main import main
from lsp_server.cli.printer import Printer
from lsp_server.models.errors import ModelError
from tests.scripted import RecordedEngine, answer

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> RecordedEngine:
    """What the command asks; nothing is piped in."""
    recorded = RecordedEngine(answer("```c\nint x;\n```\nDone.", when="Declare"), answer("\n  Yes.\n"))

    @asynccontextmanager
    async def opened(*_: object) -> AsyncIterator[RecordedEngine]:
        yield recorded

    monkeypatch.setattr(command, "loaded", opened)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return recorded


def asked(engine: RecordedEngine) -> str:
    """The question as the model saw it."""
    return engine.streamed[-1].rpartition("<|im_start|>user\n")[2].partition("<|im_end|>")[0]


def test_the_answer_is_all_that_is_printed(engine: RecordedEngine, capsys: pytest.CaptureFixture[str]):
    assert main(["ask", "Is", "it?"]) == 0
    assert capsys.readouterr() == ("  Yes.\n", "")
    assert asked(engine) == "Is it?"


def test_what_is_piped_in_is_the_question(engine: RecordedEngine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("Is it?\nReally?\n"))
    assert main(["ask"]) == 0
    assert asked(engine) == "Is it?\nReally?"


def test_what_is_piped_in_beside_a_question_is_added_to_it(engine: RecordedEngine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("-a\n+b\n"))
    assert main(["ask", "Is it?"]) == 0
    assert asked(engine) == "Is it?\n```\n-a\n+b\n```"


def test_files_are_added_in_fences_they_do_not_have_themselves(engine: RecordedEngine, tmp_path: Path):
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.md").write_text("```\ny\n```\n")
    assert main(["ask", "--file", str(tmp_path / "a.py"), "--file", str(tmp_path / "b.md"), "Is it?"]) == 0
    assert asked(engine) == "Is it?\n```python\nx = 1\n```\n````\n```\ny\n```\n````"


def test_of_an_answer_only_the_code_can_be_printed(engine: RecordedEngine, capsys: pytest.CaptureFixture[str]):
    assert main(["ask", "--code", "Declare x."]) == 0
    assert capsys.readouterr() == ("int x;\n", "")


def test_an_empty_answer_has_its_reason_on_stderr(engine: RecordedEngine, capsys: pytest.CaptureFixture[str]):
    engine._engine._spec = engine._engine._spec.__class__()
    assert main(["ask", "Is it?"]) == 1
    assert capsys.readouterr() == ("", "nothing: the model had nothing to say (model stopped)\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "there is no question; write one"),
        (["--model", "starcoder2-3b", "Is it?"], "cannot be asked; name another model"),
        (["--model", "gpt", "Is it?"], "there is no model `gpt`; use gpt2"),
        (["--format", "qa", "Is it?"], "no conversation format `qa`; use one of chatml"),
        (["--file", "absent.py", "Is it?"], "absent.py cannot be read (No such file or directory); name a file that"),
    ],
)
def test_what_is_wrong_is_told_with_the_next_step(
    engine: RecordedEngine, capsys: pytest.CaptureFixture[str], words: list[str], told: str
):
    assert main(["ask", *words]) == 1
    assert told in capsys.readouterr().err
    assert engine.streamed == []


def test_a_file_that_is_no_text_is_told(engine: RecordedEngine, tmp_path: Path):
    (tmp_path / "a.bin").write_bytes(b"ab\xff")
    with pytest.raises(ModelError, match=r"a\.bin is not UTF-8 text \(byte 2\)"):
        command._read(tmp_path / "a.bin")


@pytest.mark.parametrize("words", [["--max-tokens", "0", "x"], ["--context-tokens", "many", "x"], ["--max-tokens"]])
def test_a_number_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str], words: list[str]):
    with pytest.raises(SystemExit) as ended:
        main(["ask", *words])
    assert ended.value.code == 2
    assert "phi-lsp ask: error: argument" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pieces", "printed"),
    [
        (["\n", "\n  ", "- one", "\n- two"], "  - one\n- two\n"),
        (["\n\n  - one\n- two"], "  - one\n- two\n"),
        (["  ", " Paris."], "Paris.\n"),
        (["Paris.\n"], "Paris.\n"),
        ([" \n "], ""),
        ([], ""),
    ],
)
def test_an_answer_begins_with_its_first_line_however_it_comes(
    capsys: pytest.CaptureFixture[str], pieces: list[str], printed: str
):
    printer = Printer()
    for piece in pieces[:-1]:
        printer.show(piece)
    printer.finish("".join(pieces))
    assert capsys.readouterr().out == printed


def test_code_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]):
    Printer(verbatim=True).finish("    return x")
    assert capsys.readouterr().out == "    return x\n"


@pytest.mark.model
def test_a_real_model_answers(phi_lsp: Run, placed: Callable[[Path], Path], default_model: Path):
    placed(default_model)
    done = phi_lsp("ask", "--max-tokens", "40", "What is the capital of France? One word.", typed="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Paris" in done.stdout


@pytest.mark.model
def test_a_model_that_is_not_here_is_told_before_anything_else(phi_lsp: Run):
    done = phi_lsp("ask", "--model", "phi-2", "Is it?", typed="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "phi-2 is not downloaded; run `phi-lsp models pull phi-2`" in done.stderr
