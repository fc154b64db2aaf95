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
from tests.editors.vscode.workbench import Workbench, until

UNTRUSTED = {"security.workspace.trust.enabled": True, "security.workspace.trust.banner": "never"}


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
    with ExitStack() as stack:
        running = stack.enter_context(code_server(home, UNTRUSTED, {"PATH": "/usr/bin:/bin"}))
        yield Workbench(stack.enter_context(window(browser)), running)


def distrust(editor: Workbench) -> None:
    editor.page.get_by_role("button").filter(has_text="No, I don't trust the authors").click()


def test_the_servers_of_a_folder_are_started_once_it_is_trusted(editor: Workbench):
    distrust(editor)
    editor.page.get_by_role("treeitem", name="hello.py").click()
    expect(editor.message("the server was not found")).to_be_visible()
    assert not editor.server.transcript.exists()
    editor.run("Workspaces: Manage Workspace Trust")
    editor.page.locator(".workspace-trust-editor").get_by_role("button", name="Trust", exact=True).first.click()
    expect(editor.status).to_contain_text("scripted-model")


def test_a_folder_that_is_not_trusted_says_neither_what_is_read_nor_what_is_fetched(
    browser: Any, tmp_path_factory: pytest.TempPathFactory
):
    home = tmp_path_factory.mktemp("distrust")
    program = tapped(home, *scripted(answer("", "x")))
    theirs = home / "workspace" / ".vscode" / "settings.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(json.dumps({"phi-lsp.exclude": [], "phi-lsp.offline": False, "phi-lsp.maxTokens": 9}))
    (home / "workspace" / "hello.py").write_text("import os\n")
    ours = {"phi-lsp.path": str(program), "phi-lsp.exclude": ["private_*"], "phi-lsp.offline": True}
    with ExitStack() as stack:
        running = stack.enter_context(code_server(home, UNTRUSTED | ours))
        editor = Workbench(stack.enter_context(window(browser)), running)
        distrust(editor)
        editor.page.get_by_role("treeitem", name="hello.py").click()
        [begun] = until(lambda: editor.said(source="editor", method="initialize"), "a server")
        sent = begun["params"]["initializationOptions"]
        assert (sent["exclude"], sent["offline"], sent["maxTokens"]) == (["private_*"], True, 9)
