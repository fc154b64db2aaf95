"""What of a completion could be inserted alone."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.alternatives import shorter_forms
from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import adds_error, context_at, error_count


def forms(marked: str, text: str, language: str = "python") -> tuple[str, ...]:
    offset = marked.index("|")
    document = Document("file:///a", language, marked.replace("|", "", 1))
    found = shorter_forms(context_at(document, offset), text)
    here = Span(offset, offset)
    for form in found:
        assert not adds_error(document, here, form)
        assert error_count(document.edited(here, form)) <= error_count(document.edited(here, text))
    return found


BODY = "def f(x):\n    |\n"


def test_the_first_statement_stands_alone():
    assert forms(BODY, "y = x\n    return y") == ("y = x",)


def test_the_first_block_comes_before_its_first_line():
    assert forms(BODY, "for y in x:\n        print(y)\n    return x") == (
        "for y in x:\n        print(y)",
        "for y in x:",
    )


def test_a_statement_of_several_lines_is_not_cut():
    assert forms(BODY, "y = [\n        x,\n    ]\n    return y") == ("y = [\n        x,\n    ]",)


@pytest.mark.parametrize("text", ["return x", "y = max(x)", "return [\n        x,\n    ]", "", "   "])
def test_a_part_of_a_statement_is_nothing_to_insert(text: str):
    assert forms(BODY, text) == ()


def test_a_part_of_a_line_is_nothing_to_insert():
    assert forms("def f(x):\n    return max(|)\n", "x, min(x)") == ()


def test_several_statements_of_one_line_stay_together():
    assert forms(BODY, "y = 1; z = 2\n    return y") == ("y = 1; z = 2",)


def test_what_must_come_first_stays_first():
    assert forms("def f(x):|\n", "\n    y = x\n    return y") == ("\n    y = x",)
    assert forms("def f(x):\n|", "    y = x\n    return y") == ("    y = x",)


def test_line_ends_of_the_document_are_no_part_of_a_form():
    assert forms("def f(x):\r\n    |\r\n", "y = x\r\n    return y") == ("y = x",)


def test_characters_outside_ascii_are_counted_once():
    assert forms("# é\ndef f(x):\n    |\n", "y = 'é€😀'\n    return y") == ("y = 'é€😀'",)


def test_braces_are_not_left_open():
    assert forms("int f(int x)|", " {\n    x++;\n    return x;\n}", "cpp") == ()
    loop = "for (;;) {\n        x--;\n    }"
    assert forms("int f(int x) {\n    |\n}\n", f"{loop}\n    return x;", "cpp") == (loop,)


_STATEMENTS = ("a = 1", "print(x)", "if x:\n        a = 2", "for b in x:\n        a = b\n        print(a)", "return x")


@given(st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=4))
def test_forms_are_shorter_beginnings_longest_first_and_the_first_is_valid_python(statements: list[str]):
    text = "\n    ".join(statements)
    found = forms(BODY, text)
    assert all(text.startswith(form) and len(form) < len(text) for form in found)
    assert list(found) == sorted({*found}, key=len, reverse=True)
    assert bool(found) == (len(statements) > 1 or "\n" in text)
    for form in found[: len(statements) > 1]:
        assert form == statements[0]
        assert ast.parse(BODY.replace("|", form))
