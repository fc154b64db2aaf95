"""The judge of what comes of a comment: it finds every fault it looks for, and none in code that is right."""

from __future__ import annotations

import pytest

from lsp_server.core.comments import comment_at, is_wish
from lsp_server.core.document import Document, Span
from lsp_server.core.stubs import stub_at
from lsp_server.core.syntax import error_count
from tests.benchmarks.wishes import Judged, Wish, wishes

ALL = list(wishes())


def test_there_are_thirty_of_each_language_and_a_third_of_all_is_held_out():
    assert [wish.language_id for wish in ALL] == ["python"] * 30 + ["cpp"] * 30
    assert sum(wish.held_out for wish in ALL) == 20
    assert len({(wish.language_id, wish.name) for wish in ALL}) == 60


@pytest.mark.parametrize("wish", ALL, ids=lambda wish: f"{wish.language_id} {wish.name}")
def test_every_case_asks_for_something_in_a_file_that_parses(wish: Wish):
    document = wish.document
    asks = stub_at(document, wish.offset) is not None if wish.kind == "stub" else comment_at(document, wish.offset)
    assert asks
    if wish.kind != "stub":
        comment = comment_at(document, wish.offset)
        assert comment is not None
        assert is_wish(comment)
        assert comment.indent == wish.indent
    elif wish.language_id == "cpp":
        assert error_count(document) == 0


def judged(text: str, inserted: str, kind: str, language: str = "python", **expected: object) -> set[str]:
    offset = text.index("§")
    plain = text.replace("§", "")
    wish = Wish("", language, kind, plain, offset, "", **expected)
    return set(Judged(wish, Document("file:///a", language, plain), Span(offset, offset), inserted).faults)


TOP = "def f():\n    return 1\n\n\n# g§\n\n\nx = 1\n"
BODY = "def f(xs):\n    # add§\n    return total\n"
C_TOP = "int f() {\n    return 1;\n}\n\n// g§\n\nint x;\n"
C_BODY = "int f(int n) {\n    // add§\n    return total;\n}\n"


def test_right_python_has_no_faults():
    assert judged(TOP, "\ndef g():\n    return 2", "function") == set()
    assert judged(TOP, "\nimport re\n\n\nclass G:\n    def g(self):\n        return (\n          1)", "class") == set()
    said = "\n    total = 0\n    for x in xs:\n        total += x"
    assert judged(BODY, said, "statements", never=("return",)) == set()


def test_right_cpp_has_no_faults():
    said = "\nint g()\n{\n    if (f()) {\n        return 2;\n    }\n    return 1 +\n        1;\n}"
    assert judged(C_TOP, said, "function", "cpp") == set()
    assert judged(C_BODY, "\n    int total = 0;\n    while (n)\n        total += n--;", "statements", "cpp") == set()


def test_every_fault_is_found():
    assert judged(TOP, "\ndef g(:", "function") == {"parse", "beyond", "indentation"}
    assert judged(TOP, "\ndef g():\n    return 2\n\n\nprint(g())", "function") == {"beyond"}
    assert judged(TOP, "\ndef g():\n  return 2", "function") == {"indentation"}
    assert judged(TOP, "\ndef g():\n\treturn 2", "function") == {"indentation"}
    assert judged(BODY, "\n    total = sum(xs)\n    return total", "statements") == {"duplicate"}
    assert judged(BODY, "\n    total = sum(xs)", "statements", never=("sum",)) == {"never"}
    assert judged(C_TOP, "\nint g() {\n  return 2;\n}", "function", "cpp") == {"indentation"}
    assert judged(C_TOP, "\nint g() {\n    return 2;\n}\nint h();", "function", "cpp") == {"beyond"}
    assert judged(C_TOP, "\nint g() {\n    return 2;\n}", "function", "cpp", style=r"\)\n\{") == {"style"}


@pytest.mark.parametrize(
    ("labels", "statement", "right"), [(8, 12, True), (4, 8, True), (8, 16, False), (8, 8, False), (4, 4, False)]
)
def test_what_follows_a_label_is_a_level_deeper(labels: int, statement: int, right: bool):
    said = f"""
int g(int x) {{
    switch (x) {{
{" " * labels}case A::B:
{" " * statement}return f();
{" " * labels}default:
{" " * statement}break;
    }}
    return 1;
}}"""
    assert judged(C_TOP, said, "function", "cpp") == (set() if right else {"indentation"})
