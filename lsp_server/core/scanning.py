r"""Comments, strings, brackets and statements by their looks alone, so that broken code reads as well as whole code.

All text here is `plain`: the same length as the document's, each line ending in ``\n``. It never knows a grammar.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from lsp_server.core.languages import Language

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
OPENER_OF = {closer: opener for opener, closer in CLOSER_OF.items()}
_QUOTES = re.compile(r"""\w*?(?:R"(?P<fence>[^\s()\\]*)\(|(?P<quotes>\"{3}|'{3}|["']))""")


class Token(NamedTuple):
    """A comment, string, bracket or other mark; ``kind`` is a group name of `Language.tokens`."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=8)
def plain(text: str) -> str:
    r"""The text with every line ending in ``\n``; offsets stay the same."""
    return text.replace("\r\n", " \n").replace("\r", "\n") if "\r" in text else text


@lru_cache(maxsize=8)
def tokens_of(language: Language, text: str) -> tuple[Token, ...]:
    """All tokens of a plain text, in order."""
    return tuple(Token(match.lastgroup or "", *match.span()) for match in language.tokens.finditer(text))


def tokens_before(language: Language, text: str, offset: int) -> tuple[Token, ...]:
    """The tokens that begin before ``offset``."""
    tokens = tokens_of(language, text)
    return tokens[: bisect_right(tokens, offset - 1, key=lambda token: token.start)]


def token_around(language: Language, text: str, offset: int) -> Token | None:
    """The comment or string that ``offset`` lies in, if any."""
    before = [token for token in tokens_before(language, text, offset)[-2:] if token.kind in ("comment", "string")]
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
    for token in tokens[bisect_right(tokens, start, key=lambda token: token.end) :]:
        if token.start >= end:
            break
        if token.kind == "comment":
            first, last = max(token.start, start), min(token.end, end)
            parts += [text[at:first], re.sub(r"[^\n]", " ", text[first:last])]
            at = last
    return "".join([*parts, text[at:end]])
