"""Where the tokens of a text stand in it."""

from __future__ import annotations

import pytest

from lsp_server.engines.reading import spans


@pytest.mark.parametrize(
    ("text", "tokens", "places"),
    [
        ("ab c", ["ab", " c"], [(0, 2), (2, 4)]),
        ("", [], []),
        ("aä b", ["aä", " b"], [(0, 2), (2, 4)]),
        ("ab", [" a", "b"], [(0, 1), (1, 2)]),
        ("ab", [" ", "a", "b"], [(0, 0), (0, 1), (1, 2)]),
    ],
)
def test_places_are_counted_in_characters_and_a_leading_blank_of_the_vocabulary_is_none(text, tokens, places):
    assert spans(text, [len(token.encode()) for token in tokens]) == places


def test_a_character_that_is_split_belongs_to_each_of_its_tokens():
    assert spans("a🦊b", [1, 2, 2, 1]) == [(0, 1), (1, 2), (1, 2), (2, 3)]
