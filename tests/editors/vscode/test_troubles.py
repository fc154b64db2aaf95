"""What goes wrong is told with the next step, the menu offers it, and typing goes on meanwhile."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench, until

HEAD = 'def add(items):\n    """The sum."""\n   '
BODY = "return sum(items)"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("models") / "scripted.gguf"
    file.touch()
    return file


@pytest.fixture(scope="module")
def editor(start: Start, model: Path) -> Workbench:
    editor = start(*scripted(answer("The sum.", BODY), file=str(model)), name="troubles")
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def described(editor: Workbench) -> str:
    """What a screen reader says of the item in the status bar."""
    return str(editor.status.locator("[aria-label]").first.get_attribute("aria-label"))


def types_on(editor: Workbench) -> None:
    """What is typed arrives, whatever else is so."""
    name = f"typing_{len(list(editor.server.workspace.iterdir()))}.py"
    path = editor.open(name, "x = 1\n")
    editor.type("# typing goes on")
    editor.save()
    assert path.read_text() == "x = 1\n# typing goes on"


def suggests(editor: Workbench, name: str) -> None:
    editor.open(name, HEAD)
    editor.type(" ")
    editor.suggestion(BODY)


def rows(editor: Workbench) -> str:
    """What the menu offers."""
    editor.status.click()
    offered = editor.page.locator(".quick-input-list")
    expect(offered).to_contain_text("Show the log")
    return offered.inner_text()


def test_an_engine_that_was_killed_is_told_and_the_next_request_brings_another(editor: Workbench):
    suggests(editor, "engine.py")
    editor.kill_engine()
    until(lambda: "the next request starts it again" in described(editor), "what became of it")
    offered = rows(editor)
    assert "Ask a question" in offered
    assert "Install the server" not in offered
    editor.keys("Escape")
    types_on(editor)
    suggests(editor, "engine_again.py")
    expect(editor.status).to_contain_text("scripted-model")


def test_a_model_that_is_deleted_meanwhile_is_asked_for_again(editor: Workbench, model: Path):
    suggests(editor, "deleted.py")
    model.unlink()
    editor.kill_engine()
    editor.open("without.py", HEAD)
    editor.type(" ")
    expect(editor.message("is not downloaded")).to_contain_text("Download it now (123 MB, licence Apache-2.0)?")
    types_on(editor)
    editor.press("is not downloaded", "Not now")
    expect(editor.status).to_contain_text("no model")
    assert "Download the model" in rows(editor)
    editor.choose("Download the model")
    expect(editor.message("is not downloaded")).to_contain_text("123 MB, licence Apache-2.0")
    model.touch()
    editor.press("is not downloaded", "Download")
    expect(editor.status).to_contain_text("scripted-model")
    suggests(editor, "deleted_again.py")


def test_a_model_that_there_is_not_is_told_and_the_menu_switches_it(editor: Workbench):
    editor.server.set(model="unheard-of")
    expect(editor.message("there is no model `unheard-of`")).to_contain_text("use scripted-model")
    expect(editor.status).to_contain_text("failed")
    types_on(editor)
    offered = rows(editor)
    assert "Show the settings in force" in offered
    assert "Install the server" not in offered
    editor.choose("Switch the model…")
    editor.choose("auto")
    expect(editor.status).to_contain_text("scripted-model")
    suggests(editor, "named.py")


def test_a_server_that_ends_again_and_again_is_left_to_the_user_to_restart(editor: Workbench):
    for ends in range(1, 6):
        expect(editor.status).to_contain_text("scripted-model")
        editor.kill_server()
        if ends < 5:
            begun = ends + 1
            until(lambda begun=begun: len(editor.said(source="server", answers="initialize")) == begun, "another")
    expect(editor.message("ended 5 times")).to_contain_text("look into its log, then restart it")
    expect(editor.status).to_contain_text("failed")
    types_on(editor)
    editor.press("ended 5 times", "Restart")
    expect(editor.status).to_contain_text("scripted-model")
    suggests(editor, "ended.py")


def test_a_server_that_ends_while_it_starts_is_started_again_by_the_user_alone(
    start: Start, tmp_path_factory: pytest.TempPathFactory
):
    mark = tmp_path_factory.mktemp("starting") / "second"
    serves = shlex.join(scripted(answer("The sum.", BODY)))
    editor = start("sh", "-c", f"[ -e {mark} ] && exec {serves}; touch {mark}", name="starting")
    editor.open("warm.py", "import os\n")
    expect(editor.message("phi-lsp: the server could not be started")).to_contain_text("it ended while it started")
    expect(editor.status).to_contain_text("failed")
    types_on(editor)
    editor.page.wait_for_timeout(2000)
    assert len(editor.said(source="tap")) == 1
    editor.press("phi-lsp: the server could not be started", "Restart")
    expect(editor.status).to_contain_text("scripted-model")
    suggests(editor, "started.py")
    assert len(editor.said(source="tap")) == 2
