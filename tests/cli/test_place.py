"""A place on the command line: what it names, and what is said where it names nothing."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.cli.place import BadPlaceError, add_place, opened
from lsp_server.models import registry
from lsp_server.models.rows import DEFAULT
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from tests.cli.conftest import Run

TEXT = "def f(x):\r\n    é = 1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where we are, with a file of three lines and some that cannot be completed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_bytes(TEXT.encode())
    (tmp_path / "a:b.py").write_bytes(TEXT.encode())
    (tmp_path / "latin.py").write_bytes("# é\n".encode("latin-1"))
    (tmp_path / "a.rs").write_text("fn f() {\n")
    (tmp_path / "folder.py").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("place", "before"),
    [
        ("a.py:1", "def f(x):"),
        ("a.py:1:1", ""),
        ("a.py:1:5", "def "),
        ("a.py:1:10", "def f(x):"),
        ("a.py:2:6", "def f(x):\r\n    é"),
        ("a.py:2", "def f(x):\r\n    é = 1"),
        ("a.py:3", TEXT),
        ("a:b.py:2:1", "def f(x):\r\n"),
        ("./a.py:3:1", TEXT),
    ],
)
def test_a_place_is_a_line_and_a_column_counted_from_one(folder: Path, place: str, before: str):
    document, offset = opened(place)
    assert (document.text, document.text[:offset]) == (TEXT, before)
    assert (document.language_id, document.uri.startswith("file:///")) == ("python", True)


WRONG = {
    "a.py": "'a.py' names no place: write FILE:LINE or FILE:LINE:COL, such as stack.py:12",
    "a.py:x": "names no place",
    "a.py:-1": "names no place",
    ":1": "names no place",
    "": "names no place",
    "a.py:0": "a.py has no line 0: write one from 1 to 3",
    "a.py:4": "a.py has no line 4: write one from 1 to 3",
    f"a.py:{10**40}": "write one from 1 to 3",
    "a.py:1:0": "line 1 of a.py has no column 0: write one from 1 to 10",
    "a.py:1:11": "write one from 1 to 10",
    "a.py:1:2:3": "is in no known language by its name",
    "a.rs:1": "a.rs is in no known language by its name: name a file in python, cpp, c",
    "none.py:1": "none.py cannot be read (No such file or directory): name a file that can",
    "none/a.py:1": "cannot be read",
    "folder.py:1": "folder.py cannot be read (Is a directory): name a file that can",
    "latin.py:1": "latin.py is not UTF-8 text (byte 2): save it as UTF-8",
}


@pytest.mark.parametrize("place", WRONG)
def test_what_names_no_place_is_told_with_what_to_write(folder: Path, place: str):
    with pytest.raises(BadPlaceError) as error:
        opened(place)
    assert WRONG[place] in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("command", ["complete", "explain"])
@pytest.mark.parametrize("place", ["a.py", "a.py:9", "a.rs:1", "none.py:1", "folder.py:1", "latin.py:1"])
def test_a_wrong_place_is_one_line_on_stderr(phi_lsp: Run, folder: Path, command: str, place: str):
    done = phi_lsp(command, place)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("phi-lsp: error: ")
    assert done.stderr.count("\n") == 1
    assert WRONG.get(place, "write one from 1 to 3") in done.stderr


@pytest.mark.parametrize("command", ["complete", "explain"])
def test_a_model_that_is_not_here_is_one_line_with_the_next_step(phi_lsp: Run, folder: Path, command: str):
    done = phi_lsp(command, "a.py:1")
    name = registry.find().name
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"phi-lsp: error: {name} is not downloaded; run `phi-lsp models pull {name}`\n"


@pytest.mark.parametrize("command", ["complete", "explain"])
def test_a_file_that_is_no_model_is_one_line_with_the_next_step(phi_lsp: Run, folder: Path, command: str):
    (folder / "no.gguf").write_bytes(b"no model" * 100)
    done = phi_lsp(command, "a.py:1", "--model", "no.gguf")
    assert (done.returncode, done.stdout) == (1, "")
    told = f"{folder / 'no.gguf'} is no whole GGUF file (it does not begin with GGUF); fetch the model again"
    assert done.stderr == f"phi-lsp: error: {told}\n"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_place(parser)
    return parser.parse_args(words)


def test_numbers_are_the_settings_where_none_are_given():
    options = parsed("a.py:1")
    assert (options.model, options.candidates, options.max_tokens) == (
        DEFAULT,
        Settings().candidates,
        Settings().max_tokens,
    )
    assert parsed("a.py:1", "--candidates", "0").candidates == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [("--candidates", "-1"), ("--candidates", "9"), ("--candidates", "x"), ("--max-tokens", "0"), ("--max-tokens", "")],
)
def test_a_number_that_the_setting_would_not_accept_is_wrong_usage(option: str, value: str, capsys):
    with pytest.raises(SystemExit) as ended:
        parsed("a.py:1", option, value)
    assert ended.value.code == 2
    assert "write a whole number from" in capsys.readouterr().err
