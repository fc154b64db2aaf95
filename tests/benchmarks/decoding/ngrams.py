"""Drafts that cost nothing: what followed the last few tokens when they stood there before. Pure.

(Known as prompt lookup decoding.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.typing.agreement import common_length


@dataclass(frozen=True)
class Setting:
    """``tokens`` of a draft at most, 0: none, where at least the last ``least`` tokens stood there before."""

    tokens: int
    least: int = 2
    most: int = 4
    """The longest run that is looked for; where it stood there before, shorter ones are not looked for."""


class Ngrams:
    """What followed every run of tokens when it was last seen."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._lengths = range(setting.most, setting.least - 1, -1) if setting.tokens else range(0)
        self._tokens: list[int] = []
        self._followed: dict[tuple[int, ...], int] = {}
        """Runs, and where the token after each lies."""

    def add(self, tokens: Iterable[int]) -> None:
        """The text goes on."""
        for token in tokens:
            for length in self._lengths:
                self._followed[tuple(self._tokens[-length:])] = len(self._tokens)
            self._tokens.append(token)

    def draft(self) -> Sequence[int]:
        """What may follow."""
        for length in self._lengths:
            start = self._followed.get(tuple(self._tokens[-length:]))
            if start is not None:
                return self._tokens[start : start + self._setting.tokens]
        return ()


@dataclass(frozen=True)
class Step:
    """One decode: how many tokens were drafted, and how many of them the model would have written itself."""

    drafted: int
    accepted: int


def replayed(prompt: Sequence[int], text: Sequence[int], setting: Setting) -> list[Step]:
    """The decodes that would have written ``text`` after its first token, which the prompt's evaluation gives."""
    known = Ngrams(setting)
    known.add([*prompt, *text[:1]])
    steps: list[Step] = []
    done = 1
    while done < len(text):
        draft = known.draft()
        accepted = common_length(draft, text[done:])
        known.add(text[done : done + accepted + 1])
        steps.append(Step(len(draft), accepted))
        done += accepted + 1
    return steps


@dataclass(frozen=True)
class Outcome:
    """What drafts come to. Shares are of 1; speeds are multiples of the speed without drafts."""

    setting: Setting
    drafted_decodes: float
    """Share of the decodes that had a draft."""
    accepted: float
    """Share of the drafted tokens that the model would have written itself."""
    tokens_per_decode: float
    tokens_per_second: float
    speed: float
    bound: float
    """The speed if no token had been drafted in vain: what drafts this long cannot exceed, however they are cut."""


def outcome(
    texts: Iterable[tuple[Sequence[int], Sequence[int]]], setting: Setting, cost: Mapping[int, float]
) -> Outcome:
    """Of prompts and the texts that the model wrote after them, with ``cost`` seconds for a batch of so many tokens."""
    written, steps = 0, []
    for prompt, text in texts:
        written += max(len(text) - 1, 0)
        steps += replayed(prompt, text, setting)
    drafted = sum(step.drafted for step in steps)
    seconds = sum(cost[1 + step.drafted] for step in steps)
    least = sum(cost[1 + step.accepted] for step in steps)
    return Outcome(
        setting,
        drafted_decodes=sum(step.drafted > 0 for step in steps) / len(steps),
        accepted=sum(step.accepted for step in steps) / max(drafted, 1),
        tokens_per_decode=written / len(steps),
        tokens_per_second=written / seconds,
        speed=written * cost[1] / seconds,
        bound=written * cost[1] / least,
    )
