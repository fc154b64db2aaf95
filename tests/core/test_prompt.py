"""What the model is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.document import Document
from lsp_server.core.generation import Prompt
from lsp_server.core.parting import Parting, parting
from lsp_server.core.prompt import Budget, build, stable_start
from lsp_server.core.syntax import context_at
from lsp_server.core.target import target_for
from lsp_server.models import registry
from lsp_server.models.rows import Model

ROWS = registry.load()
ALL_FORMATS = [pytest.param(row, name, id=f"{row.name}-{name}") for row in ROWS for name in row.formats]


def place(marked: str, language: str = "python") -> tuple[Document, int]:
    return Document("file:///a", language, marked.replace("|", "", 1)), marked.index("|")


def prompt(
    marked: str,
    name: str,
    row: Model = ROWS[0],
    language: str = "python",
    budget: Budget | None = None,
    parted: Parting | None = None,
) -> Prompt:
    context = context_at(*place(marked, language))
    return build(context, target_for(context), row.formats[name], row.stops, budget or Budget(), parted=parted)


@pytest.mark.parametrize(("row", "name"), ALL_FORMATS)
def test_every_format_shows_signature_and_documentation(row: Model, name: str):
    shown = prompt('def area(r):\n    """Area of a circle."""\n    |\n', name, row).text
    assert "def area(r):" in shown
    assert '"""Area of a circle."""' in shown


@pytest.mark.parametrize(("row", "name"), ALL_FORMATS)
def test_control_tokens_in_the_file_are_literal_text(row: Model, name: str):
    marks = [row.stops[0], "<|im_end|>", "<|fim_middle|>"]
    file = "".join(f"# {mark}\n" for mark in marks) + "def f(x):\n    |\n"
    special = "".join(segment.text for segment in prompt(file, name, row).segments if segment.special)
    layout = row.formats[name].template
    assert all(special.count(mark) == layout.count(mark) for mark in marks)


@pytest.mark.parametrize(("row", "name"), ALL_FORMATS)
def test_the_prompt_does_not_end_in_blanks_that_the_model_would_have_to_continue(row: Model, name: str):
    shown = prompt("def f(x):\n    y = |\n    return y\n", name, row).text
    assert not shown.endswith((" ", "\t"))


@pytest.mark.parametrize("row", [row for row in ROWS if "fim" in row.formats], ids=lambda row: row.name)
def test_fill_in_the_middle_shows_both_sides(row: Model):
    shown = prompt("def f(x):\n    return x + |\n\nprint(f(2))\n", "fim", row).text
    assert "return x +" in shown
    assert "print(f(2))" in shown


def test_the_middle_begins_with_the_line_of_the_cursor():
    shown = prompt("import sys\n\n\ndef f(x):\n    y = x\n    z =|\n\n\nprint(f(2))\n", "fim").text
    assert shown.endswith("<|fim_suffix|>\n\n\nprint(f(2))\n<|fim_middle|>    z =")


@pytest.mark.parametrize("typed", ["    z = y", "    z = y +", "    z = y + 1\n    return", "    z = y\n" * 20])
def test_what_comes_before_the_middle_stays_the_same_while_that_is_typed(typed: str):
    file = "import sys\n\n\ndef f(x):\n    y = x\n%s\n\n\nprint(f(2))\n"
    first = parting(*place(file % "    z =|"))
    before = prompt(file % "    z =|", "fim", parted=first).text
    after = prompt(file % f"{typed}|", "fim", parted=parting(*place(file % f"{typed}|"), first)).text
    assert after == before.removesuffix("    z =") + typed


@pytest.mark.parametrize("typed", ["    z = f(|)", "    z = [\n        1,|\n    ]"])
def test_what_the_editor_has_closed_by_itself_is_not_shown_behind_it(typed: str):
    file = "def f(x):\n    y = x\n%s\n    return z\n"
    first = parting(*place(file % "    z =|"))
    before = prompt(file % "    z =|", "fim", parted=first).text
    after = prompt(file % typed, "fim", parted=parting(*place(file % typed), first)).text
    middle = typed[: typed.index("|")]
    assert after == before.removesuffix("    z =") + middle


@pytest.mark.parametrize("after", ["", "\n", "\r\n\n"])
def test_nothing_stands_in_the_middle_where_nothing_follows_it(after: str):
    asked = prompt(f"# the answer\nx = 42\nret|{after}", "fim")
    assert asked.text.endswith("<|fim_middle|>" + asked.begun)
    assert asked.begun == "ret"
    assert "x = 42\n<|fim_suffix|>" in asked.text


@pytest.mark.parametrize(
    ("line", "begun"),
    [
        ("    ret", " ret"),
        ("    x.app", ".app"),
        ("    f(na", "(na"),
        ("    my_na", "_na"),
        ("    x1", ""),
        ("    x =", ""),
        ("    é", " é"),
        ("", ""),
    ],
)
def test_the_middle_ends_before_a_word_that_is_begun(line: str, begun: str):
    asked = prompt(f"def f(x):\n    y = x\n{line}|\n\n\nprint(f(2))\n", "fim")
    assert asked.begun == begun
    assert asked.text.endswith(line.rstrip(" "))
    assert asked.segments[-1].text.endswith(line.removesuffix(begun).rstrip(" ")) or not line


def test_other_formats_end_where_the_cursor_is():
    assert prompt("def f(x):\n    ret|\n", "code").begun == ""


def test_a_chat_answer_begins_with_the_function_and_its_opening_brace():
    shown = prompt("// twice x\nint twice(int x)|\n", "chat", language="cpp").text
    assert shown.endswith("// twice x\nint twice(int x) {\n")


def test_a_declaration_far_above_is_shown():
    far = "struct Node {\n    Node *next;\n};\n" + "int filler;\n" * 2000
    shown = prompt(far + "bool loops(Node *head) {\n    |\n}\n", "code", language="cpp").text
    assert "struct Node {" in shown
    assert len(shown) < 2 * Budget().prefix


def test_the_signature_is_shown_when_the_body_is_longer_than_the_window():
    body = "    x += 1\n" * 2000
    shown = prompt(f'def f(x):\n    """Count."""\n{body}    |\n', "code").text
    assert "def f(x):" in shown
    assert '"""Count."""' in shown


def test_line_ends_are_the_ones_models_know():
    assert "\r" not in prompt("def f(x):\r\n    |\r\n", "chat").text


@given(st.text(alphabet="ab\n", max_size=400), st.integers(1, 60))
def test_a_window_fits_and_begins_at_a_line_where_one_begins_in_it(text: str, limit: int):
    start = stable_start(text, limit)
    window = text[start:]
    assert len(window) <= max(limit, 1)
    assert start == 0 or text[start - 1] == "\n" or "\n" not in window[:-1] or len(window) < limit


@given(st.text(alphabet="abc\n", min_size=100, max_size=400))
def test_a_window_stays_where_it_is_while_a_line_is_typed(text: str):
    limit = 60
    starts = {stable_start(text[:end], limit) for end in range(100 - 10, 100)}
    assert len(starts) <= 3, "ten keystrokes cross at most one jump, and one line end"
