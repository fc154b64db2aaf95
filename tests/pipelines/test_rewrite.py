"""The pipeline of rewriting, with a scripted model and real checks."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace

import pytest

from lsp_server.core.change import Change
from lsp_server.core.document import Document
from lsp_server.core.functions import functions_in
from lsp_server.core.instruction import COMMENT, IMPROVE, RENAME, REPAIR, RESHAPE, REWRITE, manner_of
from lsp_server.models import registry
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options
from lsp_server.pipelines.rewrite import RewriteRequest, rewrite
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each
from tests.scripted import RecordedEngine, answer

ROW = registry.find()
FACTORIAL = '''\
import os


def factorial(n):
    """The product of all numbers up to n: factorial(4) == 24."""
    # nothing to multiply
    if n == 0:
        return 1
    return n * factorial(n - 1)  # the rest
'''
WRONG = FACTORIAL.replace("return 1", "return 0")
LOOP = "    result = 1\n    for i in range(1, n + 1):\n        result *= i\n    return result\n```\nDone."
COMPAR = """\
int compar(struct student a, struct student b)
{
    if (a.score > b.score) return 1;
    if (a.score < b.score) return 0;
    return -1;
}
"""


async def changed(
    engine: RecordedEngine, text: str, instruction: str = "", language: str = "python", options: Options | None = None
) -> tuple[Change, str]:
    document = Document("file:///a", language, text)
    function = functions_in(document)[-1]
    request = RewriteRequest(document, function, ROW, instruction, options or Options(max_tokens=512))
    change = await rewrite(request, engine, Checks(tried, refused_lines, tried_each))
    assert bool(change.fix) == bool(change.summary) != bool(change.reason)
    assert "\n" not in change.summary
    return change, change.fix.applied(text) if change.fix else text


async def test_an_instruction_is_followed_with_the_signature_the_docstring_and_the_comments_that_hold():
    change, text = await changed(RecordedEngine(answer(LOOP)), FACTORIAL, "make it iterative")
    head = FACTORIAL[: FACTORIAL.index("    # nothing")]
    assert text == head + LOOP[: LOOP.index("\n```")] + "\n"
    assert change.summary


async def test_the_model_is_told_the_instruction_the_language_and_the_function_and_begins_with_its_head():
    engine = RecordedEngine(answer(LOOP))
    await changed(engine, FACTORIAL, "make it iterative")
    (prompt,) = engine.streamed
    assert "Make it iterative." in prompt
    assert prompt.count("```python\n") == 2
    assert prompt.count("return n * factorial(n - 1)") == 1
    assert prompt.endswith(FACTORIAL[FACTORIAL.index("def") : FACTORIAL.index("    # nothing")])


async def test_what_contradicts_the_examples_is_not_taken_and_asked_for_in_other_words():
    wrong = LOOP.replace("result = 1", "result = 2")
    engine = RecordedEngine(answer(wrong, REWRITE.requests[0][:20]), answer(LOOP, "Do so in this python function"))
    _, text = await changed(engine, FACTORIAL, "make it iterative")
    assert len(engine.streamed) == 2
    assert "result = 1" in text


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("    return n * factorail(n - 1)\n```", "uses names that nothing defines"),
        ("    return n\n```", "contradicts the examples in the documentation"),
        ("    if n == 0:\n        return 1\n    return n * factorial(n - 1)\n```", "would change nothing"),
    ],
)
async def test_where_nothing_sound_comes_the_reason_says_why(said, reason):
    change, text = await changed(RecordedEngine(answer(said)), FACTORIAL, "make it shorter")
    assert text == FACTORIAL
    assert reason in change.reason


async def test_a_docstring_that_nobody_asked_for_is_left_out():
    said = answer('    """Twice.\n\n    Or so."""\n    return a + a\n```')
    text = "def twice(a):\n    return a * 2\n"
    assert (await changed(RecordedEngine(said), text, "use a sum"))[1] == text.replace("a * 2", "a + a")
    assert '"""Twice.' in (await changed(RecordedEngine(said), text, "use a sum and document that"))[1]


async def test_what_is_cut_off_is_no_rewriting():
    options = Options(max_tokens=12)
    change, _ = await changed(RecordedEngine(answer(LOOP)), FACTORIAL, "make it iterative", options=options)
    assert change.reason


RIGHT = "    if n == 0:\n        return 1\n    return n * factorial(n - 1)\n```"


async def test_a_bug_that_an_example_shows_is_mended_and_nothing_else_is_touched():
    engine = RecordedEngine(answer(RIGHT), ranks=False)
    change, text = await changed(engine, WRONG, "fix the bug")
    assert text == FACTORIAL
    assert change.fix is not None
    (edit,) = change.fix.edits
    assert (edit.span.of(WRONG), edit.text) == ("0", "1")
    assert change.summary == "line 8: `0` becomes `1`"


async def test_the_model_is_told_what_goes_wrong():
    engine = RecordedEngine(answer(RIGHT))
    await changed(engine, WRONG.replace("return 0", "return 5 - 5"), "fix the bug")
    assert any("`factorial(4)` gives 0, the documentation says 24." in prompt for prompt in engine.streamed)


LIKELY = "    # nothing to multiply\n    if n == 0:\n        return "


async def test_a_small_change_with_which_the_examples_hold_is_made_where_the_model_finds_it_likelier():
    engine = RecordedEngine(likelihoods={f"{LIKELY}1": -5.0, LIKELY: -20.0})
    assert (await changed(engine, WRONG, "fix the bug"))[1] == FACTORIAL
    assert not engine.streamed


@pytest.mark.skipif(shutil.which("g++") is None, reason="install GCC 12 or later (g++)")
async def test_cpp_is_mended_until_its_examples_hold_and_left_alone_where_they_do():
    right = "// factorial(4) == 24\nint factorial(int n) {\n    return n < 2 ? 1 : n * factorial(n - 1);\n}\n"
    wrong = right.replace("? 1", "? 0")
    said = (
        answer("    return n < 2 ? 2 : n * factorial(n - 1);\n}\n```"),
        answer(right[right.index("    return") :] + "```"),
    )
    assert (await changed(RecordedEngine(*said), wrong, "fix the bug", "cpp"))[1] == right
    engine = RecordedEngine(*said)
    change, text = await changed(engine, right, "fix the bug", "cpp")
    assert (text, engine.streamed) == (right, [])
    assert "hold" in change.reason


async def test_otherwise_what_the_model_writes_comes_first_and_small_changes_last():
    said = answer("    return 1 if n < 2 else n * factorial(n - 1)\n```")
    unlikely = {f"{LIKELY}1": -50.0, f"{LIKELY}0 + 1": -60.0, LIKELY: -20.0}
    _, text = await changed(RecordedEngine(said, likelihoods=unlikely), WRONG, "fix the bug")
    assert "n < 2" in text
    useless = answer("    return 2\n```")
    _, text = await changed(RecordedEngine(useless, likelihoods=unlikely), WRONG, "fix the bug")
    assert text == FACTORIAL


async def test_a_function_whose_examples_hold_is_left_alone_without_asking_the_model():
    engine = RecordedEngine(answer(LOOP))
    change, text = await changed(engine, FACTORIAL, "Fix the bug!")
    assert text == FACTORIAL
    assert "hold" in change.reason
    assert not engine.streamed + engine.branched


async def test_without_an_instruction_what_is_wrong_is_mended_and_what_is_right_may_stay():
    _, text = await changed(RecordedEngine(answer(RIGHT), ranks=False), WRONG)
    assert text == FACTORIAL


UNKNOWN = "def middle(values):\n    values = sorted(values)\n    return values[len(values) // 3]\n"
BETTER = "    return values[len(values) // 2]"


@pytest.mark.parametrize(("likelihood", "taken"), [(-1.0, True), (-90.0, False)])
async def test_without_examples_that_is_mended_which_a_review_would_mend(likelihood, taken):
    engine = RecordedEngine(answer("]\n"), likelihoods={BETTER: likelihood}, surprises={" 3": " 2"})
    change, text = await changed(engine, UNKNOWN, "fix the bug")
    assert text == (UNKNOWN.replace("// 3", "// 2") if taken else UNKNOWN)
    assert bool(change.reason) is not taken


async def test_a_signature_may_change_where_that_is_asked_for():
    body = "    return n * factorial(n - 1) if n else 1\n```"
    said = f"from typing import Optional\n\ndef factorial(n: Optional[int]) -> int:\n{body}"
    _, text = await changed(RecordedEngine(answer(said)), FACTORIAL, "add type hints")
    assert text.startswith("import os\nfrom typing import Optional\n")
    assert 'def factorial(n: Optional[int]) -> int:\n    """The product' in text
    ast.parse(text)


async def test_a_new_name_is_taken_where_no_other_place_has_the_old_one():
    said = "def product(n):\n    return n * product(n - 1) if n else 1\n```"
    _, text = await changed(
        RecordedEngine(answer(said)), FACTORIAL.replace(": factorial(4) == 24", ""), "rename it to product"
    )
    assert "factorial" not in text
    assert 'def product(n):\n    """The product of all' in text
    engine = RecordedEngine(answer(said))
    change, _ = await changed(engine, "print(factorial)\n\n\n" + FACTORIAL, "rename it to product")
    assert "elsewhere" in change.reason
    assert not engine.streamed


async def test_what_the_compiler_took_before_it_must_take_again():
    if not shutil.which("cc"):
        pytest.skip("install a C compiler")
    text = "struct student { int score; };\n" + COMPAR
    for wrong in ("    return a->score - b->score;\n}\n", "    return a.marks - b.marks;\n}\n"):
        change, _ = await changed(RecordedEngine(answer(wrong)), text, "make it shorter", "c")
        assert "does not compile" in change.reason
    _, new = await changed(RecordedEngine(answer("    return a.score - b.score;\n}\n")), text, "make it shorter", "c")
    assert new == text[: text.index("    if")] + "    return a.score - b.score;\n}\n"


async def test_line_ends_are_kept():
    _, text = await changed(RecordedEngine(answer(LOOP)), FACTORIAL.replace("\n", "\r\n"), "make it iterative")
    assert text.count("\r\n") == text.count("\n") > 8


async def test_a_model_that_cannot_be_asked_says_so():
    document = Document("file:///a", "python", FACTORIAL)
    row = replace(ROW, serves=replace(ROW.serves, ask=""), tasks=("complete",))
    change = await rewrite(RewriteRequest(document, functions_in(document)[0], row), RecordedEngine())
    assert "another model" in change.reason


@pytest.mark.parametrize(
    ("instruction", "manner"),
    [
        ("", IMPROVE),
        ("fix the bug", REPAIR),
        ("Please fix it.", REPAIR),
        ("find and correct the error", REPAIR),
        ("fix all bugs in this function", REPAIR),
        ("fix the bug: empty lists give 0", REWRITE),
        ("handle errors of the network", REWRITE),
        ("make it iterative", REWRITE),
        ("add type hints", RESHAPE),
        ("take a const pointer", RESHAPE),
        ("rename the function to total", RENAME),
        ("rename the variable x", REWRITE),
        ("comment every step", COMMENT),
    ],
)
def test_the_words_of_an_instruction_say_what_may_change(instruction, manner):
    assert manner_of(instruction) is manner


async def test_where_the_time_is_over_the_reason_says_so():
    options = Options(max_tokens=512, seconds=0.0)
    change, _ = await changed(RecordedEngine(answer(LOOP)), FACTORIAL, "make it iterative", options=options)
    assert "no time" in change.reason
