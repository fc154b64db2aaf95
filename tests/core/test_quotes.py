"""What may be quoted from a function: lines of code and the expressions on them, each standing there once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.document import Document
from lsp_server.core.functions import functions_in
from lsp_server.core.quotes import MOST_ON_A_LINE, quotes_in

PYTHON = '''\
# Twice.
def twice(x):
    """Twice as much.

    >>> twice(2)
    4
    """
    # so
    if x == 0:  # nothing
        return f"{x}"
    return x + add(x, 1)
'''
CPP = """\
// Compare.
int compare(struct P a,
            struct P b) {
    if (a.x = b.x) {  /* why */
        return strcmp("a\\tb (c)", "d") == 0;
    }
}
"""


def quoted(text: str, language: str = "python") -> dict[int, tuple[str, ...]]:
    document = Document("file:///f", language, text)
    return quotes_in(document, functions_in(document)[0])


def test_lines_of_code_are_quoted_whole_and_in_parts():
    found = quoted(PYTHON)
    assert {line: quotes[0] for line, quotes in found.items()} == {
        1: "def twice(x):",
        8: "if x == 0:",
        9: 'return f"{x}"',
        10: "return x + add(x, 1)",
    }
    assert found[8] == ("if x == 0:", "x == 0", "x", "0")
    assert found[10] == ("return x + add(x, 1)", "x + add(x, 1)", "add(x, 1)", "(x, 1)", "add", "1")


def test_strings_are_quoted_as_a_whole_and_brackets_alone_are_not():
    found = quoted(CPP, "cpp")
    assert set(found) == {1, 2, 3, 4}
    assert found[3] == ("if (a.x = b.x) {", "(a.x = b.x)", "a.x = b.x", "a.x", "b.x", "a", "b")
    assert '"a\\tb (c)"' in found[4]
    assert "(c)" not in found[4]


def test_half_a_character_is_not_quoted():
    assert quoted('def f():\n    return "\ud83d" + other\n')[1] == ("other",)


def test_line_ends_of_every_kind_are_lines():
    for end in ("\r\n", "\r"):
        assert quoted(PYTHON.replace("\n", end)) == quoted(PYTHON)


_lines = st.lists(
    st.sampled_from(
        ["x = y[i] + 1", "if a < b:", "    pass", "# no", "", '"""', "f(f(x), x)", "é = '🦊' \t+ 1", "}", "x\\"]
    )
)


@given(_lines, st.sampled_from(["python", "cpp"]))
def test_every_quote_stands_once_on_its_line(lines, language):
    head = {"python": "def f(x):\n", "cpp": "int f(int x) {\n"}[language]
    document = Document("file:///f", language, head + "".join(f"    {line}\n" for line in lines) + "}\n")
    for function in functions_in(document):
        for line, quotes in quotes_in(document, function).items():
            assert function.span.start <= document.line_span(line).end
            assert document.line_span(line).start <= function.span.end
            assert 1 <= len(quotes) == len(set(quotes)) <= MOST_ON_A_LINE
            for quote in quotes:
                assert quote == quote.strip() != ""
                assert quote in document.line_text(line)
