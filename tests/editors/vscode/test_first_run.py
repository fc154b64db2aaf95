"""From a machine without the server and without a model to a completion, by clicks alone.

The server is the one that came with the extension, built from this tree; what it needs, and the model, come from the
package index.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.code_server import code_server
from tests.editors.vscode.conftest import window
from tests.editors.vscode.workbench import Workbench, until

pytestmark = [pytest.mark.model, pytest.mark.timeout(1800)]
MINUTES = 60_000


@pytest.fixture(scope="module")
def editor(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    home = tmp_path_factory.mktemp("first-run")
    cache = subprocess.run((sys.executable, "-m", "pip", "cache", "dir"), capture_output=True, text=True, check=True)
    environment = {
        "PHI_LSP_HOME": str(home / "phi-lsp"),
        # What was built before need not be built again.
        "PIP_CACHE_DIR": cache.stdout.strip(),
        "PATH": _without_the_server(os.environ["PATH"]),
    }
    (home / "workspace").mkdir()
    (home / "workspace" / "hello.py").write_text("import os\n")
    settings = {"phi-lsp.modelSources": ["package_index"]}
    with ExitStack() as stack:
        running = stack.enter_context(code_server(home, settings, environment))
        yield Workbench(stack.enter_context(window(browser)), running)


def _without_the_server(path: str) -> str:
    return os.pathsep.join(folder for folder in path.split(os.pathsep) if not (Path(folder) / "phi-lsp").exists())


def downloaded(editor: Workbench) -> int:
    """How many percent of a download the status bar shows; 0 where it shows none."""
    shown = re.search(r"downloading (\d+) %", editor.status.inner_text())
    return int(shown[1]) if shown else 0


def test_a_cancelled_installation_leaves_nothing_that_would_be_taken_for_a_server(editor: Workbench):
    editor.page.get_by_role("treeitem", name="hello.py").click()
    expect(editor.message("the server was not found")).to_be_visible()
    expect(editor.status).to_contain_text("off")
    editor.run("phi-lsp: Install the Server")
    environment = editor.server.home / "data" / "User" / "globalStorage" / "phi-lsp.phi-lsp" / "server"
    until((environment / "bin" / "pip").exists, "the private environment")
    editor.press("installing the server", "Cancel")
    until(lambda: not environment.exists(), "its end")


def test_clicks_lead_from_nothing_to_a_completion(editor: Workbench):
    editor.press("the server was not found", "Show the Guide")
    guide = editor.page.locator(".gettingStartedContainer")
    expect(guide).to_contain_text("Install the server")
    guide.get_by_role("button", name="Install the Server", exact=True).click()
    expect(editor.message("installing the server")).to_be_visible()
    expect(editor.message("is not downloaded")).to_be_visible(timeout=15 * MINUTES)
    expect(editor.message("is not downloaded")).to_contain_text("491 MB, licence Apache-2.0")
    expect(editor.status).to_contain_text("no model")
    editor.press("is not downloaded", "Download")
    # Four of its six parts come at a time, so by then one at least is here whole: that is what is kept.
    until(lambda: downloaded(editor) > 70, "most of the model", seconds=600)
    editor.press("Downloading qwen2.5-coder-0.5b-instruct", "Cancel")
    expect(editor.status).to_contain_text("no model")
    guide.get_by_text("Download a model").click()
    guide.get_by_role("button", name="Download the Model", exact=True).click()
    expect(editor.message("is not downloaded")).to_contain_text("491 MB, licence Apache-2.0")
    expect(editor.status).to_contain_text("no model")
    editor.press("is not downloaded", "Download")
    assert until(lambda: downloaded(editor), "how far the download is") > 10, "it goes on with what has arrived"
    expect(editor.status).to_contain_text("qwen2.5-coder-0.5b-instruct", timeout=10 * MINUTES)
    guide.get_by_text("Complete a function").click()
    guide.get_by_role("button", name="Open a Sample File", exact=True).click()
    assert "text" in editor.suggestion()


def test_what_was_installed_is_found_the_next_time(editor: Workbench):
    editor.reload()
    editor.page.get_by_role("treeitem", name="hello.py").click()
    expect(editor.status).to_contain_text("qwen2.5-coder-0.5b-instruct")
    assert editor.message("the server was not found").count() == 0


def test_the_server_is_updated_while_it_runs(editor: Workbench):
    [program] = editor.server.home.glob("data/User/globalStorage/phi-lsp.phi-lsp/server/bin/phi-lsp")
    before = program.stat().st_mtime_ns
    editor.run("phi-lsp: Install the Server")
    expect(editor.message("installing the server")).to_be_visible()
    expect(editor.message("installing the server")).to_have_count(0)
    assert program.stat().st_mtime_ns > before
    expect(editor.status).to_contain_text("qwen2.5-coder-0.5b-instruct")


def test_a_model_that_was_deleted_is_asked_for_again(editor: Workbench):
    [model] = editor.server.home.glob("phi-lsp/models/*.gguf")
    model.unlink()
    editor.run("phi-lsp: Restart the Server")
    expect(editor.message("is not downloaded")).to_be_visible()
    editor.press("is not downloaded", "Not now")
    expect(editor.status).to_contain_text("no model")
    editor.status.click()
    expect(editor.page.locator(".quick-input-list")).to_contain_text("Download the model")
