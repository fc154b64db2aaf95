"""`phi-lsp review`: which functions are reviewed, what is printed of it, and the exit status."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.cli import main, review
from lsp_server.core.document import Span
from lsp_server.core.finding import CATEGORIES, Edit, Finding, Fix, Related, Severity
from lsp_server.engines.base import EngineError
from lsp_server.parts import Errand
from tests.scripted import RecordedEngine

if TYPE_CHECKING:
    from tests.cli.conftest import Run

TEXT = """\
LIMIT = 3


def first(items):
    if items == None:
        return LIMIT
    return items[1]


def second(items):
    def at(index):
        return items[index]

    return at(1)


def later(items):
    ...
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where we are, with a file of functions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "é a.py").write_text(TEXT)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Errand]:
    """What was reviewed by a reviewer that finds fault with every `return items[1]`."""
    errands: list[Errand] = []

    async def reviewed(errand: Errand, *_: object) -> AsyncIterator[Finding]:
        errands.append(errand)
        text, function = errand.document.text, errand.function.span
        at = text.find("items[1]", function.start, function.end)
        if at >= 0:
            limit = text.index("LIMIT")
            related = (Related(Span(limit, limit + 5), "It is set here."),)
            fix = Fix("Write items[0]", (Edit(Span(at, at + 8), "items[0]"),))
            yield Finding(function, Span(at, at + 8), "off-by-one", Severity.WARNING, "One too far.", 0.9, related, fix)

    @asynccontextmanager
    async def loaded(*_: object) -> AsyncIterator[RecordedEngine]:
        yield RecordedEngine()

    monkeypatch.setattr(review, "reviewed", reviewed)
    monkeypatch.setattr(review, "loaded", loaded)
    return errands


Asked = list[Errand]


def names(asked: Asked) -> list[str]:
    return [errand.function.name for errand in asked]


def test_findings_are_printed_as_compilers_do_and_tell_by_the_status(folder: Path, asked: Asked, capsys):
    assert main.main(["review", "é a.py"]) == 1
    assert capsys.readouterr() == (
        "é a.py:7:12: warning: One too far. [off-by-one]\né a.py:1:1: note: It is set here.\n  fix: Write items[0]\n",
        "",
    )
    assert names(asked) == ["first", "second"]


def test_nothing_found_is_0(folder: Path, asked: Asked, capsys):
    assert main.main(["review", "é a.py", "--function", "second"]) == 0
    assert capsys.readouterr() == ("", "")
    assert names(asked) == ["second"]


def test_one_inside_another_is_reviewed_when_it_is_named(folder: Path, asked: Asked):
    assert main.main(["review", "é a.py", "--function", "at"]) == 0
    assert names(asked) == ["at"]


def test_several_files_are_reviewed_and_one_that_cannot_be_is_trouble(folder: Path, asked: Asked, capsys):
    (folder / "b.c").write_text("int f(int x) { return x; }\n")
    assert main.main(["review", "b.c", "none.py", "é a.py"]) == 2
    shown = capsys.readouterr()
    assert names(asked) == ["f", "first", "second"]
    assert "none.py cannot be read" in shown.err
    assert "One too far." in shown.out


WRONG = {
    (): "there is nothing to review: name a file",
    ("a.rs",): "is in no known language by its name",
    ("é a.py", "--function", "third"): "there is no function `third`",
    ("é a.py", "--model", "unheard-of"): "unheard-of",
    ("é a.py", "--changed-since", "HEAD"): "git says: fatal: not a git repository",
    ("é a.py", "--changed-since=--output=x"): "is no revision",
}


@pytest.mark.parametrize(("words", "problem"), WRONG.items(), ids=map(" ".join, WRONG))
def test_trouble_is_2_and_says_what_to_do(folder: Path, asked: Asked, capsys, words: tuple[str, ...], problem: str):
    assert main.main(["review", *words]) == 2
    assert problem in capsys.readouterr().err
    assert not asked
    assert not (folder / "x").exists()


@pytest.mark.parametrize("threshold", ["bold", "1.5", "-1", "nan"])
def test_a_threshold_that_is_none_is_a_usage_error(folder: Path, capsys, threshold: str):
    with pytest.raises(SystemExit) as ended:
        main.main(["review", "é a.py", f"--threshold={threshold}"])
    assert ended.value.code == 2
    assert "write cautious, balanced or a number" in capsys.readouterr().err


def test_an_engine_that_fails_is_trouble_and_what_was_found_before_is_kept(
    folder: Path, asked: Asked, capsys, monkeypatch
):
    before = review.reviewed

    async def reviewed(errand: Errand, *more: object) -> AsyncIterator[Finding]:
        if errand.function.name == "second":
            raise EngineError("the engine is gone")
        async for finding in before(errand, *more):
            yield finding

    monkeypatch.setattr(review, "reviewed", reviewed)
    assert main.main(["review", "é a.py", "--format", "json"]) == 2
    made = json.loads(capsys.readouterr().out)
    assert (len(made["findings"]), made["troubles"]) == (1, ["the engine is gone"])


def test_json_has_everything(folder: Path, asked: Asked, capsys):
    assert main.main(["review", "é a.py", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "findings": [
            {
                "file": "é a.py",
                "line": 7,
                "column": 12,
                "endLine": 7,
                "endColumn": 20,
                "category": "off-by-one",
                "severity": "warning",
                "message": "One too far.",
                "confidence": 0.9,
                "related": [
                    {"line": 1, "column": 1, "endLine": 1, "endColumn": 6, "message": "It is set here."},
                ],
                "fix": {
                    "title": "Write items[0]",
                    "edits": [{"line": 7, "column": 12, "endLine": 7, "endColumn": 20, "text": "items[0]"}],
                },
            }
        ],
        "troubles": [],
    }


def test_sarif_is_what_its_readers_take(folder: Path, asked: Asked, capsys):
    sarif = pytest.importorskip("sarif_pydantic", reason="install with: pip install sarif-pydantic")
    assert main.main(["review", "é a.py", "--format", "sarif"]) == 1
    made = json.loads(capsys.readouterr().out)
    (run,) = sarif.Sarif.model_validate(made).runs
    (result,) = run.results
    assert [rule.id for rule in run.tool.driver.rules] == [row.name for row in CATEGORIES]
    assert run.tool.driver.rules[made["runs"][0]["results"][0]["ruleIndex"]].id == result.rule_id == "off-by-one"
    place = result.locations[0].physical_location
    assert (place.artifact_location.uri, place.region.start_line, place.region.end_column) == ("%C3%A9%20a.py", 7, 20)
    replacement = made["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement["insertedContent"] == {"text": "items[0]"}


@pytest.fixture
def repository(folder: Path) -> Callable[..., None]:
    """git in the folder, which has the file as it is."""

    def git(*words: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    return git


@pytest.mark.parametrize(
    ("old", "new", "reviewed"),
    [
        ("items[1]", "items[2]", ["first"]),
        ("        return LIMIT\n", "", ["first"]),
        ("items[index]", "items[-index]", ["second"]),
        ("LIMIT = 3", "LIMIT = 4", []),
        ("LIMIT = 3\n", "", []),
        ("", "", []),
    ],
)
def test_only_functions_with_changed_lines_are_reviewed(folder, repository, asked, old, new, reviewed):
    (folder / "é a.py").write_text(TEXT.replace(old, new, 1))
    main.main(["review", "é a.py", "--changed-since", "HEAD"])
    assert names(asked) == reviewed


def test_without_files_those_that_changed_are_reviewed(folder: Path, repository, asked: Asked):
    (folder / "notes.txt").write_text("x")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.py").write_text(TEXT)
    repository("add", ".")
    repository("commit", "-m", "second")
    assert main.main(["review", "--changed-since", "HEAD~1"]) == 1
    assert {Path(errand.document.uri).name for errand in asked} == {"b.py"}


def test_a_file_that_git_does_not_follow_is_all_new(folder: Path, repository, asked: Asked):
    (folder / "new.py").write_text(TEXT)
    main.main(["review", "new.py", "--changed-since", "HEAD"])
    assert names(asked) == ["first", "second"]


def test_a_revision_that_does_not_exist_is_trouble(folder: Path, repository, asked: Asked, capsys):
    assert main.main(["review", "--changed-since", "never"]) == 2
    assert "git says" in capsys.readouterr().err


@pytest.mark.model
def test_a_review_by_a_model_prints_what_the_examples_refute(
    phi_lsp: Run, placed: Callable[[Path], Path], smol_model: Path, tmp_path: Path
):
    placed(smol_model)
    file = tmp_path / "wrong.py"
    file.write_text('def double(x):\n    """Twice.\n\n    >>> double(2)\n    4\n    """\n    return x + 3\n')
    done = phi_lsp("review", str(file), "--model", "smollm2-135m", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    assert [one["category"] for one in json.loads(done.stdout)["findings"]] == ["failing-example"]
