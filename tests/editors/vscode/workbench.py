"""VS Code's window as a person sees it: keys go in, and what is drawn is looked at. No API of VS Code's is used."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.editors.vscode.code_server import CodeServer

PATIENCE_SECONDS = 90
EDITOR = ".editor-instance .monaco-editor"
T = TypeVar("T")

_SCREEN = Path(__file__).with_name("screen.js")


def until(seen: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """What ``seen`` gives once it is something."""
    end = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < end, f"not seen within {seconds:.0f} s: {what}"
        time.sleep(0.05)
    return found


class Workbench:
    """The window of one browser page."""

    def __init__(self, page: Page, server: CodeServer) -> None:
        self.page = page
        self.server = server
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.add_init_script(path=_SCREEN)
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        self.reload()

    def reload(self) -> None:
        """Open the window, or open it again."""
        self.page.goto(f"{self.server.url}/?folder={self.server.workspace}")
        self.page.locator(".monaco-workbench .part.statusbar").wait_for()

    @contextmanager
    def another_window(self) -> Iterator[Workbench]:
        """A second window on the same folder, with a server of its own."""
        page = self.page.context.new_page()
        yield Workbench(page, self.server)
        page.close()
        self.page.bring_to_front()

    # Files

    def open(self, name: str, text: str | None = None) -> Path:
        """Open a file, after writing it, with the cursor at its end; line ends are kept."""
        path = self.server.workspace / name
        if text is not None:
            path.write_bytes(text.encode())
        self.open_path(path)
        self.page.locator(f"{EDITOR}.focused .view-line").first.wait_for()
        last = len(path.read_bytes().splitlines()) or 1
        until(lambda: self._ends_in(last), f"the cursor in the last line of {name}")
        return path

    def _ends_in(self, line: int) -> bool:
        """Whether the cursor is in that line now, the last with text: another file may still be there."""
        self.keys("Control+End")
        self.page.wait_for_timeout(50)
        place = self.page.locator('[id="status.editor.selection"]')
        return bool(place.count()) and bool(re.match(rf"Ln ({line}|{line + 1}),", place.inner_text().strip()))

    def open_path(self, path: Path) -> None:
        """Open a file in the editor that there is for it."""
        # By its whole path: the search for names may not have seen a new file.
        self._pick("Control+p", str(path), path.name)
        self.page.locator(f'.tab.active[data-resource-name="{path.name}"]').wait_for()

    def save(self) -> None:
        """Save, and wait until it is on the disk."""
        self.keys("Control+s")
        expect(self.page.locator(".tab.active.dirty")).to_have_count(0)

    # Keys

    def keys(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            self.page.keyboard.press(name)

    def type(self, text: str, pause_milliseconds: float = 0) -> None:
        """Type as a person does."""
        self.page.keyboard.type(text, delay=pause_milliseconds)

    def go(self, line: int, column: int) -> None:
        """Place the cursor; both count from 1."""
        self.keys("Control+g")
        self.enter(f":{line}:{column}")

    def run(self, command: str) -> None:
        """Choose a command by its title."""
        self._pick("F1", f">{command}", command)

    def _pick(self, key: str, text: str, row: str) -> None:
        box = self.page.locator(".quick-input-widget input[type=text]")
        until(lambda: self._opens(key, box), "the box for commands and files")
        box.fill(text)
        self.choose(row)

    def _opens(self, key: str, box: Locator) -> bool:
        if not box.is_visible():
            self.keys(key)
            self.page.wait_for_timeout(200)
        return box.is_visible()

    def choose(self, label: str) -> None:
        """Choose the row of that label from the list that is open."""
        whole = re.compile(rf"^\s*{re.escape(label)}$")
        self.page.locator(".quick-input-list .monaco-list-row .label-name").filter(has_text=whole).first.click()

    def enter(self, text: str) -> None:
        """Answer the question that is open."""
        box = self.page.locator(".quick-input-widget input[type=text]")
        box.fill(text)
        box.press("Enter")

    # What is seen

    def text(self) -> str:
        """The lines of the file that are in sight, without what is only suggested."""
        return self.page.evaluate("phi.text()")

    def ghost(self) -> str:
        """The suggestion in the text, as it is drawn; empty where there is none."""
        return self.page.evaluate("phi.ghost()")

    def suggestion(self, expected: str = "") -> str:
        """The suggestion, once there is one, or once it is the one that is ``expected``."""
        return until(lambda: (shown := self._drawn()) and expected in ("", shown) and shown, f"suggested: {expected!r}")

    def settled(self) -> str:
        """The suggestion, once the server has answered all that it was asked."""
        until(lambda: not self.pending(), "the last answer")
        return self.suggestion()

    def pending(self) -> set[int]:
        """The requests for ghost text that are not answered."""
        asked = {one["id"] for one in self.said(source="editor", method="textDocument/inlineCompletion")}
        return asked - {one["id"] for one in self.said(source="server", answers="textDocument/inlineCompletion")}

    def _drawn(self) -> str:
        """The suggestion, empty while it is being drawn: the lines below the first come before it."""
        before = self.ghost()
        self.page.wait_for_timeout(100)
        return before if before == self.ghost() else ""

    def no_suggestion(self) -> None:
        """Wait until there is none."""
        until(lambda: not self.ghost(), "the end of the suggestion")

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """The suggestion in every frame that the browser draws while the block runs."""
        frames: list[str] = []
        self.page.evaluate("phi.watch()")
        yield frames
        frames += self.page.evaluate("phi.watched()")

    def underlined(self) -> list[str]:
        """The texts with a squiggle below."""
        return self.page.evaluate("phi.underlined()")

    @property
    def status(self) -> Locator:
        """Our item in the status bar."""
        return self.page.locator('[id="phi-lsp.phi-lsp.phi-lsp.status"]')

    def message(self, text: str) -> Locator:
        """A notification that says ``text``."""
        return self.page.locator(".notification-list-item").filter(has_text=text)

    def press(self, message: str, button: str) -> None:
        """Press a button of a notification."""
        self.message(message).first.locator(".monaco-button", has_text=button).click()

    def view(self) -> FrameLocator:
        """The page of the panel for questions."""
        return self.page.frame_locator("iframe.webview.ready").frame_locator("#active-frame")

    # What went over the wire

    def said(self, **wanted: Any) -> list[dict[str, Any]]:
        """The messages of the transcript with these members; ``source`` is who sent it."""
        if not self.server.transcript.exists():
            return []
        wanted = {"from" if name == "source" else name: value for name, value in wanted.items()}
        lines = self.server.transcript.read_text(encoding="utf-8").splitlines(keepends=True)
        messages = [json.loads(line) for line in lines if line.endswith("\n")]
        return [one for one in messages if all(one.get(name) == value for name, value in wanted.items())]

    def kill_engine(self) -> None:
        """End the process that computes, as the system does when memory is short."""
        os.kill(self.said(source="status")[-1]["engine"]["processId"], signal.SIGKILL)

    def kill_server(self) -> None:
        """End the newest server without a warning."""
        os.kill(int(self.said(source="tap")[-1]["processId"]), signal.SIGKILL)

    def ready(self) -> None:
        """Wait until a model answers."""
        until(
            lambda: any("is ready" in one["params"]["message"] for one in self.said(method="window/logMessage")),
            "a model",
        )
