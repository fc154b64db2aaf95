"""What somebody sees who types in Neovim, with the default model."""

from __future__ import annotations

import py_compile
import subprocess

import pytest

from tests.editors.nvim.editor import Editor

pytestmark = pytest.mark.model

PYTHON = 'def is_even(number: int) -> bool:\n"""Whether the number is even."""\n'
BODY = "return number % 2 == 0"
CPP = "/* The larger of two numbers. */\nint larger(int a, int b) {\n"


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
    examples = "static_assert(larger(1, 2) == 2 && larger(2, 1) == 2);\n"
    checked = path.with_name("checked.cpp")
    checked.write_text(f"constexpr {path.read_text().split('*/')[1].lstrip()}{examples}")
    subprocess.run(["c++", "-fsyntax-only", "-std=c++20", "-Wall", "-Werror", checked], check=True)


@pytest.fixture
def suggested(real: Editor) -> Editor:
    """The body of `PYTHON` is shown."""
    real.open_new("py")
    real.type(PYTHON)
    real.until(lambda: real.ghost() == BODY, "the body")
    return real


@pytest.mark.parametrize(
    ("keys", "line", "rest"),
    [
        ("<M-Right>", "    return", " number % 2 == 0"),
        ("<M-Right><M-Right>", "    return number", " % 2 == 0"),
        ("<M-Down>", f"    {BODY}", ""),
        ("<Tab><Esc>u", "    ", ""),
        ("<Esc>", "", ""),
        ("<C-]>", "    ", ""),
        ("x", "    x", ""),
    ],
)
def test_a_key_takes_its_part_and_leaves_the_rest(suggested: Editor, keys: str, line: str, rest: str) -> None:
    suggested.keys(keys)
    suggested.until(lambda: suggested.lines[2] == line, "what the keys take")
    suggested.settle()
    assert suggested.ghost() == rest
    shown = suggested.screen.text.splitlines()[2].rstrip()
    assert shown == f"{line}{rest}".rstrip()


def test_typing_along_keeps_the_rest_and_computes_nothing(suggested: Editor) -> None:
    before = suggested.status()["lastRequest"]
    suggested.type("return num")
    assert suggested.ghost() == "ber % 2 == 0"
    # Longer than typing must pause before an answer is asked for.
    assert suggested.lua("return vim.wait(400, function() return false end)") is False
    assert suggested.status()["lastRequest"] == before


def test_alternatives_are_shown_one_after_the_other(real: Editor) -> None:
    real.open_new("py")
    real.type('def letters(text: str) -> dict[str, int]:\n"""How often each letter occurs."""\n')
    first = real.wait_for_ghost("return")
    before = real.status()["lastRequest"]
    real.keys("<M-\\>")
    real.until(lambda: real.status()["lastRequest"] != before and real.ghost() == first, "others")
    real.keys("<M-n>")
    real.until(lambda: "(2/" in real.screen.text, "another one")
    assert real.ghost() != first
    real.keys("<M-p>")
    real.until(lambda: real.ghost() == first, "the first one")
