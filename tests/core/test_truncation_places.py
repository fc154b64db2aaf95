"""Headers that wait for their block, and white space: what is kept at places as they are seen in a document."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from lsp_server.core.context import Extent
from lsp_server.core.document import Document
from lsp_server.core.syntax import context_at
from lsp_server.core.target import Target, target_for
from lsp_server.core.truncation import Result, Truncation


def place(language: str, marked: str) -> Target:
    offset = marked.index("|")
    return target_for(context_at(Document("file:///a", language, marked.replace("|", "", 1)), offset))


def answer(target: Target, stream: str, ended: str) -> Result:
    truncation = Truncation(target)
    given = ""
    for character in stream:
        given += truncation.feed(character)
        if truncation.done:
            break
    result = truncation.finish(ended)
    assert result.text.startswith(given)
    return result


def python(marked: str, stream: str, kept: str, ended: str = "stop") -> None:
    assert answer(place("python", marked), stream, ended).text == kept


def cpp(marked: str, stream: str, kept: str, ended: str = "stop") -> None:
    assert answer(place("cpp", marked), stream, ended).text == kept


FOR = "def f(xs):\n    total = 0\n    for x in xs:|\n    return total\n"
C_FOR = "int f(int n) {\n    int t = 0;\n    for (int i = 0; i < n; i++)|\n    return t;\n}\n"
C_IF = "int f(int n) {\n    int t = 0;\n    if (n) {|\n    return t;\n}\n"
C_CLOSED = "int f(int n) {\n    int t = 0;\n    if (n) {|\n    }\n    return t;\n}\n"


class TestAPythonHeaderAtTheCursor:
    def test_gets_its_block_and_nothing_after_it(self) -> None:
        python(FOR, "\n        total += x\n    return total\n", "\n        total += x")
        python(
            FOR,
            "\n        if x:\n            a()\n\n        b()\n    c()\n",
            "\n        if x:\n            a()\n\n        b()",
        )
        python("for x in y:|\n", "\n    a()\nb()\n", "\n    a()")
        python(
            "class A:|\nx = 1\n",
            "\n    def f(self):\n        pass\n\n    y = 1\n\nx = 1\n",
            "\n    def f(self):\n        pass\n\n    y = 1",
        )

    def test_gets_the_clauses_that_belong_to_it(self) -> None:
        python(
            FOR, "\n        a()\n    else:\n        b()\n    return total\n", "\n        a()\n    else:\n        b()"
        )
        python(
            "def f():\n    try:|\n",
            "\n        a()\n    except E:\n        b()\n    c()\n",
            "\n        a()\n    except E:\n        b()",
        )

    def test_gets_no_clause_that_is_there(self) -> None:
        python(
            "def f():\n    try:|\n    except E:\n        pass\n",
            "\n        a()\n    except E:\n        b()\n",
            "\n        a()",
        )
        python(
            "def f(a):\n    if a:|\n    else:\n        pass\n",
            "\n        a()\n    else:\n        b()\n",
            "\n        a()",
        )

    def test_keeps_the_block_in_the_documents_levels(self) -> None:
        python(
            "def f(xs):\n\tfor x in xs:|\n\treturn 1\n",
            "\n\t\tif x:\n\t\t\ta()\n\treturn 1\n",
            "\n\t\tif x:\n\t\t\ta()",
        )
        python(FOR, "\n      if x:\n        a()\n    return 1\n", "\n        if x:\n            a()")

    def test_may_have_its_block_on_its_own_line(self) -> None:
        python(FOR, " total += x\n    return total\n", " total += x")

    def test_gets_nothing_but_the_rest_of_its_line_when_the_block_is_there(self) -> None:
        marked = "def f(xs):\n    for x in xs:|\n        a()\n    return 1\n"
        python(marked, "\n        b()\n        a()\n    return 1\n", "")
        python(marked, "  # all of them\n        b()\n", "  # all of them")

    def test_gets_nothing_from_a_model_that_leaves_it_without_a_block(self) -> None:
        python(FOR, "\n    return total\n", "")

    def test_keeps_whole_statements_of_an_answer_cut_short(self) -> None:
        python(FOR, "\n        a()\n        total += f(", "\n        a()", "length")


class TestACHeaderAtTheCursor:
    def test_gets_the_one_statement_it_controls(self) -> None:
        cpp(C_FOR, "\n        t += i;\n    return t;\n}\n", "\n        t += i;")
        cpp(
            C_FOR,
            " {\n        t += i;\n        g();\n    }\n    return t;\n",
            " {\n        t += i;\n        g();\n    }",
        )
        cpp(C_FOR, "\n    {\n        t += i;\n    }\n    return t;\n", "\n    {\n        t += i;\n    }")
        cpp(
            C_FOR,
            "\n        if (i)\n            t += i;\n        else\n            g();\n    return t;\n",
            "\n        if (i)\n            t += i;\n        else\n            g();",
        )

    def test_gets_its_block_and_brace_and_what_may_follow_it(self) -> None:
        cpp(C_IF, "\n        g();\n        t = 1;\n    }\n    return t;\n}\n", "\n        g();\n        t = 1;\n    }")
        cpp(
            C_IF,
            "\n        g();\n    } else {\n        h();\n    }\n    return t;\n",
            "\n        g();\n    } else {\n        h();\n    }",
        )
        cpp(C_IF, "\n        return t;\n    }\n    return t;\n", "\n        return t;\n    }")

    def test_gets_no_brace_that_is_there(self) -> None:
        cpp(C_CLOSED, "\n        g();\n        t = 1;\n    }\n    return t;\n}\n", "\n        g();\n        t = 1;")
        cpp(C_CLOSED, "\n        g();\n    } else {\n        h();\n    }\n", "\n        g();")

    def test_gets_nothing_but_the_rest_of_its_line_when_the_block_is_there(self) -> None:
        cpp(C_CLOSED.replace("|", "|\n        g();"), "\n        h();\n        g();\n    }\n", "")
        cpp(C_CLOSED.replace("|", "|\n        g();"), " // why\n        h();\n", " // why")
        cpp(C_FOR.replace("|", "|\n    {\n        g();\n    }"), " {\n        h();\n    }\n", "")
        cpp(C_FOR.replace("|", "|\n        g();"), "\n        h();\n", "")

    def test_gets_the_brace_that_the_text_below_closes(self) -> None:
        cpp(C_FOR.replace("|", "|\n        g();\n    }"), " {\n        h();\n    }\n", " {")

    def test_is_closed_in_an_answer_cut_short(self) -> None:
        cpp(C_IF, "\n        g();\n        h(", "\n        g();\n    }", "length")
        cpp(C_CLOSED, "\n        g();\n        h(", "\n        g();", "length")

    def test_ends_as_the_declaration_or_list_that_its_brace_began(self) -> None:
        cpp("struct S {|\n", "\n    int x;\n    int y;\n};\nint z;\n", "\n    int x;\n    int y;\n};")
        cpp(
            "int f() {\n    int a[] = {|\n    return a[0];\n}\n",
            "\n        1, 2,\n    };\n    return a[0];\n",
            "\n        1, 2,\n    };",
        )
        cpp(
            "void f() {\n    run([&] {|\n    g();\n}\n",
            "\n        a();\n        b();\n    });\n    g();\n",
            "\n        a();\n        b();\n    });",
        )

    def test_keeps_labels_on_the_models_level(self) -> None:
        body = "\n    case 1:\n        return 2;\n    default:\n        return 3;\n    }"
        cpp("int f(int n) {\n    switch (n) {|\n}\n", body + "\n}\n", body)
        cpp(
            "int f(int n) {\n    switch (n) {\n    case 1:|\n    }\n}\n",
            "\n        return 2;\n    }\n",
            "\n        return 2;",
        )

    def test_keeps_tabs(self) -> None:
        cpp("int f(int n) {\n\tif (n) {|\n\treturn 1;\n}\n", "\n\t\tg();\n\t}\n\treturn 1;\n", "\n\t\tg();\n\t}")


SPACES = ("    ", "\t", "  ", "        ", "      ")
PAIRS = list(product(SPACES, SPACES))


class TestTypedWhiteSpace:
    @pytest.mark.parametrize(("typed", "own"), PAIRS)
    def test_is_the_level_of_the_body_however_the_model_prints_it(self, typed: str, own: str) -> None:
        stream = f"{own}x = 1\n\n{own}if x:\n{own}{own}y = 2\n{own}return x\n\nz = 1\n"
        one, two = f"\n{typed}", f"\n{typed}{typed}"
        python(f"def f(x):\n{typed}|\n", stream, f"x = 1\n{one}if x:{two}y = 2{one}return x")

    @pytest.mark.parametrize(("typed", "own"), PAIRS)
    def test_is_the_level_of_a_body_in_braces_too(self, typed: str, own: str) -> None:
        stream = f"{own}int x = 1;\n{own}if (x) {{\n{own}{own}g();\n{own}}}\n}}\n"
        one, two = f"\n{typed}", f"\n{typed}{typed}"
        cpp(f"void f()\n{{\n{typed}|\n}}\n", stream, f"int x = 1;{one}if (x) {{{two}g();{one}}}")

    @pytest.mark.parametrize("typed", SPACES)
    def test_is_the_level_of_a_model_that_prints_no_more_of_it(self, typed: str) -> None:
        python(f"def f(x):\n{typed}|\n", f"x = 1\n{typed}return x\n\nz = 1\n", f"x = 1\n{typed}return x")

    def test_is_made_up_to_the_level_of_the_place(self) -> None:
        marked = "class A:\n    def f(self):\n        x = 1\n        return x\n\n    def g(self):\n    |\n"
        python(marked, "        y = 2\n        return y\n", "    y = 2\n        return y")

    def test_in_tabs_keeps_its_level_when_the_model_prints_spaces(self) -> None:
        marked = "#include <string.h>\n\n/* reverse s in place */\nvoid reverse(char *s)\n{\n\t|\n}\n"
        stream = "    int n = strlen(s);\n    for (int i = 0; i < n / 2; i++) {\n        char c = s[i];\n    }\n}\n"
        cpp(marked, stream, "int n = strlen(s);\n\tfor (int i = 0; i < n / 2; i++) {\n\t\tchar c = s[i];\n\t}")

    def test_inside_brackets_moves_the_lines_along(self) -> None:
        marked = "def f():\n\tx = g(\n\t\t|\n"
        python(marked, "        a,\n        h(b,\n          c))\n", "a,\n\t\th(b,\n\t\t  c))")

    def test_after_code_is_not_doubled(self) -> None:
        python("def f():\n    x = |\n    return x\n", " 1\n    return x\n", "1")
        python("def f():\n    x = |\n    return x\n", "1\n    return x\n", "1")
        python("def f():\n    x =|\n    return x\n", " 1\n    return x\n", " 1")

    def test_of_a_block_is_not_that_of_a_model_which_leaves_it(self) -> None:
        python("def f(xs):\n    for x in xs:\n        a()\n        |\n", "    return xs\n", "")


class TestBlanks:
    def test_blank_lines_are_empty(self) -> None:
        python("def f():|\n", "    a = 1\n    \n  \t\n    return a\n", "\n    a = 1\n\n\n    return a")
        cpp("void f() {|\n", "\n    a();\n    \n    /* b\n    \n    */\n}\n", "\n    a();\n\n    /* b\n\n    */\n}")

    def test_no_line_ends_in_blanks(self) -> None:
        python(
            "def f():|\n",
            "    a = 1  \n    # note \t\n    return a  # end  \n\nb\n",
            "\n    a = 1\n    # note\n    return a  # end",
        )
        cpp(
            "void f() {|\n",
            "\n    a(); \n#if A \n    b(); // c \n#endif\n} \n",
            "\n    a();\n#if A\n    b(); // c\n#endif\n}",
        )

    def test_blanks_in_a_string_stay(self) -> None:
        body = '\n    a = """ \n    \n  b  \n"""\n    return a'
        python("def f():|\n", body + " \n\nb\n", body)
        cpp("void f() {|\n", '\n    a(R"( \n  \n)");\n}\n', '\n    a(R"( \n  \n)");\n}')


class TestTheEndOfTheText:
    def test_has_no_newline_at_the_end_of_the_file(self) -> None:
        python("# sort\ndef f(xs):\n|", "    a = 1\n    return a\n\n\nb = 1\n", "    a = 1\n    return a")
        cpp("void f()\n{\n|", "    a();\n}\n\nint g;\n", "    a();\n}")

    def test_has_no_newline_where_one_follows(self) -> None:
        python("def f(xs):\n|\nb = 1\n", "    return 1\n\nb = 1\n", "    return 1")
        python("def f(xs):\n|  \nb = 1\n", "    return 1\n\nb = 1\n", "    return 1")

    @pytest.mark.parametrize(
        ("language", "marked", "stream", "kept"),
        [
            ("python", "def f(xs):\n|def g():\n    pass\n", "    return 1  \n\n\ndef g():\n", "    return 1\n"),
            ("cpp", "void f()\n{\n|}\n", "    a();\n}\n", "    a();\n"),
            ("cpp", "void f()\n{\n|}\n", "    a();", "    a();\n"),
            ("cpp", "void f()\n|int g;\n", "{\n    a();\n}\n", "{\n    a();\n}\n"),
        ],
    )
    def test_has_a_newline_where_text_follows_in_column_0(
        self, language: str, marked: str, stream: str, kept: str
    ) -> None:
        target = replace(place(language, marked), extent=Extent.BODY, lead="", indent="    ", closed="|}" in marked)
        assert answer(target, stream, "stop").text == kept


def test_a_call_of_the_function_that_is_overridden_is_no_signature() -> None:
    body = "        B::SetUp();\n\n        a();\n        b();\n    }"
    cpp("struct A : B {\n    void SetUp() override|\n};\n", body + "\n};\n", " {\n" + body)
