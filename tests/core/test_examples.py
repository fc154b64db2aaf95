"""Which examples a docstring gives."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.examples import examples_in


def found(docstring: str) -> list[tuple[str, str]]:
    return [(example.call, example.expected) for example in examples_in(docstring, "f")]


@pytest.mark.parametrize(
    "docstring",
    [
        ">>> f(1)\n2",
        "Text.\n\n    >>> f(1)\n    2\n    >>> g(3)\n    4",
        ">>> f(1)  # a comment\n2",
        "f(1) == 2",
        "f(1) => 2",
        "f(1) ==> 2",
        "f(1) -> 2",
        "f(1) --> 2",
        "f(1) ➞ 2",
        "f(1) → 2",
        "f(1) = 2",
        "f(1) returns 2",
        "f(1) should return 2.",
        "f(1) should be 2",
        "f(1) is 2 (one more)",
        "f(1) # 2",
        "f(1) # => 2",
        ">>> f(1) ➞ 2",
        "assert f(1) == 2",
        "`f(1)` -> `2`",
        "- f(1) == 2",
        "* f(1) == 2 # 1 + 1",
        "For example, f(1) == 2.",
        "For n = 1 the output should be 2.",
        "Input: n = 1\nOutput: 2",
    ],
)
def test_a_call_and_its_value_are_found(docstring: str) -> None:
    assert found(docstring) == [("f(1)", "2")]


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ('f("a, (b")  -> ["x", "]"]', [("f('a, (b')", '["x", "]"]')]),
        (">>> f(1,\n...   2)\n[1,\n 2]", [("f(1, 2)", "[1,\n2]")]),
        ("round(f(1), 2) == 0.33", [("round(f(1), 2)", "0.33")]),
        (">>> f(1) == 2\nTrue", [("f(1) == 2", "True")]),
        ("f(1) => true\nf(2) => false", [("f(1)", "True"), ("f(2)", "False")]),
        ("f(1) == 2, f(2) == 3 and f(3) == 4", [("f(1)", "2"), ("f(2)", "3"), ("f(3)", "4")]),
        ("f(n=-1) -> None", [("f(n=-1)", "None")]),
        ('For s = "ab", n = 2, the result should be 3', [("f(s='ab', n=2)", "3")]),
        ("f(1) == 2\nf(1) == 2", [("f(1)", "2")]),
    ],
)
def test_values_end_where_they_end(docstring: str, expected: list[tuple[str, str]]) -> None:
    assert found(docstring) == expected


@pytest.mark.parametrize(
    "docstring",
    [
        "",
        "f(x) == 2",
        "f(1) == x",
        "f(1) != 2",
        "f(1) < 2",
        "f(1) == 2 + 3",
        "f(1) == 2 or 3",
        "f(1) -> 12:30",
        "f(1) -> 3 apples",
        "f(1) -> 19 - 5 = 14",
        "f(1) -> 0.33 (approximately)",
        "f(1) == 1, 2",
        'assert f(1) == 2, "a tuple or a message"',
        'f(1) == ("a")',
        "f(1) == 1e999",
        "not f(1) == 2",
        "if f(1) == 2",
        "x + f(1) == 2",
        "-f(1) == 2",
        "2 * f(1) == 4",
        "x.f(1) == 2",
        "af(1) == 2",
        "g(f(1)) == 2",
        "def f(1) -> 2",
        "f(*[1]) == 2",
        "f(**{}) == 2",
        ">>> f(1)\nTraceback (most recent call last):\nValueError",
        ">>> x = f(1)\n2",
        ">>> f(1)\n2\n3",
        ">>> f(1)\n2 apples",
        "f(1) == 2\nf(1) == 3",
        "f(1) = 3\nf(3) = [1, 3, 2, 8]",
        "Input: 5 apples\nOutput: 3",
        "f(1",
        "f(1) == [1, 2",
    ],
)
def test_what_is_unclear_is_no_example(docstring: str) -> None:
    assert found(docstring) == []


def test_no_more_than_sixteen() -> None:
    assert len(found("\n".join(f"f({n}) == {n}" for n in range(40)))) == 16


PIECES = st.sampled_from(
    [">>> ", "... ", "f(", "f(1)", ")", "==", "->", "2", "[", "]", "{", "'", '"', '"""', "\n", " ", "For n = 1", "0777",
     "the output should be", "Input:", "Output:", "(", "\\", "1e999", "\ud800", "\0", "nan", "-", "...",]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)), st.sampled_from(["f", "", "f(", "λ"]))
def test_any_text_gives_literals_or_nothing(docstring: str, name: str) -> None:
    for example in examples_in(docstring, name):
        ast.parse(example.call, mode="eval")
        ast.literal_eval(example.expected)
        assert name in example.call
