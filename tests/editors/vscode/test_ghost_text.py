"""Ghost text while somebody types, with answers that are known beforehand."""

from __future__ import annotations

import pytest

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench

BODY = "total = 0\n    for item in items:\n        total += item\n    return total"
HEAD = 'def add(items):\n    """The sum."""\n    '
ALL = HEAD + BODY


@pytest.fixture(scope="module")
def editor(start: Start) -> Workbench:
    editor = start(*scripted(answer("The sum.", BODY, prompt_delay=0.2)), name="ghost")
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def inferences(editor: Workbench) -> int:
    """How many answers the engine was asked for."""
    return sum(not status["lastRequest"].get("recalled") for status in editor.said(source="status"))


def asked(editor: Workbench, name: str) -> Workbench:
    """A file in which the suggestion is shown."""
    editor.open(name, HEAD[:-1])
    editor.type(" ")
    editor.suggestion(BODY)
    return editor


def test_a_suggestion_appears_while_typing_and_tab_writes_exactly_it(editor: Workbench):
    asked(editor, "tab.py").keys("Tab")
    editor.save()
    assert (editor.server.workspace / "tab.py").read_text() == ALL


def test_typing_along_keeps_the_suggestion_in_every_frame_and_computes_nothing_anew(editor: Workbench):
    asked(editor, "along.py")
    before = inferences(editor)
    with editor.watched() as frames:
        editor.type("total = 0", pause_milliseconds=80)
        editor.suggestion(BODY.removeprefix("total = 0"))
        editor.page.wait_for_timeout(500)
    assert len(frames) > 20
    assert all(frame.endswith("return total") for frame in frames), frames
    assert inferences(editor) == before
