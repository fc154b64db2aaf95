"""Whether a completion breaks what it is put into."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import adds_error, error_count


def adds(marked: str, text: str, language: str = "python") -> bool:
    """``marked`` holds one ``|`` where ``text`` is inserted, or two around what it replaces."""
    before, *replaced, after = marked.split("|")
    document = Document("a", language, before + "".join(replaced) + after)
    return adds_error(document, Span(len(before), len(before) + len("".join(replaced))), text)


SOUND = [
    ("python", "def f(x):\n    |", "return x"),
    ("python", "def f(x|", "):\n    return x"),
    ("python", "def f(x):\n    y = foo(a, |\n    return y\n", "b)"),
    ("python", "x = foo(|)", "1, [2]"),
    ("python", "x = |foo|", "bar(1)"),
    ("python", "def f(x):\n    if x >| \n    return 1\n", " 3:\n        x = 2"),
    ("python", "def f(x):\n    if x|", " > 3:"),
    ("python", "x = (1,\n\ndef f(a):\n    |\n\ndef g(b):\n    return b\n", "return a"),
    ("cpp", "bool f(int x)|", " {\n    return x > 1;\n}"),
    ("cpp", "bool f(int x) {|", "\n    return x > 1;\n}"),
    ("cpp", "bool f(int x) {\n    |\n\nint g() { return 1; }\n", "return x > 1;"),
    ("cpp", "bool f(int x) {|}", " return true; "),
    ("cpp", "void f() {\n    return g(|", "1);"),
    ("cpp", "bool f(const type_info &a)|", " {\n    return a == typeid(int);\n}"),
    ("c", "int add(int a, int b)\n|", "{\n    return a + b;\n}"),
]

BROKEN = [
    ("python", "def f(x):\n    |\n", "return (x"),
    ("python", "def f(x):\n    |\n", "return x)"),
    ("python", "x = foo(|)", "1, [2"),
    ("python", "def f(x|", "):\n    return x +* 1"),
    ("cpp", "bool f(int x)|", " {\n    return x y;\n}"),
    ("cpp", "bool f(int x) {\n    |\n}\n", "return true;\n}"),
    ("cpp", "bool f(int x) {|}", "return ("),
    ("c", "int add(int a, int b)\n|", "{\n    return a + b;\n}\n}"),
]


@pytest.mark.parametrize(("language", "marked", "text"), SOUND)
def test_what_fits_adds_no_error(language: str, marked: str, text: str) -> None:
    assert not adds(marked, text, language)


@pytest.mark.parametrize(("language", "marked", "text"), BROKEN)
def test_what_does_not_fit_adds_an_error(language: str, marked: str, text: str) -> None:
    assert adds(marked, text, language)


def test_an_unknown_language_has_no_errors() -> None:
    document = Document("a.txt", "text", "((((")
    assert error_count(document) == 0
    assert not adds_error(document, Span(0, 0), ")")


def test_errors_are_counted() -> None:
    assert error_count(Document("a.py", "python", "x = (1)\n")) == 0
    assert error_count(Document("a.py", "python", "x = (1\n")) == 1


def test_the_span_is_in_code_points() -> None:
    document = Document("a.py", "python", "é = '漢😀'\nx = foo(1)\n")
    at = document.text.index("1")
    assert not adds_error(document, Span(at, at + 1), "é, (2)")
    assert adds_error(document, Span(at, at + 1), "é, (2")
