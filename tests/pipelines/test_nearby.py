"""Of a long file only what is near is read while somebody types, unless a whole function is to be written."""

from __future__ import annotations

from lsp_server.core.document import Document, Span
from lsp_server.core.gaps import Missing
from lsp_server.core.suggestion import Suggestion
from lsp_server.models import registry
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.request import Options, Outcome, Request
from tests.core.test_nearby import python_text
from tests.scripted import RecordedEngine, answer

ROW = registry.find()
TYPING = Options(patient=False)
WAITING = Options()


async def asked(text: str, offset: int, said: str, options: Options = TYPING) -> Outcome:
    document = Document("file:///long.py", "python", text)
    return await complete(Request(document, offset, ROW, options), RecordedEngine(answer(said)))


async def test_a_line_is_suggested_as_in_the_whole_file() -> None:
    text = python_text(300).replace("total140 = left + right", "total140 = ")
    offset = text.index("total140 = ") + len("total140 = ")
    found, whole = [await asked(text, offset, "left + right\n", options) for options in (TYPING, WAITING)]
    here = Span(offset, offset)
    assert [(one.span, one.text) for one in found.suggestions] == [(here, "left + right")]
    assert [(one.span, one.text) for one in whole.suggestions] == [(here, "left + right")]
    assert found.trace.context is not None
    assert len(found.trace.context.document.text) < len(text) / 2


async def test_names_that_are_defined_far_away_are_known() -> None:
    line = "            return first140(value, 140)\n"
    text = python_text(300).replace(line, "            \n            value = first2(value, 3)\n" + line)
    offset = text.index("\n            value = first2(")
    found = await asked(text, offset, "            value += 1\n")
    missing = found.trace.context and found.trace.target and Missing(found.trace.context, found.trace.target)
    assert missing
    assert missing.unbound() == ()


async def test_a_function_is_written_with_the_whole_file_in_mind() -> None:
    text = python_text(300) + "def last(thing: Thing3) -> int:\n    "
    found = await asked(text, len(text), "    return 1\n")
    assert found.trace.prompt is not None
    assert "class Thing3:" in found.trace.prompt.text
    assert found.suggestions[0].span == Span(len(text), len(text))


async def test_lines_so_far_are_told_for_the_place_in_the_whole_file() -> None:
    told: list[Suggestion] = []
    line = "    return total140\n"
    text = python_text(300).replace(line, "    \n")
    offset = python_text(300).index(line) + len("    ")
    request = Request(Document("file:///long.py", "python", text), offset, ROW, TYPING, told.append)
    await complete(request, RecordedEngine(answer("total140 += 1\n    total140 *= 2\n    return total140\n")))
    assert told
    assert all(one.span == Span(offset, offset) for one in told)
