"""Ghost text while somebody types: of the default model, and with answers that are known beforehand."""

from __future__ import annotations

import re

import pytest

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench, until

BODY = "total = 0\n    for item in items:\n        total += item\n    return total"
TABBED = BODY.replace("    ", "\t")
HEAD = 'def add(items):\n    """The sum."""\n    '

LONGEST = HEAD.replace("The sum", "The longest")
SLOW = HEAD.replace("The sum", "Slowly, the sum")
SCRIPTS = (
    answer('\t"""The', TABBED),
    answer("The sum.", BODY, prompt_delay=0.2),
    answer("The longest.", "return max(items, key=len)"),
    answer(f"{SLOW}t", "asked anew"),
    answer(SLOW, BODY, prompt_delay=1.0),
)

known = pytest.mark.parametrize("editor", ["scripted"], indirect=True)
"""For tests that must know beforehand what is answered, or when."""


@pytest.fixture(scope="module", params=["scripted", pytest.param("real", marks=pytest.mark.model)])
def editor(start: Start, request: pytest.FixtureRequest) -> Workbench:
    real = request.param == "real"
    server = () if real else scripted(*SCRIPTS)
    editor = start(*server, name="ghost", environment=request.getfixturevalue("shelf") if real else {})
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def inferences(editor: Workbench) -> int:
    """How many answers the engine was asked for."""
    return sum(not status["lastRequest"].get("recalled") for status in editor.said(source="status"))


def asked(editor: Workbench, name: str) -> str:
    """The suggestion that is shown in a new file; it has more lines than one."""
    editor.open(name, HEAD[:-1])
    editor.type(" ")
    shown = editor.settled()
    assert "\n" in shown
    return shown


def saved(editor: Workbench, name: str) -> str:
    """What the file holds once it is saved."""
    editor.save()
    return (editor.server.workspace / name).read_text()


def cancelled(editor: Workbench) -> int:
    """How many requests VS Code has cancelled."""
    return len(editor.said(source="editor", method="$/cancelRequest"))


def requested(editor: Workbench) -> list[int]:
    """Whatever VS Code has asked for."""
    return sorted(one["id"] for one in editor.said(source="editor") if "id" in one and "method" in one)


def answered(editor: Workbench) -> list[int]:
    """Whatever the server has answered."""
    return sorted(one["id"] for one in editor.said(source="server") if "answers" in one)


def test_a_suggestion_appears_while_typing_and_tab_writes_exactly_it(editor: Workbench):
    shown = asked(editor, "tab.py")
    editor.keys("Tab")
    assert saved(editor, "tab.py") == HEAD + shown


def test_typing_along_keeps_the_suggestion_in_every_frame_and_computes_nothing_anew(editor: Workbench):
    shown = asked(editor, "along.py")
    line, last = shown.split("\n")[0], shown.split("\n")[-1]
    before = inferences(editor)
    with editor.watched() as frames:
        editor.type(line, pause_milliseconds=80)
        editor.suggestion(shown.removeprefix(line))
        editor.page.wait_for_timeout(500)
    assert len(frames) > 20
    assert all(frame.endswith(last) for frame in frames), frames
    assert inferences(editor) == before


@known
def test_a_bracket_that_vs_code_closes_takes_nothing_of_it_away(editor: Workbench):
    editor.open("closed.py", LONGEST[:-1])
    editor.type(" ")
    editor.suggestion("return max(items, key=len)")
    before = inferences(editor)
    with editor.watched() as frames:
        editor.type("return max(", pause_milliseconds=80)
        editor.suggestion("items, key=len")
        editor.page.wait_for_timeout(500)
    assert all("key=len" in frame for frame in frames), frames
    assert inferences(editor) == before
    editor.keys("Tab")
    assert saved(editor, "closed.py") == LONGEST + "return max(items, key=len)"


def test_typing_something_else_drops_it(editor: Workbench):
    asked(editor, "away.py")
    with editor.watched() as frames:
        editor.type("q")
        editor.page.wait_for_timeout(300)
    assert "" in frames, "something else may be suggested, but not before this is gone"
    assert saved(editor, "away.py") == HEAD + "q"


def test_a_word_is_taken_and_the_rest_stays(editor: Workbench):
    shown = asked(editor, "word.py")
    word = re.match(r"\w+", shown)
    assert word, "it begins with a word"
    editor.keys("Control+ArrowRight")
    editor.suggestion(shown.removeprefix(word[0]))
    assert saved(editor, "word.py") == HEAD + word[0]


def test_a_line_is_taken_and_the_rest_stays(editor: Workbench):
    line, _, rest = asked(editor, "line.py").partition("\n")
    editor.keys("Control+Alt+ArrowRight")
    editor.suggestion(rest)
    assert saved(editor, "line.py") == f"{HEAD}{line}\n"


def test_escape_drops_it_and_writes_nothing(editor: Workbench):
    asked(editor, "escape.py")
    editor.keys("Escape")
    editor.no_suggestion()
    assert saved(editor, "escape.py") == HEAD


def test_what_was_taken_is_undone_in_one_step(editor: Workbench):
    shown = asked(editor, "undo.py")
    editor.keys("Tab")
    assert saved(editor, "undo.py") == HEAD + shown
    editor.keys("Control+z")
    assert saved(editor, "undo.py") == HEAD


@known
def test_what_is_being_written_may_be_typed_meanwhile_and_is_not_asked_for_anew(editor: Workbench):
    editor.open("meanwhile.py", SLOW[:-1])
    before = cancelled(editor)
    editor.type(" total", pause_milliseconds=100)
    editor.suggestion(BODY.removeprefix("total"))
    assert cancelled(editor) > before


def test_a_newer_key_stops_the_answer_to_an_older_one(editor: Workbench):
    editor.open("newer.py", HEAD)
    editor.type("\n    # a", pause_milliseconds=60)
    until(lambda: not editor.pending(), "the last answer")
    assert cancelled(editor)
    until(lambda: answered(editor) == requested(editor), "exactly one answer to every request")


TEXTS = {
    "emoji.py": "faces = '😀👩\u200d💻'  # ok\n",
    "chinese.py": "名前 = '漢字かな'\n",
    "combining.py": "name = 'e\u0301u\u0308'  # composed of two\n",
    "windows.py": "import os\r\n",
    "tabs.py": "if True:\n\timport os\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_saved_file_is_exactly_what_was_there_and_what_was_taken(editor: Workbench, name: str):
    taken_below(editor, name, TEXTS[name])


@known
def test_a_file_of_10000_lines_is_exactly_what_was_there_and_what_was_taken(editor: Workbench):
    taken_below(editor, "long.py", "x = 1\n" * 10_000)


def taken_below(editor: Workbench, name: str, text: str) -> None:
    """Take a suggestion at the end of a file that begins with ``text``, and look at each byte that is saved."""
    end = "\r\n" if "\r\n" in text else "\n"
    before = text + HEAD.replace("\n", end)
    path = editor.open(name, before[:-1])
    editor.type(" ")
    shown = editor.settled()
    editor.keys("Tab")
    editor.save()
    assert path.read_bytes().decode() == before + shown.replace("\n", end)


def test_a_file_without_a_final_newline_is_given_none(editor: Workbench):
    rest = "\n\n\nlast = 1"
    path = editor.open("unended.py", HEAD[:-1] + rest)
    editor.go(3, 4)
    editor.type(" ")
    shown = editor.settled()
    editor.keys("Tab")
    editor.save()
    assert path.read_bytes().decode() == HEAD + shown + rest


def test_where_tabs_indent_a_suggestion_is_indented_by_tabs(editor: Workbench):
    head = 'def add(items):\n\t"""The sum of the items that are even, in a loop."""\n\t'
    path = editor.open("tabbed.py", head.removesuffix("\n\t"))
    editor.keys("Enter")
    shown = editor.settled()
    editor.keys("Tab")
    editor.save()
    written = path.read_text().removeprefix(head)
    assert written.split() == shown.split()
    first, *below = written.split("\n")
    assert first.strip() == first
    assert below
    assert all(re.match(r"\t+\S", line) for line in below), written


@known
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
