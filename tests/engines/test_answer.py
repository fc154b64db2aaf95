"""Bytes in, whole characters out, stops inside."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engines.answer import Answer


def fed(chunks: list[bytes], stops: list[str]) -> list[str]:
    """What comes out for each chunk, then what was held back."""
    answer = Answer(stops)
    found = []
    for chunk in chunks:
        found.append(answer.add(chunk))
        if answer.stopped:
            break
    return [*found, answer.rest()]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """``data`` in chunks that end at ``places``."""
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(ends)]


def test_a_character_comes_when_its_last_byte_has():
    assert fed([b"\xe2", b"\x82", b"\xac!"], []) == ["", "", "€!", ""]


def test_half_a_character_at_the_end_is_dropped():
    assert fed([b"a\xe2\x82"], []) == ["a", ""]


def test_what_may_begin_a_stop_is_held_back_and_comes_when_it_did_not():
    assert fed([b"a\n", b"\nb", b"\n", b"d"], ["\n\nc"]) == ["a", "\n\nb", "", "\nd", ""]


def test_text_before_a_stop_comes_and_nothing_after():
    assert fed([b"ab<e", b"nd>cd"], ["<end>"]) == ["ab", "", ""]


def test_of_two_stops_the_first_in_the_text_counts():
    assert fed([b"xbay"], ["a", "b"]) == ["x", ""]


@given(st.text("ab\n€é", max_size=30), st.lists(st.text("ab\n", max_size=3), max_size=3), st.lists(st.integers(0, 60)))
def test_however_it_is_cut_the_text_is_that_before_the_first_stop(text, stops, places):
    found = "".join(fed(cut(text.encode(), places), stops))
    ends = [at for stop in stops if stop and (at := text.find(stop)) >= 0]
    assert found == text[: min(ends, default=len(text))]
