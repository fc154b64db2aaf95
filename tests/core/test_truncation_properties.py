# ruff: noqa: E501 - the alphabet of a language reads best on few lines
"""What holds for every stream and every way to split it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.context import Extent
from lsp_server.core.languages import CPP, PYTHON, Language
from lsp_server.core.target import Target
from lsp_server.core.truncation import Result, Truncation

PYTHON_PARTS = [
    "    ", "        ", "\n", "\n\n", "def g(a):", "if a:", "else:", "try:", "except E:", "return x", "# c", "x = 1",
    "'", '"', '"""', "f'{", "}", "{", "(", ")", "[", "]", "\\", ":", ";", "@d", "```", "<|end|>", "Here is the code now:",
    "class A:", "lambda: 0", "x", " ", "\t", "print(a)\n", "    print(a)\n", "é", "\r\n", "</s>", "<", "|",
]  # fmt: skip
CPP_PARTS = [
    "{", "}", "};", "(", ")", ";", ":", "::", "if (a)", "else", "do", "while (b)", "try", "catch (...)", "for (;;)", "// c\n",
    "/*", "*/", "#if A\n", "#else\n", "#endif\n", "'", '"', 'R"x(', ')x"', "1'0", "\\", "\n", "    ", "x", " = ", "[&]", "->",
    "class A", "case 1:", "return a;", "    f(a);\n", "template <class T>", "requires", "```", "<|end|>", "'}'", "<", ">", "/",
]  # fmt: skip
PLACES = [
    Target(PYTHON, Extent.BODY, "def f(a):\n", "", "", "", "    ", "    ", False),
    Target(
        PYTHON, Extent.BODY, "class A:\n    def f(a):\n", "        ", "", "\n    x = 1\n", "        ", "    ", False
    ),
    Target(PYTHON, Extent.BLOCK, "if a:\n", "    ", "", "\n    print(a)\n    x\n", "    ", "    ", False),
    Target(PYTHON, Extent.STATEMENT, "if a:\n", "    ", "", "\n    print(a)\nelse:\n", "    ", "    ", False),
    Target(PYTHON, Extent.BODY, "def f(a):\n", "", "", "x = 1\n", "    ", "    ", False),
    Target(PYTHON, Extent.BODY, "def f(a):\n", "\t", "", "\n", "\t", "\t", False),
    Target(PYTHON, Extent.STATEMENT, "def f(a):\n    if a:", "", "", "\n    return a\n", "        ", "    ", False),
    Target(PYTHON, Extent.STATEMENT, "x = [\n", "    ", "", "\n]\n", "    ", "    ", False),
    Target(PYTHON, Extent.LINE, "    x = f(", "", "", ")\n", "    ", "    ", False),
    Target(PYTHON, Extent.LINE, "    x = ", "", "", "", "    ", "    ", False),
    Target(CPP, Extent.BODY, "int f(int a)", "", "", "", "    ", "    ", False),
    Target(CPP, Extent.BODY, "int f(int a)", "", " {\n", "", "    ", "    ", False),
    Target(CPP, Extent.BODY, "int f(int a) {\n", "    ", "", "\n}\n", "    ", "    ", True),
    Target(CPP, Extent.BLOCK, "int f() {\n\tif (a) {\n", "\t\t", "", "\n\t}\n}\n", "\t\t", "\t", True),
    Target(CPP, Extent.STATEMENT, "int f() {\n", "    ", "", "\n    f(a);\n    x;\n}\n", "    ", "    ", False),
    Target(CPP, Extent.STATEMENT, "int f() {\n    if (a) {", "", "", "\n    x;\n}\n", "        ", "    ", False),
    Target(CPP, Extent.STATEMENT, "int f() {\n    if (a) {", "", "", "\n    }\n}\n", "        ", "    ", True),
    Target(CPP, Extent.STATEMENT, "int f() {\n    for (;;)", "", "", "\n        x;\n}\n", "    ", "    ", True),
    Target(CPP, Extent.BODY, "int f() {", "", "\n", "}\n", "    ", "    ", True),
    Target(CPP, Extent.LINE, "    f(", "", "", ");\n}\n", "    ", "    ", False),
    Target(PYTHON, Extent.DEFINITION, "# g\n", "", "", "\n\nx = 1\n", "", "  ", False, True),
    Target(PYTHON, Extent.DEFINITION, "class A:\n    # g\n", "    ", "", "\n\n    x\n", "    ", "    ", False, True),
    Target(PYTHON, Extent.PASSAGE, "def f(a):\n    # c\n", "    ", "", "\n    return x\n", "    ", "    ", False, True),
    Target(PYTHON, Extent.PASSAGE, "# c\n", "", "", "\nprint(a)\n", "", "    ", False, True),
    Target(CPP, Extent.DEFINITION, "// g\n", "", "", "\n\nint x;\n", "", "  ", False, True),
    Target(CPP, Extent.DEFINITION, "class A {\n    // g\n", "    ", "", "\n\n    x;\n};\n", "    ", "    ", True, True),
    Target(CPP, Extent.PASSAGE, "int f() {\n    // c\n", "    ", "", "\n    f(a);\n}\n", "    ", "    ", True, True),
]
ENDINGS = ["", "stop", "length", "deadline"]


def streams(language: Language) -> st.SearchStrategy[str]:
    parts = PYTHON_PARTS if language is PYTHON else CPP_PARTS
    return st.lists(st.sampled_from(parts), max_size=40).map("".join)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Target, str, str, int]:
    place = draw(st.sampled_from(PLACES))
    return place, draw(streams(place.language)), draw(st.sampled_from(ENDINGS)), draw(st.integers(0, 9999))


def run(place: Target, pieces: list[str], ended: str) -> tuple[Result, str, int]:
    """The result, what was given out on the way, and after how many characters it was done (-1: never)."""
    truncation = Truncation(place)
    given_out, read = "", 0
    for piece in pieces:
        given_out += truncation.feed(piece)
        read += len(piece)
        if truncation.done:
            return truncation.finish(ended), given_out, read
    return truncation.finish(ended), given_out, -1


def split(text: str, seed: int) -> list[str]:
    choice = random.Random(seed)
    pieces, position = [], 0
    while position < len(text):
        size = choice.choice((1, 2, 3, 7, 40))
        pieces.append(text[position : position + size])
        position += size
    return pieces


@settings(max_examples=600)
@given(cases())
def test_the_result_does_not_depend_on_how_the_stream_is_split(case: tuple[Target, str, str, int]) -> None:
    place, stream, ended, seed = case
    assert (
        run(place, list(stream), ended)[0]
        == run(place, split(stream, seed), ended)[0]
        == run(place, [stream], ended)[0]
    )


@settings(max_examples=600)
@given(cases())
def test_what_was_given_out_is_never_taken_back(case: tuple[Target, str, str, int]) -> None:
    place, stream, ended, seed = case
    result, given_out, _ = run(place, split(stream, seed), ended)
    assert result.text.startswith(given_out)


@settings(max_examples=300)
@given(cases())
def test_done_is_known_with_the_piece_that_brings_the_deciding_character(case: tuple[Target, str, str, int]) -> None:
    place, stream, ended, seed = case
    pieces = split(stream, seed)
    _, _, exact = run(place, list(stream), ended)
    _, _, read = run(place, pieces, ended)
    assert (exact < 0) == (read < 0)
    assert exact < 0 or exact <= read <= exact + max(map(len, pieces))


@settings(max_examples=400)
@given(cases())
def test_no_token_gets_through_and_a_rule_is_always_named(case: tuple[Target, str, str, int]) -> None:
    place, stream, ended, seed = case
    result, _, _ = run(place, split(stream, seed), ended)
    assert "<|end|>" not in result.text
    assert "</s>" not in result.text
    assert "\r" not in result.text
    assert result.rule
    assert 0 <= result.kept <= len(stream)
    assert result.text == "" or result.text.startswith(place.lead)


@settings(max_examples=600)
@given(cases().filter(lambda case: not {"'", '"'} & set(case[1])))
def test_outside_of_strings_no_line_ends_in_blanks_and_the_text_ends_in_a_newline_only_in_front_of_text(
    case: tuple[Target, str, str, int],
) -> None:
    place, stream, ended, seed = case
    text = run(place, split(stream, seed), ended)[0].text
    followed = place.after[:1] not in ("", "\n")
    *lines, last = text.split("\n")
    assert [line for line in lines if line[-1:] in (" ", "\t")] == []
    assert followed or last[-1:] not in (" ", "\t")
    assert followed or not text.endswith("\n")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: repr(place.head[-20:] + place.typed + place.lead))
def test_an_empty_answer_is_empty(place: Target) -> None:
    assert run(place, [], "stop")[0] == Result("", "model stopped", 0)
