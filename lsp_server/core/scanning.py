r"""Comments, strings, brackets and statements by their looks alone, so that broken code reads as well as whole code.

All text here is `plain`: the same length as the document's, each line ending in ``\n``. It never knows a grammar.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from lsp_server.core.languages import Language
from lsp_server.core.same_ends import same_back, same_front

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
OPENER_OF = {closer: opener for opener, closer in CLOSER_OF.items()}
_QUOTES = re.compile(r"""\w*?(?:R"(?P<fence>[^\s()\\]*)\(|(?P<quotes>\"{3}|'{3}|["']))""")


class Token(NamedTuple):
    """A comment, string, bracket or other mark; ``kind`` is a group name of `Language.tokens`."""

    kind: str
    start: int
    end: int

    def moved(self, by: int) -> Token:
        """The same, so many characters further on."""
        return Token(self.kind, self.start + by, self.end + by)


start_of, end_of = attrgetter("start"), attrgetter("end")


@lru_cache(maxsize=8)
def plain(text: str) -> str:
    r"""The text with every line ending in ``\n``; offsets stay the same."""
    return text.replace("\r\n", " \n").replace("\r", "\n") if "\r" in text else text


_SEEN_BEYOND = 2
"""Characters after a token, or before one, that say what it is, at most."""


@dataclass(frozen=True)
class _Read:
    """A plain text and its tokens, in order."""

    text: str
    tokens: tuple[Token, ...]

    def again(self, language: Language, text: str) -> _Read:
        """Another text: where it is the same as this one at either end, that is not read again."""
        front = same_front(self.text, text)
        changed, by = len(self.text) - same_back(self.text, text, front), len(text) - len(self.text)
        whole = bisect_right(self.tokens, front - _SEEN_BEYOND, key=end_of)
        # The last of these is read again: an empty token may stand in front of another at the same place.
        start = self.tokens[whole - 1].start if whole else 0
        tokens = list(self.tokens[: bisect_left(self.tokens, start, key=start_of)])
        rest = deque(self.tokens[bisect_left(self.tokens, changed + _SEEN_BEYOND, key=start_of) :])
        for match in language.tokens.finditer(text, start):
            token = Token(match.lastgroup or "", *match.span())
            while rest and rest[0].start + by < token.start:
                rest.popleft()
            if rest and token == rest[0].moved(by):
                tokens += [each.moved(by) for each in rest]
                break
            tokens.append(token)
        return _Read(text, tuple(tokens))


_NOTHING_READ = _Read("", ())
_BEGINNING = 64
"""So many characters tell one text from another; a function is looked at between two looks at its file."""


@lru_cache(maxsize=4)
def _last(_language: Language, _beginning: str) -> list[_Read]:
    """What was read last of a text that begins so, alone in a list: the next is often the same but for a few words."""
    return [_NOTHING_READ]


@lru_cache(maxsize=8)
def tokens_of(language: Language, text: str) -> tuple[Token, ...]:
    """All tokens of a plain text, in order."""
    last = _last(language, text[:_BEGINNING])
    last[0] = last[0].again(language, text)
    return last[0].tokens


def tokens_between(language: Language, text: str, start: int, end: int) -> tuple[Token, ...]:
    """The tokens that begin at ``start`` or later, and before ``end``."""
    tokens = tokens_of(language, text)
    return tokens[bisect_left(tokens, start, key=start_of) : bisect_left(tokens, end, key=start_of)]


def tokens_from(language: Language, text: str, offset: int) -> Iterator[Token]:
    """The tokens that begin at ``offset`` or later, for who does not need them all."""
    tokens = tokens_of(language, text)
    return map(tokens.__getitem__, range(bisect_left(tokens, offset, key=start_of), len(tokens)))


def last_before(language: Language, text: str, offset: int, count: int = 1) -> tuple[Token, ...]:
    """The last tokens that begin before ``offset``, so many at most."""
    tokens = tokens_of(language, text)
    end = bisect_left(tokens, offset, key=start_of)
    return tokens[max(0, end - count) : end]


def token_around(language: Language, text: str, offset: int) -> Token | None:
    """The comment or string that ``offset`` lies in, if any."""
    before = [token for token in last_before(language, text, offset, 2) if token.kind in ("comment", "string")]
    if not before or offset > before[-1].end:
        return None
    token = before[-1]
    return token if offset < token.end or is_open(language, text, token) else None


def is_open(language: Language, text: str, token: Token) -> bool:
    """Whether text added right after a comment or string would still be part of it."""
    written = f" {text[token.start : token.end]}"
    match = language.tokens.match(written + " ", 1)
    return match is not None and match.end() > len(written)


def quotes_of(written: str) -> str:
    """What closes the string literal that begins like ``written``; empty for a comment."""
    match = _QUOTES.match(written)
    if match is None:
        return ""
    return f'){match["fence"]}"' if match["fence"] is not None else match["quotes"]


class Opening(NamedTuple):
    """A bracket that is open: where it is, and where the statement it belongs to begins."""

    bracket: str
    offset: int
    statement: int


@dataclass(frozen=True)
class Nesting:
    """What is open at a place, outermost first, and where the statement at that place begins."""

    openings: tuple[Opening, ...]
    statement: int

    @property
    def closers(self) -> str:
        """What closes all of it, innermost first."""
        return "".join(CLOSER_OF[opening.bracket] for opening in reversed(self.openings))


def close_last(openings: list[Opening], closer: str) -> Opening | None:
    """Take off the opening that ``closer`` closes and what was left open inside it; None when there is none."""
    wanted = OPENER_OF[closer]
    for index in range(len(openings) - 1, -1, -1):
        if openings[index].bracket == wanted:
            opening = openings[index]
            del openings[index:]
            return opening
        if openings[index].bracket == "{":
            return None
    return None


def without_comments(language: Language, text: str, start: int, end: int) -> str:
    """The text from ``start`` to ``end`` with every comment blanked out; it stays as long as it was."""
    parts, at = [], start
    tokens = tokens_of(language, text)
    for token in tokens[bisect_right(tokens, start, key=end_of) :]:
        if token.start >= end:
            break
        if token.kind == "comment":
            first, last = max(token.start, start), min(token.end, end)
            parts += [text[at:first], re.sub(r"[^\n]", " ", text[first:last])]
            at = last
    return "".join([*parts, text[at:end]])
