"""Hands that type: which key comes when. Seeded, and the same whatever is suggested to them.

The figures are those of somebody who types 50 words a minute: intervals are log-normal, longer where a word or a line
ends, and now and then a letter beside the right one is hit and taken back.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

PAUSE_SECONDS = 0.3
"""A pause is a key after which the hands wait longer than this, as they planned it."""

REACTION_SECONDS = 0.35
"""From a suggestion on the screen to the key that accepts it."""


@dataclass(frozen=True)
class Rhythm:
    """Intervals that are log-normal: their median in seconds, and the deviation of their logarithm."""

    median: float
    spread: float

    def interval(self, chance: random.Random) -> float:
        """One of them."""
        return min(chance.lognormvariate(math.log(self.median), self.spread), _LONGEST_SECONDS)


_LONGEST_SECONDS = 4.0
KEY = Rhythm(0.15, 0.35)
WORD_ENDS = Rhythm(0.45, 0.5)
LINE_ENDS = Rhythm(0.9, 0.6)
NOTICING = Rhythm(0.3, 0.3)
READING = Rhythm(0.5, 0.4)
"""After a suggestion was accepted: it is looked at."""

_THINKS_AFTER_WORD = 0.2
_THINKS_AFTER_LINE = 0.7
_SLIPS = 0.015

_KEY = re.compile(r"\n[ \t]*(?=[^\s])|[\s\S]")
_BESIDE = {
    letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at, letter in enumerate(row)
}


@dataclass(frozen=True)
class Stroke:
    """One key: ``text`` comes at the place ``at`` of what is typed; without text, the character before is erased."""

    at: int
    text: str
    wait: float
    """Seconds until the next key, as planned."""


def keys(text: str) -> list[str]:
    """The keys that type ``text``: Enter brings the next line's indentation with it, as editors do."""
    return _KEY.findall(text)


def strokes(text: str, seed: str) -> list[Stroke]:
    """Every key in its turn, slips and their corrections included."""
    chance = random.Random(seed)
    found: list[Stroke] = []
    at = 0
    for key in keys(text):
        found += _slip(key, at, chance)
        following = text[at + len(key) : at + len(key) + 1]
        found.append(Stroke(at, key, _rhythm(key, following, chance).interval(chance)))
        at += len(key)
    return found


def _slip(key: str, at: int, chance: random.Random) -> Iterator[Stroke]:
    if key in _BESIDE and chance.random() < _SLIPS:
        yield Stroke(at, chance.choice(_BESIDE[key]), NOTICING.interval(chance))
        yield Stroke(at, "", KEY.interval(chance))


def _rhythm(key: str, following: str, chance: random.Random) -> Rhythm:
    if key[0] == "\n":
        return LINE_ENDS if chance.random() < _THINKS_AFTER_LINE else KEY
    ends = key.isalnum() != following.isalnum() or not following
    return WORD_ENDS if ends and chance.random() < _THINKS_AFTER_WORD else KEY
