"""What is known of a missing line before a model is asked for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.document import Document
from lsp_server.core.gaps import Missing, indent_of, leaves, repeats_following
from lsp_server.core.syntax import context_at
from lsp_server.core.target import Target, target_for

SUM = "def total(xs):\n    t = 0\n    |\n        t += x\n    return t\n"
"""The header of a loop is missing."""


def missing(marked: str, language: str = "python") -> Missing:
    offset = marked.index("|")
    context = context_at(Document("file:///a", language, marked.replace("|", "", 1)), offset)
    return Missing(context, target_for(context))


def check_beginnings(marked: str, *expected: str) -> None:
    assert missing(marked).beginnings() == expected


def test_the_following_line_is_the_next_one_with_text():
    assert missing("def f():\n    |\n\n    \n    return 1\n").following == "    return 1"
    assert missing("def f():\n    x = 1\n    |").following == ""


@pytest.mark.parametrize("line", ["    return y", "return y", "\treturn  y "])
def test_a_line_equal_to_the_next_one_does_not_suit_whatever_its_blanks(line: str):
    assert not missing("def f(y):\n    y += 1\n    |\n\n    return y\n").suits(line)


def test_a_line_equal_to_the_next_one_does_not_suit_between_braces_either():
    gap = missing("int f(int y) {\n    y++;\n    |\n    return y;\n}\n", "cpp")
    assert not gap.suits("return y;")
    assert gap.suits("y--;")


@pytest.mark.parametrize("line", ["t = 1", "    t = 1", "  for x in xs:"])
def test_a_line_must_stand_deeper_than_its_function(line: str):
    gap = missing(
        "class A:\n    def total(self, xs):\n        t = 0\n        |\n            t += x\n        return t\n"
    )
    assert not gap.suits(line)


def test_a_line_with_other_white_space_than_its_function_does_not_suit():
    gap = missing("\tdef f(self):\n\t\ty = 1\n\t\t|\n\t\treturn y\n")
    assert gap.suits("\t\ty += 1")
    assert not gap.suits("        y += 1")


def test_a_block_must_have_something_deeper_behind_it():
    assert missing(SUM).suits("    for x in xs:")
    assert not missing(SUM).suits("        for x in xs:")
    assert not missing("def f(xs):\n    t = 0\n    |\n    return t\n").suits("    for x in xs:")


def test_a_block_may_be_begun_where_nothing_follows():
    assert missing("def f(xs):\n    t = 0\n    |").suits("    for x in xs:")


def test_a_name_that_the_rest_of_the_function_uses_is_unbound_until_a_line_binds_it():
    assert missing(SUM).unbound() == ("x",)
    assert missing(SUM).unbound("    for y in xs:") == ("x",)
    assert missing(SUM).unbound("    for x in xs:") == ()


def test_what_the_next_function_uses_is_of_no_interest():
    assert missing("def f():\n    y = 1\n    |\n    return y\n\n\ndef g():\n    return z\n").unbound() == ()


def test_line_ends_make_no_difference():
    assert missing(SUM.replace("\n", "\r\n")).beginnings() == missing(SUM).beginnings() != ()


def test_nothing_is_needed_where_every_name_is_bound():
    check_beginnings("def f(y):\n    y += 1\n    |\n    return y\n")


def test_nothing_is_claimed_between_braces():
    assert missing("int f(int y) {\n    y++;\n    |\n    return z;\n}\n", "cpp").beginnings() == ()


def test_a_block_without_a_header_gets_one_that_binds_its_name():
    check_beginnings(SUM, "    for x in", "    x =")


def test_two_names_are_bound_by_one_header():
    check_beginnings("def f(d):\n    n = 1\n    |\n        n += k * v\n    return n\n", "    for k, v in", "    k =")


@pytest.mark.parametrize("body", ["return 2", "return x + 1"])
def test_the_header_is_a_functions_where_a_name_is_called(body: str):
    first, *_ = missing(f"def f(y):\n    y += 1\n    |\n        {body}\n    return inner(y)\n").beginnings()
    assert first == "    def inner("


def test_a_statement_is_an_assignment():
    check_beginnings("def f(y):\n    y += 1\n    |\n    return y + z\n", "    z =")


def test_both_are_thought_of_where_no_indentation_was_typed():
    marked = "def f(xs):\n    t = 0\n    if t:\n        t = 1\n{}|\n        t += x\n    return t\n"
    check_beginnings(marked.format("        "), "        x =")
    check_beginnings(marked.format(""), "        x =", "    for x in")


@given(st.text(" \tab:", max_size=12))
def test_indentation_is_what_is_before_the_first_character(line: str):
    indent = indent_of(line)
    assert line.startswith(indent)
    assert not indent.strip()
    assert not line[len(indent) :][:1].isspace()


_LINES = st.tuples(st.sampled_from(["    ", "        "]), st.sampled_from(["a", "b = c", "d(e)", "return a + f", ""]))


@given(st.lists(_LINES, max_size=4))
def test_every_beginning_names_something_that_nothing_binds(lines: list[tuple[str, str]]):
    gap = missing("def f(a):\n    c = 1\n    |\n" + "".join(f"{indent}{code}\n" for indent, code in lines))
    assert bool(gap.beginnings()) == bool(gap.unbound())
    assert all(any(name in beginning for name in gap.unbound()) for beginning in gap.beginnings())


def test_a_line_of_brackets_may_be_needed_twice():
    assert missing("int f(int y) {\n    if (y) {\n        y++;\n    |\n}\n", "cpp").suits("    }")


@pytest.mark.parametrize("line", ["    for x in xs:", "    if xs:", "    while True:"])
def test_a_block_needs_a_header(line: str):
    assert missing(SUM).parses(line)


@pytest.mark.parametrize("line", ["    t = 1", "        for x in xs:", "    else:", "    for x in xs"])
def test_what_is_no_header_does_not_parse_in_front_of_a_block(line: str):
    assert not missing(SUM).parses(line)


def test_a_header_without_a_body_needs_a_deeper_line():
    gap = missing("def f(x):\n    if x:\n|\n    return x\n")
    assert gap.parses("        x = 1")
    assert not gap.parses("    x = 1")


METHOD = "class A:\n    @cached\n    def f(self):\n        x = 1\n        |\n            x += 1\n        return x\n"


@pytest.mark.parametrize("text", [METHOD, METHOD.replace("\n", "\r\n"), "broken (\n\n" + METHOD + "\n)broken"])
def test_only_the_function_need_parse_wherever_it_stands(text: str):
    gap = missing(text)
    assert gap.parses("        if x:")
    assert not gap.parses("        x = 2")


def test_of_other_languages_nothing_is_claimed():
    assert missing("int f(int y) {\n    |\n    return y;\n}\n", "cpp").parses("int (")


def test_headers_stand_one_level_above_their_block():
    assert all(header.startswith("    ") and not header.startswith("     ") for header in missing(SUM).headers())
    assert missing(SUM).headers()


def test_where_no_block_follows_no_header_is_thought_of():
    assert missing("|\nx = 1\n").headers() == ()


def after_comment(following: str, indent: str = "    ") -> Target:
    text = f"def f(x):\n{indent}# c\n{indent}"
    return target_for(context_at(Document("file:///a", "python", f"{text}\n{following}"), len(text)))


@pytest.mark.parametrize(
    ("text", "following", "repeats"),
    [
        ("t += x", "    t  +=  x\n", True),
        ("if x:\n        t += x", "    t += x\n", True),
        ("t += 1", "    t += x\n", False),
        ("t = [\n    ]", "    ]\n", False),
        ("t = 1", "\n", False),
    ],
)
def test_the_line_that_follows_is_recognised_in_any_indentation(text: str, following: str, repeats: bool):
    assert repeats_following(after_comment(following), text) is repeats


@pytest.mark.parametrize(
    ("text", "following", "unreached"),
    [
        ("return x", "    y = 1\n", True),
        ("y = 2\n    raise E", "    y = 1\n", True),
        ("if x:\n        return x", "    y = 1\n", False),
        ("return x", "\n\nz = 1\n", False),
        ("returned = x", "    y = 1\n", False),
    ],
)
def test_what_leaves_must_not_stand_before_what_follows(text: str, following: str, unreached: bool):
    assert leaves(after_comment(following), text) is unreached
