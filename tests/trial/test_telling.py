"""When a value is what a comment promised, and how it is written."""

from __future__ import annotations

import pytest

from lsp_server.core.braced_notation import literal_at
from lsp_server.trial.telling import Single, UnknownValueError, agrees, values_of, written


def judged(value: object, promised: str) -> bool | None:
    literal = literal_at(promised)
    assert literal is not None
    return agrees(value, literal.value, promised)


@pytest.mark.parametrize(
    ("value", "promised"),
    [
        (3, "3"),
        (3, "3.0"),
        (3.0, "3"),
        (0.3, "0.3"),
        (Single(0.1 + 0.2), "0.3"),
        (2**32 - 1, "-1"),
        (True, "true"),
        (1, "true"),
        (False, "0"),
        ("a", "'a'"),
        (b"a", '"a"'),
        ("é\n", '"é\\n"'),
        ([1, 2], "{1, 2}"),
        ([1, 2], "(1, 2)"),
        ([["a", 1]], '[["a", 1]]'),
        ([], "{}"),
    ],
)
def test_a_value_is_what_was_promised(value: object, promised: str) -> None:
    expected = None if value == 2**32 - 1 else True
    assert judged(value, promised) is expected


@pytest.mark.parametrize(
    ("value", "promised"),
    [
        (3, "4"),
        (3, "3.5"),
        (3.5, "2.5"),
        (True, "false"),
        (0, "true"),
        ("a", '"b"'),
        ([1], "{1, 2}"),
        ([1, 3], "{1, 2}"),
        ([[1], []], "{{1}, {2}}"),
    ],
)
def test_another_value_is_not(value: object, promised: str) -> None:
    assert judged(value, promised) is False


@pytest.mark.parametrize(
    ("value", "promised"),
    [
        (3, '"3"'),
        ("3", "3"),
        ([], '""'),
        (2, "true"),
        (3.14159, "3.14"),
        (12.566, "12"),
        ([1, "a"], "{1, 2}"),
        (float("nan"), "1.0"),
        (float("inf"), "1.0"),
    ],
)
def test_what_may_have_been_meant_otherwise_is_uncertain(value: object, promised: str) -> None:
    assert judged(value, promised) is None


def test_numbers_tell_values() -> None:
    assert values_of([8, 2, 3, 1, 1, -5, 7, 2, 104, 105]) == [[True, -5], "hi"]
    assert values_of([2, -1]) == [2**64 - 1]
    assert values_of([6, 0x3FF8000000000000, 4, 97]) == [1.5, b"a"]
    assert values_of([]) == []


@pytest.mark.parametrize("numbers", [[0], [8, 1, 0], [7, 1, 255], [99], [1], [8, 2, 1, 1]])
def test_what_is_no_value_is_said_to_be_none(numbers: list[int]) -> None:
    with pytest.raises(UnknownValueError):
        values_of(numbers)


@pytest.mark.parametrize("text", ['{1, {"a\\"b", true}}', "-2.5", '"\\n\\\\"', '"é"', "{}"])
def test_values_are_written_as_they_are_read(text: str) -> None:
    literal = literal_at(text)
    assert literal is not None
    assert written(literal.value) == text


def test_single_precision_is_not_written_longer_than_it_is() -> None:
    assert written(Single(0.100000001490116)) == "0.1"
    assert written(b"'") == "'\\''"
