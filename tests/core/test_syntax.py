"""What `context_at` sees from a place: code with a cursor mark ``|``, and what is expected of it."""

from __future__ import annotations

import pytest

from lsp_server.core.context import Context, Place
from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import context_at

NAMES = {"python": "a.py", "cpp": "a.cpp", "c": "a.c"}


def at(marked: str, language: str = "python") -> Context:
    offset = marked.index("|")
    return context_at(Document(NAMES[language], language, marked[:offset] + marked[offset + 1 :]), offset)


def seen(context: Context) -> dict[str, object]:
    text, function = context.document.text, context.function

    def written(span: Span | None) -> str | None:
        return span.of(text) if span else None

    return {
        "place": context.place,
        "name": function.name if function else None,
        "signature": written(function.signature) if function else None,
        "documentation": written(function.documentation) if function else None,
        "body": written(function.body) if function else None,
        "span": written(function.span) if function else None,
        "scopes": [scope.name for scope in context.scopes],
        "unit": context.indentation.unit,
        "current": context.indentation.current,
        "closers": context.closers,
        "body_closed": context.body_closed,
        "declarations": [span.of(text) for span in context.declarations],
    }


def check(marked: str, language: str = "python", **expected: object) -> None:
    found = seen(at(marked, language))
    assert {name: found[name] for name in expected} == expected


# Python: bodies


def test_a_function_without_a_body() -> None:
    check("def f(x):\n    |", place=Place.EMPTY_BODY, name="f", signature="def f(x)", body=None, current="    ")


def test_right_after_the_colon() -> None:
    check("def f(x):|\n\ndef g():\n    pass\n", place=Place.EMPTY_BODY, name="f", body=None, current="    ")


def test_column_zero_below_a_docstring() -> None:
    check(
        'def f(x):\n    """Do it."""\n|\n\ndef g():\n    pass\n',
        place=Place.EMPTY_BODY,
        name="f",
        documentation='"""Do it."""',
        current="    ",
    )


def test_the_docstring_sets_the_indentation_of_its_body() -> None:
    check('def print_prime(n):\n  """\n  Primes.\n  """\n|', place=Place.EMPTY_BODY, unit="  ", current="  ")


@pytest.mark.parametrize("stub", ["...", "pass", "raise NotImplementedError"])
def test_a_stub_is_a_body(stub: str) -> None:
    check(f"def f():\n    {stub}|", place=Place.LINE_END, body=stub)


def test_a_method_with_a_docstring_only_in_a_class() -> None:
    check(
        'class A:\n    @x\n    async def f(self, y: int) -> int:\n        """Do it."""\n        |\n\n'
        "    def g(self):\n        pass\n",
        place=Place.EMPTY_BODY,
        name="f",
        signature="async def f(self, y: int) -> int",
        scopes=["A"],
        current="        ",
        span='@x\n    async def f(self, y: int) -> int:\n        """Do it."""',
    )


def test_a_nested_function_is_the_one_around_the_cursor() -> None:
    check("def f():\n    def g():\n        |\n    return g\n", place=Place.EMPTY_BODY, name="g", current="        ")


def test_after_a_nested_function_the_outer_one_is() -> None:
    check("def f():\n    def g():\n        return 1\n    |\n", place=Place.STATEMENT_START, name="f", current="    ")


def test_a_class_in_a_function() -> None:
    check("def f():\n    class A:\n        |\n", name="f", scopes=["A"], current="        ")


def test_a_comment_above_the_function_is_its_documentation() -> None:
    check(
        "x = 1  # one\n\n# Doubles\n# its argument.\n@dec\ndef f(x):\n    |",
        documentation="# Doubles\n# its argument.",
        span="# Doubles\n# its argument.\n@dec\ndef f(x):",
    )


def test_a_trailing_comment_is_not_documentation() -> None:
    check("x = 1  # one\ndef f(x):\n    |", documentation=None)


# Python: broken code


@pytest.mark.parametrize(
    ("marked", "closers"), [("def f(x|", ")"), ("def f(x: list[int|", "])"), ("def f(x)|", ""), ("def f|", "")]
)
def test_half_a_signature(marked: str, closers: str) -> None:
    check(marked, place=Place.LINE_END, name="f", signature=marked[:-1], body=None, closers=closers)


def test_the_cursor_in_the_middle_of_a_signature() -> None:
    check("def f(a,\n      b|):\n    return a\n", place=Place.MID_LINE, signature="def f(a,\n      b)", body="return a")


def test_an_unclosed_bracket_elsewhere_does_not_hide_a_function() -> None:
    check(
        "x = foo(1,\n\ndef g(x):\n    y = [1, (2|\n\ndef h():\n    pass\n",
        place=Place.LINE_END,
        name="g",
        closers=")]",
        body="y = [1, (2",
    )


def test_an_unfinished_docstring_does_not_take_in_the_next_function() -> None:
    check(
        'def f():\n    """Doc|\n\ndef g():\n    """Other."""\n    return 1\n',
        place=Place.STRING,
        name="f",
        closers='"""',
        documentation='"""Doc',
        body=None,
    )


def test_half_a_statement_before_the_rest_of_the_body() -> None:
    check("def f(x):\n    if x >|\n    return 1\n", place=Place.LINE_END, name="f", current="    ")


# Python: places and indentation


@pytest.mark.parametrize(
    ("marked", "place"),
    [
        ("|", Place.TOP_LEVEL),
        ("  \n\t|\n", Place.TOP_LEVEL),
        ("import os\n\n|", Place.TOP_LEVEL),
        ("|def f():\n    pass\n", Place.MID_LINE),
        ("x = |", Place.LINE_END),
        ("x = foo(|)", Place.MID_LINE),
        ("x = 1  # o|ne", Place.COMMENT),
        ("# one|", Place.COMMENT),
        ("x = 'a|b'", Place.STRING),
        ("x = 'ab'|", Place.LINE_END),
        ("x = '|", Place.STRING),
        ("def f():\n    return 1\n\n\n|\n\ndef g():\n    pass\n", Place.TOP_LEVEL),
        ("class A:\n    |", Place.STATEMENT_START),
    ],
)
def test_places(marked: str, place: Place) -> None:
    check(marked, place=place)


@pytest.mark.parametrize(
    ("marked", "current"),
    [
        ("def f(x):\n    if x:\n|", "        "),
        ("def f(x):\n    if x:|", "        "),
        ("def f(x):\n    if x:  # why:\n|", "        "),
        ("def f(x):\n    x = 1\n|\n    return x\n", "    "),
        ("def f(x):\n    if x:\n        y = 1\n    |", "    "),
        ("def f(x):\n    if x:\n        y = 1\n        |", "        "),
        ("def f(x):\n    if x:\n        return 1\n|\n    return 2\n", "    "),
        ("def f(x):\n    if x:\n        y = 1\n    |\n        z = 2\n", "    "),
        ("def f(x):\n    y = {\n        'a': 1,\n|", "        "),
        ("def f(x):\n\tif x:\n\t\ty = 1\n|\n\treturn 2\n", "\t\t"),
        ("def f(x):\n    # what|\n    pass\n", "    "),
        ("class A:\n  def f(self):\n    |", "    "),
        ("class A:\n  def f(self):\n|", "    "),
        ("    {[}\n:   |", "    "),
    ],
)
def test_the_indentation_of_a_statement_at_the_cursor(marked: str, current: str) -> None:
    check(marked, current=current)


@pytest.mark.parametrize("unit", ["\t", "  ", "   ", "    ", "        "])
def test_the_most_common_step_is_the_unit(unit: str) -> None:
    check(f"if a:\n{unit}b\nif c:\n{unit}d\nif e:\n     f\n|", unit=unit)


def test_without_a_block_to_measure_the_shallowest_line_is_the_unit() -> None:
    check("class A {\n public:\n  A();\n  void g()|\n  int y;\n};\n", "cpp", unit="  ", current="    ")


# C++


def test_a_signature_at_the_end_of_the_file_with_what_it_needs() -> None:
    check(
        "struct ListNode {\n    int val;\n    ListNode *next;\n};\n"
        "// head is the first node, is there a cycle?\nbool HasCycle(ListNode *head)|",
        "cpp",
        place=Place.EMPTY_BODY,
        name="HasCycle",
        signature="bool HasCycle(ListNode *head)",
        documentation="// head is the first node, is there a cycle?",
        body=None,
        body_closed=False,
        closers="",
        current="    ",
        declarations=["struct ListNode {\n    int val;\n    ListNode *next;\n};"],
    )


@pytest.mark.parametrize(
    "cut", ["\n|", "|", "\n\n|\n", " |\n\nint main() {\n    return 0;\n}\n", "|\n\nint g(int y);\n"]
)
def test_a_signature_without_a_body(cut: str) -> None:
    check("bool f(int x)" + cut, "cpp", place=Place.EMPTY_BODY, name="f", body=None, body_closed=False)


def test_an_unclosed_body_does_not_take_in_the_functions_after_it() -> None:
    check(
        "namespace n {\nvoid f() {\n    |\n\nvoid g() {\n    h();\n}\n}\n",
        "cpp",
        place=Place.EMPTY_BODY,
        name="f",
        body=None,
        body_closed=False,
        closers="}",
        scopes=["n"],
    )


@pytest.mark.parametrize("body", ["{|}", "{\n    |\n}", "{\n|\n}", "{ | }"])
def test_an_auto_closed_body(body: str) -> None:
    check(
        f"bool f(int x) {body}\n\nint g() {{ return 1; }}\n",
        "cpp",
        place=Place.EMPTY_BODY,
        name="f",
        body=None,
        body_closed=True,
        closers="",
    )


def test_a_comment_above_the_includes_above_the_function() -> None:
    check(
        "/*\nAre two close?\n*/\n#include<vector>\nusing namespace std;\nbool close(vector<float> n){\n|",
        "cpp",
        documentation="/*\nAre two close?\n*/",
        declarations=["#include<vector>", "using namespace std;"],
        span="bool close(vector<float> n){",
    )


def test_a_licence_above_the_includes_is_not_documentation() -> None:
    check("// Copyright 2024 A. Author\n#include <vector>\nint f()|", "cpp", documentation=None)


def test_a_comment_above_other_code_is_not_documentation() -> None:
    check("// Counts.\nint n = 0;\nint f()|", "cpp", documentation=None)


@pytest.mark.parametrize(
    ("marked", "name", "signature", "scopes"),
    [
        ("template <class T>\nvoid A<T>::f(int x) const {\n  |\n}", "A<T>::f", "void A<T>::f(int x) const", []),
        ("struct A : B {\n  A(int a) : x(a), y{1} {\n    |\n  }\n};", "A", "A(int a) : x(a), y{1}", ["A"]),
        ("class A {\npublic:\n  bool operator==(const A &o) const {|}\n};", "operator==", None, ["A"]),
        ("namespace a::b {\nA::~A() {\n  |\n}\n}", "A::~A", "A::~A()", ["a::b"]),
        ('extern "C" {\nint f(void)\n{\n  |\n}\n}', "f", "int f(void)", []),
        ("namespace n {\nauto f = [](int x) {\n  |\n};\n}", "f", "[](int x)", ["n"]),
        ("int main() {\n  foo(a, [&](int x) {\n    |\n  });\n}", "main", "int main()", []),
        ("int f() {\n  struct L {\n    int g() {\n      |\n    }\n  };\n}", "g", "int g()", ["L"]),
        ("struct A make(int x) {\n  |\n}", "make", "struct A make(int x)", []),
        ("class A : public B<int *(*)()> {\n  void f() {\n    |\n  }\n};", "f", "void f()", ["A"]),
        ("#ifdef X\nint f(int a) {\n#else\nint f() {\n#endif\n  |\n}", "f", "int f()", []),
    ],
)
def test_kinds_of_functions(marked: str, name: str, signature: str | None, scopes: list[str]) -> None:
    expected = {"name": name, "scopes": scopes, "body_closed": True}
    check(marked, "cpp", **expected, **({"signature": signature} if signature else {}))


@pytest.mark.parametrize(
    ("marked", "closers", "closed"),
    [
        ("int main() {\n  int x = foo(a, b|\n}\n", ")", True),
        ("int main() {\n  int x = foo(a, b|);\n}\n", "", True),
        ("int main() {\n  if (x) {\n    y = a[(1|\n", ")]}}", False),
        ("class A {\n  int f() {\n    g(|", ")}", False),
        ('int main() {\n  puts("a|\n}\n', '")', True),
        ("int main() {\n  if (x) {|\n}\n", "}", False),
    ],
)
def test_what_is_open(marked: str, closers: str, closed: bool) -> None:
    check(marked, "cpp", closers=closers, body_closed=closed)


@pytest.mark.parametrize(
    ("marked", "current"),
    [
        ("int f() {\n  a();\n|\n}", "  "),
        ("int f() {\n  if (a) {\n|\n  }\n}", "    "),
        ("int f() {\n  if (a)\n|\n}", "    "),
        ("int f() {\n  if (a)\n    b();\n|\n}", "  "),
        ("int f() {\n  while (a) {\n    b();\n  }\n|\n}", "  "),
        ("int f() {\n  switch (a) {\n  case 1:\n|\n  }\n}", "    "),
        ("int f() {\n  a();  // {\n|\n}", "  "),
        ("int f()\n{\n\ta();\n|\n}", "\t"),
    ],
)
def test_the_indentation_in_braces(marked: str, current: str) -> None:
    text = marked if "\t" in marked else "int g() {\n  return 1;\n}\n" + marked
    check(text, "cpp", current=current)


def test_places_in_cpp() -> None:
    check("int x = 3;\n|\nint f() {}\n", "cpp", place=Place.TOP_LEVEL, name=None)
    check("int f() {\n  // a|\n}\n", "cpp", place=Place.COMMENT, name="f")
    check("int f() {\n  char c = '}'; int x|\n}\n", "cpp", place=Place.LINE_END, body_closed=True)
    check('int f() {\n  auto s = R"x(a ) } " |)x";\n}\n', "cpp", place=Place.STRING, name="f")
    check("int f() {\n  int n = 1'000; |\n}\n", "cpp", place=Place.LINE_END)


# C


def test_a_name_alone_is_not_a_signature() -> None:
    check("int x|", "c", place=Place.LINE_END, name=None)


def test_the_header_of_a_class_is_its_first_line() -> None:
    assert at("class A : B {\n  int x;\n  |\n};", "cpp").scopes[0].header == "class A : B {"
    assert at("class A(\n    B):\n    x = 1\n    |").scopes[0].header == "class A("


def test_half_a_signature_in_c() -> None:
    check(
        "typedef struct { int a; } P;\nstruct V { int a; };\nint f(P p, struct V *v|",
        "c",
        place=Place.LINE_END,
        name="f",
        closers=")",
        declarations=["typedef struct { int a; } P;", "struct V { int a; };"],
    )


def test_a_c_function_with_a_block_comment() -> None:
    check(
        "#include <stdio.h>\n\n/* Adds. */\nstatic int add(int a, int b)\n{\n    |\n}\n",
        "c",
        place=Place.EMPTY_BODY,
        documentation="/* Adds. */",
        signature="static int add(int a, int b)",
        body_closed=True,
        declarations=["#include <stdio.h>"],
    )


# Declarations


def test_members_of_the_own_class_imports_in_use_and_functions_named() -> None:
    check(
        "import os\nfrom typing import List, Optional\n\n"
        "class Stack:\n    limit = 3\n\n    def __init__(self, xs):\n        self.xs = xs\n        print(xs)\n\n"
        '    def push(self, x: List[int]) -> None:\n        """Push x as double says."""\n        |\n\n'
        "    def pop(self):\n        return self.xs.pop()\n\n"
        "def double(a):\n    return 2 * a\n\ndef other():\n    pass\n",
        declarations=[
            "from typing import List, Optional",
            "class Stack:",
            "    limit = 3",
            "    def __init__(self, xs):",
            "        self.xs = xs",
            "    def pop(self):",
            "def double(a):",
        ],
    )


def test_a_decorated_class_that_is_named() -> None:
    check(
        "@dataclass\nclass Node:\n    value: int\n\ndef f(node: Node):\n    |",
        declarations=["@dataclass\nclass Node:\n    value: int"],
    )


def test_types_that_named_types_name() -> None:
    check(
        "struct V { int a; };\nstruct N { V v; };\nstruct Other { int b; };\nint f(N n)|",
        "cpp",
        declarations=["struct V { int a; };", "struct N { V v; };"],
    )


def test_members_of_an_unclosed_class() -> None:
    check(
        "class Stack {\n  int n;\npublic:\n  Stack(int);\n  Stack() : n(0) { reset(); }\n  int size() const {\n    |\n",
        "cpp",
        declarations=["class Stack {", "  int n;", "  Stack(int);", "  Stack() : n(0)"],
    )


# Text that is not plain ASCII with \n


def test_crlf() -> None:
    check("def f(x):\r\n    if x:\r\n|\r\n    return 2\r\n", place=Place.STATEMENT_START, name="f", current="        ")
    check("int f()\r\n{\r\n|\r\n}\r\n", "cpp", place=Place.EMPTY_BODY, name="f", body_closed=True)


@pytest.mark.parametrize("strange", ["é", "漢字", "😀", "e\u0301", "\ud800", "\u2028", "\x0c", "\x00"])
def test_offsets_are_code_points(strange: str) -> None:
    check(f"# {strange}\nx = '{strange}'\n\ndef f(a):\n    '{strange}'\n    |", name="f", signature="def f(a)")
    check(f"// {strange}\nint f(int a)|", "cpp", name="f", signature="int f(int a)", documentation=f"// {strange}")


def test_form_feeds_and_line_separators_do_not_end_lines() -> None:
    check("def f():\n    x = 'a\u2028b'\n    |", place=Place.STATEMENT_START, name="f")
    check("def f():\n    x = 1 # a\x0cb|", place=Place.COMMENT, name="f")


def test_an_unknown_language_is_read_as_python() -> None:
    assert context_at(Document("a.txt", "text", "def f():\n    "), 13).place is Place.EMPTY_BODY


def test_offsets_outside_the_document_are_clamped() -> None:
    assert context_at(Document("a.py", "python", "x"), 99).offset == 1
