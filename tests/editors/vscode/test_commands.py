"""What a user has done with the code at the cursor, each by its command."""

from __future__ import annotations

import pytest

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.test_review import agree
from tests.editors.vscode.workbench import Workbench, until

FUNCTION = "def add(first, second):\n    return first\n"
OTHER = "\n\ndef less(first, second):\n    return second\n"
STUB = "def twice(number):\n    pass\n"


@pytest.fixture(scope="module")
def editor(start: Start) -> Workbench:
    editor = start(
        *scripted(
            answer("docstring def add", '"""The sum."""\n    return first'),
            answer("complete def twice", "return 2 * number"),
            answer("review def add", "first~wrong-value~second is never used~second\n"),
            answer("review def less", "second~wrong-value~first is never used~first\n"),
        ),
        name="commands",
    )
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


@pytest.mark.parametrize(
    ("command", "name", "text", "changed"),
    [
        (
            "Write the Docstring",
            "docstring.py",
            FUNCTION,
            'def add(first, second):\n    """The sum."""\n    return first\n',
        ),
        ("Complete This Function", "stub.py", STUB, "def twice(number):\n    return 2 * number\n"),
    ],
)
def test_a_change_is_previewed_and_written(editor: Workbench, command: str, name: str, text: str, changed: str):
    path = editor.open(name, text)
    editor.go(2, 6)
    editor.run(f"phi-lsp: {command}")
    agree(editor)
    editor.save()
    assert path.read_text() == changed


def test_a_review_of_a_function_is_of_that_one_alone(editor: Workbench):
    editor.open("function.py", FUNCTION + OTHER)
    editor.go(6, 6)
    editor.run("phi-lsp: Review This Function")
    until(lambda: editor.underlined() == ["second"], "the finding in the second function")


def test_a_kind_of_findings_is_dismissed_as_a_whole_and_restored(editor: Workbench):
    editor.open("kind.py", FUNCTION + OTHER)
    editor.run("phi-lsp: Review This File")
    until(lambda: len(editor.underlined()) == 2, "two findings")
    editor.go(1, 11)
    editor.run("phi-lsp: Dismiss All Findings of This Kind")
    until(lambda: not editor.underlined(), "the end of both")
    editor.run("phi-lsp: Show Dismissed Findings Again")
    until(lambda: len(editor.underlined()) == 2, "both again")
