"""The functions of a document, one after the other."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Document
from lsp_server.core.functions import function_at, functions_in

PYTHON = """\
import os


# Twice as much.
@cached
def twice(x):
    def add(y):
        return y + y

    return add(x)


class Stack:
    @property
    def top(self): return self.items[-1]

    def pop(self):
        \"\"\"Not written yet.\"\"\"
"""
CPP = """\
struct Pair { int sum() { return first + second; } int first, second; };
// Twice as much.
template <class T>
T twice(T x) {
    auto add = [&](T y) { return y + y; };
    return add(x);
}
int declared(int);
"""


def names(language: str, text: str) -> list[str]:
    return [function.name for function in functions_in(Document("file:///a", language, text))]


def test_every_function_with_a_body_is_met_in_the_order_of_the_file():
    assert names("python", PYTHON) == ["twice", "add", "top"]
    assert names("cpp", CPP) == ["sum", "twice"]


@pytest.mark.parametrize("text", ["", "x = 1\n", "def f(:\n", "def f():\n"])
def test_without_functions_there_are_none(text: str):
    assert names("python", text) == []


@pytest.mark.parametrize(
    ("language", "text", "mark", "name"),
    [
        ("python", PYTHON, "# Twice", "twice"),
        ("python", PYTHON, "@cached", "twice"),
        ("python", PYTHON, "return y", "add"),
        ("python", PYTHON, "return add", "twice"),
        ("python", PYTHON, "@property", "top"),
        ("cpp", CPP, "// Twice", "twice"),
        ("cpp", CPP, "template", "twice"),
        ("cpp", CPP, "first + second", "sum"),
    ],
)
def test_a_place_belongs_to_the_innermost_function_around_it(language: str, text: str, mark: str, name: str):
    document = Document("file:///a", language, text)
    function = function_at(document, text.index(mark))
    assert function is not None
    assert function.name == name


@pytest.mark.parametrize(("language", "text", "mark"), [("python", PYTHON, "import os"), ("cpp", CPP, "int declared")])
def test_outside_every_function_there_is_none(language: str, text: str, mark: str):
    assert function_at(Document("file:///a", language, text), text.index(mark)) is None
