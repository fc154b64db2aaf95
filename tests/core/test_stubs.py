"""Which functions are still to be written, and what of them is to be replaced."""

from __future__ import annotations

import pytest

from lsp_server.core.document import Document
from lsp_server.core.stubs import stub_at


def check(text: str, language: str = "python") -> None:
    """The stub of the function ``f`` is what stands between the brackets."""
    start, end = text.index("«"), text.index("»") - 1
    plain = text.replace("«", "").replace("»", "")
    stub = stub_at(Document("file:///a", language, plain), plain.index("f(") + 2)
    assert stub is not None
    assert stub.function.name.endswith("f")
    assert (stub.span.start, stub.span.end) == (start, end)


def check_none(text: str, language: str = "python") -> None:
    assert stub_at(Document("file:///a", language, text), text.index("f(") + 2) is None


@pytest.mark.parametrize(
    "stub", ["...", "pass", "raise NotImplementedError", 'raise NotImplementedError("soon")', "pass  # later"]
)
def test_python_stubs(stub: str):
    check(f"def f(x):\n    «{stub}»\n\n\ndef g():\n    return 1\n")
    check(f'class A:\n    def f(self):\n        """What it does."""\n        «{stub}»\n\n    x = 1\n')
    check(f"def f(x):« {stub}»\n")


def test_a_comment_that_says_what_is_missing_goes_with_the_stub_and_others_stay():
    check("def f(x):\n    «# TODO: write\n    pass»\n")
    check("def f(x):\n    # add one to x\n    «pass»\n")


def test_a_function_that_is_its_docstring_alone_is_a_stub():
    check('def f(x):\n    """Twice."""«»\n')


@pytest.mark.parametrize(
    "stub",
    [
        "/* TODO */",
        "// not implemented yet",
        'throw std::logic_error("not implemented");',
        'throw std::runtime_error{"TODO"};',
        "std::abort();",
        "assert(false);",
        "// TODO\n    return 0;",
        "return {};  // to do",
    ],
)
def test_cpp_stubs(stub: str):
    if "return {};" not in stub:
        check(f"int f(int x) {{\n    «{stub}»\n}}\n\nint g() {{ return 1; }}\n", "cpp")
    else:
        check(f"int f(int x)\n{{\n    «{stub}»\n}}\n", "cpp")


def test_empty_braces_are_a_stub():
    check("int f(int x) {«»}\n", "cpp")
    check("int f(int x) {« /* TODO */» }\n", "cpp")


@pytest.mark.parametrize(
    "text", ["def f(x):\n    return x\n", "def f(x):\n    pass\n    return 1\n", "def f(x):\n    x.pass_()\n"]
)
def test_what_is_written_in_python_is_no_stub(text: str):
    check_none(text)


@pytest.mark.parametrize(
    "text",
    [
        "int f(int x) { return x; }",
        "int f(int x) { return 0; }",
        'int f(int x) { throw std::logic_error("x is negative"); }',
        "int f(int x) {\n    // the implementation is trivial\n    g();\n    return 0;\n}",
        "int f(int x);\n",
    ],
)
def test_what_is_written_in_cpp_is_no_stub(text: str):
    check_none(text, "cpp")
