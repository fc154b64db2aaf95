"""Where two readings of a function agree that something else is likelier."""

from __future__ import annotations

from lsp_server.core.doubts import MOST, Doubt, doubts
from lsp_server.core.generation import Reading

BODY = "if a == b:\n    return a\n"


def reading(text: str, likely: float, *alternatives: tuple[str, float], body: str = BODY) -> Reading:
    start = body.index(text)
    return Reading(start, start + len(text), likely, alternatives)


def test_what_both_find_likelier_weighs_as_much_as_both_say():
    written = [reading(" ==", -9.0, (" <", -0.5), (" ==", -9.0))]
    mended = [reading(" ==", -1.0, (" ==", -1.0), (" <", -2.0))]
    assert doubts(BODY, written, mended) == [Doubt(4, " <", 8.5 - 1.0)]


def test_what_the_mending_never_told_counts_less_than_all_it_told():
    written = [reading(" ==", -9.0, (" <", -0.5))]
    mended = [reading(" ==", -0.1, (" ==", -0.1), (" >", -5.0))]
    assert Doubt(4, " <", 8.5 - 5.9) in doubts(BODY, written, mended)


def test_what_only_one_of_them_would_write_is_none():
    sure = [reading(" ==", -0.1, (" ==", -0.1), (" <", -3.0))]
    assert doubts(BODY, sure, [reading(" ==", -3.0, (" <", -0.1))]) == []
    style = [reading(" ==", -3.0, (" is", -0.1))]
    assert doubts(BODY, style, [reading(" ==", 0.0, (" ==", 0.0), (" is", -20.0))]) == []


def test_the_later_comes_first_and_a_line_has_two_at_most():
    body = "".join(f"a{number} b{number} c{number}\n" for number in range(8))
    words = [f"{letter}{number}" for number in range(8) for letter in "abc"]
    readings = [reading(word, -4.0, ("x", -1.0), body=body) for word in words]
    found = doubts(body, readings, readings)
    assert len(found) == MOST
    assert [doubt.offset for doubt in found] == sorted((doubt.offset for doubt in found), reverse=True)
    lines = [body.count("\n", 0, doubt.offset) for doubt in found]
    assert max(lines.count(line) for line in lines) == 2


def test_blank_lines_are_not_doubted():
    blank = [Reading(10, 11, -4.0, (("\n\n", -0.1),))]
    assert doubts(BODY, blank, blank) == []
