"""What a model wrote, as a change of lines, and the least of it."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Span
from lsp_server.core.finding import Edit, Fix
from lsp_server.core.languages import CPP, PYTHON
from lsp_server.core.remedies import least, lines_needed, moved, remedy, says_the_same, uncommented, whole_lines

BODY = "    total = 0\n    for one in items:\n        total -= one\n    return total\n"


def after(marked: str, written: str) -> str | None:
    """The body with the remedy of what is written at the mark."""
    offset = marked.index("|")
    body = marked[:offset] + marked[offset + 1 :]
    edit = remedy(body, offset, written)
    return None if edit is None else Fix("", (edit,)).applied(body)


def test_inside_a_line_the_line_is_replaced():
    marked = BODY.replace("-=", "|-=")
    assert after(marked, "+= one\n    return") == BODY.replace("-=", "+=")


def test_a_line_in_front_of_the_one_that_stands_there_is_put_in():
    marked = BODY.replace("    return", "|    return")
    assert after(marked, "    total += 1\n    return total\n") == BODY.replace(
        "    return", "    total += 1\n    return"
    )


def test_another_line_than_the_one_that_stands_there_replaces_it():
    marked = BODY.replace("    return", "|    return")
    assert after(marked, "    return -total\n```") == BODY.replace("return total", "return -total")


def test_a_later_line_instead_of_this_one_leaves_out_what_is_between():
    marked = BODY.replace("        total", "        |total")
    body = marked.replace("|", "")
    assert after(marked.replace("        |", "|        "), "    return total\n```") == body.replace(
        "        total -= one\n", ""
    )


def test_what_is_written_behind_the_last_line_is_put_there():
    assert after(BODY.replace("    return total\n", "") + "|", "    return total\n```") == BODY
    more = after(BODY + "|", "    print(1)\n    print(2)\n```")
    assert more == BODY + "    print(1)\n    print(2)\n"


def test_an_end_where_a_line_stands_leaves_out_the_rest():
    assert after(BODY.replace("    return", "|    return"), "```") == BODY.replace("    return total\n", "")


def test_nothing_written_is_no_remedy():
    assert after(BODY.replace("    return", "|    return"), "\n\n") is None


def test_where_a_line_begins_the_next_one_must_be_seen():
    assert lines_needed(BODY, 0) == lines_needed(BODY, 4) == 2
    assert lines_needed(BODY, 6) == 1


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("    return total\n", "    return total  # the sum\n", True),
        ("    return total\n", "    return  total\n", True),
        ("    return total\n", "        return total\n", False),
        ("    return total\n", "    return -total\n", False),
        ("    total = 0\n", "    total = 0  # nothing\n    # yet\n", True),
    ],
)
def test_comments_and_blanks_say_nothing_and_indentation_does(old, new, same):
    start = BODY.index(old)
    assert says_the_same(PYTHON, BODY, Edit(Span(start, start + len(old)), new)) == same


def test_a_comment_that_explains_a_change_is_left_out_where_there_was_none():
    line = Span(BODY.index("    return"), len(BODY))
    said = Edit(line, "    return -total  # the other way round\n")
    assert uncommented(PYTHON, BODY, said) == Edit(line, "    return -total\n")
    body = BODY.replace("return total", "return total  # the sum")
    line = Span(BODY.index("    return"), len(body))
    assert uncommented(PYTHON, body, Edit(line, said.text)) == Edit(line, said.text)


def test_a_comment_that_is_put_in_says_nothing():
    assert says_the_same(PYTHON, BODY, Edit(Span(0, 0), "    # nothing yet\n"))
    assert not says_the_same(PYTHON, BODY, Edit(Span(0, 0), "    nothing()\n"))


def test_another_name_for_what_lives_on_one_line_says_the_same():
    body = "    return [x + 1 for x in xs]\n"
    assert says_the_same(PYTHON, body, Edit(Span(0, len(body)), "    return [y + 1 for y in xs]\n"))
    assert not says_the_same(PYTHON, body, Edit(Span(0, len(body)), "    return [x + 1 for x in ys]\n"))
    assert not says_the_same(PYTHON, body, Edit(Span(0, len(body)), "    return [xs + 1 for xs in xs]\n"))
    twice = body + "    return x, x\n"
    assert not says_the_same(PYTHON, twice, Edit(Span(0, len(body)), "    return [y + 1 for y in xs]\n"))


def test_comments_are_those_of_the_language():
    body = "  return a / b;\n"
    assert says_the_same(CPP, body, Edit(Span(0, len(body)), "  return a / b; // c\n"))
    assert not says_the_same(CPP, body, Edit(Span(0, len(body)), "  return a % b;\n"))


@pytest.mark.parametrize(
    ("old", "new", "span", "text"),
    [
        ("if a < b:\n", "if a <= b:\n", "<", "<="),
        ("x = f(a)\n", "x = g(a)\n", "f", "g"),
        ("x = f(a)\n", "x = f(a, a)\n", "", ", a"),
        ("x = a - 1\n", "x = a\n", " - 1", ""),
        ("x = a\n", "", "x = a\n", ""),
        ("", "x = a\n", "", "x = a\n"),
        ("x = aa\n", "x = aaa\n", "aa", "aaa"),
        ("x = a // b\n", "x = a / b\n", "//", "/"),
    ],
)
def test_the_least_change_is_of_whole_tokens(old, new, span, text):
    edit = least("# before\n" + old, Edit(Span(9, 9 + len(old)), new))
    assert (edit.span.of("# before\n" + old), edit.text) == (span, text)
    assert Fix("", (edit,)).applied("# before\n" + old) == "# before\n" + new


def test_a_change_of_a_few_characters_is_one_of_whole_lines_too():
    start = BODY.index("-=")
    edit = whole_lines(BODY, Edit(Span(start, start + 2), "+="))
    assert edit == Edit(Span(BODY.index("        total"), BODY.index("    return")), "        total += one\n")
    line = Edit(edit.span, "")
    assert whole_lines(BODY, line) == line
    assert moved(line, 3).span == Span(line.span.start + 3, line.span.end + 3)
    end = Edit(Span(len(BODY), len(BODY)), "    more()\n")
    assert Fix("", (whole_lines(BODY, end),)).applied(BODY) == BODY + "    more()\n"
