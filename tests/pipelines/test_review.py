"""The review of a function: what refutes it, what would mend it, and what a model would rather have."""

from __future__ import annotations

import shutil
from contextlib import aclosing
from functools import partial
from typing import Any

import pytest

from lsp_server.core.document import Document
from lsp_server.core.documented import documented_examples
from lsp_server.core.finding import Finding
from lsp_server.core.functions import functions_in
from lsp_server.engines.base import EngineError
from lsp_server.models import registry
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.review import ReviewOptions, ReviewRequest, review
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each
from lsp_server.trial.process import same_outcomes
from tests.scripted import RecordedEngine, answer

ROW = registry.find("default")
TRIED = Checks(
    partial(tried, seconds=20), refused_lines, partial(tried_each, seconds=60), partial(same_outcomes, seconds=20)
)
"""With more time than users wait, for machines that are busy."""
UNCHECKED = Checks()

LARGEST = '''\
def largest(items):
    """The largest of the items."""
    best = items[0]
    for item in items:
        if item < best:
            best = item
    return best
'''
PROMISED = LARGEST.replace('items."', 'items.\n\n    >>> largest([3, 1, 2])\n    3\n    "')


async def reviewed(
    text: str, engine: RecordedEngine, checks: Checks = UNCHECKED, language: str = "python", **options: Any
) -> tuple[Document, list[Finding]]:
    document = Document("file:///a", language, text)
    request = ReviewRequest(document, functions_in(document)[-1], ROW, ReviewOptions(**options))
    return document, [finding async for finding in review(request, engine, checks)]


def likelier(right: str, wrong: str, *, by: float = 30.0) -> RecordedEngine:
    """A model that is surprised by ``wrong``, would go on with ``right`` and finds all that begins with it likelier."""
    return RecordedEngine(answer(right), surprises={wrong: right}, likelihoods={f"        if item {right}": -60.0 + by})


async def test_what_a_model_finds_much_likelier_is_a_finding_with_its_fix():
    engine = RecordedEngine(
        answer(" best:\n            best"), surprises={"<": ">"}, likelihoods={"        if item > best": -1.0}
    )
    document, (finding,) = await reviewed(LARGEST, engine)
    assert finding.span.of(document.text) == "<"
    assert (finding.category, finding.message) == ("wrong-condition", "`<` should be `>`.")
    assert finding.fix.applied(document.text) == LARGEST.replace("<", ">")
    assert 0.5 < finding.confidence <= 1
    assert finding.function.of(document.text) == LARGEST.rstrip()


MUTABLE = "def add(item, items=[]):\n    items.append(item)\n    return items\n"


@pytest.mark.parametrize(("lines", "count"), [({0}, 0), ({1, 2}, 1), (set(), 1)])
async def test_what_a_linter_of_the_project_says_of_the_same_line_is_not_repeated(lines: set[int], count: int):
    async def told(_: Document) -> frozenset[int]:
        return frozenset(lines)

    engine = RecordedEngine(answer(""), ranks=False)
    assert len((await reviewed(MUTABLE, engine, Checks(lint=told)))[1]) == count


async def test_a_function_that_is_too_long_to_be_seen_at_once_is_looked_at_in_parts():
    filler = "".join(f"    print({at}, items[0])\n" for at in range(150))
    text = LARGEST.replace("    best = items[0]\n", filler + "    best = items[0]\n")
    engine = RecordedEngine(
        answer(" best:\n            best"), surprises={"<": ">"}, likelihoods={"        if item > best": -1.0}
    )
    document, (finding,) = await reviewed(text, engine, tokens=1000)
    assert finding.fix.applied(document.text) == text.replace("<", ">")
    assert len(engine.read_texts) > 4
    assert max(map(len, engine.read_texts)) < 1500


async def test_what_is_no_likelier_than_what_stands_there_is_none():
    engine = RecordedEngine(
        answer(" best:\n            best"), surprises={"<": ">"}, likelihoods={"        if item > best": -500.0}
    )
    assert (await reviewed(LARGEST, engine))[1] == []
    assert engine.scored


async def test_who_asks_for_all_gets_what_is_hardly_likely():
    engine = RecordedEngine(
        answer(" best:\n            best"), surprises={"<": ">"}, likelihoods={"        if item > best": -120.0}
    )
    _, (finding,) = await reviewed(LARGEST, engine, least_confidence=0.0)
    assert finding.confidence < 0.5


@pytest.mark.parametrize(
    "written",
    [
        " best",  # does not parse
        " beest:\n            best",  # names what nothing defines
        " best:  # the best\n            best",  # says the same
    ],
)
async def test_what_cannot_be_right_is_not_even_weighed(written):
    surprises = {"<": "<"} if "#" in written else {"<": ">"}
    engine = RecordedEngine(answer(written), surprises=surprises, likelihoods={"        if": -1.0})
    assert (await reviewed(LARGEST, engine, least_confidence=0.0))[1] == []
    assert engine.scored == []


async def test_a_model_that_is_not_good_for_reviews_is_not_asked():
    engine = RecordedEngine(answer(" best:\n"), surprises={"<": ">"})
    document = Document("file:///a", "python", PROMISED)
    request = ReviewRequest(document, functions_in(document)[-1], registry.find("smollm2-135m"))
    assert [finding.category async for finding in review(request, engine, TRIED)] == ["failing-example"]
    assert engine.read_texts == []


async def test_without_likelihoods_a_model_is_not_asked():
    engine = RecordedEngine(answer(" best:\n"), surprises={"<": ">"}, ranks=False)
    assert (await reviewed(LARGEST, engine))[1] == []
    assert (engine.read_texts, engine.streamed) == ([], [])


async def test_an_example_that_fails_is_a_finding_where_a_small_change_makes_it_hold():
    document, (finding,) = await reviewed(PROMISED, RecordedEngine(ranks=False), TRIED)
    assert document.line_text(document.line_at(finding.span.start)).strip() == "if item < best:"
    assert finding.category == "failing-example"
    assert finding.message.startswith("`largest([3, 1, 2])` gives 1, the documentation says 3: `")
    (related,) = finding.related
    assert related.span.of(document.text) == ">>> largest([3, 1, 2])"
    mended = finding.fix.applied(document.text)
    assert await _held(mended) == 1
    assert finding.confidence == 1


async def _held(text: str, language: str = "python") -> int:
    document = Document("file:///a", language, text)
    return (await tried(document, documented_examples(document, functions_in(document)[-1]))).held


async def test_of_changes_that_all_help_the_model_takes_the_likeliest():
    likelihoods = {"        if item >= best": -1.0, "        if item > best": -2.0, "    return best": -500.0}
    engine = RecordedEngine(answer(" best:\n"), likelihoods=likelihoods, surprises={"<": ">="})
    document, (finding,) = await reviewed(PROMISED, engine, TRIED)
    assert finding.fix.applied(document.text) == PROMISED.replace("<", ">=")


async def test_an_example_that_nothing_mends_is_told_where_the_model_is_surprised_most():
    text = 'def f(a):\n    """\n    >>> f(1)\n    \'one\'\n    """\n    b = a\n    c = b\n    return c\n'
    document, (finding,) = await reviewed(text, RecordedEngine(surprises={" b": " x"}), TRIED)
    assert document.line_text(document.line_at(finding.span.start)) == "    c = b"
    assert finding.fix is None
    assert finding.message == "`f(1)` gives 1, the documentation says 'one'."


async def test_where_examples_hold_a_change_must_keep_them():
    right = PROMISED.replace("<", ">")
    spoils = RecordedEngine(answer(" best:\n"), surprises={">": "<"}, likelihoods={"        if item < best": -1.0})
    assert (await reviewed(right, spoils, TRIED))[1] == []
    keeps = RecordedEngine(answer(" best:\n"), surprises={">": ">="}, likelihoods={"        if item >= best": -1.0})
    document, (finding,) = await reviewed(right, keeps, TRIED)
    assert finding.span.of(document.text) == ">"


COUNTS = '''\
def f(n):
    """
    >>> f(3)
    3
    """
    count = 0
    while n:
        n -= 0
        count += 1
    return count
'''


TOTAL = "def total(n: int):\n    return sum(range(n + 1))\n"


async def test_a_change_that_makes_no_difference_must_be_far_likelier():
    likelihoods = {"    return sum(range(1": -70.0, "    return sum(range(2": -70.0}
    confidences = []
    for instead in ("(1, ", "(2, "):
        engine = RecordedEngine(answer("n + 1))\n"), surprises={"(": instead}, likelihoods=likelihoods)
        findings = (await reviewed(TOTAL, engine, TRIED, least_confidence=0.0))[1]
        confidences.append(max(finding.confidence for finding in findings))
    same, other = confidences
    assert same < other


async def test_a_change_with_which_an_example_ends_that_did_not_need_not_be_so_likely():
    confidences = []
    for checks in (TRIED, UNCHECKED):
        engine = RecordedEngine(answer("\n"), surprises={" 0": " 1"}, likelihoods={"        n -= 1": -55.0})
        document, findings = await reviewed(COUNTS, engine, checks, least_confidence=0.0)
        mended = [one for one in findings if one.fix.applied(document.text) == COUNTS.replace("-= 0", "-= 1")]
        confidences.append(mended[0].confidence)
    assert confidences[0] > confidences[1]


async def test_a_note_below_a_function_documents_it():
    text = PROMISED.replace("    >>> largest([3, 1, 2])\n    3\n", "") + '\n\n"""\n>>> largest([3, 1, 2])\n3\n"""\n'
    _, (finding,) = await reviewed(text, RecordedEngine(ranks=False), TRIED)
    assert finding.message.startswith("`largest([3, 1, 2])` gives 1")


async def test_line_ends_stay_those_of_the_document():
    text = PROMISED.replace("\n", "\r\n")
    document, (finding,) = await reviewed(text, RecordedEngine(ranks=False), TRIED)
    assert finding.related[0].span.of(document.text) == ">>> largest([3, 1, 2])"
    mended = finding.fix.applied(text)
    assert mended.replace("\r\n", "").count("\n") == 0
    assert await _held(mended.replace("\r\n", "\n")) == 1


async def test_certain_findings_come_before_the_model_is_asked():
    text = "def f(a):\n    return a\n    print(a)\n"
    engine = RecordedEngine(ranks=True)
    document = Document("file:///a", "python", text)
    request = ReviewRequest(document, functions_in(document)[-1], ROW)
    async with aclosing(review(request, engine, UNCHECKED)) as findings:
        first = await anext(findings)
        assert first.category == "unreachable-code"
        assert engine.read_texts == []


async def test_no_more_than_most():
    assert (await reviewed(PROMISED, RecordedEngine(ranks=False), TRIED, most=0))[1] == []


async def test_when_the_time_is_up_no_more_is_asked():
    engine = RecordedEngine(answer(" best:\n"), surprises={"<": ">"}, likelihoods={"        if item > best": -1.0})
    assert (await reviewed(LARGEST, engine, seconds=0.0))[1] == []
    assert engine.read_texts == []


class Gone(RecordedEngine):
    """An engine that was lost."""

    async def read(self, *_: Any) -> Any:
        raise EngineError("gone")


async def test_that_a_model_cannot_be_asked_is_said_after_what_is_certain():
    with pytest.raises(EngineError):
        await reviewed(LARGEST, Gone())
    document = Document("file:///a", "python", PROMISED)
    findings = review(ReviewRequest(document, functions_in(document)[-1], ROW), Gone(), TRIED)
    assert (await anext(findings)).category == "failing-example"
    with pytest.raises(EngineError):
        await anext(findings)


async def test_when_the_time_is_up_in_the_middle_nothing_more_is_begun(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("lsp_server.pipelines.review.time.perf_counter", lambda: now[0])

    class Slow(RecordedEngine):
        async def read(self, *arguments: Any) -> Any:
            now[0] += 60.0
            return await super().read(*arguments)

    engine = Slow(answer(" best:\n"), surprises={"<": ">"}, likelihoods={"        if item > best": -1.0})
    assert (await reviewed(LARGEST, engine, seconds=90.0))[1] == []
    assert engine.read_texts
    assert engine.scored == []
    now[0] = 0.0
    _, (finding,) = await reviewed(PROMISED, Slow(), TRIED, seconds=90.0)
    assert finding.fix is not None


CPP = """\
int largest(const int* items, int count) {
    int best = items[0];
    for (int i = 1; i < count; ++i) {
        if (items[i] < best) {
            best = items[i];
        }
    }
    return best;
}
"""


async def test_cpp_is_reviewed_too_and_what_the_compiler_refuses_is_none():
    likelihoods = {"        if (items[i] > best": -1.0, "        if (items[i] = best": -1.0}
    right = RecordedEngine(answer(" best) {\n"), surprises={"<": ">"}, likelihoods=likelihoods)
    document, findings = await reviewed(CPP, right, Checks(compile=refused_lines), "cpp")
    assert [one.fix.applied(document.text) for one in findings] == [CPP.replace("[i] <", "[i] >")]


LARGEST_CPP = """\
#include <vector>

/// The largest of the items.
/// largest({3, 1, 2}) == 3
int largest(std::vector<int> items) {
    int best = items[0];
    for (int item : items) {
        if (item < best) {
            best = item;
        }
    }
    return best;
}
"""
needs_gcc = pytest.mark.skipif(shutil.which("g++") is None, reason="install GCC 12 or later (g++)")


@needs_gcc
async def test_an_example_of_cpp_that_fails_is_a_finding_with_the_change_that_makes_it_hold():
    document, (finding,) = await reviewed(LARGEST_CPP, RecordedEngine(ranks=False), TRIED, "cpp")
    assert document.line_text(document.line_at(finding.span.start)).strip() == "if (item < best) {"
    assert finding.category == "failing-example"
    assert finding.message.startswith("`largest({3, 1, 2})` gives 1, the documentation says 3: `")
    (related,) = finding.related
    assert related.span.of(document.text) == "/// largest({3, 1, 2}) == 3"
    assert await _held(finding.fix.applied(document.text), "cpp") == 1
    assert finding.confidence == 1


@needs_gcc
async def test_where_no_change_helps_it_is_on_the_line_that_does_what_no_program_may():
    text = "// f(3) == 100\nint f(int x) {\n    int low = 1;\n    int other = x / (low - 1);\n    return other;\n}\n"
    document, (finding,) = await reviewed(text, RecordedEngine(ranks=False), TRIED, "cpp")
    assert finding.span.of(document.text) == "int other = x / (low - 1);"
    assert finding.message == "`f(3)` divides by zero, the documentation says 100."


@needs_gcc
async def test_right_cpp_and_cpp_that_cannot_be_evaluated_have_no_finding():
    right = LARGEST_CPP.replace("item <", "item >")
    for text in (right, "#include <iostream>\n" + LARGEST_CPP.replace("return", "std::cout << best;\n    return")):
        assert (await reviewed(text, RecordedEngine(ranks=False), TRIED, "cpp"))[1] == []


async def test_the_last_line_may_be_missing():
    text = LARGEST.replace("    return best\n", "")
    engine = RecordedEngine(
        answer("    return best\n```"), surprises={"```": "\n"}, likelihoods={"    return best": -0.5}
    )
    document, findings = await reviewed(text, engine, least_confidence=0.0)
    assert [one.fix.applied(document.text + "\n") for one in findings]
