"""Which evaluated token lies where: sequences over one store of keys and values, as they share it.

A cell is one token's place in the store. It belongs to every sequence that goes through that token, so that a common
prefix is evaluated and held once. Pure bookkeeping: it never sees a key, a value or a tensor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lsp_server.engines.model import Row

Indices = npt.NDArray[np.int64]


class Cells:
    """``room`` cells for sequences numbered from 0 to ``sequences - 1``."""

    def __init__(self, sequences: int, room: int) -> None:
        self._holds = np.zeros((sequences, room), dtype=bool)
        self._positions = np.zeros(room, dtype=np.int64)

    def claim(self, rows: Sequence[Row]) -> Indices:
        """Free cells for the tokens of ``rows``, one each, which now belong to their sequences."""
        cells = np.flatnonzero(~self._holds.any(axis=0))[: len(rows)]
        if len(cells) < len(rows):
            raise MemoryError(f"{len(rows)} tokens are to be kept, and there is room for {len(cells)}")
        self._positions[cells] = [row.position for row in rows]
        self._holds[[row.sequence for row in rows], cells] = True
        return cells

    def release(self, cells: Indices) -> None:
        """Nobody holds ``cells`` any more."""
        self._holds[:, cells] = False

    def truncate(self, sequence: int, length: int) -> None:
        """``sequence`` keeps its first ``length`` tokens."""
        self._holds[sequence] &= self._positions < length

    def share(self, source: int, target: int, length: int) -> None:
        """The first ``length`` tokens of ``source`` are those of ``target`` too."""
        self._holds[target] = self._holds[source] & (self._positions < length)

    def held(self, sequences: Sequence[int]) -> Indices:
        """The cells of ``sequences``, by position: of a single one, its tokens in order."""
        cells = np.flatnonzero(self._holds[sequences].any(axis=0))
        return cells[np.argsort(self._positions[cells], kind="stable")]

    def visible(self, rows: Sequence[Row], cells: Indices) -> npt.NDArray[np.bool_]:
        """Whether a row's token may look at a cell's, [rows, cells]: its own sequence up to its own position."""
        sequences, positions = np.array([[row.sequence, row.position] for row in rows]).T[..., None]
        visible: npt.NDArray[np.bool_] = self._holds[sequences, cells] & (self._positions[cells] <= positions)
        return visible


def span(cells: Indices) -> slice | None:
    """The same cells as a slice, where they are neighbours in order: a slice of a tensor is no copy."""
    first, last = int(cells[0]), int(cells[-1])
    neighbours = last - first == len(cells) - 1 and bool((np.diff(cells) == 1).all())
    return slice(first, last + 1) if neighbours else None
