"""What a function is called with to see what it does."""

from __future__ import annotations

import ast

import pytest

from lsp_server.core.arguments import MOST, calls_for
from lsp_server.core.examples import Example


def test_the_calls_of_examples_come_first_and_then_their_variations():
    calls = calls_for("f", [Example("sorted(f([3, 1], 'ab'))", "[1, 3]"), Example("f([], '')", "[]")], "")
    assert calls[:2] == ("f([3, 1], 'ab')", "f([], '')")
    assert {"f([1, 3], 'ab')", "f([3], 'ab')", "f([3, 1], 'ba')", "f([3, 1], '')"} <= set(calls)


def test_keywords_stay():
    assert "f(2, k=5)" in calls_for("f", [Example("f(1, k=5)", "1")], "")


@pytest.mark.parametrize(
    "annotation",
    ["int", "float", "str", "bool", "list", "List[int]", "list[str]", "typing.List[float]", "dict[str, int]"],
)
def test_annotations_say_what_a_function_takes(annotation):
    source = f"def f(a: {annotation}, b: int = 3) -> int:\n    return 1\n"
    calls = calls_for("f", [], source)
    assert len(calls) > 3
    assert len(calls) == len(set(calls)) <= MOST
    for call in calls:
        assert [ast.literal_eval(argument) for argument in ast.parse(call, mode="eval").body.args]


@pytest.mark.parametrize(
    "head", ["def f(a)", "def f(a: Shop)", "def f(*a: int)", "def f()", "def g(a: int)", "def f(a: int, *, k: int)"]
)
def test_without_them_nothing_is_called(head):
    assert calls_for("f", [], f"{head}:\n    return 1\n") == ()


def test_what_does_not_parse_has_no_calls():
    assert calls_for("f", [], "def f(a: int") == ()


def test_there_are_not_too_many():
    examples = [Example(f"f({number}, {number}, 'text')", "0") for number in range(50)]
    assert len(calls_for("f", examples, "")) == MOST
