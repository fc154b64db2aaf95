"""A finding in a few more words."""

from __future__ import annotations

from dataclasses import replace

from lsp_server.core.document import Document
from lsp_server.core.finding import Finding, Severity, category
from lsp_server.core.functions import functions_in
from lsp_server.models import registry
from lsp_server.pipelines.explain import ExplainRequest, explain
from tests.scripted import RecordedEngine, answer

TEXT = "def first(items):\n    return items[1]\n"


def request(*, asks: bool = True) -> ExplainRequest:
    document = Document("file:///a", "python", TEXT)
    (function,) = functions_in(document)
    assert function.body is not None
    row = registry.find("smollm2-135m")
    found = Finding(function.span, function.body, "off-by-one", Severity.WARNING, "The index is one too far.")
    silent = replace(row, dialogues={}, tasks=("complete",), serves=replace(row.serves, ask=""))
    return ExplainRequest(document, found, row if asks else silent)


async def test_the_model_is_shown_the_function_the_line_and_what_is_said_of_it():
    engine = RecordedEngine(answer("The first item has the index 0."))
    text = await explain(request(), engine)
    meaning = category("off-by-one").meaning
    assert text == f"The index is one too far. {meaning}\n\nThe first item has the index 0."
    (asked,) = engine.streamed
    assert TEXT.strip() in asked
    assert "of the line `return items[1]`: The index is one too far." in asked


async def test_a_model_that_cannot_be_asked_leaves_what_is_known():
    engine = RecordedEngine()
    assert await explain(request(asks=False), engine) == f"The index is one too far. {category('off-by-one').meaning}"
    assert engine.streamed == []
