"""Which examples a comment of C or C++ gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.braced_notation import BracedNotation, arguments_of, literal_at
from lsp_server.core.document import Document
from lsp_server.core.documented import documented_examples, place_of
from lsp_server.core.examples import examples_in
from lsp_server.core.functions import functions_in


def found(comment: str, *parameters: str) -> list[tuple[str, str]]:
    return [(one.call, one.expected) for one in examples_in(comment, "f", BracedNotation(parameters))]


@pytest.mark.parametrize(
    "comment",
    [
        ">>> f(1)\n2",
        ">>> f(1) == 2",
        "f(1) == 2",
        "f(1) => 2",
        "f(1) ==> 2",
        "f(1) -> 2",
        "f(1) ➞ 2",
        "f(1) → 2",
        "f(1) = 2",
        "f(1) returns 2",
        "f(1) yields 2",
        "f(1); // 2",
        "f(1); // => 2",
        "f(1) // returns 2",
        "Examples:\n    f(1) == 2  // 1 + 1",
        "- f(1) == 2",
        "For example, f(1) == 2.",
        "@code\nf(1) == 2\n@endcode",
    ],
)
def test_a_call_and_its_value_are_found(comment: str) -> None:
    assert found(comment) == [("f(1)", "2")]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ('f({1, 2}, "a, (b") -> {"x", "}"}', [('f({1, 2}, "a, (b")', '{"x", "}"}')]),
        ("f([1,2], 'c') == [True, False]", [("f({1, 2}, 'c')", "[True, False]")]),
        ("f({{}, {1}}, 3) ➞ {{2, 2}}", [("f({{}, {1}}, 3)", "{{2, 2}}")]),
        (">>> f({})\n(0, 1)", [("f({})", "(0, 1)")]),
        ("f('abc', 1.5f) is 2u", [('f("abc", 1.5f)', "2u")]),
        ("f(1) == 2.", [("f(1)", "2")]),
        ("f(-1) -> .5", [("f(-1)", ".5")]),
        ("f() == true", [("f()", "true")]),
    ],
)
def test_literals_are_written_as_cpp_writes_them(comment: str, expected: list[tuple[str, str]]) -> None:
    assert found(comment) == expected


@pytest.mark.parametrize(
    "comment",
    [
        "f(n) == 2",
        "f(1, n) == 2",
        "f(1) == n",
        "f(1) == 2 + n",
        "f(1) < 2",
        "not f(1) == 2",
        "g(f(1)) == 2",
        "f((1, 2)) == 3",
        "f(1) == nullptr",
        'f({"a": 1}) == 2',
        "f(1) (2 of them)",
        "f(1) // 2 of them",
        "f(1) == 2\nf(1) == 3",
        "f(1) = 1\nf(2) = {1, 2}",
        "int f(int x) returns 2",
        "f(1, n = 2) == 3",
    ],
)
def test_what_is_unclear_is_no_example(comment: str) -> None:
    assert found(comment) == []


def test_arguments_that_prose_names_are_the_parameters_in_their_order() -> None:
    said = 'For s = "ab", n = 2 the output should be 3'
    assert found(said, "s", "n") == [('f("ab", 2)', "3")]
    assert found(said, "n", "s") == []
    assert found(said) == []
    assert found("Input: {4, 2}\nOutput: {2, 1}", "items") == [("f({4, 2})", "{2, 1}")]


@pytest.mark.parametrize(
    "text",
    [
        "/// Doubles.\n/// f(1) == 2\nint f(int x) {\n    return 2 * x;\n}\n",
        "/*\n * f(1) == 2\n */\nint f(int x) {\n    return 2 * x;\n}\n",
        "/** Doubles.\n * @code\n * f(1); // 2\n * @endcode\n */\nint f(int x) {\n    return 2 * x;\n}\n",
        "int f(int x) {\n    // f(1) == 2\n    return 2 * x;\n}\n",
        "/* >>> f(1)\n   2 */\n#include <vector>\nint f(int x) {\n    return 2 * x;\n}\n",
    ],
)
@pytest.mark.parametrize("language", ["c", "cpp"])
def test_comments_of_every_kind_are_read_and_the_line_is_known(text: str, language: str) -> None:
    document = Document("file:///a", language, text)
    (function,) = functions_in(document)
    (example,) = documented_examples(document, function)
    assert (example.call, example.expected) == ("f(1)", "2")
    assert "f(1)" in place_of(document, function, example).of(text)


def test_a_method_has_no_examples_that_could_be_tried() -> None:
    document = Document(
        "file:///a", "cpp", "struct S {\n    // f(1) == 2\n    int f(int x) {\n        return x;\n    }\n};"
    )
    assert documented_examples(document, functions_in(document)[-1]) == ()


def test_the_arguments_of_a_call_are_known_one_by_one() -> None:
    assert arguments_of('f({1, {2}}, "a, b", -1.5)') == ("{1, {2}}", '"a, b"', "-1.5")
    assert arguments_of("f()") == ()


@given(st.text(alphabet="f(){}[]<>\"\\'-=,. 12eutx/\n"))
def test_nothing_is_too_strange_to_be_read(comment: str) -> None:
    for call, expected in found(comment):
        assert call.startswith("f(")
        assert literal_at(expected) is not None
