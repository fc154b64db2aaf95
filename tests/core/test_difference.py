"""Edits between two versions of a document, and the line that says what they do."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.difference import edits_between, summary_of
from lsp_server.core.document import Document
from lsp_server.core.finding import Edit, Fix
from lsp_server.core.line_ends import Unix

OLD = "int f(int a)\n{\n    if (a = 1) return 1;\n    return 0;\n}\n"


def edits(old: str, new: str) -> tuple[Edit, ...]:
    """The edits in a document whose line ends may be others."""
    unix = Unix.of(Document("file:///a.c", "c", old))
    return unix.fix(Fix("", edits_between(unix.document.text, new))).edits


lines = st.lists(st.sampled_from(["a = 1", "  b = a + 2", "", "\tc()", "ä\f", "return b"]), max_size=8)


@given(lines, lines, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_applied_edits_make_the_new_text_and_do_not_overlap(before, after, newline, ended):
    old = newline.join(before) + newline * ended
    new = "\n".join(after) + "\n" * ended
    found = edits(old, new)
    assert Unix.of(Document("", "c", Fix("", found).applied(old))).document.text == new
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))


@given(lines, st.sampled_from(["\n", "\r\n"]))
def test_what_is_the_same_is_not_edited(before, newline):
    assert edits(newline.join(before), "\n".join(before)) == ()


def test_an_edit_replaces_no_more_than_the_words_that_differ():
    (edit,) = edits(OLD, OLD.replace("a = 1", "a == 1"))
    assert (edit.span.of(OLD), edit.text) == ("=", "==")


def test_lines_are_ended_as_the_document_ends_them():
    old = OLD.replace("\n", "\r\n")
    new = Fix("", edits(old, OLD.replace("    return 0;\n", "    a++;\n    return 0;\n"))).applied(old)
    assert new.count("\r\n") == new.count("\n") == 6


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (OLD.replace("a = 1", "a == 1"), "line 3: `=` becomes `==`"),
        (OLD.replace("    return 0;\n", ""), "line 4: removes `return 0;`"),
        (OLD.replace("    return 0;\n", "    a++;\n    return 0;\n"), "line 4: adds `a++;`"),
        (OLD.replace("    return 0;\n", "    a++;\n    a--;\n    return a;\n"), "1 line changed, 2 lines added"),
        (OLD.replace("(a = 1)", "((a = 1) + 2)"), "line 3: `a = 1` becomes `(a = 1) + 2`"),
        (OLD, ""),
    ],
)
def test_one_line_says_what_changed(new, said):
    assert summary_of(OLD, new) == said
