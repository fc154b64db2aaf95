"""Which prompts are still evaluated, and where the next one goes so that least is evaluated again.

Pure bookkeeping over a store of sequences (the KV cache, which it does not know); it never evaluates anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol


class Store(Protocol):
    """Where evaluated tokens lie: numbered sequences that share one room."""

    def truncate(self, sequence: int, length: int) -> bool:
        """Keep the first ``length`` tokens; False when the model can only forget a sequence as a whole."""
        ...

    def share(self, source: int, target: int, length: int) -> None:
        """Make the first ``length`` tokens of ``source`` those of ``target``, which is empty, at no cost in room."""
        ...


@dataclass
class Slot:
    """One remembered prompt: the ``tokens`` that lie evaluated in ``sequence``.

    The first ``asked`` of them are the prompt, what follows is its answer. ``outcome`` is whatever the model said
    after the prompt, None when that is not known: the same prompt gets the same answer to the last bit, and
    nothing is evaluated at all.
    """

    sequence: int
    tokens: list[int] = field(default_factory=list)
    used: int = 0
    asked: int = 0
    outcome: object = None


class PromptMemory:
    """The last few prompts. ``room`` is the number of tokens that all sequences may hold together."""

    def __init__(self, store: Store, slots: int, room: int) -> None:
        self._store = store
        self._slots = [Slot(sequence) for sequence in range(slots)]
        self._room = room
        self._clock = count(1)

    def place(self, tokens: Sequence[int], more: int) -> Slot:
        """The slot to evaluate ``tokens`` in. It holds their longest known prefix.

        Less than all of them, because only an evaluated token says what comes next; or all, with the outcome
        of just these. Other slots are forgotten, oldest first, until ``tokens`` and ``more`` others fit in.
        """
        best = max(self._slots, key=lambda slot: shared_prefix(slot.tokens, tokens))
        known = shared_prefix(best.tokens, tokens)
        asked_before = known == len(tokens) == best.asked and best.outcome is not None
        if not asked_before:
            known = min(known, len(tokens) - 1)
        # A slot is taken over when most of its prompt goes on; a prompt of another kind gets a slot of its own.
        slot = best if 2 * known >= best.asked else min(self._slots, key=lambda slot: slot.used)
        if slot is not best:
            self._truncate(slot, 0)
            self._store.share(best.sequence, slot.sequence, known)
            slot.tokens = list(tokens[:known])
        self._truncate(slot, known)
        slot.used, slot.asked = next(self._clock), len(tokens)
        # A model that forgets only as a whole has lost the prompt too, and with it the place its answer goes on from.
        if not asked_before or len(slot.tokens) < known:
            slot.outcome = None
        self.make_room(slot, len(tokens) + more)
        return slot

    def make_room(self, kept: Slot, needed: int) -> None:
        """Forget other slots, oldest first, until ``needed`` tokens fit beside the remaining ones."""
        others = sorted((slot for slot in self._slots if slot is not kept), key=lambda slot: slot.used)
        for slot in others:
            if needed + sum(len(other.tokens) for other in others) > self._room:
                self._truncate(slot, 0)
                slot.asked = slot.used = 0

    def _truncate(self, slot: Slot, length: int) -> None:
        if not self._store.truncate(slot.sequence, length):
            length = 0
            self._store.truncate(slot.sequence, length)
        del slot.tokens[length:]


def shared_prefix(one: Sequence[object], other: Sequence[object]) -> int:
    """Length of the longest common prefix."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
