"""Reviews with real models: functions of our own, with a bug and without."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Finding
from lsp_server.core.functions import functions_in
from lsp_server.core.syntax import adds_error
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models import registry
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.review import ReviewRequest, review
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each
from lsp_server.trial.process import same_outcomes

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]

CHECKS = Checks(tried, refused_lines, tried_each, same_outcomes)
LARGE = "qwen2.5-coder-1.5b"

PAIRS = {
    "shelf": (
        "python",
        '''\
def cheapest(offers: list[tuple[str, float]]) -> str:
    """The name of the offer with the lowest price; an empty string where there is none."""
    name, lowest = "", float("inf")
    for shop, price in offers:
        if price > lowest:
            name, lowest = shop, price
    return name
''',
        ("price > lowest", "price < lowest"),
    ),
    "invoices": (
        "python",
        '''\
def paid(invoices: list[dict]) -> float:
    """The sum of the amounts of all invoices that are paid."""
    total = 0.0
    for invoice in invoices:
        if invoice["paid"]:
            total -= invoice["amount"]
    return total
''',
        ("total -=", "total +="),
    ),
    "platform": (
        "cpp",
        """\
#include <string>
#include <vector>

// The number of words that are longer than limit characters.
int long_words(const std::vector<std::string>& words, std::size_t limit) {
    int count = 0;
    for (const auto& word : words) {
        if (word.size() < limit) {
            count++;
        }
    }
    return count;
}
""",
        ("word.size() <", "word.size() >"),
    ),
    "rain": (
        "cpp",
        """\
#include <vector>

// The mean of the values; 0 where there are none.
double mean(const std::vector<double>& values) {
    if (values.empty()) {
        return 0;
    }
    double sum = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
        sum += values[i];
    }
    return sum / values.size();
}
""",
        ("i = 1", "i = 0"),
    ),
}


@dataclass(frozen=True)
class Reviewer:
    """A model, and what it found so far: a review takes long, and more than one test looks at it."""

    name: str
    engine: EngineProcess
    known: dict[str, list[Finding]] = field(default_factory=dict)

    async def __call__(self, language: str, text: str) -> list[Finding]:
        """The findings of the text's function."""
        if text not in self.known:
            document = Document("file:///a", language, text)
            request = ReviewRequest(document, functions_in(document)[-1], registry.find(self.name))
            self.known[text] = [finding async for finding in review(request, self.engine, CHECKS)]
        return self.known[text]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[LARGE, "default"])
async def reviewer(request) -> AsyncIterator[Reviewer]:
    engine = EngineProcess(LlamaSpec(str(request.getfixturevalue("installed")(request.param)), 4096, threads=1))
    yield Reviewer(request.param, engine)
    await engine.close()


@pytest.mark.parametrize("pair", PAIRS)
async def test_the_bug_is_found_and_mended_and_without_it_nothing_is_found(reviewer: Reviewer, pair: str):
    language, buggy, (wrong, right) = PAIRS[pair]
    clean = buggy.replace(wrong, right, 1)
    assert await reviewer(language, clean) == []
    found = await reviewer(language, buggy)
    if reviewer.name == LARGE:
        assert clean in [finding.fix.applied(buggy) for finding in found if finding.fix]


@pytest.mark.parametrize("pair", PAIRS)
async def test_every_finding_lies_in_its_function_and_has_a_fix_that_parses(reviewer: Reviewer, pair: str):
    language, text, _ = PAIRS[pair]
    document = Document("file:///a", language, text)
    (function,) = functions_in(document)
    for finding in await reviewer(language, text):
        assert function.span.start <= finding.span.start <= finding.span.end <= function.span.end
        assert finding.message.endswith(".")
        assert finding.fix is not None
        assert not adds_error(document, Span(0, len(text)), finding.fix.applied(text))
