"""Which comment is meant, what it says, and what it asks for."""

from __future__ import annotations

import pytest

from lsp_server.core.comments import Asked, Comment, asked_by, comment_at, is_wish
from lsp_server.core.document import Document
from lsp_server.core.signatures import name_in, signature_in
from lsp_server.core.syntax import context_at


def at(marked: str, language: str = "python") -> Comment | None:
    offset = marked.index("|")
    return comment_at(Document("file:///a", language, marked.replace("|", "", 1)), offset)


def said(marked: str, language: str = "python") -> str:
    comment = at(marked, language)
    assert comment is not None
    return comment.text


def test_a_comment_is_meant_inside_of_it_at_its_end_and_on_the_line_below():
    for marked in ("# T|wice.\n", "|# Twice.\n", "# Twice.|", "# Twice.\n|", "# Twice.\n  |  \nx = 1\n"):
        assert said(marked) == "Twice."


def test_line_comments_below_one_another_are_one():
    text = "x = 1\n# First\n#\n#   and second.{}\n# Third\n    # deeper\n"
    assert said(text.format("|")) == "First\n\n  and second.\nThird"


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=repr)
def test_the_span_is_that_of_the_document(end: str):
    text = f"x = 1;{end}    // a{end}    // b{end}y = 2;"
    comment = comment_at(Document("file:///a", "cpp", text), text.index("b"))
    assert comment is not None
    assert comment.span.of(text) == f"// a{end}    // b"
    assert comment.indent == "    "


@pytest.mark.parametrize(
    "text",
    [
        "/* Twice. */|",
        "/**\n * Twice.\n */|",
        "/** Twice.| */",
        "/// Twice.|",
        "//! Twice.|",
        "//Twice.|",
        "/*!\n  Twice.\n*/\n|",
    ],
)
def test_the_marks_of_comments_are_not_what_they_say(text: str):
    assert said(text, "cpp").strip() == "Twice."


@pytest.mark.parametrize("text", ["x = 1  # one|", "x = 1|", "|", "# a\n\n|", "'''\n# no|\n'''", "# a\nx|"])
def test_what_is_beside_code_or_no_comment_is_not_meant(text: str):
    assert at(text) is None


def test_a_block_comment_with_code_behind_it_is_not_alone():
    assert at("/* a */| int x;", "cpp") is None


@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/env python",
        "# -*- coding: utf-8 -*-",
        "# Copyright 2020 A",
        "# type: ignore",
        "# noqa",
        "# ------- part",
        "# SPDX-License-Identifier: MIT",
        "#",
        "# fmt: off",
        "# =====",
        "# 1",
    ],
)
def test_what_is_written_for_machines_lawyers_or_to_part_a_file_is_no_wish(text: str):
    comment = at(text + "|")
    assert comment is not None
    assert not is_wish(comment)


@pytest.mark.parametrize("text", ["# area of a circle", "# TODO: read the file", "# sort", "# def f(x)"])
def test_what_says_something_is_a_wish(text: str):
    comment = at(text + "|")
    assert comment is not None
    assert is_wish(comment)


def asked(marked: str, language: str = "python") -> Asked:
    offset = marked.index("|")
    document = Document("file:///a", language, marked.replace("|", "", 1))
    comment = comment_at(document, offset)
    assert comment is not None
    return asked_by(comment, context_at(document, offset))


def test_in_a_function_statements_are_asked_for():
    assert asked("def f(x):\n    # function to call\n    |\n    return x\n") is Asked.STATEMENTS
    assert asked("int f() {\n    // method\n    |\n}\n", "cpp") is Asked.STATEMENTS


def test_in_a_class_a_method_is_asked_for_unless_it_is_fields():
    assert asked("class A:\n    # the area\n    |\n") is Asked.DEFINITION
    assert asked("class A {\n    // the area\n    |\n};\n", "cpp") is Asked.DEFINITION
    assert asked("class A {\n    // the fields: name and age\n    |\n};\n", "cpp") is Asked.STATEMENTS


@pytest.mark.parametrize(
    "text", ["Function that adds", "A class Stack", "Write a generator of primes", "area(r): of a circle"]
)
def test_elsewhere_words_ask_for_definitions(text: str):
    assert asked(f"# {text}\n|") is Asked.DEFINITION
    assert asked(f"namespace a {{\n// {text}\n|\n}}\n", "cpp") is Asked.DEFINITION


def test_elsewhere_it_is_statements_otherwise():
    assert asked("x = 1\n# read all lines of the file\n|\n") is Asked.STATEMENTS


def test_a_comment_below_a_class_in_the_first_column_is_outside_of_it():
    assert asked("class A:\n    def f(self):\n        pass\n\n\n# read all lines\n|") is Asked.STATEMENTS


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("def area(r: float) -> float: of a circle", "def area(r: float) -> float"),
        ("Adds.\n\ndef add(a, b=(1, 2))", "def add(a, b=(1, 2))"),
        (
            "async def read(path: str) -> dict[str, list[int]] | None",
            "async def read(path: str) -> dict[str, list[int]] | None",
        ),
        ("def f(a,\n      b) -> int:", "def f(a, b) -> int"),
        ("def f(a -> int", ""),
        ("define a function of two numbers (a, b)", ""),
    ],
)
def test_python_signatures(text: str, signature: str):
    comment = comment_at(Document("file:///a", "python", "# " + text.replace("\n", "\n# ")), 1)
    assert comment is not None
    assert signature_in(comment) == signature


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("int gcd(int a, int b)", "int gcd(int a, int b)"),
        ("int gcd(int a, int b): of both", "int gcd(int a, int b)"),
        (
            "Adds.\nstatic std::vector<int> add(const std::vector<int>& a, int* b);",
            "static std::vector<int> add(const std::vector<int>& a, int* b)",
        ),
        ("template <typename T> T* top(std::map<T, int> m)", "template <typename T> T* top(std::map<T, int> m)"),
        ("bool empty() const noexcept - nothing", "bool empty() const noexcept"),
        ("bool operator==(const A& other) const", "bool operator==(const A& other) const"),
        ("Box(int size): so large", "Box(int size)"),
        ("returns the sum(int a)", ""),
        ("Function withdraw(amount)", ""),
        ("the result of gcd(a, b)", ""),
        ("call close() at the end", ""),
        ("int gcd(int a, int b) is used below", ""),
        ("see std::sort(first, last)", ""),
    ],
)
def test_cpp_signatures(text: str, signature: str):
    comment = at("/* " + text + " */|", "cpp")
    assert comment is not None
    assert signature_in(comment, "Box") == signature


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("function countVowels: how many", "countVowels"),
        ("A class Stack with push(item)", "Stack"),
        ("the sum of both. Name it total.", "total"),
        ("withdraw: take an amount", "withdraw"),
        ("Is the text empty? is_empty(text)", "is_empty"),
        ("a function that returns both", ""),
        ("The largest number", ""),
    ],
)
def test_the_name_that_is_wanted(text: str, name: str):
    comment = at(f"# {text}|")
    assert comment is not None
    assert name_in(comment) == name
