"""A folder has no say in which program is started until it is trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.code_server import code_server, tapped
from tests.editors.vscode.conftest import answer, scripted, window
from tests.editors.vscode.workbench import Workbench


@pytest.fixture(scope="module")
def editor(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    home = tmp_path_factory.mktemp("trust")
    program = tapped(home, *scripted(answer("", "x")))
    scripts = home / "workspace" / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "phi-lsp").symlink_to(program)
    chosen = home / "workspace" / ".vscode" / "settings.json"
    chosen.parent.mkdir()
    chosen.write_text(json.dumps({"phi-lsp.path": str(program)}))
    (home / "workspace" / "hello.py").write_text("import os\n")
    settings = {"security.workspace.trust.enabled": True, "security.workspace.trust.banner": "never"}
    with ExitStack() as stack:
        running = stack.enter_context(code_server(home, settings, {"PATH": "/usr/bin:/bin"}))
        yield Workbench(stack.enter_context(window(browser)), running)


def test_the_servers_of_a_folder_are_started_once_it_is_trusted(editor: Workbench):
    button = editor.page.get_by_role("button")
    button.filter(has_text="No, I don't trust the authors").click()
    editor.page.get_by_role("treeitem", name="hello.py").click()
    expect(editor.message("the server was not found")).to_be_visible()
    assert not editor.server.transcript.exists()
    editor.run("Workspaces: Manage Workspace Trust")
    editor.page.locator(".workspace-trust-editor").get_by_role("button", name="Trust", exact=True).first.click()
    expect(editor.status).to_contain_text("scripted-model")
