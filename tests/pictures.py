"""Pictures of terminals for the README: ``python -m tests.pictures`` takes that of the demo, with the default model."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from lsp_server.cli.main import main as phi_lsp

PICTURES = Path(__file__).parents[1] / ".github"
DEMO = PICTURES / "demo.svg"
COLUMNS = 110
MOST_BYTES = 500_000
_DARK, _LIGHT = (30, 30, 36), (214, 214, 220)
_HUES = [(255, 107, 129), (126, 211, 133), (240, 198, 116), (122, 182, 255), (214, 160, 255), (98, 214, 214)]
READABLE = TerminalTheme(_DARK, _LIGHT, [(150, 150, 160), *_HUES, _LIGHT], [(150, 150, 160), *_HUES, (255, 255, 255)])
"""Each colour stands out from the background, by 4.5 to 1 and more, on the tinted lines of the demo too."""


class _Terminal(StringIO):
    """Takes what a terminal would be sent."""

    def isatty(self) -> bool:
        return True


def take(path: Path, screen: str, title: str, columns: int, theme: TerminalTheme = READABLE) -> None:
    """Draw a screen, given with its escape sequences for colours, ``columns`` wide."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(width=columns, record=True, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(Text.from_ansi(screen.rstrip("\n")), soft_wrap=True)
    path.write_text(console.export_svg(title=title, theme=theme), encoding="utf-8")
    size = path.stat().st_size
    assert size < MOST_BYTES, f"{path.name} has {size} bytes"
    print(f"{path.name}: {size // 1000} kB")


def main() -> int:
    """Take the picture of the demo anew."""
    environment = {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with patch.dict(os.environ, environment), redirect_stdout(_Terminal()) as terminal:
        status = phi_lsp(["demo"])
    if status == 0:
        take(DEMO, terminal.getvalue(), "phi-lsp demo", COLUMNS)
    return status


if __name__ == "__main__":
    sys.exit(main())
