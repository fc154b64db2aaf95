"""Where a function is looked at more closely: the tokens that a model would rather have written otherwise.

The function is read twice. Once the model writes it from its head and documentation: that tells what it would have
done, and as much about style as about mistakes. Once it mends it, with the whole function before its eyes, and mostly
copies: where it hesitates to copy, it doubts. What both find likely is worth a look; it never knows what comes of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_server.core.generation import Reading

MOST = 5
"""Places of one function that are looked at: of more, hardly one was a bug that the first five missed."""

_MOST_ON_A_LINE = 2
_LEAST_SURPRISE = 0.5
_LEAST_DOUBT = -6.0
"""In nats. Where less speaks for another token, nothing that survived was ever found."""


@dataclass(frozen=True)
class Doubt:
    """At ``offset`` of the body the model would rather have written ``instead``; ``weight`` is how much rather."""

    offset: int
    instead: str
    weight: float


def doubts(body: str, written: Sequence[Reading], mended: Sequence[Reading]) -> list[Doubt]:
    """The heaviest doubts about ``body``, of which both readings are, the later in the text first.

    (In this order each asks the engine about a beginning of what it has just been asked about.)
    """
    chosen: list[Doubt] = []
    lines: Counter[int] = Counter()
    for doubt in sorted(_all(body, written, mended), key=lambda doubt: -doubt.weight):
        line = body.count("\n", 0, doubt.offset)
        if lines[line] < _MOST_ON_A_LINE:
            lines[line] += 1
            chosen.append(doubt)
        if len(chosen) == MOST:
            break
    return sorted(chosen, key=lambda doubt: -doubt.offset)


def _all(body: str, written: Sequence[Reading], mended: Sequence[Reading]) -> Iterator[Doubt]:
    for one, other in zip(written, mended, strict=True):
        own = body[one.start : one.end]
        for text in dict.fromkeys(text for text, _ in (*one.alternatives, *other.alternatives)):
            surprise, doubt = _rather(one, text), _rather(other, text)
            blank = not (own + text).strip() and "\n" in own + text
            if text != own and surprise >= _LEAST_SURPRISE and surprise + doubt >= _LEAST_DOUBT and not blank:
                yield Doubt(one.start, text, surprise + doubt)


def _rather(reading: Reading, text: str) -> float:
    """How much likelier ``text`` was there than what stands there; at most that, where it was not told."""
    told = dict(reading.alternatives)
    least = reading.alternatives[-1][1] - 1.0
    return told.get(text, least) - reading.log_probability
