"""Findings stay with their function, and go with its text."""

from __future__ import annotations

import random

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit, Finding, Fix, Related, Severity
from lsp_server.core.functions import functions_in
from lsp_server.session.findings import Findings, Known, Review

PYTHON = '''\
"""Some functions."""
import os

LIMIT = 3


def first(items):
    if items == None:
        return LIMIT
    return items[1]


class Stack:
    """Last in, first out."""

    size = 0

    # What is on top.
    @property
    def top(self):
        """The last one."""
        return self.items[0]

    def pop(self):
        return self.items.pop(0)


def last(items):
    def at(index):
        return items[index]

    return at(len(items))
'''
C = """\
#include <stdio.h>

struct pair { int first, second; };

/* The sum of both. */
int sum(struct pair both) {
    return both.first - both.second;
}

static int largest(const int *values, int count) {
    int best = 0;
    for (int i = 0; i <= count; i++) {
        if (values[i] > best) best = values[i];
    }
    return best;
}

int main(void) {
    printf("%d", sum((struct pair){1, 2}));
    return 0;
}
"""
TEXTS = {"python": PYTHON, "c": C}
SNIPPETS = ("\n", " ", "x", "# note\n", "value = 1\n", "\n\n\n", "(", '"', "é😀", "\r\n", "int y;\n", "}", "\t")


def reviewed(text: str, language: str = "python") -> tuple[Findings, Document]:
    """Every function with a finding on the last word of its body."""
    document, findings = Document("file:///a", language, text), Findings()
    for function in functions_in(document):
        assert function.body is not None
        end = function.body.end
        start = text.rindex(" ", 0, end) + 1
        review = Review(document, function)
        review.add(
            Finding(function.span, Span(start, end), "wrong-value", Severity.WARNING, f"{function.name} is off.")
        )
        findings.keep(document.uri, review)
    return findings, document


def shown(findings: Findings, document: Document) -> dict[str, tuple[str, str]]:
    """By message, the function's text and the text that is marked."""
    return {
        known.finding.message: (known.finding.function.of(document.text), known.finding.span.of(document.text))
        for known in findings.of(document.uri)
    }


def elsewhere(findings: Findings, document: Document, kept: str, chance: random.Random) -> tuple[Span, str]:
    """An edit that touches neither the kept function nor the nearest line that could come to belong to it."""
    (span,) = [known.finding.function for known in findings.of(document.uri) if known.finding.message == kept]
    first, last = document.line_at(span.start) - 1, document.line_at(span.end) + 1
    count = len(document.line_starts)
    first = next((line for line in range(first, -1, -1) if document.line_text(line).strip()), 0)
    last = next((line for line in range(last, count) if document.line_text(line).strip()), count)
    outside = [line for line in range(count) if not first <= line <= last] or [0]
    where = document.line_span(chance.choice(outside))
    start = chance.randint(where.start, where.end)
    return Span(start, chance.randint(start, min(where.end, start + 6))), chance.choice(SNIPPETS)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("seed", range(10))
def test_200_edits_elsewhere_leave_a_finding_on_its_text(language: str, seed: int):
    chance = random.Random(seed)
    findings, document = reviewed(TEXTS[language], language)
    before = shown(findings, document)
    kept = chance.choice(list(before))
    for _ in range(200):
        document = document.edited(*elsewhere(findings, document, kept, chance))
        findings.changed(document)
        assert shown(findings, document)[kept] == before[kept]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("seed", range(200))
def test_an_edit_inside_takes_the_findings_of_the_functions_around_it_and_no_others(language: str, seed: int):
    chance = random.Random(seed)
    findings, document = reviewed(TEXTS[language], language)
    before = shown(findings, document)
    spans = {known.finding.message: known.finding.function for known in findings.of(document.uri)}
    target = spans[chance.choice(list(spans))]
    ends = {end for span in spans.values() for end in (span.start, span.end)}
    at = chance.choice([at for at in range(target.start, target.end) if at not in ends])
    edited = document.edited(Span(at, at), chance.choice("xy_1"))
    findings.changed(edited)
    untouched = {message for message, span in spans.items() if not span.start < at < span.end}
    assert shown(findings, edited) == {message: before[message] for message in untouched}
    findings.changed(document)
    assert shown(findings, document) == before


def test_a_function_that_grows_at_its_end_loses_its_findings():
    findings, document = reviewed(PYTHON)
    end = PYTHON.index("return items[1]") + len("return items[1]")
    findings.changed(document.edited(Span(end, end), "\n    print(items)"))
    assert set(shown(findings, document)) == {"top is off.", "pop is off.", "last is off.", "at is off."}


def test_another_review_of_a_function_takes_the_place_of_the_first():
    findings, document = reviewed(PYTHON)
    first = functions_in(document)[0]
    assert findings.reviewed(document.uri, first)
    findings.keep(document.uri, Review(document, first))
    assert "first is off." not in shown(findings, document)
    assert findings.reviewed(document.uri, first)


def test_a_review_of_an_older_version_is_told_for_the_latest_one():
    findings, document = reviewed(PYTHON)
    review = Review(document, functions_in(document)[0])
    edited = document.edited(Span(0, 0), "# New.\n")
    findings.changed(edited)
    review.followed.follow(edited)
    function = functions_in(document)[0].span
    review.add(Finding(function, function, "wrong-value", Severity.WARNING, "of all of it"))
    findings.keep(document.uri, review)
    assert shown(findings, edited)["of all of it"][1] == function.of(PYTHON)


def test_findings_come_back_when_the_document_is_opened_again_under_another_name():
    findings, document = reviewed(PYTHON)
    before = shown(findings, document)
    findings.closed(document.uri)
    assert findings.of(document.uri) == ()
    moved = Document("file:///b", "python", "# Moved.\n" + PYTHON.replace("items[1]", "items[0]"))
    findings.opened(moved)
    del before["first is off."]
    assert shown(findings, moved) == before


def test_of_closed_documents_only_the_last_are_remembered_where_all_would_be_much_text():
    findings = Findings()
    texts = [f"def name_{number}():\n    pass\n\n\n_ = '{'long ' * 140_000}'\n" for number in range(4)]
    documents = [Document(f"file:///{number}", "python", text) for number, text in enumerate(texts)]
    for document in documents:
        findings.keep(document.uri, Review(document, functions_in(document)[0]))
        findings.closed(document.uri)
    for document in documents:
        findings.opened(document)
    assert [findings.reviewed(one.uri, functions_in(one)[0]) for one in documents] == [False, False, True, True]


def test_a_copy_of_the_function_in_another_open_document_has_no_findings():
    findings, document = reviewed(PYTHON)
    copy = Document("file:///copy", "python", PYTHON)
    findings.opened(copy)
    assert findings.of(copy.uri) == ()
    assert findings.of(document.uri)


def with_places(*edits: Edit) -> tuple[Findings, Document]:
    """The first function with a finding that is about the limit too, and how it is fixed."""
    document, findings = Document("file:///a", "python", PYTHON), Findings()
    function = functions_in(document)[0]
    limit = PYTHON.index("LIMIT = 3")
    review = Review(document, function)
    related = (Related(Span(limit, limit + 5), "It is set here."),)
    found = Finding(
        function.span, function.span, "wrong-value", Severity.WARNING, "Off.", 1.0, related, Fix("x", edits)
    )
    review.add(found)
    findings.keep(document.uri, review)
    return findings, document


def the_one(findings: Findings, document: Document) -> Known:
    (known,) = findings.of(document.uri)
    return known


def test_places_elsewhere_move_with_their_own_line_or_are_left_out():
    inside, above = PYTHON.index("items[1]"), PYTHON.index("import os")
    edits = (Edit(Span(inside, inside + 8), "items[0]"), Edit(Span(above, above), "import sys\n"))
    findings, document = with_places(*edits)
    name = the_one(findings, document).name
    edited = document.edited(Span(0, 0), "# New.\n")
    findings.changed(edited)
    known = the_one(findings, edited)
    assert known.name == name
    assert known.finding.related[0].span.of(edited.text) == "LIMIT"
    fixed = known.finding.fix.applied(edited.text)
    assert fixed == "# New.\n" + PYTHON.replace("items[1]", "items[0]").replace("import os", "import sys\nimport os")
    lost = edited.edited(Span(edited.text.index("import os"), edited.text.index("class")), "")
    lost = Document(lost.uri, "python", PYTHON.replace("import os\n\nLIMIT = 3\n", ""))
    findings.changed(lost)
    assert the_one(findings, lost).finding.related == ()
    assert the_one(findings, lost).finding.fix is None


def test_what_is_written_down_of_a_finding_is_the_same_when_other_lines_of_its_function_change():
    findings, document = reviewed(PYTHON)
    again, changed = reviewed(PYTHON.replace("        return LIMIT", "        return 1"))
    marks = [{known.finding.message: known.mark for known in one.of(document.uri)} for one in (findings, again)]
    assert marks[0] == marks[1]
    assert len(set(marks[0].values())) == len(marks[0])
    assert changed.text != document.text
