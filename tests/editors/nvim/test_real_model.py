"""What somebody sees who types in Neovim, with the default model."""

from __future__ import annotations

import py_compile
import subprocess

import pytest

from tests.editors.nvim.editor import Editor

pytestmark = pytest.mark.model

PYTHON = 'def is_even(number: int) -> bool:\n"""Whether the number is even."""\n'
CPP = "/* The larger of two numbers. */\nint larger(int a, int b) {\n"
WRONG = '''\
def add(a, b):
    """The sum of two numbers.

    >>> add(1, 2)
    3
    """
    return a - b
'''


def test_a_python_body_appears_after_its_docstring_is_accepted_saved_and_compiles(real: Editor) -> None:
    path = real.open_new("py")
    real.type(PYTHON)
    ghost = real.wait_for_ghost("return number % 2 == 0")
    assert ghost in real.screen.text
    real.keys("<Tab>")
    real.until(lambda: "return" in real.lines[-1], "the body")
    body = '    """Whether the number is even."""\n    return number % 2 == 0\n'
    assert real.save().decode() == f"def is_even(number: int) -> bool:\n{body}"
    py_compile.compile(str(path), doraise=True)


def test_a_cpp_body_appears_after_a_comment_is_accepted_saved_and_compiles(real: Editor) -> None:
    path = real.open_new("cpp")
    real.type(CPP)
    ghost = real.wait_for_ghost("return")
    assert ghost.splitlines()[0] in real.screen.text
    real.keys("<Tab>")
    real.until(lambda: len(real.lines) > 3, "the body")
    assert real.save().decode() == f"{CPP}    {ghost}\n"
    subprocess.run(["c++", "-fsyntax-only", "-Wall", "-Werror", path], check=True)


def test_alternatives_are_shown_one_after_the_other(real: Editor) -> None:
    real.open_new("py")
    real.type('def letters(text: str) -> dict[str, int]:\n"""How often each letter occurs."""\n')
    whole = real.wait_for_ghost("\n")
    real.keys("<M-n>")
    shorter = real.until(lambda: (shown := real.ghost()) != whole and shown, "another one")
    assert whole.startswith(shorter)
    assert "(2/" in real.screen.text
    real.keys("<M-p>")
    assert real.ghost() == whole


def test_a_comment_becomes_code(real: Editor) -> None:
    real.open_new("py")
    real.type("# a function that returns the square of a number\n")
    real.keys("<Esc>k")
    real.command("PhiLsp generate")
    real.until(lambda: any(line.startswith("def ") for line in real.lines), "a function")
    scope: dict[str, object] = {}
    exec(real.save(), scope)
    assert 49 in [made(7) for made in scope.values() if callable(made)]


def test_a_review_finds_what_a_fix_mends_and_a_dismissal_outlives_the_server(real: Editor) -> None:
    path = real.open_new("py")
    real.keys("<Esc>")
    path.write_text(WRONG)
    real.command("silent edit!")
    real.until(real.attached, "the server")
    real.command("PhiLsp review file")
    (finding,) = real.until(real.diagnostics, "a finding")
    assert finding["lnum"] == 6
    real.command("7")
    real.command("PhiLsp fix")
    real.until(lambda: real.lines[6] == "    return a + b", "the fix")
    real.keys("u")
    real.command("PhiLsp review file")
    real.until(real.diagnostics, "the finding again")
    real.command("PhiLsp dismiss")
    real.until(lambda: not real.diagnostics(), "no finding")
    real.lua("vim.lsp.enable('phi_lsp', false) vim.wait(20000, function() return #vim.lsp.get_clients() == 0 end)")
    real.command("PhiLsp restart")
    real.until(real.attached, "a new server")
    real.when_ready()
    said = "return #require('phi_lsp.message').told"
    before = real.lua(said)
    real.command("PhiLsp review file")
    real.until(lambda: real.lua(said) > before, "the end of the review")
    assert real.lua("return vim.wait(2000, function() return #vim.diagnostic.get(0) > 0 end)") is False


def test_a_question_is_answered_with_what_is_selected(real: Editor) -> None:
    real.open_new("py")
    real.keys("<Esc>")
    real.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, {'def double(x):', '    return x * 2'})")
    real.command("1,2PhiLsp ask What is the name of this function?")
    real.until(
        lambda: real.status()["summary"]["state"] == "ready" and "double" in "".join(real.lines[2:]), "the answer"
    )
    real.keys("q")
