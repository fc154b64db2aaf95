"""Every rule, by examples: what it must find, exactly where, what its fix makes of it, and what it must leave alone."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from lsp_server.core.document import Document
from lsp_server.core.evidence import FAMILIES, RULES, named_evidence_in
from lsp_server.core.finding import CATEGORIES, Finding
from lsp_server.core.functions import functions_in
from lsp_server.core.languages import PYTHON, by_language_id
from lsp_server.core.syntax import error_count

EXAMPLES = Path(__file__).parent / "examples"
MARKS = re.compile("[⟦⟧⟨⟩]")


@dataclass(frozen=True)
class Example:
    """A row of a data file. ``bad`` has ⟦ ⟧ around the finding and ⟨ ⟩ around what it relates to."""

    rule: str
    language: str
    bad: str
    good: list[str]
    fixed: str = ""

    def __str__(self) -> str:
        return f"{self.rule} ({self.language})"


def _examples(family: str) -> list[Example]:
    rows = tomllib.loads((EXAMPLES / f"{family}.toml").read_text(encoding="utf-8"))
    return [Example(rule, **row) for rule, found in rows.items() for row in found]


NAMES = [family.__name__.rpartition(".")[2] for family in FAMILIES]
ROWS = [example for name in NAMES for example in _examples(name)]
each = pytest.mark.parametrize("example", ROWS, ids=str)


def found_in(language: str, text: str) -> list[tuple[str, Finding]]:
    document = Document("file:///a", language, text)
    return [found for function in functions_in(document) for found in named_evidence_in(document, function)]


def shown(text: str, finding: Finding) -> str:
    """The text with the finding's marks in it."""
    marks = [(finding.span, "⟦⟧"), *((related.span, "⟨⟩") for related in finding.related)]
    places = sorted(
        [(span.start, 1, pair[0]) for span, pair in marks] + [(span.end, 0, pair[1]) for span, pair in marks]
    )
    for offset, _, mark in reversed(places):
        text = text[:offset] + mark + text[offset:]
    return text


@each
def test_a_rule_finds_what_it_is_for_and_where(example: Example):
    text = MARKS.sub("", example.bad)
    found = found_in(example.language, text)
    assert [name for name, _ in found] == [example.rule], found
    assert shown(text, found[0][1]) == example.bad


@each
def test_a_rule_leaves_alone_what_is_right(example: Example):
    for text in example.good:
        assert not error_count(Document("file:///a", example.language, text)), text
        assert not [name for name, _ in found_in(example.language, text)], text


@each
def test_a_fix_is_what_a_person_would_have_written(example: Example):
    text = MARKS.sub("", example.bad)
    fix = found_in(example.language, text)[0][1].fix
    if example.fixed:
        assert fix is not None
        assert fix.applied(text) == example.fixed
        assert not found_in(example.language, example.fixed)
    if fix is not None:
        assert fix.title
        assert not error_count(Document("file:///a", example.language, fix.applied(text)))


def test_every_rule_has_examples_in_each_family_of_languages():
    shown = {(example.rule, by_language_id(example.language) is PYTHON) for example in ROWS}
    wanted = {(rule.name, language is PYTHON) for rule in RULES for language in rule.languages}
    assert wanted == shown


def test_rules_have_names_of_their_own_and_known_categories():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    assert {rule.category for rule in RULES} <= {category.name for category in CATEGORIES}


@each
def test_a_message_is_one_sentence(example: Example):
    message = found_in(example.language, MARKS.sub("", example.bad))[0][1].message
    assert message.endswith(".")
    assert "\n" not in message
    assert not re.search(r"[a-z]\. [A-Z]", message)
