# ruff: noqa: E501 - a document and its answer read best on one line
"""What truncation keeps of a model's answer, as documents with a ``|`` for the cursor."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from lsp_server.core.context import Extent
from lsp_server.core.languages import CPP, PYTHON, C, Language
from lsp_server.core.target import Target
from lsp_server.core.truncation import Result, Truncation

BODY, BLOCK, STATEMENT, LINE = Extent.BODY, Extent.BLOCK, Extent.STATEMENT, Extent.LINE


def target(language: Language, extent: Extent, marked: str, **changes: object) -> Target:
    """The target at the ``|`` of ``marked``, one level below the last line that is not blank unless told otherwise."""
    head, after = marked.split("|")
    line = head.rpartition("\n")[2]
    typed = "" if line.strip() else line
    indent = typed or ("    " if extent in (BODY, BLOCK) else line[: len(line) - len(line.lstrip())])
    made = Target(language, extent, head.removesuffix(typed), typed, "", after, indent, "    ", False)
    return replace(made, **changes)


def answer(place: Target, stream: str, ended: str = "stop", size: int = 3) -> Result:
    """The result of ``stream`` in pieces of ``size``; what was given out before is always a beginning of it."""
    truncation = Truncation(place)
    given = ""
    for start in range(0, len(stream), size):
        given += truncation.feed(stream[start : start + size])
        if truncation.done:
            break
    result = truncation.finish(ended)
    assert result.text.startswith(given)
    return result


@dataclass(frozen=True)
class Checker:
    """`check(marked document, raw answer, kept text)` for one language and extent."""

    language: Language
    extent: Extent

    def __call__(self, marked: str, stream: str, kept: str, ended: str = "stop", **changes: object) -> Result:
        result = answer(target(self.language, self.extent, marked, **changes), stream, ended)
        assert result.text == kept
        return result


python_body = Checker(PYTHON, BODY)
python_block = Checker(PYTHON, BLOCK)
python_statement = Checker(PYTHON, STATEMENT)
python_line = Checker(PYTHON, LINE)
cpp_body = Checker(CPP, BODY)
cpp_block = Checker(CPP, BLOCK)
cpp_statement = Checker(CPP, STATEMENT)
cpp_line = Checker(CPP, LINE)

NEXT = "\ndef other():\n    pass\n"


PYTHON_BODIES = {
    "blank lines": "    a = 1\n\n\n    return a",
    "comments in column 0": "    a = 1\n# note\n#another\n\n    return a",
    "a nested function": "    def inner():\n        return 1\n\n    return inner",
    "a nested class with decorators": "    @wrap(\n1)\n    class Inner:\n        @property\n        def x(self): return 1\n    return Inner",
    "text in column 0 of a long string": '    a = """\ntext\ndef no(): pass\n"""\n    return a',
    "a raw long string that ends in a quote": "    a = r'''\nit's\n'''\n    return a",
    "a continued line": "    a = 1 + \\\n2\n    return a",
    "brackets whose lines stand in column 0": "    a = [\n1,\n# two\n2,\n]\n    return a",
    "nested quotes in an f-string": '    a = f"{x[\'k\']!r:>{w}} {{}} {d["in"]}"\n    return a',
    "a lambda in an f-string": '    a = f"{(lambda: 1)()}"\n    return a',
    "an f-string over lines": "    a = f'''{\nx:\n}'''\n    return a",
    "a named character": '    a = f"\\N{EM DASH}{b}"\n    return a',
    "escaped quotes": "    a = 'it\\'s' + \"\\\\\"\n    return a",
    "clauses": "    try:\n        a()\n    except (E,\n E2):\n        pass\n    else:\n        b()\n    finally:\n        c()",
    "a comment after the last statement": "    return 1  # the end",
    "several statements on a line": "    a = 1; b = 2\n    return a",
    "a match statement": "    match x:\n        case {'a': [1, *_]}:\n            return 1\n        case _:\n            return 2",
    "a dictionary with a colon at its line's end": "    a = {'k':\n1}\n    return a",
}


@pytest.mark.parametrize("body", PYTHON_BODIES.values(), ids=PYTHON_BODIES)
def test_a_python_body_is_kept_whole_and_ends_before_the_next_definition(body: str) -> None:
    python_body("def f(x):\n|", body + "\n\n# about other\n" + NEXT, body)


@pytest.mark.parametrize("body", PYTHON_BODIES.values(), ids=PYTHON_BODIES)
def test_a_python_method_body_ends_before_the_next_method(body: str) -> None:
    indented = body.replace("\n    ", "\n        ").replace("    ", "        ", 1)
    marked = "class A:\n    def f(self, x):\n|"
    python_body(
        marked, indented + "\n\n    # next\n    @property\n    def g(self): pass\n", indented, indent="        "
    )


CPP_BODIES = {
    "blank lines and comments": "{\n    int a = 1; // }\n\n    /* } */\n    return a;\n}",
    "character literals": "{\n    char a = '}', b = '\\'', c = '{', d = L'\\\\', e = u8'}';\n}",
    "digit separators": "{\n    int a = 1'000'000 + 0x'ff;\n    return '}';\n}",
    "raw strings": '{\n    auto a = R"x(} )" )y" )x"; auto b = u8R"(})";\n}',
    "escaped quotes": '{\n    f("}\\"}", "\\\\");\n}',
    "a comment with a continued line": "{\n    // continues \\\n    }\n    f();\n}",
    "branches with unbalanced braces": "{\n#if A\n    if (a) {\n#else\n    if (b) {\n#endif\n        f();\n    }\n}",
    "a closing brace in each branch": "{\n#if A\n    f();\n}\n#else\n    g();\n}\n#endif",
    "a branch that is never compiled": "{\n#if 0\n    don't }}}\n#endif\n    f();\n}",
    "nested conditions": "{\n#ifdef A\n# if B\n    if (a) {\n# elif C\n    while (a) {\n# else\n    {\n# endif\n    }\n#endif\n}",
    "a macro over lines": "{\n#define M(x) do { \\\n    x\n    f();\n}",
    "lambdas": "{\n    auto f = [=, &b](int x) mutable -> int { if (x) { return 1; } return 2; };\n    run([&] { g(); });\n}",
    "initialisers": "{\n    std::vector<std::pair<int, int>> v{{1, 2}, {3, 4}};\n    S s = {.a = {1}, .b = 2};\n    return v;\n}",
    "a local type": "{\n    struct P { int x; void f() { x = 1; } } p;\n    enum class E : int { A, B };\n    return p.x;\n}",
    "templates and shifts": "{\n    a<b<int>>(x >> 2);\n    if (a < b && c > d) { f<g>(); }\n}",
    "try inside": "{\n    try { f(); } catch (const E &e) { g(); } catch (...) { h(); }\n    return 1;\n}",
    "do and while": "{\n    do { f(); } while (x);\n    do g(); while (y);\n    return;\n}",
    "labels and a switch": "{\n    switch (a) {\n    case 'x': { f(); break; }\n    default: goto end;\n    }\nend:\n    return;\n}",
}
CPP_HEADS = {
    "a plain signature": ("void f(int a)", " "),
    "default arguments in braces": ("void f(A a = {}, int b = (1))", "\n"),
    "constructor initialisers": ("A::A(int x)", "\n    : a{1}, b<int>(2), c{{1}, {2}}, D{x}...\n"),
    "a trailing return type": ("auto f() const noexcept(noexcept(A{})) -> decltype(A{}.x)", "\n"),
    "a requires clause": ("template <class T> void f(T t) requires C<T> && requires(T x) { x.f(); }", "\n"),
    "attributes": ('[[nodiscard("}")]] int f() __attribute__((noinline))', "\n"),
    "an operator": ("bool operator==(const A &) const", " "),
    "a call operator": ("int operator()(int x) const &&", " override "),
}


@pytest.mark.parametrize("head", CPP_HEADS.values(), ids=CPP_HEADS)
@pytest.mark.parametrize("body", CPP_BODIES.values(), ids=CPP_BODIES)
def test_a_cpp_body_is_kept_whole_wherever_its_stream_begins(head: tuple[str, str], body: str) -> None:
    signature, between = head
    cpp_body(f"{signature}|", between + body + "\n\nint next() { return 1; }\n", between + body)
    cpp_body(f"{signature}{between}{{|", body[1:] + "\n;\n}\n", body[1:])


def test_a_function_try_block_ends_after_its_last_handler() -> None:
    body = " try : a(1) {\n    f();\n}\ncatch (const E &) {\n    g();\n}\n// and\ncatch (...) {\n}"
    cpp_body("A::A()|", body + "\nint g();\n", body)


def test_what_the_text_after_the_cursor_closes_is_not_closed_again() -> None:
    cpp_body("void f() {\n|\n}\n", "    g();\n}\n", "    g();", closed=True)
    cpp_body("void f() {|}\n", "\n    g();\n}\n", "\n    g();\n", closed=True)
    cpp_body(
        "void f() {\n    |\n}\n",
        "if (a) {\n        g();\n    }\n}\nint x;",
        "if (a) {\n        g();\n    }",
        closed=True,
    )


def test_a_lead_is_part_of_the_insertion() -> None:
    cpp_body("int f()|", "    return 1;\n}\n", " {\n    return 1;\n}", lead=" {\n")
    python_body("def f():|\n", "    return 1\n\nprint()\n", "\n    return 1", lead="\n")


def test_nothing_but_a_lead_is_nothing() -> None:
    result = cpp_body("int f()|", "", "", lead=" {\n")
    assert result.rule == "model stopped"


def test_a_one_line_body_ends_with_its_line() -> None:
    python_body("def f(x): |\n", "return x\n\nprint(1)\n", "return x")
    cpp_body("int f() |", "{ return 1; } // one\nint g();", "{ return 1; }")


def test_a_body_that_was_never_begun_is_empty() -> None:
    result = python_body("def f():\n|", NEXT, "")
    assert result.rule == "nothing written"


def test_a_declaration_ends_at_its_semicolon() -> None:
    cpp_body("int f()|", " const = 0;\nint g();", " const = 0;")


class TestBlocks:
    def test_a_python_block_ends_before_the_clause_that_follows(self) -> None:
        python_block("def f():\n    if a:\n        |", "b()\n        c()\n    else:\n        d()\n", "b()\n        c()")

    def test_a_cpp_block_ends_at_its_brace(self) -> None:
        cpp_block("void f() {\n    if (a) {\n        |", "b();\n    }\n    c();\n}\n", "b();\n    }")

    def test_a_closed_cpp_block_ends_before_its_brace(self) -> None:
        cpp_block("void f() {\n    if (a) {\n        |\n    }\n}\n", "b();\n    }\n    c();\n", "b();", closed=True)


class TestStatements:
    @pytest.mark.parametrize(
        "statement",
        [
            "x = [\n1,\n2]",
            "if a:\n        b()\n    elif c:\n        d()\n    else:\n        e()",
            "try:\n        b()\n    except E:\n        d()\n    finally:\n        e()",
            "for x in y:\n        if x:\n            break\n    else:\n        e()",
            "@wrap\n    def g():\n        return 1",
            "x = '''\na\n'''  # text",
        ],
    )
    def test_one_python_statement_with_all_its_clauses(self, statement: str) -> None:
        python_statement("def f():\n    |\n", statement + "\n    rest()\n", statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "x = f(1,\n          2);",
            "if (a) b(); else if (c) { d(); } else e();",
            "if (a)\n        for (int i = 0; i < n; ++i)\n            while (b) c();\n    else\n        d();",
            "do { a(); } while (b);",
            "do a(); while (b);",
            "try { a(); } catch (E &e) { b(); } catch (...) { }",
            "auto f = [](int x) { return x; };",
            "switch (a) {\n    case 1: break;\n    default: b();\n    }",
            "for (auto &[k, v] : m) {\n        a(k);\n    }",
            "{ a(); b(); }",
            "struct P { int x; } p;",
            "int a[] = {1,\n        2};",
            "if constexpr (A<B>) { a(); }",
            "return S{1, 2};",
        ],
    )
    def test_one_cpp_statement_with_all_that_belongs_to_it(self, statement: str) -> None:
        cpp_statement("void f() {\n    |\n}\n", statement + "\n    rest();\n}\n", statement)

    def test_only_the_header_when_its_block_is_there_already(self) -> None:
        python_statement("def f():\n    |\n        a()\n", "if x:\n        a()\n", "if x:")
        cpp_statement("void f() {\n    |\n    {\n        a();\n    }\n}\n", "if (x)\n    {\n        a();\n", "if (x)")

    def test_the_clause_that_follows_the_cursor_is_not_written(self) -> None:
        python_statement(
            "def f():\n    |\n    else:\n        c()\n",
            "if a:\n        b()\n    else:\n        d()\n",
            "if a:\n        b()",
        )

    def test_the_enclosing_block_is_not_left(self) -> None:
        cpp_statement("void f() {\n    |\n}\n", "}\nint g();", "")


class TestLines:
    def test_a_line_ends_where_no_bracket_is_open(self) -> None:
        python_line("x = |\n", "f(1,\n      2)\ny = 1\n", "f(1,\n      2)")
        cpp_line("    x = |\n", "f(1,\n          2);\n    y = 1;\n", "f(1,\n          2);")

    @pytest.mark.parametrize("check", [python_line, cpp_line])
    def test_brackets_that_the_editor_has_closed_are_not_closed_again(self, check: Checker) -> None:
        check("print(|)\n", "x)\n", "x")
        check("print(|)\n", "x, f(1))\n", "x, f(1)")
        check("print(a[|])\n", "i])\n", "i")
        check('print("|")\n', 'hello")\n', "hello")
        check("print(|)\n", "f(x)", "f(x)")

    @pytest.mark.parametrize("check", [python_line, cpp_line])
    def test_the_rest_of_the_line_is_not_repeated(self, check: Checker) -> None:
        check("f(|, b)\n", "a, b)\n", "a")
        check("f(|, b)\n", "a)\n", "a")
        check("x = |[0]\n", "values[0]\n", "values")
        check("x = | + other_value\n", "value + other_value\n", "value")
        check("x = g(|first, second)\n", "zero, first, second)\n", "zero, ")

    def test_a_colon_or_semicolon_after_the_cursor_is_not_doubled(self) -> None:
        python_line("if |:\n    pass\n", "x > 1:\n    pass\n", "x > 1")
        cpp_line("x = |;\n", "y + 1;\n", "y + 1")

    def test_a_line_in_a_list_that_the_text_below_closes_is_one_line(self) -> None:
        python_line("x = [\n    a,\n    |\n]\n", "b,\n    c,\n]\n", "b,")
        python_line("x = f(|\n    a)\n", "1,\n    a)\n", "1,")
        python_line("x = {\n    1: 2,\n|    y = 1\n", "}\n    y = 1\n", "}")

    def test_a_comment_ends_with_its_line(self) -> None:
        python_line("x = 1  # the |\n", "answer\ny = 2\n", "answer")
        cpp_line("int x; // the |\n", "answer\nint y;\n", "answer")

    def test_a_docstring_is_written_line_by_line(self) -> None:
        python_line('def f():\n    """Return |\n    """\n', "one.\n\n    More.\n", "one.")

    def test_a_newline_right_away_completes_the_line_as_it_is(self) -> None:
        python_line("x = f(|\n    a)\n", "\n    a)\n", "")

    def test_what_a_line_opens_is_closed_unless_it_is_there(self) -> None:
        cpp_line("void f() {\n    |\n}\n", "while (a) {\n        b();\n", "while (a) {\n    }")
        cpp_line("void f() {\n    |\n        b();\n    }\n}\n", "while (a) {\n        b();\n", "while (a) {")


class TestTheNextLine:
    def test_a_copy_of_the_next_line_ends_the_text(self) -> None:
        marked = "def f(values):\n    total = 0\n    |\n    return total / len(values)\n"
        result = python_block(
            marked,
            "for v in values:\n        total += v\n    return total / len(values)\n",
            "for v in values:\n        total += v",
        )
        assert result.rule == "suffix reached"

    def test_a_copy_in_other_spacing_is_a_copy(self) -> None:
        cpp_block(
            "void f() {\n    |\n    finish(a, b);\n}\n", "start();\n    finish( a,b );\n}\n", "start();", closed=True
        )

    def test_a_short_line_needs_the_line_after_it_too(self) -> None:
        marked = "def f():\n    |\n    x = 1\n    y = 2\n"
        python_block(marked, "a()\n    x = 1\n    y = 2\n", "a()")
        python_block(marked, "a()\n    x = 1\n    b()\n\nc()\n", "a()\n    x = 1\n    b()")

    def test_the_same_line_deeper_inside_is_no_copy(self) -> None:
        marked = "def f():\n    |\n    return total / len(values)\n"
        stream = "if a:\n        return total / len(values)\n    b()\n"
        python_block(marked, stream + "    return total / len(values)\n", stream.rstrip("\n"))
        cpp_block(
            "int f() {\n    |\n    return compute(a);\n}\n",
            "if (b) {\n        return compute(a);\n    }\n    return compute(a);\n}\n",
            "if (b) {\n        return compute(a);\n    }",
            closed=True,
        )

    def test_a_trivial_brace_is_judged_by_balance(self) -> None:
        cpp_body(
            "void f() {\n    |\n}\n",
            "while (a) {\n        b();\n    }\n}\n",
            "while (a) {\n        b();\n    }",
            closed=True,
        )

    def test_a_second_return_is_dead_code(self) -> None:
        python_block("def f():\n    |\n    return\n", "a()\n    return\n", "a()")


class TestNoise:
    @pytest.mark.parametrize(
        "token",
        [
            "<|endoftext|>",
            "<|im_end|>",
            "</s>",
            "<fim_middle>",
            "[INST]",
            "<\uff5cend\u2581of\u2581sentence\uff5c>",
            " <EOT>",
        ],
    )
    def test_a_special_token_ends_the_text(self, token: str) -> None:
        result = python_body("def f():\n|", f"    return 1{token}\n    more()\n", "    return 1")
        assert result.rule == "special token"

    def test_a_token_the_file_itself_speaks_of_is_text(self) -> None:
        python_body("END = '</s>'\ndef f():\n|", "    return '</s>'\n\nx = 1\n", "    return '</s>'")

    def test_template_arguments_are_no_tokens(self) -> None:
        body = " {\n    vector<s> a = b<PRE>() < c | d;\n}"
        cpp_body("void f()|", body + "\n", body)

    def test_a_closing_fence_ends_the_text(self) -> None:
        assert python_body("def f():\n|", "    return 1\n```\nThis returns one.", "    return 1").rule == "fence"
        python_body("def f():\n|", "    return 1\n\\end{code}\nThis returns one.", "    return 1")

    def test_a_fence_in_a_string_is_text(self) -> None:
        body = '    return """\n```\ncode\n```\n"""'
        python_body("def f():\n|", body + "\n" + NEXT, body)

    def test_prose_and_fence_before_the_code_are_taken_off(self) -> None:
        for before in ("Here is the function:\n\n```python\n", "```\n", "Sure, I can help with that.\n", "<s>"):
            python_body("def f():\n|", before + "    return 1\n```\n", "    return 1")

    def test_the_head_over_again_is_taken_off(self) -> None:
        marked = 'def f(x: int) -> int:\n    """Add one."""\n|'
        head = 'def f(x: int) -> int:\n    """Add one."""\n'
        python_body(marked, head + "    return x + 1\n" + NEXT, "    return x + 1")
        python_body(marked, f"```python\nimport os\n\n{head}    return x + 1\n```", "    return x + 1")
        python_body(marked, "```python\ndef f(x):\n    return x + 1\n```", "    return x + 1")

    def test_the_head_over_again_is_taken_off_in_cpp(self) -> None:
        marked = "struct A { int x; };\n// adds\nint add(int a, int b)|"
        for before in (
            "int add(int a, int b)",
            "```cpp\n#include <a>\nint add(int a, int b)",
            "```c\n// adds\nint add(int a, int b)",
        ):
            cpp_body(marked, before + " {\n    return a + b;\n}\n```", " {\n    return a + b;\n}")
        cpp_body(
            marked,
            "```cpp\nint add(int a, int b) {\n    return a + b;\n}\n```",
            " {\n    return a + b;\n}",
            lead=" {\n",
        )
        cpp_body(
            marked,
            "```cpp\nint add(int a, int b)\n{\n    return a + b;\n}\n```",
            " {\n    return a + b;\n}",
            lead=" {\n",
        )

    def test_a_nested_function_of_the_same_name_is_no_head(self) -> None:
        body = "    def f():\n        return 1\n    return f()"
        python_body("def f():\n|", body + "\n" + NEXT, body)

    def test_a_comment_that_reads_like_prose_stays(self) -> None:
        python_line("# |\n", "Here is the list of names\n", "Here is the list of names")


class TestLoops:
    def test_the_same_line_over_and_over_is_cut(self) -> None:
        result = python_body("def f():\n|", "    a()\n" + "    print('hello')\n" * 40, "    a()\n    print('hello')")
        assert result.rule == "loop"

    def test_the_same_lines_in_turn_are_cut_to_the_last_whole_statement(self) -> None:
        cycle = "    if a == 1:\n        b()\n    c()\n"
        result = python_body("def f():\n|", cycle * 20, cycle.rstrip())
        assert result.rule == "loop"

    def test_a_branch_that_counts_up_for_ever_is_cut(self) -> None:
        stream = "    if x == 0:\n        return 0\n" + "".join(
            f"    elif x == {n}:\n        return {n}\n" for n in range(1, 400)
        )
        result = answer(target(PYTHON, BODY, "def f(x):\n|"), stream)
        assert result.rule == "loop"
        assert stream.startswith(result.text.rstrip("\n"))
        assert len(result.text) < 2000

    def test_one_line_without_end_is_cut(self) -> None:
        result = python_body("def f():\n|", "    a()\n    x = [" + "0, " * 900, "    a()")
        assert result.rule == "loop"

    def test_a_short_loop_is_cut_when_the_limit_ends_it(self) -> None:
        python_body("def f():\n|", "    a()\n    b()\n" * 4 + "    a(", "    a()\n    b()", ended="length")

    def test_a_table_of_values_is_no_loop(self) -> None:
        body = "    return [\n" + "        0,\n" * 30 + "    ]"
        python_body("def f():\n|", body + "\n" + NEXT, body)


class TestEndings:
    @pytest.mark.parametrize("ended", ["length", "deadline"])
    def test_an_answer_cut_short_is_cut_back_to_the_last_statement(self, ended: str) -> None:
        python_body("def f():\n|", "    a = 1\n    for x in y:\n        b = foo(", "    a = 1", ended=ended)
        cpp_body(
            "void f()|",
            " {\n    a();\n    for (;;) {\n        if (x) {\n            b();\n            c(",
            " {\n    a();\n    for (;;) {\n        if (x) {\n            b();\n        }\n    }\n}",
            ended=ended,
        )

    def test_a_try_without_its_handler_is_not_kept(self) -> None:
        python_body("def f():\n|", "    a()\n    try:\n        b()\n        c(", "    a()", ended="length")
        cpp_body(
            "void f() {\n|\n}", "    a();\n    try {\n        b();\n        c(", "    a();", ended="length", closed=True
        )

    def test_braces_open_in_the_document_are_closed_unless_it_closes_them(self) -> None:
        cpp_body("void f() {\n|", "    a();\n    b(", "    a();\n}", ended="length")
        cpp_body("void f() {\n|\n}\n", "    a();\n    b(", "    a();", ended="length", closed=True)

    def test_the_models_own_end_completes_the_last_line(self) -> None:
        result = python_body("def f():\n|", "    a = 1\n    return a", "    a = 1\n    return a")
        assert result.rule == "model stopped"

    def test_an_answer_without_one_whole_statement_is_empty(self) -> None:
        result = python_body("def f():\n|", "    a = foo(", "", ended="length")
        assert result.rule == "token limit"

    def test_kept_counts_what_the_model_wrote(self) -> None:
        stream = "```python\n    return 1\n```\nDone."
        result = python_body("def f():\n|", stream, "    return 1")
        assert stream[: result.kept] == "```python\n    return 1\n"


class TestIndentation:
    def test_levels_become_the_documents(self) -> None:
        stream = "    if a:\n        b()\n    return a\n"
        python_body("def f():\n|", stream, "\tif a:\n\t\tb()\n\treturn a", indent="\t", unit="\t")
        python_body("def f():\n|", "  if a:\n    b()\n  return a\n", "    if a:\n        b()\n    return a")
        python_body(
            "class A:\n    def f():\n|", stream, "        if a:\n            b()\n        return a", indent="        "
        )

    def test_a_model_on_the_documents_level_is_left_alone(self) -> None:
        body = "  for a in b:\n      c()\n  return a"
        python_body("def f():\n|", body + "\n" + NEXT, body, indent="  ", unit="  ")

    def test_an_answer_without_indentation_is_indented(self) -> None:
        python_body("def f():\n|", "```python\nif a:\n    b()\nreturn a\n```\n", "    if a:\n        b()\n    return a")

    def test_the_white_space_before_the_cursor_is_not_written_again(self) -> None:
        python_body("def f():\n    |", "    a = 1\n    return a\n", "a = 1\n    return a")
        python_body("def f():\n    |", "a = 1\n    return a\n", "a = 1\n    return a")
        python_block("def f():\n    if a:\n    |", "    b()\n        c()\n", "    b()\n        c()", indent="        ")

    def test_strings_are_never_touched_and_brackets_move_along(self) -> None:
        stream = '  a = f(1,\n        2)\n  b = """\n  text\n"""\n'
        python_body("def f():\n|", stream, '    a = f(1,\n          2)\n    b = """\n  text\n"""')

    def test_braces_follow_the_function(self) -> None:
        stream = "\n        {\n            a();\n            if (b)\n                c();\n        }\n};\n"
        cpp_body("void f()|", stream, "\n{\n    a();\n    if (b)\n        c();\n}")


def test_line_ends_come_out_as_newlines() -> None:
    python_body("def f():\n|", "    a = 1\r\n    return a\r\n\r\ndef g():\r\n", "    a = 1\n    return a")


def test_a_body_in_column_0_ends_with_a_newline_when_code_follows_the_cursor() -> None:
    python_body("def f():\n|def g():\n    pass\n", "    return 1\n\n\ndef g():\n", "    return 1\n")


def test_c_is_read_like_cpp() -> None:
    Checker(C, BODY)("int f(void)|", "\n{\n    return '}';\n}\nint g;", "\n{\n    return '}';\n}")


def test_a_broken_function_far_above_does_not_matter() -> None:
    cpp_body("void broken() {\n    if (a {\n\nvoid f() {\n|", "    a();\n}\nint g();\n", "    a();\n}")
    python_body("x = foo(\n\ndef broken(:\n    pass\n\ndef f():\n|", "    return 1\n\ny = 2\n", "    return 1")


def test_the_readable_rule_is_known_once_done() -> None:
    truncation = Truncation(target(PYTHON, BODY, "def f():\n|"))
    truncation.feed("    return 1\n\nx")
    assert (truncation.done, truncation.rule) == (True, "function body complete")


def test_brackets_of_a_line_the_model_left_open_are_closed() -> None:
    python_line("x = |\n", "f(g[1", "f(g[1])")
    python_line("x = f(|\n)\n", "g(1", "g(1)")
    cpp_line("    x = |\n", "f(g[1", "f(g[1])")


class TestTranscripts:
    """What small models really answer, in the words of this file."""

    def test_a_body_followed_by_the_next_function(self) -> None:
        head = 'def mean(values):\n  """\n  return the mean\n  """\n|'
        kept = "  return sum(values) / len(values)\n"
        raw = kept + "\ndef median(values):\n  values.sort()\n  return values[len(values)"
        result = python_body(head, raw, kept.rstrip(), ended="length", indent="  ", unit="  ")
        assert raw[: result.kept] == kept

    def test_a_body_in_steps_of_four_below_one_of_two(self) -> None:
        kept = "  primes = []\n  for n in range(2, m):\n      if all(n % p for p in primes):\n          primes.append(n)\n  return primes\n"
        raw = kept + "\nprint(primes(20))\n```\n\n## Exercises\n\n1. Write a function\n\n```python\ndef f():\n"
        python_body("```python\ndef primes(m):\n|", raw, kept.rstrip(), indent="  ", unit="  ")

    def test_a_body_in_braces_followed_by_a_stray_brace_and_talk(self) -> None:
        kept = "\n    {\n        // write your code here\n        while (a != nullptr)\n        {\n            a = a->next;\n        }\n        return a;\n    }"
        raw = kept + "\n};\n\nA:\n\nYou can use a hash table.\n\nA:\n\nYou can use a hash table.\n"
        result = answer(target(CPP, BODY, "struct Node { Node *next; };\n// last\nNode *Last(Node *a)|"), raw)
        assert raw[: result.kept] == kept

    def test_literal_newline_marks_and_a_closing_environment(self) -> None:
        kept = "\\n\n  if (a == b) return 0; \\n\n  return -1; \\n}"
        raw = kept + "\n\\end{code}\n\nthe function is supposed to"
        result = answer(target(C, BODY, "I will write:\\n\\begin{code}\\nint compare(int a, int b) { |"), raw)
        assert raw[: result.kept] == kept


def test_a_statement_before_a_brace_that_is_added_keeps_its_semicolon() -> None:
    cpp_body("void f()|;\nint g();\n", "\n{\n    a();\n    b(", "\n{\n    a();\n}", ended="length")
