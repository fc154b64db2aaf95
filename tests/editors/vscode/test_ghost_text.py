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


def test_typing_something_else_drops_it(editor: Workbench):
    asked(editor, "away.py").type("q")
    editor.no_suggestion()
    editor.save()
    assert (editor.server.workspace / "away.py").read_text() == HEAD + "q"


def test_a_word_is_taken_and_the_rest_stays(editor: Workbench):
    asked(editor, "word.py").keys("Control+ArrowRight")
    editor.suggestion(BODY.removeprefix("total"))
    editor.save()
    assert (editor.server.workspace / "word.py").read_text() == HEAD + "total"


def test_a_line_is_taken_and_the_rest_stays(editor: Workbench):
    asked(editor, "line.py").keys("Control+Alt+ArrowRight")
    editor.suggestion(BODY.removeprefix("total = 0\n"))
    editor.save()
    assert (editor.server.workspace / "line.py").read_text() == HEAD + "total = 0\n"


def test_escape_drops_it_and_writes_nothing(editor: Workbench):
    asked(editor, "escape.py").keys("Escape")
    editor.no_suggestion()
    editor.save()
    assert (editor.server.workspace / "escape.py").read_text() == HEAD


def test_what_was_taken_is_undone_in_one_step(editor: Workbench):
    asked(editor, "undo.py").keys("Tab")
    editor.save()
    assert (editor.server.workspace / "undo.py").read_text() == ALL
    editor.keys("Control+z")
    editor.save()
    assert (editor.server.workspace / "undo.py").read_text() == HEAD


def test_a_newer_key_stops_the_answer_to_an_older_one(editor: Workbench):
    editor.open("newer.py", HEAD)
    editor.type("\n    # a", pause_milliseconds=60)
    editor.suggestion()
    cancelled = [one["params"]["id"] for one in editor.said(source="editor", method="$/cancelRequest")]
    assert cancelled
    asked_for = {one["id"] for one in editor.said(source="editor") if "id" in one and "method" in one}
    answered = {one["id"] for one in editor.said(source="server") if "answers" in one}
    assert asked_for == answered, "every request has exactly one answer"


TEXTS = {
    "emoji.py": "faces = '😀👩\u200d💻'  # ok\n",
    "chinese.py": "名前 = '漢字かな'\n",
    "combining.py": "name = 'e\u0301u\u0308'  # composed of two\n",
    "windows.py": "import os\r\n",
    "tabs.py": "if True:\n\timport os\n",
    "long.py": "x = 1\n" * 10_000,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_saved_file_is_exactly_what_was_there_and_what_was_taken(editor: Workbench, name: str):
    end = "\r\n" if "\r\n" in TEXTS[name] else "\n"
    before = TEXTS[name] + HEAD.replace("\n", end)
    path = editor.open(name, before[:-1])
    editor.type(" ")
    editor.suggestion(BODY)
    editor.keys("Tab")
    editor.save()
    assert path.read_bytes().decode() == before + BODY.replace("\n", end)


@pytest.mark.parametrize(
    ("name", "before"), [("emoji", "'😀👩\u200d💻"), ("chinese", "'漢字かな"), ("combining", "'e\u0301u\u0308")]
)
def test_what_stands_in_the_line_before_the_cursor_is_kept(editor: Workbench, name: str, before: str):
    text = f"# The sum.\nname = {before}' + "
    path = editor.open(f"{name}-before.py", text[:-1])
    editor.type(" ")
    editor.suggestion(BODY)
    editor.keys("Tab")
    editor.save()
    assert path.read_text() == text + BODY
