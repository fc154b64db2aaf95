"""What a user does not want to see again, on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.core.document import Span
from lsp_server.core.finding import Finding, Severity
from lsp_server.session.dismissals import Dismissals, Dismissed, default_path
from lsp_server.session.findings import Known


def known(mark: str = "abc", category: str = "off-by-one") -> Known:
    here = Span(0, 1)
    return Known("name", mark, Finding(here, here, category, Severity.WARNING, "Off."))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "dismissed.json"


def test_nothing_is_dismissed_at_first(path: Path):
    assert not Dismissals(path).now().hides(known())
    assert not path.parent.exists()


def test_one_finding_or_a_whole_kind_is_dismissed_for_every_server(path: Path):
    one, other = Dismissals(path), Dismissals(path)
    assert not other.now().hides(known())
    one.finding(known())
    assert other.now().hides(known())
    assert not other.now().hides(known("def"))
    other.kind("off-by-one")
    assert one.now().hides(known("def"))
    one.finding(known())
    assert one.now() == Dismissed(("abc",), ("off-by-one",))


def test_a_kind_or_everything_is_restored(path: Path):
    dismissals = Dismissals(path)
    dismissals.finding(known())
    dismissals.kind("off-by-one")
    dismissals.kind("wrong-value")
    dismissals.restore("off-by-one")
    assert dismissals.now() == Dismissed(("abc",), ("wrong-value",))
    dismissals.restore()
    assert dismissals.now() == Dismissed()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"findings": 3}', "\ufffd"])
def test_a_damaged_file_is_kept_aside_and_hides_nothing(path: Path, damage: str):
    path.parent.mkdir()
    path.write_text(damage)
    dismissals = Dismissals(path)
    assert dismissals.now() == Dismissed()
    dismissals.finding(known())
    assert dismissals.now().hides(known())
    assert path.with_suffix(".damaged").read_text() == damage


def test_a_file_that_cannot_be_read_hides_nothing(path: Path):
    path.mkdir(parents=True)
    assert Dismissals(path).now() == Dismissed()


def test_it_lies_in_the_data_folder_unless_we_are_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("PHI_LSP_HOME", raising=False)
    assert default_path().name == "dismissed.json"
    assert "phi-lsp" in str(default_path())
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    assert default_path() == tmp_path / "dismissed.json"
