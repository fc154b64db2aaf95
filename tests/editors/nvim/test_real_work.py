"""What the default model does on request in Neovim: reviews, fixes, rewrites, code from comments, answers."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from tests.editors.nvim.editor import Editor

pytestmark = pytest.mark.model

PYTHON = '''\
def add(a, b):
    """The sum of two numbers.

    >>> add(1, 2)
    3
    """
    return a - b
'''
CPP = """\
// The larger of two numbers: larger(1, 2) == 2.
int larger(int a, int b) {
    return a < b ? a : b;
}
"""
FACTORIAL = '''\
def factorial(n):
    """The product of all numbers up to n: factorial(4) == 24."""
    if n == 0:
        return 1
    return n * factorial(n - 1)
'''
SAID_LAST = "local told = require('phi_lsp.message').told return told[#told] or ''"


def reviewed(editor: Editor, row: int, wrong: str) -> None:
    """One finding, at the text that is wrong, which is underlined."""
    editor.command("PhiLsp review file")
    (finding,) = editor.until(editor.diagnostics, "a finding")
    column = editor.lines[row].index(wrong)
    assert (finding["lnum"], finding["col"], finding["end_col"]) == (row, column, column + len(wrong))
    editor.until(lambda: editor.underlined() == [wrong], "the line below it")


@pytest.mark.parametrize(
    ("kind", "text", "row", "wrong", "right"),
    [("py", PYTHON, 6, "-", "+"), ("cpp", CPP, 2, "<", ">")],
    ids=["Python", "C++"],
)
def test_a_review_finds_what_a_fix_mends(real: Editor, kind: str, text: str, row: int, wrong: str, right: str) -> None:
    real.open_new(kind, text)
    reviewed(real, row, wrong)
    real.command(f"{row + 1}")
    real.command("PhiLsp fix")
    mended = text.splitlines()[row].replace(wrong, right)
    real.until(lambda: real.lines[row] == mended, "the fix")
    assert real.save().decode() == text.replace(text.splitlines()[row], mended)
    real.until(lambda: not real.diagnostics() and not real.underlined(), "the end of the finding")


def test_a_comment_becomes_code(real: Editor) -> None:
    real.open_new("py", "# a function that returns the square of a number\n")
    real.command("PhiLsp generate")
    real.until(lambda: any(line.startswith("def ") for line in real.lines), "a function")
    scope: dict[str, object] = {}
    exec(real.save(), scope)
    assert 49 in [made(7) for made in scope.values() if callable(made)]


def test_a_comment_becomes_code_in_cpp(real: Editor) -> None:
    path = real.open_new("cpp", "// the square of a number\n")
    real.command("PhiLsp generate")
    real.until(lambda: len(real.lines) > 3, "a function")
    assert re.search(r"(\w+) \* \1", real.save().decode())
    subprocess.run(["c++", "-fsyntax-only", "-Wall", "-Werror", path], check=True)


def test_a_dismissal_outlives_the_server(real: Editor) -> None:
    real.open_new("py", PYTHON)
    reviewed(real, 6, "-")
    real.command("7")
    real.command("PhiLsp dismiss")
    real.until(lambda: not real.diagnostics(), "no finding")
    real.lua("vim.lsp.enable('phi_lsp', false)")
    real.until(lambda: real.lua("return #vim.lsp.get_clients()") == 0, "the end of the server")
    real.command("PhiLsp restart")
    real.until(real.attached, "a new server")
    real.when_ready()
    real.lua("require('phi_lsp.message').told = {}")
    real.command("PhiLsp review file")
    real.until(lambda: "dismissed" in real.lua(SAID_LAST), "the end of the review")
    assert real.diagnostics() == []
    assert real.underlined() == []


def test_a_rewrite_is_previewed_and_made_and_one_undo_takes_it_back(real: Editor) -> None:
    real.open_new("py", FACTORIAL)
    real.command("PhiLsp rewrite make it iterative")
    real.until(lambda: "-    return n * factorial(n - 1)" in real.screen.text, "the difference")
    real.keys("<CR>")
    assert real.lines[0] == "def factorial(n):"
    scope: dict[str, Any] = {}
    exec(real.save(), scope)
    assert "n * factorial" not in "\n".join(real.lines)
    assert [scope["factorial"](n) for n in range(5)] == [1, 1, 2, 6, 24]
    real.keys("u")
    assert real.lines == FACTORIAL.splitlines()


def test_a_rewrite_is_stopped(real: Editor) -> None:
    real.open_new("py", FACTORIAL)
    real.command("PhiLsp rewrite")
    real.until(lambda: real.status()["engine"]["state"] == "busy", "the engine at work")
    real.command("PhiLsp cancel")
    real.until(lambda: real.lua(SAID_LAST) == "phi-lsp: stopped", "the word")
    real.until(lambda: real.status()["engine"]["state"] != "busy", "an idle engine")
    assert real.lines == FACTORIAL.splitlines()


def test_an_answer_is_seen_while_it_is_written(real: Editor) -> None:
    real.open_new("py", FACTORIAL)
    real.command("PhiLsp ask What does this function do? Answer in two sentences.")

    def answer() -> str:
        return "".join(real.lines[2:])

    beginning = real.until(answer, "the first piece")
    further = real.until(lambda: (now := answer()) != beginning and now, "another piece")
    real.until(lambda: real.status()["summary"]["state"] == "ready", "the end")
    assert answer().startswith(further)
    assert len(answer()) > len(further) > len(beginning)
    assert "product" in answer() or "factorial" in answer()
    real.keys("q")


def test_a_question_is_answered_with_what_is_selected(real: Editor) -> None:
    real.open_new("py", "def double(x):\n    return x * 2\n")
    real.command("1,2PhiLsp ask What is the name of this function?")
    real.until(
        lambda: real.status()["summary"]["state"] == "ready" and "double" in "".join(real.lines[2:]), "the answer"
    )
    real.keys("q")
