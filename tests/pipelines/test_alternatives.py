"""What else could be meant at a place, for somebody who looks for another suggestion."""

from __future__ import annotations

from lsp_server.engines.specs import Script
from tests.pipelines.test_complete import FIM, outcome
from tests.scripted import RecordedEngine, answer


async def several(text: str, *answers: Script | str, language: str = "python", **options: object) -> list[str]:
    """Up to three different answers."""
    found = await outcome(text, *answers, language=language, alternatives=3, **options)
    return [one.text for one in found.suggestions]


LINE = "def f(a, b):\n    c = |\n    return c\n"
BODY = "def f(a, b):\n    |\n"


async def test_alternatives_begin_with_the_answer_that_is_shown_without_them():
    answers = ("a + b\n", "a * b\n", "b - a\n")
    for text, told in ((LINE, answers), (BODY, [f"    return {one}" for one in answers])):
        first = (await outcome(text, *told)).suggestions[0].text
        others = await several(text, *told)
        assert others[0] == first
        assert len(others) == len(set(others)) > 1


async def test_an_alternative_that_cannot_be_right_is_none():
    assert await several(LINE, "a + b\n", "a + nobody\n", "b - a\n") == ["a + b", "b - a"]


async def test_where_nothing_else_comes_there_is_one():
    assert await several(LINE, "a + b\n") == ["a + b"]


GAP = "def f(a, b):\n    a += 1\n    |\n    return a\n"


async def test_what_was_weighed_anyway_can_be_chosen_by_who_asked_for_it():
    scripts = answer("    a += b\n", FIM), answer("    a *= b\n")
    once = RecordedEngine(*scripts)
    found = await outcome(GAP, engine=once, patient=False)
    assert [one.text for one in found.suggestions] in (["a += b"], ["a *= b"])
    asked = RecordedEngine(*scripts)
    more = await outcome(GAP, engine=asked, patient=True)
    assert more.suggestions[0] == found.suggestions[0]
    assert {one.text for one in more.suggestions} == {"a += b", "a *= b"}
    assert (asked.streamed, asked.branched, asked.scored) == (once.streamed, once.branched, once.scored)


async def test_a_line_that_uses_what_nothing_defines_is_no_alternative():
    engine = RecordedEngine(answer("    a += b\n", FIM), answer("    a *= nobody\n"))
    assert [one.text for one in (await outcome(GAP, engine=engine)).suggestions] == ["a += b"]
