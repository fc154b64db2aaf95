"""What a project's own linters say already, asked of the real ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_server.core.document import Document
from lsp_server.trial.linters import LINTERS, told_lines

PYTHON = "import os\n\n\ndef add(item, items=[]):\n    return missing\n"
CPP = "int f(int a) {\n    int b = 0;\n    if (b = a) {\n        return 1;\n    }\n    return b;\n}\n"
SECONDS = 60
"""More than users wait, for machines that are busy."""


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linters are found as they are by somebody who works in this environment."""
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))


def document(path: Path, text: str, language: str = "python") -> Document:
    return Document(path.as_uri(), language, text)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("ruff.toml", '[lint]\nselect = ["ALL"]\n'),
        (".ruff.toml", '[lint]\nselect = ["F", "B006"]\n'),
        ("pyproject.toml", '[tool.ruff.lint]\nselect = ["F", "B"]\n'),
    ],
)
async def test_lines_are_told_where_the_project_is_set_up_for_a_linter(tmp_path: Path, name: str, settings: str):
    (tmp_path / name).write_text(settings)
    path = tmp_path / "pkg" / "shop.py"
    path.parent.mkdir()
    assert await told_lines(document(path, PYTHON), SECONDS) == {0, 3, 4}


async def test_what_the_project_does_not_ask_of_its_linter_is_not_told(tmp_path: Path):
    (tmp_path / "ruff.toml").write_text('[lint]\nselect = ["F401"]\n')
    assert await told_lines(document(tmp_path / "a.py", PYTHON), SECONDS) == {0}


async def test_of_style_nothing_is_told(tmp_path: Path):
    (tmp_path / "ruff.toml").write_text('[lint]\nselect = ["E501", "D", "I", "Q", "N", "FBT"]\n')
    assert (
        await told_lines(document(tmp_path / "a.py", f'def F(a=True):\n    return a + "{"x" * 200}"\n'), SECONDS)
        == set()
    )


@pytest.mark.parametrize("settings", ["[project]\nname = 'x'\n", None])
async def test_a_project_that_is_not_set_up_for_a_linter_is_not_linted(tmp_path: Path, settings: str | None):
    if settings:
        (tmp_path / "pyproject.toml").write_text(settings)
    assert await told_lines(document(tmp_path / "a.py", PYTHON), SECONDS) == set()


async def test_c_is_read_from_the_disk_and_only_if_it_is_there_as_it_is_here(tmp_path: Path):
    (tmp_path / ".clang-tidy").write_text("Checks: 'bugprone-*,clang-diagnostic-*,readability-*'\n")
    path = tmp_path / "f.cpp"
    assert await told_lines(document(path, CPP, "cpp"), SECONDS) == set()
    path.write_text(CPP)
    told = await told_lines(document(path, CPP, "cpp"), SECONDS)
    assert 2 in told
    assert not told & {1, 4, 6}
    assert await told_lines(document(path, CPP + "\n", "cpp"), SECONDS) == set()


async def test_without_a_linter_without_a_file_or_in_time_nothing_is_told(tmp_path: Path, monkeypatch):
    (tmp_path / "ruff.toml").write_text("")
    assert await told_lines(Document("untitled:a", "python", PYTHON), SECONDS) == set()
    assert await told_lines(document(tmp_path / "a.rs", PYTHON, "rust"), SECONDS) == set()
    assert await told_lines(document(tmp_path / "a.py", PYTHON), 0.0) == set()
    monkeypatch.setenv("PATH", "")
    assert await told_lines(document(tmp_path / "a.py", PYTHON), SECONDS) == set()


@pytest.mark.parametrize("linter", LINTERS, ids=lambda row: row.program)
def test_every_row_names_languages_and_settings(linter):
    assert linter.languages
    assert linter.settings
    assert not any("/" in name for name in linter.settings)
