"""Switching between the models of this machine, by the menu, with the real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.conftest import Start
from tests.editors.vscode.workbench import Workbench, until

pytestmark = pytest.mark.model

SMALL, USUAL = "smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"


@pytest.fixture(scope="module")
def editor(start: Start, installed: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    home = tmp_path_factory.mktemp("models")
    (home / "models").mkdir()
    for name in (SMALL, USUAL):
        file = installed(name)
        for known in (file, file.with_name(f"{name}.json")):
            (home / "models" / known.name).symlink_to(known)
    editor = start(name="switching", environment={"PHI_LSP_HOME": str(home)})
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def switch(editor: Workbench, model: str) -> None:
    editor.status.click()
    editor.choose("Switch the model…")
    editor.choose(model)
    expect(editor.status).to_contain_text(model)
    file = editor.server.home / "data" / "User" / "settings.json"
    until(lambda: json.loads(file.read_text())["phi-lsp.model"] == model, "the setting")


def writes(editor: Workbench, name: str, model: str) -> None:
    """The model is the one that answers; the small one's answers are not always fit to be shown."""
    editor.open(name, 'def add(first, second):\n    """The sum of both."""\n   ')
    editor.type(" ")
    last = until(lambda: [one for one in editor.said(source="status") if name in str(one["lastRequest"])], "an answer")
    assert last[-1]["lastRequest"]["generatedTokens"] > 0
    assert last[-1]["model"]["name"] == model


def test_the_model_is_switched_and_the_doctor_looks_at_the_new_one(editor: Workbench):
    writes(editor, "usual.py", USUAL)
    switch(editor, SMALL)
    writes(editor, "small.py", SMALL)
    editor.run("phi-lsp: Run the Doctor")
    editor.page.locator('.tab.active[data-resource-name="Doctor.txt"]').wait_for()
    until(lambda: f"{SMALL}, verified" in editor.text(), "what the doctor found")


def test_it_is_switched_back(editor: Workbench):
    switch(editor, USUAL)
    writes(editor, "back.py", USUAL)
