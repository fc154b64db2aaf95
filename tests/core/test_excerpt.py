"""What a model is shown of a function, whole or in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.document import Document
from lsp_server.core.excerpt import Excerpt, excerpt_of
from lsp_server.core.functions import functions_in

LONG = "import os\n\n\ndef f(a):\n" + "".join(f"    b{number} = a + {number}\n" for number in range(200))


def excerpt(text: str = LONG, language: str = "python") -> Excerpt:
    document = Document("file:///a", language, text)
    return excerpt_of(document, functions_in(document)[0])


def test_what_is_short_enough_is_shown_whole() -> None:
    whole = excerpt()
    assert [*whole.parts(100_000)] == [whole]


@given(st.lists(st.text("ab c", max_size=90), min_size=1, max_size=80), st.integers(0, 12_000))
def test_the_parts_are_the_whole_and_each_is_where_it_says(lines: list[str], characters: int) -> None:
    text = "def f():\n    x\n" + "".join(f"    x{line}\n" for line in lines)
    parts = [*excerpt(text).parts(characters)]
    assert "".join(part.body for part in parts) == excerpt(text).body
    for part in parts:
        assert text[part.start :].startswith(part.body.rstrip())
        assert text[part.start + len(part.body) :].startswith(part.behind.rstrip())
        assert part.head.startswith("def f():\n")


@pytest.mark.parametrize("characters", [4_000, 6_000])
def test_a_part_is_short_enough_to_be_read_twice(characters: int) -> None:
    parts = [*excerpt().parts(characters)]
    assert len(parts) > 1
    assert all(2 * len(part.whole) < characters for part in parts)
    assert parts[-1].behind == ""


def test_a_part_begins_with_the_head_and_the_lines_before_it() -> None:
    second = [*excerpt().parts(4_000)][1]
    head, skipped, *before = second.head.splitlines()
    assert (head, skipped) == ("def f(a):", "# …")
    assert LONG[: second.start].endswith("\n".join(before) + "\n")
