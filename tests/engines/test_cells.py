"""Sequences over one store: against a model that writes every sequence out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lsp_server.engines.cells import Cells, span
from lsp_server.engines.model import Row

SEQUENCES, ROOM = 4, 24
numbers = st.integers(0, SEQUENCES - 1)


class Written(RuleBasedStateMachine):
    """Every token is a number of its own; the cells must give each sequence its own numbers in order."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = Cells(SEQUENCES, ROOM)
        self.sequences: list[list[int]] = [[] for _ in range(SEQUENCES)]
        self.store = np.zeros(ROOM, dtype=int)
        self.next = 1

    def _room(self) -> int:
        return ROOM - len({token for sequence in self.sequences for token in sequence})

    @rule(writers=st.lists(numbers, min_size=1, max_size=6), interrupted=st.booleans())
    def evaluate(self, writers, interrupted):
        writers = writers[: self._room()]
        if not writers:
            return
        rows, added = [], [list(sequence) for sequence in self.sequences]
        for target in writers:
            rows.append(Row(self.next, len(added[target]), target))
            added[target].append(self.next)
            self.next += 1
        cells = self.cells.claim(rows)
        self.store[cells] = [row.token for row in rows]
        if interrupted:
            self.cells.release(cells)
            return
        self.sequences = added
        seen = self.cells.held(sorted(set(writers)))
        for row, visible in zip(rows, self.cells.visible(rows, seen), strict=True):
            assert list(self.store[seen[visible]]) == added[row.sequence][: row.position + 1]

    @rule(sequence=numbers, length=st.integers(0, ROOM))
    def truncate(self, sequence, length):
        self.cells.truncate(sequence, length)
        del self.sequences[sequence][length:]

    @precondition(lambda self: any(not sequence for sequence in self.sequences))
    @rule(source=numbers, length=st.integers(0, ROOM))
    def share(self, source, length):
        target = self.sequences.index([])
        self.cells.share(source, target, length)
        self.sequences[target] = self.sequences[source][:length]

    @invariant()
    def every_sequence_is_what_was_written(self):
        for number, sequence in enumerate(self.sequences):
            assert list(self.store[self.cells.held([number])]) == sequence


TestCells = Written.TestCase


def test_more_than_there_is_room_for_is_an_error():
    cells = Cells(1, 2)
    with pytest.raises(MemoryError, match=r"3 tokens.*room for 2"):
        cells.claim([Row(0, at, 0) for at in range(3)])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [([3], slice(3, 4)), ([2, 3, 4], slice(2, 5)), ([2, 4], None), ([3, 2], None), ([2, 4, 3, 5], None)],
)
def test_neighbours_in_order_are_a_slice(cells, expected):
    assert span(np.array(cells)) == expected
