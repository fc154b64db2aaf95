"""What is asked next where an answer cannot be right, with a scripted model and real trials of the examples."""

from __future__ import annotations

import shutil
from functools import partial

import pytest

from lsp_server.core.document import Document
from lsp_server.engines.specs import Script
from lsp_server.models import registry
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.opinions import Checks, Trial
from lsp_server.pipelines.request import Options, Outcome, Request
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried
from tests.scripted import RecordedEngine, answer, marked

ROW = registry.find()
CHAT, FIM = "<|im_start|>", "<|fim_prefix|>"
GAP = 'def area(a, b):\n    """area(2, 3) -> 6"""\n    c = a\n    |\n    return c\n'
"""A line is missing that changes ``c``, and an example tells right ones from wrong ones."""
WRONG, RIGHT = "    c += b", "    c *= b"


async def filled(
    engine: RecordedEngine,
    place: str = GAP,
    trial: Trial | None = tried,
    options: Options = Options(),  # noqa: B008
    language: str = "python",
) -> Outcome:
    document, offset = marked(place, language)
    return await complete(Request(document, offset, ROW, options), engine, checks=Checks(trial))


async def inserted(engine: RecordedEngine, place: str = GAP, **more: object) -> str:
    return next((one.text for one in (await filled(engine, place, **more)).suggestions), "")


def proposing(*lines: str, likelihoods: dict[str, float] | None = None) -> RecordedEngine:
    """Every prompt finds the first line likeliest, and departs from it to the others."""
    return RecordedEngine(*(Script((line, "\n")) for line in lines), likelihoods=likelihoods)


async def test_a_line_that_an_example_contradicts_is_replaced_by_another():
    assert await inserted(proposing(WRONG, RIGHT)) == RIGHT.strip()


async def test_the_line_that_suits_second_best_comes_before_lines_nobody_proposed():
    engine = RecordedEngine(Script((WRONG, "\n"), FIM), Script((RIGHT, "\n")), likelihoods={WRONG: 0.0})
    assert await inserted(engine) == RIGHT.strip()
    assert len(engine.branched) == len(ROW.serves.weighed)
    assert engine.streamed == []


async def test_of_lines_that_are_all_wrong_the_one_that_suits_best_is_shown():
    assert await inserted(proposing(WRONG, "    c -= b", "    c /= b")) == WRONG.strip()


async def test_a_line_that_fewer_examples_contradict_is_better():
    place = GAP.replace('-> 6"""', '-> 6, area(1, 5) -> 5, area(2, 2) -> 4"""')
    assert await inserted(proposing("    c = 0", WRONG), place) == WRONG.strip()


async def test_while_typing_the_likeliest_line_is_shown_whatever_is_known():
    engine = proposing(WRONG, RIGHT)
    assert await inserted(engine, options=Options(patient=False)) == WRONG.strip()
    assert await inserted(engine, options=Options(candidates=1)) == WRONG.strip()


async def test_without_trials_examples_are_not_looked_at():
    assert await inserted(proposing(WRONG, RIGHT), trial=None) == WRONG.strip()


async def test_a_gap_of_several_lines_ends_at_the_line_that_is_there():
    """One line leaves a name unbound that is used further down."""
    place = "def f(x):\n    |\n    return y, z\n"
    led = Script((" 1\n",), when="    y =")
    engine = RecordedEngine(led, answer("    y = x\n    z = 2\n    return y, z\n\nprint(f(1))\n"))
    assert await inserted(engine, place) == "y = x\n    z = 2"
    assert await inserted(RecordedEngine(led, answer("    y = x\n    y = 2\n")), place) in ("y = x", "y = 1")


async def test_the_rest_of_a_line_is_replaced_too():
    place = GAP.replace("|", "c = |")
    assert await inserted(RecordedEngine(answer("a + b\n"), answer("a * b\n")), place) == "a * b"
    assert await inserted(RecordedEngine(answer("a + d\n"), answer("a + b\n")), place) == "a + b"


async def test_a_function_that_is_not_finished_is_not_tried():
    place = 'def area(a, b):\n    """area(2, 3) -> 6"""\n    c = |\n\n\nprint(area(1, 2))\n'
    engine = RecordedEngine(answer("a + b\n"), answer("a * b\n"))
    assert await inserted(engine, place) == "a + b"
    assert engine.branched == []


async def test_a_comment_is_never_doubted():
    engine = RecordedEngine(answer(" text\n"), answer(" other\n"))
    assert await inserted(engine, GAP.replace("|", "# a|")) == " text"
    assert engine.branched == []


async def test_when_the_time_is_over_nothing_more_is_asked():
    engine = RecordedEngine(Script(("a + b\n",), prompt_delay=1.0), answer("a * b\n"))
    found = await filled(engine, GAP.replace("|", "c = |"), options=Options(seconds=0.02))
    assert found.suggestions == ()
    assert (len(engine.streamed), engine.branched) == (1, [])


async def test_the_cost_is_that_of_all_answers():
    once = (await filled(proposing(RIGHT))).trace.written.usage.generated_tokens
    assert (await filled(proposing(WRONG, RIGHT))).trace.written.usage.generated_tokens > 2 * once


MISSING, PRESENT = "    sort(xs.begin(), xs.end());\n    return xs[0];\n}\n", "    return xs.front();\n}\n"
SMALLEST = "#include <vector>\nint smallest(std::vector<int> xs) {\n    |"


async def smallest(engine: RecordedEngine, checks: Checks) -> str:
    document, offset = marked(SMALLEST, "cpp")
    found = await complete(Request(document, offset, ROW), engine, checks=checks)
    return found.suggestions[0].text


@pytest.mark.skipif(shutil.which("c++") is None, reason="install a C++ compiler (such as g++)")
async def test_a_body_that_does_not_compile_is_asked_for_again():
    scripts = answer(MISSING, CHAT), answer(PRESENT)
    assert await smallest(RecordedEngine(*scripts), Checks(compile=refused_lines)) == PRESENT.strip()
    assert await smallest(RecordedEngine(*scripts), Checks()) == MISSING.strip()


@pytest.mark.skipif(shutil.which("g++") is None, reason="install GCC 12 or later (g++)")
async def test_a_body_that_contradicts_the_examples_of_its_comment_is_asked_for_again():
    document, offset = marked("// twice(4) == 8\nint twice(int x) {\n    |", "cpp")
    engine = RecordedEngine(answer("    return x * x;\n}\n", CHAT), answer("    return x + x;\n}\n"))
    found = await complete(Request(document, offset, ROW), engine, checks=Checks(partial(tried, seconds=60)))
    assert found.suggestions[0].text == "return x + x;\n}"


async def test_lines_that_were_refused_before_are_no_reason_to_doubt():
    async def refuses_all_but_the_body(document: Document) -> list[int]:
        return [0, 1, 5, 6]

    engine = RecordedEngine(answer(PRESENT))
    await smallest(engine, Checks(compile=refuses_all_but_the_body))
    assert len(engine.streamed) == 1


async def test_the_body_with_the_fewest_refused_lines_is_shown():
    async def refuses(document: Document) -> list[int]:
        return [2, 3] if "sort" in document.text else [2]

    engine = RecordedEngine(answer(MISSING, CHAT), answer(PRESENT))
    assert await smallest(engine, Checks(compile=refuses)) == PRESENT.strip()


async def test_an_engine_that_cannot_rank_is_not_asked_for_lines_to_weigh():
    engine = RecordedEngine(Script((RIGHT, "\n")), ranks=False)
    assert await inserted(engine) == RIGHT.strip()
    assert (engine.branched, engine.scored) == ([], [])


# While somebody types

TYPING = Options(patient=False)


async def test_where_the_block_ends_no_line_is_weighed_against_others():
    place = "def f(x):\n    y = x\n    |\n\n\nprint(f(2))\n"
    typing, waiting = (RecordedEngine(Script(("    return y\n",))) for _ in range(2))
    assert await inserted(typing, place, options=TYPING) == "return y"
    assert typing.branched == []
    await inserted(waiting, place)
    assert waiting.branched


@pytest.mark.parametrize(("after", "weighed"), [("\n\nint g();\n", False), ("\n    return y;\n}\n", True)])
async def test_a_line_is_not_weighed_by_the_next_function(after: str, weighed: bool):
    place = f"int f(int x) {{\n    int y = x;\n    |{after}"
    typing, waiting = (RecordedEngine(Script(("    y += 1;\n",))) for _ in range(2))
    assert await inserted(typing, place, options=TYPING, language="cpp") == "y += 1;"
    assert bool(typing.branched) is weighed
    await inserted(waiting, place, language="cpp")
    assert waiting.branched


async def test_declarations_that_change_with_each_name_are_shown_only_to_who_asked_by_a_key():
    place = "class Far:\n    pass\n\n" + "x = 1\n" * 1000 + "def f():\n    y = 1\n    z = Far|\n"
    typing, waiting = (RecordedEngine(Script(("()\n",))) for _ in range(2))
    await inserted(typing, place, options=TYPING)
    await inserted(waiting, place)
    assert ["class Far" in engine.streamed[0] for engine in (typing, waiting)] == [False, True]
