"""A text is read as it would be if it were the first, whatever was read before it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.braces import Walk, nesting_at
from lsp_server.core.languages import LANGUAGES, Family, Language
from lsp_server.core.same_ends import same_back, same_front
from lsp_server.core.scanning import Nesting, Token, tokens_between, tokens_of
from lsp_server.core.truncation import skim
from tests.core.test_syntax_properties import CPP, PYTHON

TEXTS = {"python": PYTHON, "cpp": CPP, "c": CPP}
PARTS = (*"\"'(){}#\n\\;x ", '"""', "'''", "/*", "*/", "//", 'R"x(', ')x"', "1'0", "u8")

edits = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 40), st.lists(st.sampled_from(PARTS), max_size=3).map("".join)),
    min_size=1,
    max_size=5,
)


def afresh(language: Language, text: str) -> tuple[Token, ...]:
    return tuple(Token(match.lastgroup or "", *match.span()) for match in language.tokens.finditer(text))


@given(st.sampled_from(LANGUAGES), edits)
def test_what_was_edited_is_read_as_the_whole_would_be(language: Language, changes: list[tuple[int, int, str]]) -> None:
    text = TEXTS[language.name]
    tokens_of(language, text)
    for start, length, part in changes:
        text = text[:start] + part + text[start + length :]
        assert tokens_of(language, text) == afresh(language, text)


@given(st.sampled_from([one for one in LANGUAGES if one.family is Family.BRACES]), edits, st.integers(0, 3000))
def test_what_is_open_is_what_the_whole_text_says(
    language: Language, changes: list[tuple[int, int, str]], offset: int
) -> None:
    text = TEXTS[language.name] * 2
    for start, length, part in changes:
        text = text[:start] + part + text[start + length :]
        at = min(offset, len(text))
        walk = Walk(language, text)
        for token in tokens_between(language, text, 0, at):
            walk.take(token)
        assert nesting_at(language, text, at) == Nesting(tuple(walk.openings), walk.statement)


@given(st.integers(0, 3000), st.sampled_from(("", "x", "\\\nx", "\n", *PARTS)))
def test_where_reading_begins_does_not_depend_on_how_it_is_found(end: int, part: str) -> None:
    text = (CPP * 2)[:end] + part
    quickly = skim._c_start(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skim, "_TELLS", re.compile(""))
        assert skim._c_start(text) == quickly


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_the_same_ends_of_two_texts_do_not_overlap(one: str, other: str) -> None:
    front = same_front(one, other)
    back = same_back(one, other, front)
    assert front + back <= min(len(one), len(other))
    assert one[:front] == other[:front]
    assert one[len(one) - back :] == other[len(other) - back :]
    rest, others = one[front : len(one) - back], other[front : len(other) - back]
    assert not rest or not others or (rest[0] != others[0] and rest[-1] != others[-1])
