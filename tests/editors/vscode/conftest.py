"""VS Code with the extension, in a browser: one of each for the tests of a module."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from lsp_server.models import registry
from tests.editors.vscode import install

playwright = pytest.importorskip("playwright.sync_api", reason="install with: pip install playwright")

from tests.editors.vscode.code_server import code_server, tapped  # noqa: E402 -- after what may not be installed
from tests.editors.vscode.workbench import Workbench  # noqa: E402

SIZE = {"width": 1280, "height": 800}
Start = Callable[..., Workbench]


def scripted(*scripts: Mapping[str, Any], **wish: Any) -> tuple[str, ...]:
    """The server whose answers are written beforehand; see `tests.server.scripted_server`."""
    return (sys.executable, "-m", "tests.server.scripted_server", json.dumps({"scripts": scripts, **wish}))


def answer(when: str, *pieces: str, **more: Any) -> dict[str, Any]:
    """What a scripted server says to a prompt with ``when`` in it."""
    return {"when": when, "pieces": pieces, **more}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if reason := install.missing():
        pytest.skip(reason)
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(install.CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def start(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts VS Code; ``server`` are the words of the command that serves, none: the real server.

    ``settings`` are the extension's, those ``besides`` are VS Code's own.
    """
    with ExitStack() as stack:

        def begin(
            *server: str,
            name: str = "vscode",
            environment: Mapping[str, str] | None = None,
            besides: Mapping[str, Any] | None = None,
            **settings: Any,
        ) -> Workbench:
            home = tmp_path_factory.mktemp(name)
            known = {"PHI_LSP_HOME": str(home / "phi-lsp"), **(environment or {})}
            program = {"phi-lsp.path": str(tapped(home, *server))}
            chosen = {f"phi-lsp.{key}": value for key, value in settings.items()}
            running = stack.enter_context(code_server(home, {**program, **chosen, **(besides or {})}, known))
            page = stack.enter_context(window(browser))
            return Workbench(page, running)

        yield begin


@contextmanager
def window(browser: Any) -> Iterator[Any]:
    """A page of its own."""
    context = browser.new_context(viewport=SIZE, permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, default_model: Path) -> Mapping[str, str]:
    """An environment in which the default model is there, and nothing was dismissed or measured before."""
    home = tmp_path_factory.mktemp("shelf")
    models = home / "models"
    models.mkdir()
    (models / default_model.name).symlink_to(default_model)
    record = default_model.parent / f"{registry.find('default').name}.json"
    if record.exists():
        (models / record.name).write_bytes(record.read_bytes())
    return {"PHI_LSP_HOME": str(home)}


@pytest.fixture(autouse=True)
def picture_of_a_failure(request: pytest.FixtureRequest) -> Iterator[None]:
    """What was on the screen when a test failed, where the variable PHI_LSP_PICTURES names a folder."""
    before = request.session.testsfailed
    yield
    folder = os.environ.get("PHI_LSP_PICTURES")
    editor = request.node.funcargs.get("editor")
    if folder and editor is not None and request.session.testsfailed > before:
        for number, page in enumerate(editor.page.context.pages):
            page.screenshot(path=Path(folder) / f"{request.node.name}-{number}.png")
