"""What is shown of an answer before it is whole."""

from __future__ import annotations

import pytest

from lsp_server.core.suggestion import Suggestion
from lsp_server.core.syntax import context_at
from lsp_server.core.target import target_for
from lsp_server.engines.specs import Script
from lsp_server.models import registry
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.glimpse import Glimpses
from lsp_server.pipelines.request import Options, Request
from tests.scripted import RecordedEngine, marked

ROW = registry.find("default")
PLACE = "def f(x):\n    y = x\n    |\n\n\nprint(f(2))\n"


def glimpses(*pieces: str, place: str = PLACE) -> list[str]:
    """Every text that is told while the pieces are heard."""
    told: list[str] = []
    context = context_at(*marked(place))
    hearing = Glimpses(context, target_for(context), lambda lines: told.append(lines.text))
    for piece in pieces:
        hearing.hear(piece)
    return told


def test_each_line_that_is_complete_is_told_with_those_before() -> None:
    assert glimpses("y +", "= 1", "\n    z", " = y\n    return z") == ["y += 1", "y += 1\n    z = y"]


@pytest.mark.parametrize("text", ["y = (\n        1", "if y:\n        z", 's = """\n    a'])
def test_lines_that_are_no_whole_statements_are_not(text: str) -> None:
    assert glimpses(text) == []


def test_they_have_the_line_ends_of_the_document() -> None:
    place = PLACE.replace("\n", "\r\n")
    assert glimpses("y += 1\n    z = y\n    return z", place=place) == ["y += 1\r\n    z = y"]


def test_a_body_is_told_when_it_is_whole() -> None:
    assert glimpses("y += 1\n    return y\n", place="def f(y):\n    |\n") == []


WISH = "x = 1\n# print the sum of x and y\n|\n\nprint(x)\n"


@pytest.mark.parametrize("place", [PLACE, WISH])
async def test_what_is_told_is_the_beginning_of_what_is_suggested_there(place: str) -> None:
    heard: list[Suggestion] = []
    document, offset = marked(place)
    request = Request(document, offset, ROW, Options(patient=False, candidates=0), on_lines=heard.append)
    engine = RecordedEngine(Script(("    x += 1;\n", "    x += 2;\n", "    return x;\n", "}\n")))
    outcome = await complete(request, engine)
    assert heard
    assert all(outcome.suggestions[0].text.startswith(one.text) for one in heard)
    assert {one.span.start for one in heard} == {offset}
