from __future__ import annotations

import asyncio

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.suggestion import Suggestion
from lsp_server.session.draft import Draft

URI = "file:///a.py"
BEFORE, AFTER = "def f(x):\n    ret", "\n\n# end\n"


def document(typed: str = "", before: str = BEFORE, after: str = AFTER, uri: str = URI) -> Document:
    return Document(uri, "python", before + typed + after)


def draft(text: str = "") -> Draft:
    made = Draft(document(), len(BEFORE))
    made.hear(text)
    return made


@pytest.mark.parametrize("text", ["", "u", "urn", "urn x"])
def test_it_leads_to_what_is_typed_of_it_and_to_what_is_not_written_yet(text: str) -> None:
    assert draft(text).leads_to(document("ur"), len(BEFORE) + 2)


@pytest.mark.parametrize(
    ("now", "cursor"),
    [
        (document("ui"), 2),
        (document("ur"), 1),
        (document("ur", after=""), 2),
        (document("ur", before="x" + BEFORE), 2),
        (document("ur", uri="file:///b.py"), 2),
    ],
    ids=["other text", "another place", "other text below", "other text above", "another file"],
)
def test_it_leads_to_nothing_else(now: Document, cursor: int) -> None:
    assert not draft("urn x").leads_to(now, len(BEFORE) + cursor)


@pytest.mark.parametrize("text", ["", "urn f(", "urn f(x)"])
def test_what_the_editor_has_closed_by_itself_contradicts_nothing(text: str) -> None:
    made, now = draft(text), document("urn f()")
    assert made.leads_to(now, len(BEFORE) + len("urn f("))
    made.follow(now)
    assert made.fits
    assert not draft("urn g(").leads_to(now, len(BEFORE) + len("urn f("))


def test_enter_contradicts_what_goes_on_in_the_line() -> None:
    made = draft("urn f(x)")
    made.follow(document("urn\n    "))
    assert not made.fits


def test_it_outlives_its_request_once_somebody_has_typed_of_it() -> None:
    made = draft("urn")
    assert not made.outlives()
    made.follow(document("u"))
    assert made.outlives()
    made.follow(document("ux"))
    assert not made.outlives()


def shown(text: str) -> Draft:
    """With lines that could be shown."""
    made = draft(text)
    made.show(Suggestion(Span(len(BEFORE), len(BEFORE)), text, "so far"))
    return made


@pytest.mark.parametrize(
    ("typed", "rest"),
    [("", "urn x\n    y"), ("urn x", "\n    y"), ("urn x\n    y", None), ("urn x\n   ", " y"), ("x", None)],
)
def test_of_what_could_be_shown_the_rest_is_known(typed: str, rest: str | None) -> None:
    found = shown("urn x\n    y").rest(document(typed), len(BEFORE) + len(typed))
    assert (found and found.text) == rest


async def test_more_is_there_once_something_could_be_shown_behind_what_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lsp_server.session.draft._GLANCE_SECONDS", 0.0)
    made = draft("urn x\n    y")
    waiting = asyncio.ensure_future(made.more(document("urn x"), len(BEFORE) + 5))
    for lines in ("urn x", "urn x\n    y"):
        await asyncio.sleep(0.01)
        assert not waiting.done()
        made.show(Suggestion(Span(len(BEFORE), len(BEFORE)), lines, "so far"))
    await waiting


def test_it_says_when_there_is_more_of_it() -> None:
    made, heard = draft(), []
    made.on_text = lambda: heard.append(made.leads_to(document("x"), len(BEFORE) + 1))
    made.hear("")
    made.hear("urn")
    assert heard == [True, False]
