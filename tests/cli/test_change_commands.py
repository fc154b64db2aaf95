"""`phi-lsp rewrite` and `phi-lsp generate`: what is printed, and what becomes of the file."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lsp_server.cli import change, main
from lsp_server.core.change import Change
from lsp_server.core.document import Span
from lsp_server.core.finding import Edit, Fix
from lsp_server.parts import Errand
from lsp_server.session.errands import WRITINGS
from tests.scripted import RecordedEngine

TEXT = "import os\r\n\r\n\r\ndef f(x):\r\n    return x\x0c\r\n\r\n\r\n# é: add two numbers"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a function and a comment, and line ends of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.py"
    path.write_bytes(TEXT.encode())
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Errand]:
    """What was asked of a model that adds an import and a word, or has nothing to say to an instruction."""
    errands: list[Errand] = []

    async def write(errand: Errand, *_: object) -> Change:
        errands.append(errand)
        if errand.instruction:
            return Change(reason="the model would change nothing")
        text = errand.document.text
        if errand.function is None:
            end = Span(len(text), len(text))
            return Change(Fix("x", (Edit(end, "\r\ndef add(a, b):\r\n    return a + b"),)), "wrote 2 lines")
        at = text.index("return x") + 7
        return Change(Fix("x", (Edit(Span(0, 0), "import re\r\n"), Edit(Span(at, at), "2 * "))), "doubled it")

    @asynccontextmanager
    async def loaded(*_: object) -> AsyncIterator[RecordedEngine]:
        yield RecordedEngine()

    monkeypatch.setattr(change, "loaded", loaded)
    for name in ("rewrite", "generate"):
        monkeypatch.setitem(WRITINGS, name, write)
    return errands


def test_what_is_other_is_printed_and_the_file_stays(file: Path, asked: list[Errand], capsysbinary):
    assert main.main(["rewrite", "a.py:5"]) == 0
    shown = capsysbinary.readouterr()
    assert shown.out.decode() == "import re\r\nimport os\r\n\r\n\r\ndef f(x):\r\n    return 2 * x\x0c\n"
    assert shown.err == b"doubled it\n"
    assert file.read_bytes() == TEXT.encode()
    assert (asked[0].function.name, asked[0].instruction) == ("f", "")


def test_what_would_be_inserted_is_printed(file: Path, asked: list[Errand], capsys):
    assert main.main(["generate", "a.py:8"]) == 0
    assert capsys.readouterr() == ("def add(a, b):\r\n    return a + b\n", "wrote 2 lines\n")


def test_a_file_is_written_with_its_own_line_ends(file: Path, asked: list[Errand]):
    assert main.main(["generate", "a.py:8", "--write"]) == 0
    assert file.read_bytes().decode() == TEXT + "\r\ndef add(a, b):\r\n    return a + b"


@pytest.mark.parametrize(
    ("command", "place"), [("rewrite", "a.py:4"), ("generate", "a.py:8"), ("rewrite", "{}/a.py:4")]
)
def test_a_difference_is_what_git_applies(file: Path, asked: list[Errand], capsysbinary, command: str, place: str):
    place = place.format(file.parent)
    assert main.main([command, place, "--diff"]) == 0
    difference = capsysbinary.readouterr().out
    assert main.main([command, place, "--write"]) == 0
    changed = file.read_bytes()
    file.write_bytes(TEXT.encode())
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=difference, check=True, cwd=file.parent)
    assert file.read_bytes() == changed


def test_nothing_to_change_has_its_reason_on_stderr(file: Path, asked: list[Errand], capsys):
    assert main.main(["rewrite", "a.py:5", "make it so", "--write"]) == 1
    assert capsys.readouterr() == ("", "nothing: the model would change nothing\n")
    assert asked[0].instruction == "make it so"
    assert file.read_bytes() == TEXT.encode()


def test_a_place_that_is_none_is_explained(file: Path, asked: list[Errand], capsys):
    assert main.main(["generate", "a.py:99"]) == 1
    assert "a.py has no line 99" in capsys.readouterr().err
    assert not asked
