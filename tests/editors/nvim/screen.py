"""What an attached user interface of Neovim shows: a grid of cells, and every frame that was whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

COLUMNS, LINES = 100, 30


class Screen:
    """Draws what it is told, and keeps each frame as the text of its lines."""

    def __init__(self) -> None:
        self._grid = [[" "] * COLUMNS for _ in range(LINES)]
        self.frames: list[str] = []

    @property
    def text(self) -> str:
        """The last whole frame."""
        return self.frames[-1] if self.frames else ""

    def since(self, number: int) -> list[str]:
        """The frames from that number on."""
        return self.frames[number:]

    def notified(self, name: str, batches: Sequence[Sequence[Any]]) -> None:
        """Draw what Neovim tells an attached user interface."""
        for kind, *calls in batches if name == "redraw" else ():
            if draw := _DRAWINGS.get(kind):
                for call in calls:
                    draw(self, *call)

    def line(self, _grid: int, row: int, column: int, cells: Sequence[Sequence[Any]], _wrap: bool = False) -> None:
        """Some cells of a row: each a text, maybe a highlight and how often."""
        for text, *more in cells:
            times = more[1] if len(more) > 1 else 1
            self._grid[row][column : column + times] = [text] * times
            column += times

    def clear(self, _grid: int) -> None:
        """An empty screen."""
        self._grid = [[" "] * COLUMNS for _ in range(LINES)]

    def scroll(self, _grid: int, top: int, bottom: int, left: int, right: int, rows: int, _columns: int) -> None:
        """A region moves up by ``rows``, or down."""
        old = [list(row) for row in self._grid]
        for row in range(top, bottom):
            if top <= row + rows < bottom:
                self._grid[row][left:right] = old[row + rows][left:right]

    def flush(self) -> None:
        """The frame is whole: only now may it be looked at."""
        self.frames.append("\n".join("".join(row).rstrip() for row in self._grid))


_DRAWINGS: dict[str, Callable[..., None]] = {
    "grid_line": Screen.line,
    "grid_clear": Screen.clear,
    "grid_scroll": Screen.scroll,
    "flush": Screen.flush,
}
