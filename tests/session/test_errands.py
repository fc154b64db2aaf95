"""What commands ask of their pipelines."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Document
from lsp_server.core.functions import function_at
from lsp_server.models import registry
from lsp_server.parts import Errand
from lsp_server.session import errands
from lsp_server.session.errands import WRITINGS
from lsp_server.settings import Settings
from tests.scripted import RecordedEngine, answer

TEXT = "x = 1\n\n\ndef f(a):\n    return a * 2\n"


def errand(offset: int, instruction: str = "") -> Errand:
    document = Document("file:///a.py", "python", TEXT)
    return Errand(document, offset, registry.find(), function_at(document, offset), instruction)


@pytest.mark.parametrize("name", ["rewrite", "docstring"])
async def test_where_no_function_is_the_reason_says_so(name):
    change = await WRITINGS[name](errand(2), Settings(), RecordedEngine())
    assert "no function" in change.reason


async def test_a_function_is_rewritten_as_the_instruction_says():
    engine = RecordedEngine(answer("    return a + a\n```"))
    change = await WRITINGS["rewrite"](errand(TEXT.index("return"), "use a sum"), Settings(), engine)
    assert change.fix is not None
    assert change.fix.applied(TEXT) == TEXT.replace("a * 2", "a + a")
    assert "Use a sum." in engine.streamed[0]


async def test_a_function_is_documented():
    engine = RecordedEngine(answer('Double it.\n"""'))
    change = await WRITINGS["docstring"](errand(TEXT.index("return")), Settings(), engine)
    assert change.fix is not None
    assert change.fix.applied(TEXT) == TEXT.replace("    return", '    """Double it."""\n    return')


@pytest.mark.parametrize("automatic", [True, False])
async def test_whoever_types_does_not_wait_as_long_for_a_compiler(monkeypatch, automatic):
    asked = []

    async def refused(_: Document, seconds: float = 5.0) -> tuple[int, ...]:
        asked.append(seconds)
        return ()

    monkeypatch.setattr(errands, "refused_lines", refused)
    compiles = errands.checks_of(Settings(), automatic=automatic).compile
    assert compiles is not None
    await compiles(Document("file:///a.cpp", "cpp", ""))
    assert (asked[0] < 5.0) is automatic
