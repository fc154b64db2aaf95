"""The code of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.code_block import CodeBlock

PARTS = [
    "```",
    "```python\n",
    "~~~\n",
    "````\n",
    "`",
    "  ",
    "\n",
    "x = 1\n",
    "Sure:\n",
    "``",
    "~",
    " c",
    "```\n",
    "\n\n",
]


def code(raw: str, sizes: tuple[int, ...] = (1,)) -> str:
    """The code of ``raw`` in pieces of these sizes, over and over; nothing that was given out may be taken back."""
    block, given_out, position, turn = CodeBlock(), "", 0, 0
    while position < len(raw) and not block.done:
        size = sizes[turn % len(sizes)]
        given_out += block.feed(raw[position : position + size])
        position, turn = position + size, turn + 1
    found = block.finish()
    assert found.startswith(given_out)
    return found


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("Sure:\n```python\nx = 1\n```\nThat is it.\n```\nnot this\n```", "x = 1\n"),
        ("```\nx = 1\n```", "x = 1\n"),
        ("```c\nint x;\n\n    int y;\n```\n", "int x;\n\n    int y;\n"),
        ("~~~\n```\n~~~\n", "```\n"),
        ("````md\n```\nx\n```\n````\n", "```\nx\n```\n"),
        ("```python\nx = '```'\n```\n", "x = '```'\n"),
        ("```python\nx = 1", "x = 1"),
        ("```python\nx = 1\n``", "x = 1\n``"),
        ("  ```python\nx = 1\n  ```\n", "x = 1\n"),
        ("x = 1\n", "x = 1"),
        ("Sure, here it is:\n\nx = 1\ny = 2\n```\nThat is it.", "x = 1\ny = 2"),
        ("def f():\n    return 1\n```\n", "def f():\n    return 1"),
        ("This is what you want:\n```\nx = 1\n```\n", "x = 1\n"),
        ("```\n```\n", ""),
        ("```python\n```  ```\n```\n", "```  ```\n"),
        ("", ""),
    ],
)
def test_the_code_is_what_stands_between_the_first_fences(raw: str, wanted: str):
    assert code(raw) == wanted


def test_code_comes_out_while_it_is_written():
    block = CodeBlock()
    assert block.feed("Sure:\n```py\nx =") == "x ="
    assert block.feed(" 1\n``") == " 1\n"
    assert not block.done
    block.feed("`\nmore")
    assert block.done


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PARTS), max_size=20).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_the_code_does_not_depend_on_how_the_stream_is_split(raw: str, sizes: list[int]):
    assert code(raw) == code(raw, tuple(sizes)) == code(raw, (len(raw) + 1,))
