"""The small changes that a function could be in need of."""

from __future__ import annotations

import ast

import pytest

from lsp_server.core.document import Document
from lsp_server.core.finding import Fix
from lsp_server.core.functions import functions_in
from lsp_server.core.small_changes import MOST, small_changes


def versions(text: str, language: str = "python") -> list[str]:
    document = Document("file:///a", language, text)
    function = functions_in(document)[-1]
    return [Fix("", (edit,)).applied(document.text) for edit in small_changes(document, function)]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("def f(a, b):\n    return a < b\n", "def f(a, b):\n    return a <= b\n"),
        ("def f(a, b):\n    return a - b\n", "def f(a, b):\n    return a + b\n"),
        ("def f(a, b):\n    return a\n", "def f(a, b):\n    return b\n"),
        ("def f(a):\n    return a[1]\n", "def f(a):\n    return a[0]\n"),
        ("def f(a):\n    return a[i]\n", "def f(a):\n    return a[i - 1]\n"),
        ("def f(a):\n    return range(a)\n", "def f(a):\n    return range(a + 1)\n"),
        ("def f(a):\n    return range(a - 1)\n", "def f(a):\n    return range(a)\n"),
        ("def f(a):\n    if a:\n        return 1\n", "def f(a):\n    if not (a):\n        return 1\n"),
        ("def f(a):\n    if not a:\n        return 1\n", "def f(a):\n    if a:\n        return 1\n"),
        ("def f(a):\n    a.sort()\n    a.pop()\n    return a\n", "def f(a):\n    a.sort()\n    return a\n"),
        ("def f(a, b):\n    return g(a, b)\n", "def f(a, b):\n    return g(b, a)\n"),
        ("def f(a):\n    return min(a)\n", "def f(a):\n    return max(a)\n"),
        ("def f(a):\n    return a.lower()\n", "def f(a):\n    return a.upper()\n"),
        ("def f(a):\n    return True\n", "def f(a):\n    return False\n"),
        ("def f(a):\n    return abs(a)\n", "def f(a):\n    return a\n"),
        ("def f(a, b):\n    return a and b\n", "def f(a, b):\n    return b\n"),
        ("def f(a):\n    x = 0\n    x -= a\n    return x\n", "def f(a):\n    x = 0\n    x += a\n    return x\n"),
        ("def f(a):\n    for x in a:\n        break\n", "def f(a):\n    for x in a:\n        continue\n"),
        ("def f(a):\n    return a[1:]\n", "def f(a):\n    return a\n"),
        ("def f(é, b):\n    return 'ü', é\n", "def f(é, b):\n    return 'ü', b\n"),
    ],
)
def test_python(wrong, right):
    assert right in versions(wrong)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("int f(int a, int b) { return a < b; }\n", "int f(int a, int b) { return a <= b; }\n"),
        ("int f(int a, int b) { return a && b; }\n", "int f(int a, int b) { return a || b; }\n"),
        ("int f(int a) { while (a) { a++; } return a; }\n", "int f(int a) { while (a) { a--; } return a; }\n"),
        ("int f(int a) { if (a) return 1; return 2; }\n", "int f(int a) { if ((!(a))) return 1; return 2; }\n"),
        ("int f(int* a) { return a[0]; }\n", "int f(int* a) { return a[0 + 1]; }\n"),
        ("void f(V& v) { v.push_back(1); }\n", "void f(V& v) { v.push_front(1); }\n"),
    ],
)
def test_cpp(wrong, right):
    found = versions(wrong, "cpp")
    assert right in found or right.replace("(!(a))", "!(a)") in found


def test_texts_and_comments_and_the_head_stay():
    text = 'def f(a, b):\n    """a < b"""\n    # a < b\n    return "a < b", a\n'
    found = versions(text)
    assert found
    assert all('"""a < b"""\n    # a < b\n' in one and '"a < b"' in one for one in found)
    assert all(one.startswith("def f(a, b):\n") for one in found)


def test_none_comes_twice_and_each_changes_something():
    text = "def f(a, b):\n    if a < b and b < a:\n        return a + b - 1\n    return max(a, b)\n"
    found = versions(text)
    assert len(found) == len(set(found))
    assert text not in found


def test_a_long_function_has_no_more_than_most():
    lines = "".join(f"    x{number} = a + {number}\n" for number in range(2000))
    assert len(versions(f"def f(a):\n{lines}    return a\n")) == MOST


def test_most_of_them_parse():
    text = "def f(a, b):\n    if a < b and b < a:\n        return [a + b - 1 for a in b][1:]\n    return max(a, b)\n"
    found = versions(text)
    good = 0
    for one in found:
        try:
            ast.parse(one)
            good += 1
        except SyntaxError:
            pass
    assert good > 0.9 * len(found)
