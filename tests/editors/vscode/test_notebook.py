"""Cells of a notebook complete with the cells above as context."""

from __future__ import annotations

import json

import pytest

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench

CELLS = ("import os", "folder = os")


def notebook(*cells: str) -> str:
    rows = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": [cell]}
        for cell in cells
    ]
    return json.dumps(
        {"cells": rows, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    )


@pytest.fixture(scope="module")
def editor(start: Start) -> Workbench:
    editor = start(*scripted(answer("import os\n\nfolder = os.", "getcwd()")), name="notebook")
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def test_a_cell_is_completed_with_what_the_cells_above_say(editor: Workbench):
    path = editor.server.workspace / "book.ipynb"
    path.write_text(notebook(*CELLS))
    editor.open_path(path)
    cell = editor.page.locator(".cell .monaco-editor .view-line").filter(has_text="folder")
    cell.click()
    editor.keys("End")
    editor.type(".")
    editor.suggestion("getcwd()")
    editor.keys("Tab")
    editor.save()
    assert json.loads(path.read_text())["cells"][1]["source"] == ["folder = os.getcwd()"]
