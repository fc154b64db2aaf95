"""A given text as the model meets it: how likely each of its tokens was, and what the model would have written instead.

The text stays evaluated behind the prompt, for who asks next about a place in it. It never evaluates the prompt itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from lsp_server.core.generation import ALTERNATIVES, Reading
from lsp_server.engines.model import Logits, Model, Row, log_probabilities
from lsp_server.engines.prefix import Slot


class Judged(NamedTuple):
    """How likely the token was that came, and which tokens would have been the likeliest there, how likely each."""

    log_probability: float
    likeliest: list[tuple[int, float]]


def judged(model: Model, slot: Slot, logits: Logits, text: Sequence[int]) -> Iterator[Judged]:
    """Each token of ``text``, read behind what the slot holds, of which ``logits`` speak."""
    if text:
        yield _judged(logits, text[0])
    # Of the last token nobody asks what follows it.
    for begin in range(0, len(text) - 1, model.wanted_tokens):
        batch = text[begin : min(begin + model.wanted_tokens, len(text) - 1)]
        start = len(slot.tokens)
        model.decode([Row(token, start + number, slot.sequence) for number, token in enumerate(batch)])
        slot.tokens.extend(batch)
        for number in range(len(batch)):
            yield _judged(model.logits(number), text[begin + number + 1])


def _judged(logits: Logits, token: int) -> Judged:
    likeliest = np.argpartition(-logits, ALTERNATIVES)[:ALTERNATIVES]
    likeliest = likeliest[np.argsort(-logits[likeliest], kind="stable")]
    one, *rest = map(float, log_probabilities(logits, np.array([token, *likeliest])))
    return Judged(one, list(zip(map(int, likeliest), rest, strict=True)))


def readings(model: Model, text: str, tokens: Sequence[int], found: Sequence[Judged]) -> list[Reading]:
    """What was judged, with places in ``text``."""

    def told(token: int, likely: float) -> tuple[str, float]:
        return model.piece(token).decode("utf-8", "replace"), likely

    places = spans(text, [len(model.piece(token)) for token in tokens])
    return [
        Reading(*place, one.log_probability, tuple(told(*likely) for likely in one.likeliest))
        for place, one in zip(places, found, strict=True)
    ]


def spans(text: str, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Start and end in ``text`` of neighbouring tokens of so many bytes each.

    A character that several tokens share belongs to each of them. What a vocabulary puts in front of every text (a
    blank) is no part of it.
    """
    characters = [at for at, character in enumerate(text) for _ in character.encode("utf-8", "replace")]
    ends = list(accumulate(sizes, initial=len(characters) - sum(sizes)))
    inside = [min(max(end, 0), len(characters)) for end in ends]
    starts = [*characters, len(text)]
    return [
        (starts[start], characters[end - 1] + 1 if end > start else starts[start]) for start, end in pairwise(inside)
    ]
