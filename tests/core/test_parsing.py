"""Trees of texts, and what is kept of them."""

from __future__ import annotations

import gc
from weakref import ref

import pytest
import tree_sitter

from lsp_server.core import parsing
from lsp_server.core.document import Document, Span
from lsp_server.core.evidence import evidence_in
from lsp_server.core.functions import functions_in
from lsp_server.core.languages import Language, by_language_id
from lsp_server.core.parsing import Parsed, of_tree, parsed

PYTHON = by_language_id("python")
assert PYTHON


def test_what_is_told_of_a_tree_is_computed_once_and_keeps_no_tree():
    asked: list[str] = []

    @of_tree
    def length(tree: Parsed) -> int:
        asked.append(tree.text)
        return len(tree.text)

    tree = parsed(PYTHON, "once = 1\n")
    assert (length(tree), length(tree)) == (9, 9)
    assert asked == ["once = 1\n"]
    there = ref(tree)
    del tree
    parsed.cache_clear()
    gc.collect()
    assert there() is None


CODE = {
    "python": "class Box:\n    def f(self, items):\n        return self.g(len(item))\n",
    "c": "struct pair { int a[99]; };\nint sum(struct pair both) { for (;;) { both.a; sum(bot); } }\n",
}


def trees() -> int:
    """How many there are in memory."""
    gc.collect()
    return sum(type(one) is Parsed for one in gc.get_objects())


def test_looking_for_mistakes_in_many_files_keeps_no_more_trees_than_the_last_few():
    parsed.cache_clear()
    before = trees()
    for number in range(20):
        for language_id, code in CODE.items():
            document = Document("file:///a", language_id, f"{code}\n\n\n{'x;' * number}")
            assert any(evidence_in(document, function) for function in functions_in(document))
    kept = parsed.cache_info().currsize
    assert kept
    assert trees() <= before + kept


def test_a_text_that_is_edited_several_times_is_parsed_once(monkeypatch: pytest.MonkeyPatch):
    first = parsed(PYTHON, "def f(a):\n    return a\n\n\ndef g(b):\n    return é\n")
    assert not first.errors
    parses: list[str] = []
    real = parsing._parser

    def counted(language: Language) -> tree_sitter.Parser:
        parses.append(language.name)
        return real(language)

    monkeypatch.setattr(parsing, "_parser", counted)
    at = first.text.index("a):")
    edited = first.edited(Span(at, at + 1), "first, é").edited(Span(0, 0), "x = (1)\n").edited(Span(4, 5), "[")
    assert not parses
    assert edited.errors
    assert parses == ["python"]
    assert str(edited.tree.root_node) == str(Parsed(PYTHON, edited.text, edited.data).tree.root_node)
