"""Which line is missing: what is proposed, what may stand there, and what the following text makes of it."""

from __future__ import annotations

import pytest

from lsp_server.core.gaps import Missing
from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.core.syntax import context_at
from lsp_server.core.target import target_for
from lsp_server.engines.specs import Script
from lsp_server.pipelines.weigh import EVIDENCE_LINES, Gap, evidence_in, weighed_lines
from tests.scripted import RecordedEngine, marked

PLACE = "def f(y):\n    y += 1\n    |\n    return y\n"


async def chosen(engine: RecordedEngine, *asked: str, place: str = PLACE, tokens: int = 64, hasty: bool = False) -> str:
    """The line for prompts that consist of a word each."""
    context = context_at(*marked(place))
    prompts = [Prompt((Segment(text),)) for text in asked]
    gap = Gap(prompts, Prompt((Segment("judge"),)), Missing(context, target_for(context)))
    lines = await weighed_lines(engine, gap, Limits(tokens), hasty)
    return lines[0].text.removesuffix("\n") if lines else ""


def proposing(**lines: str) -> tuple[Script, ...]:
    """A line for each prompt."""
    return tuple(Script((line,), when=prompt) for prompt, line in lines.items())


async def test_the_line_that_suits_the_following_text_best_is_chosen():
    scripts = proposing(one="    y = 1", two="    y = 2")
    assert await chosen(RecordedEngine(*scripts, likelihoods={"    y = 2\n": -1.0}), "one", "two") == "    y = 2"
    assert await chosen(RecordedEngine(*scripts, likelihoods={"    y = 1\n": -1.0}), "one", "two") == "    y = 1"


async def test_every_line_is_judged_together_with_what_follows():
    engine = RecordedEngine(*proposing(one="    y = 1", two="    y = 2"))
    await chosen(engine, "one", "two")
    assert engine.scored == ["    y = 1\n    return y\n\n", "    y = 2\n    return y\n\n"]


async def test_a_line_ends_where_the_model_ends_it():
    assert await chosen(RecordedEngine(Script(("    y = 1  ", "\n    y = 2"))), "one") == "    y = 1"


async def test_one_proposal_needs_no_judge():
    engine = RecordedEngine(*proposing(one="    y = 1", two="    y = 1"))
    assert await chosen(engine, "one", "two") == "    y = 1"
    assert engine.scored == []


async def test_without_following_text_the_first_proposal_is_taken():
    engine = RecordedEngine(*proposing(one="    y = 1", two="    y = 2"), likelihoods={"    y = 2": 0.0})
    assert await chosen(engine, "one", "two", place=PLACE[: PLACE.index("|") + 1]) == "    y = 1"
    assert engine.scored == []


@pytest.mark.parametrize("line", ["    return y", "return y", "", "    for a in y:"])
async def test_what_could_not_stand_there_is_not_weighed(line: str):
    engine = RecordedEngine(*proposing(one=line, two="    y = 2"), likelihoods={line: 0.0})
    assert await chosen(engine, "one", "two") == "    y = 2"
    assert await chosen(RecordedEngine(*proposing(one=line)), "one") == ""


async def test_a_line_that_leaves_a_name_unbound_loses_to_one_that_binds_it():
    place = PLACE.replace("return y", "return z")
    scripts = proposing(one="    y = 1", two="    z = y")
    assert await chosen(RecordedEngine(*scripts, likelihoods={"    y = 1": 0.0}), "one", "two", place=place) == (
        "    z = y"
    )


async def test_a_model_that_does_not_bind_the_name_itself_is_led_to_it():
    engine = RecordedEngine(Script((" y * 2",), when="    z ="), Script(("    y = 1",)))
    assert await chosen(engine, "one", place=PLACE.replace("return y", "return z")) == "    z = y * 2"
    assert engine.branched == ["one", "one    z ="]


async def test_a_proposal_is_a_line_long_and_no_longer_than_allowed():
    engine = RecordedEngine(Script(("    y", " = 1", " + 2")))
    assert await chosen(engine, "one", tokens=2) == "    y = 1"


def test_evidence_is_a_few_lines_after_the_gap():
    lines = [f"    line{number}" for number in range(EVIDENCE_LINES + 2)]
    assert evidence_in("\n" + "\n".join(lines)) == "\n".join(lines[:EVIDENCE_LINES])
    assert evidence_in("\n    a\n") == "    a\n"


@pytest.mark.parametrize("after", ["", "\n", "\n\n   \n"])
def test_blank_lines_are_no_evidence(after: str):
    assert evidence_in(after) == ""


def test_evidence_is_short_however_long_the_lines_are():
    assert len(evidence_in("\n" + "x" * 100_000)) <= 400


BLOCK = "def total(xs):\n    t = 0\n    |\n        t += 1\n    return t\n"


async def test_a_line_that_parses_is_better_than_a_likelier_one_that_does_not():
    scripts = proposing(one="    t = 1", two="    if xs:")
    assert await chosen(RecordedEngine(*scripts, likelihoods={"    t = 1": 0.0}), "one", "two", place=BLOCK) == (
        "    if xs:"
    )


async def test_where_no_proposal_parses_the_first_prompt_is_led_to_a_header():
    engine = RecordedEngine(Script((" xs:",), when="    if"), Script(("    t = 1",)))
    assert await chosen(engine, "one", "two", place=BLOCK) == "    if xs:"
    assert engine.branched[:2] == ["one", "two"]
    assert all(prompt.startswith("one    ") for prompt in engine.branched[2:])


async def test_an_engine_that_cannot_rank_is_not_asked_to_and_the_first_line_is_taken():
    scripts = proposing(one="    y = 1", two="    y = 2")
    engine = RecordedEngine(*scripts, likelihoods={"    y = 2\n": -1.0}, ranks=False)
    assert await chosen(engine, "one", "two") == "    y = 1"
    assert engine.scored == []


@pytest.mark.parametrize(
    ("line", "hasty", "asked"),
    [("    y = 1", True, ["one"]), ("    y = 1", False, ["one", "two"]), ("    y = (", True, ["one", "two"])],
    ids=["sure", "no haste", "sure of what does not parse"],
)
async def test_who_is_in_haste_takes_the_line_that_the_first_prompt_is_sure_of(
    line: str, hasty: bool, asked: list[str]
):
    engine = RecordedEngine(
        *proposing(one=line, two="    y = 2"), likelihoods={f"{line}\n": -2.0, line: 0.0, "    y = 2\n": -1.0}
    )
    assert await chosen(engine, "one", "two", hasty=hasty) == (line if asked == ["one"] else "    y = 2")
    assert engine.branched == asked
