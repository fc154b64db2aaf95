"""What somebody sees who types in Neovim, with the default model."""

from __future__ import annotations

import py_compile
import subprocess

import pytest

from tests.editors.nvim.editor import Editor

pytestmark = pytest.mark.model

PYTHON = 'def is_even(number: int) -> bool:\n"""Whether the number is even."""\n'
CPP = "/* The larger of two numbers. */\nint larger(int a, int b) {\n"


def test_a_python_body_appears_after_its_docstring_is_accepted_saved_and_compiles(real: Editor) -> None:
    path = real.open("even.py")
    real.type(PYTHON)
    ghost = real.wait_for_ghost("return number % 2 == 0")
    assert ghost in real.screen.text
    real.keys("<Tab>")
    assert real.save().decode() == 'def is_even(number: int) -> bool:\n    """Whether the number is even."""\n    return number % 2 == 0\n'
    py_compile.compile(str(path), doraise=True)


def test_a_cpp_body_appears_after_a_comment_is_accepted_saved_and_compiles(real: Editor) -> None:
    path = real.open("larger.cpp")
    real.type(CPP)
    real.wait_for_ghost("return")
    real.keys("<Tab>")
    saved = real.save().decode()
    assert saved.startswith("/* The larger of two numbers. */\nint larger(int a, int b) {\n    return ")
    subprocess.run(["c++", "-fsyntax-only", path], check=True)
