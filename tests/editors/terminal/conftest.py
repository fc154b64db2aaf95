"""An editor that is open on a file, for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.terminal import programs
from tests.editors.terminal.editor import Editor
from tests.editors.terminal.emacs import Eglot, LspMode
from tests.editors.terminal.helix import Helix
from tests.editors.terminal.terminal import terminal
from tests.editors.terminal.vim import Vim
from tests.editors.terminal.workplace import Workplace

EDITORS: tuple[type[Editor], ...] = (Helix, Eglot, LspMode, Vim)

Open = Callable[..., Editor]


@pytest.fixture(params=EDITORS, ids=lambda kind: kind.name)
def open_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a text in an editor whose `phi-lsp` is the real one, or scripted where there is a ``wish``."""
    if not programs.are_installed():
        pytest.skip("install with: python -m tests.editors.terminal.install")
    kind: type[Editor] = request.param
    place = Workplace(tmp_path)
    with ExitStack() as stack:

        def begin(text: str, name: str = "a.py", wish: Any = None, settings: dict[str, str] | None = None) -> Editor:
            place.serve(wish)
            kind.configure(place, settings or {})
            line = kind.line(place, place.lay(f"work/{name}", text))
            shown = terminal(line, tmp_path / "work", place.environment, tmp_path / "tmux.socket")
            editor = kind(place, stack.enter_context(shown))
            if wish is None or wish.get("present", True):
                place.until_said("is ready")
            return editor

        yield begin
