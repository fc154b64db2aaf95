"""What a comment asks for ends where the definition does, or where a blank line or a comment parts it from more."""

from __future__ import annotations

import pytest

from tests.core.test_truncation_places import answer, place


def python(marked: str, stream: str, kept: str) -> None:
    assert answer(place("python", marked), stream, "stop").text == kept


def cpp(marked: str, stream: str, kept: str) -> None:
    assert answer(place("cpp", marked), stream, "stop").text == kept


TWICE = "def twice(x):\n    y = 2 * x\n\n    return y"
C_TWICE = "int twice(int x) {\n    int y = 2 * x;\n\n    return y;\n}"


@pytest.mark.parametrize(
    "more", ["", "\n\n\nprint(twice(2))\n", "\n\n\n# Test\ntwice(3)\n", "\nimport os\n", "\n```\n"]
)
def test_a_python_function_at_the_top_level_and_nothing_after_it(more: str) -> None:
    python("# function twice\n|\n\nx = 1\n", TWICE + more, TWICE)


def test_what_a_function_needs_before_it_is_part_of_it() -> None:
    said = "import re\n\nWORD = re.compile('a')\n\n\n@cache\ndef words(text):\n    return WORD.findall(text)"
    python("# function words\n|", said + "\n\n\nwords('a')\n", said)


def test_a_python_class_is_a_definition_and_its_methods_are_in_it() -> None:
    said = "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        pass\n"
    python("# class A\n|\n\n\nx = 1\n", said + "\n\na = A()\n", said.rstrip())


def test_a_method_is_one_method() -> None:
    method = "def f(self):\n        return 1"
    python("class A:\n    # one\n    |\n\n    x = 1\n", f"    {method}\n\n    def g(self):\n        pass\n", method)


def test_clauses_belong_to_a_definition_that_a_try_is_around() -> None:
    said = "try:\n    import fast\nexcept ImportError:\n    fast = None\n\n\ndef f():\n    return fast"
    python("# function f\n|", said + "\n\n\nf()\n", said)


GAP = "def f(xs):\n    t = 0\n    # add them all up\n    |\n    return t\n"


@pytest.mark.parametrize("more", ["\n\n    t += 1", "\n    # then\n    t += 1", "\n    return t", "\n\n    print(t)\n"])
def test_python_statements_end_at_a_blank_line_a_comment_or_what_follows(more: str) -> None:
    python(GAP, "    for x in xs:\n        t += x" + more, "for x in xs:\n        t += x")


def test_blank_lines_inside_of_a_block_or_before_a_clause_part_nothing() -> None:
    said = "for x in xs:\n        t += x\n\n        t += 1\n\n    else:\n        t = 1"
    python(GAP, f"    {said}\n\n    t = 2\n", said)


def test_a_comment_before_the_first_statement_parts_nothing() -> None:
    python(GAP, "    # all of them\n\n    t = sum(xs)\n\n    t += 1\n", "# all of them\n\n    t = sum(xs)")


def test_statements_end_before_any_line_of_their_block_that_is_there_already() -> None:
    text = "def f(xs):\n    t = 0\n    # add\n    |\n    t = rounded(t)\n    return t, len(xs)\n"
    python(text, "    t = sum(xs)\n    return t, len(xs)\n", "t = sum(xs)")


def test_where_nothing_follows_the_rest_of_the_function_is_written() -> None:
    python(
        "def f(xs):\n    # add\n    t = 0\n    # all\n    |\n",
        "    t = sum(xs)\n\n    return t\n",
        "t = sum(xs)\n\n    return t",
    )


def test_statements_of_a_script_are_preceded_by_their_imports() -> None:
    python(
        "# read the lines\n|\n\nprint(lines)\n",
        "import sys\n\nlines = list(sys.stdin)\n\nx = 1\n",
        "import sys\n\nlines = list(sys.stdin)",
    )


@pytest.mark.parametrize("more", ["", "\n\nint main() {\n}\n", "\nint x;\n", "\n// Test\n"])
def test_a_cpp_function_at_the_top_level_and_nothing_after_it(more: str) -> None:
    cpp("// function twice\n|\n\nint x;\n", C_TWICE + more, C_TWICE)


def test_directives_and_using_before_a_cpp_function_are_part_of_it() -> None:
    said = "#include <vector>\n\nusing std::vector;\n\n" + C_TWICE
    cpp("// function twice\n|\n\nint x;\n", said + "\n\nint main() {}\n", said)


def test_a_struct_ends_with_its_semicolon() -> None:
    said = "struct P {\n    int x;\n\n    int f() { return x; }\n};"
    cpp("// struct P\n|\n\nint x;\n", said + "\n\nP p;\n", said)


def test_a_cpp_method_or_its_declaration_is_one() -> None:
    text = "class A {\npublic:\n    // one\n    |\n\n    int g();\n};\n"
    cpp(
        text,
        "    int f() const {\n        return 1;\n    }\n\n    int h() {",
        "int f() const {\n        return 1;\n    }",
    )
    cpp(text, "    int f() const;\n    int h();\n", "int f() const;")
    cpp(text, "    A() : x_(1), y_{2} {\n    }\n\n    int h();\n", "A() : x_(1), y_{2} {\n    }")


C_GAP = "int f(int n) {\n    int t = 0;\n    // add up\n    |\n    return t;\n}\n"
C_LOOP = "for (int i = 0; i < n; i++) {\n        t += i;\n\n        t += 1;\n    }"


@pytest.mark.parametrize(
    "more", ["\n\n    t++;", "\n    // then\n    t++;", "\n    return t;", "\n}", "\n\n    return t;\n}\n"]
)
def test_cpp_statements_end_at_a_blank_line_a_comment_or_what_follows(more: str) -> None:
    cpp(C_GAP, f"    {C_LOOP}{more}", C_LOOP)


def test_an_else_after_a_blank_line_belongs_to_its_if() -> None:
    said = "if (n) {\n        t = 1;\n    }\n\n    else {\n        t = 2;\n    }"
    cpp(C_GAP, f"    {said}\n\n    t++;\n", said)


def test_a_declaration_outside_of_functions_ends_at_the_blank_line() -> None:
    cpp("// how many\n|\n\nint f();\n", "const int kMany = 3;\n\nint g() {}\n", "const int kMany = 3;")


def test_statements_end_before_one_that_would_leave_what_follows_unreached() -> None:
    python("def f(xs):\n    # add\n    |\n    t += 1\n    return t\n", "    t = sum(xs)\n    return t\n", "t = sum(xs)")
    text = "int f(int n) {\n    // double\n    |\n    n++;\n    return n;\n}\n"
    cpp(text, "    n *= 2;\n    return n;\n}\n", "n *= 2;")


def test_the_steps_of_a_definition_are_those_of_the_document() -> None:
    text = "def f(x):\n  return x\n\n\n# function g\n|\n"
    python(
        text,
        "def g(x):\n    # both\n    if x:\n        return 1\n    return 2\n",
        "def g(x):\n  # both\n  if x:\n    return 1\n  return 2",
    )
    text = "int f() {\n    return 1;\n}\n\n// struct P\n|\n"
    said = "struct P {\n public:\n  int g() {\n    return 1;\n  }\n};"
    cpp(text, said, "struct P {\n public:\n    int g() {\n        return 1;\n    }\n};")
    cpp(text.replace("    ", "  "), said, said)
