"""The pictures of the README, the extension's page and its guide: ``python -m tests.editors.vscode.pictures``.

They are what VS Code shows with the real server and the default model; only the icon is drawn.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.editors.vscode.code_server import code_server, tapped
from tests.editors.vscode.extension import SOURCE
from tests.editors.vscode.install import CHROMIUM, ROOT
from tests.editors.vscode.workbench import Workbench, until

README, MEDIA = ROOT / ".github", SOURCE / "media"
MOST_BYTES = 500_000

PYTHON = '''def primes(limit: int) -> list[int]:
    """All primes below the limit.

    >>> primes(12)
    [2, 3, 5, 7, 11]
    """
   '''
CPP = """#include <map>
#include <string>
#include <vector>

// How often each word occurs.
std::map<std::string, int> count(const std::vector<std::string>& words) {
   """
WRONG = '''def coldest(readings: list[float]) -> float:
    """The lowest of the readings.

    >>> coldest([3, 1])
    1
    """
    return max(readings)
'''
FLAW = 7, 12
ASKED_ABOUT = """def hypotenuse(a: float, b: float) -> float:
    return (a**2 + b**2) ** 0.5
"""
QUESTION = "How would I call it for 3 and 4?"

PLAIN: Mapping[str, Any] = {
    "workbench.activityBar.location": "hidden",
    "workbench.layoutControl.enabled": False,
    "window.commandCenter": False,
    "breadcrumbs.enabled": False,
    "editor.fontSize": 15,
    "editor.lightbulb.enabled": "off",
    "editor.guides.indentation": False,
    "editor.matchBrackets": "never",
    # A brace whose other is only suggested yet is none that is wrong.
    "editor.bracketPairColorization.enabled": False,
    "editor.occurrencesHighlight": "off",
    "workbench.editor.editorActionsLocation": "hidden",
}


@contextmanager
def shown(browser: Browser, height: int, **settings: Any) -> Iterator[Workbench]:
    """VS Code with nothing but the file, in a window so high, each point of it four."""
    home = Path(tempfile.mkdtemp(prefix="pictures-"))
    with ExitStack() as stack:
        chosen = {**PLAIN, "phi-lsp.path": str(tapped(home))} | settings
        environment = {"PHI_LSP_HOME": os.environ.get("PHI_LSP_HOME", str(Path.home() / ".cache" / "phi-lsp"))}
        if settings:
            environment["PHI_LSP_HOME"] = str(home / "empty")
            environment["PATH"] = "/usr/bin:/bin"
        running = stack.enter_context(code_server(home, chosen, environment))
        context = browser.new_context(viewport={"width": 880, "height": height}, device_scale_factor=2)
        stack.callback(context.close)
        editor = Workbench(context.new_page(), running)
        editor.open("hello.py", "import os\n")
        editor.keys("Control+b")
        yield editor


def take(editor: Workbench, *paths: Path) -> None:
    """Keep what is on the screen, the pointer where nothing is that it would bring up."""
    editor.page.mouse.move(600, 15)
    editor.page.wait_for_timeout(600)
    picture = editor.page.screenshot()
    assert len(picture) < MOST_BYTES, f"{paths[0].name} has {len(picture)} bytes"
    for path in paths:
        path.write_bytes(picture)
        print(path.relative_to(ROOT), len(picture))


def only(editor: Workbench, name: str, text: str) -> None:
    """The one file that is open."""
    editor.save()
    editor.run("View: Close All Editors")
    editor.open(name, text)


def completion(editor: Workbench, name: str, text: str, *paths: Path) -> None:
    only(editor, name, text)
    editor.type(" ")
    editor.suggestion()
    until(lambda: " s" in editor.status.inner_text(), "how long it took")
    take(editor, *paths)


def review(editor: Workbench) -> None:
    only(editor, "review.py", WRONG)
    editor.run("phi-lsp: Review This File")
    until(lambda: editor.underlined() == ["max"], "the finding")
    until(lambda: "ready" in str(editor.said(method="phi-lsp/statusChanged")[-1]), "the end of the review")
    editor.run("Notifications: Clear All Notifications")
    editor.go(*FLAW)
    editor.keys("Control+Period")
    editor.page.locator(".action-widget").get_by_text("Change `max` to `min`").wait_for()
    take(editor, README / "vscode-review.png", MEDIA / "review.png")
    editor.keys("Escape")


def ask(editor: Workbench) -> None:
    only(editor, "geometry.py", ASKED_ABOUT)
    editor.keys("Control+Home")
    editor.run("phi-lsp: Ask a Question")
    page = editor.view()
    page.locator("#question").fill(QUESTION)
    page.locator("#question").press("Enter")
    page.get_by_role("button", name="Copy answer").wait_for()
    take(editor, MEDIA / "ask.png")


def installing(browser: Browser) -> None:
    with shown(browser, 300, **{"phi-lsp.path": "", "phi-lsp.installFrom": str(ROOT)}) as editor:
        editor.press("the server was not found", "Install")
        until(lambda: "llama" in editor.message("installing the server").inner_text(), "pip at work")
        take(editor, MEDIA / "install.png")
        editor.press("installing the server", "Cancel")


def downloading(browser: Browser) -> None:
    with shown(browser, 300, **{"phi-lsp.offline": False}) as editor:
        editor.message("is not downloaded").wait_for()
        take(editor, MEDIA / "download.png")


def icon(browser: Browser) -> None:
    """The sign of the view, white on a colour."""
    sign = (MEDIA / "view.svg").read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": 128, "height": 128})
    page.set_content(
        "<style>body{margin:0;background:#24507a;color:#fff;display:grid;place-items:center;height:128px}"
        f"svg{{width:96px;height:96px}}</style>{sign}"
    )
    page.screenshot(path=MEDIA / "icon.png")


def main() -> None:
    """Take all of them."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        icon(browser)
        installing(browser)
        downloading(browser)
        with shown(browser, 420) as editor:
            editor.ready()
            completion(editor, "primes.py", PYTHON, README / "vscode-python.png", MEDIA / "completion.png")
            completion(editor, "count.cpp", CPP, README / "vscode-cpp.png", MEDIA / "completion-cpp.png")
        with shown(browser, 480) as editor:
            editor.ready()
            review(editor)
        with shown(browser, 560) as editor:
            editor.ready()
            ask(editor)
        browser.close()


if __name__ == "__main__":
    main()
