"""How a model is asked for findings, and what of its answer is kept."""

from __future__ import annotations

import json
import random
import re

import jsonschema
import pytest

from lsp_server.core import report
from lsp_server.core.dialogue import ANSWER
from lsp_server.core.document import Document
from lsp_server.core.finding import CATEGORIES, Severity
from lsp_server.core.functions import functions_in

TEXT = '''\
import os


def area(width, height):
    """The area."""
    if width < 0:
        raise ValueError("no \\"{x}\\"")
    return width + height
'''
DOCUMENT = Document("file:///a.py", "python", TEXT)
(AREA,) = functions_in(DOCUMENT)
LONG = Document("file:///l.py", "python", "def f(\n    x,\n):\n" + "".join(f"    y{n} = x + {n}\n" for n in range(200)))
GOOD = {
    "line": 5,
    "quote": "width + height",
    "message": "The sides are added.",
    "category": "wrong-value",
    "severity": "error",
}


def answer(*said: object) -> str:
    return json.dumps(said)


def kept(text: str) -> list[str]:
    return [finding.span.of(TEXT) for finding in report.anchored(text, DOCUMENT, AREA)]


def valid(schema: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema))


def test_the_question_shows_every_line_after_its_number():
    shown = re.search(r"```python\n(.*?)\n```", report.review(DOCUMENT, AREA).request, re.DOTALL)
    assert shown
    lines = TEXT.splitlines()[3:]
    assert shown[1].splitlines() == [f"{number} {line}" for number, line in enumerate(lines, 1)]


def test_numbers_do_not_depend_on_what_stands_above():
    below = Document("file:///a.py", "python", "\n\nx = 1\n" + TEXT)
    assert report.review(below, functions_in(below)[0]) == report.review(DOCUMENT, AREA)


def test_a_question_is_put_in_a_dialogue_and_keeps_its_schema():
    inquiry = report.review(DOCUMENT, AREA)
    prompt = inquiry.prompt(ANSWER, ("<end>",))
    assert prompt.schema == inquiry.schema
    assert inquiry.request in prompt.text
    assert (prompt.stops, prompt.ends) == (("<end>",), ())


def test_only_places_of_the_function_and_words_of_the_closed_sets_fit():
    validator = valid(report.review(DOCUMENT, AREA).schema)
    assert validator.is_valid([])
    assert validator.is_valid([GOOD] * 5)
    assert not validator.is_valid([GOOD] * 6)
    wrong = [
        {"line": 2},
        {"line": 3},
        {"line": 6},
        {"quote": "width < 0"},
        {"category": "style"},
        {"category": "failing-example"},
        {"severity": "fatal"},
        {"message": "."},
        {"message": "x" * 300 + "."},
        {"more": 1},
    ]
    assert not [change for change in wrong if validator.is_valid([GOOD | change])]
    assert not [name for name in GOOD if validator.is_valid([{key: GOOD[key] for key in GOOD if key != name}])]


def test_what_fits_is_anchored():
    assert kept(answer(GOOD)) == ["width + height"]
    found = report.anchored(answer(GOOD), DOCUMENT, AREA)[0]
    assert (found.function, found.category, found.severity) == (AREA.span, "wrong-value", Severity.ERROR)
    assert (found.message, found.confidence) == ("The sides are added.", report.UNPROVEN)


@pytest.mark.parametrize(
    "change",
    [
        {"line": 4},
        {"line": "5"},
        {"line": None},
        {"line": 10**30},
        {"line": -1},
        {"quote": "width * height"},
        {"quote": " "},
        {"quote": ["width"]},
        {"category": "style"},
        {"category": ["wrong-value"]},
        {"severity": "fatal"},
        {"severity": {}},
        {"message": ""},
        {"message": "\x07"},
        {"message": 5},
    ],
)
def test_what_does_not_anchor_is_dropped(change):
    assert kept(answer(GOOD | change, GOOD | {"quote": "height"})) == ["height"]


def test_of_the_beginning_of_an_answer_the_whole_findings_are_kept():
    whole = answer(GOOD, GOOD | {"quote": "width", "message": "A brace } and a { too."})
    sizes = [len(kept(whole[:length])) for length in range(len(whole) + 1)]
    assert sizes == sorted(sizes)
    assert set(sizes) == {0, 1, 2}


def test_a_finding_that_repeats_is_told_once_and_five_at_most():
    places = [(2, name) for name in ("if width < 0:", "width < 0", "width", "0")]
    assert kept(answer(GOOD, GOOD | {"message": "Again."})) == ["width + height"]
    many = [GOOD | {"line": 3, "quote": quote} for _, quote in places]
    more = [GOOD | {"quote": quote} for quote in ("width", "height", "return", "+")]
    assert len(kept(answer(*many, *more))) == report.MOST_FINDINGS


@pytest.mark.parametrize(
    "text", ["", "[]", "There is nothing wrong.", "{", "{}", "[[[", '{"line": {"line": 5}}', "null"]
)
def test_an_answer_without_findings_is_none(text):
    assert kept(text) == []


def test_whatever_fits_the_schema_anchors():
    chance = random.Random(7)
    schema = json.loads(report.review(DOCUMENT, AREA).schema)
    for _ in range(200):
        place = chance.choice(schema["items"]["anyOf"])["properties"]
        said = GOOD | {"line": place["line"]["const"], "quote": chance.choice(place["quote"]["enum"])}
        for name in ("category", "severity"):
            said[name] = chance.choice(schema["$defs"][name]["enum"])
        jsonschema.validate([said], schema)
        assert kept(answer(said)) == [said["quote"]]


def test_a_long_function_is_asked_about_in_parts_that_have_its_head():
    (function,) = functions_in(LONG)
    parts = report.windows(LONG, function, 80)
    assert [len(part) for part in parts] == [67, 68, 68]
    assert [line for part in parts for line in part] == list(range(203))
    request = report.review(LONG, function, parts[2]).request
    assert "1 def f(\n" in request
    assert "  3 ):\n136     y132" in request
    assert "y131" not in request
    validator = valid(report.review(LONG, function, parts[2]).schema)
    said = GOOD | {"quote": "x + 150", "line": 154}
    assert validator.is_valid([said])
    assert not validator.is_valid([said | {"line": 54, "quote": "x + 50"}])


def test_a_short_function_is_one_part():
    assert report.windows(DOCUMENT, AREA) == (range(3, 8),)


def test_a_part_without_code_has_no_findings():
    validator = valid(report.review(DOCUMENT, AREA, range(4, 5)).schema)
    assert validator.is_valid([])
    assert not validator.is_valid([GOOD])


def test_a_suspicious_line_is_told_with_what_would_be_right():
    inquiry = report.describe(DOCUMENT, AREA, 7, "    return width * height\n")
    assert "wrong on line 5: `return width + height`" in inquiry.request
    assert "`return width * height`" in inquiry.request
    assert "would be" not in report.describe(DOCUMENT, AREA, 7).request
    assert valid(inquiry.schema).is_valid({"message": "The sides are added.", "category": "wrong-value"})
    assert not valid(inquiry.schema).is_valid({"message": "The sides are added.", "category": "style"})


def test_a_description_is_a_finding_at_the_place_it_was_asked_for():
    span = DOCUMENT.line_span(7)
    said = {"message": "The sides are added.", "category": "unknown-name"}
    found = report.described(json.dumps(said), AREA, span)
    assert found
    assert (found.span, found.category, found.severity) == (span, "unknown-name", Severity.ERROR)
    for less in ("", "{", "{}", json.dumps(said | {"category": "style"}), json.dumps(said)[:-1]):
        assert report.described(less, AREA, span) is None


@pytest.mark.parametrize(
    "message",
    [
        "The sides are added.",
        " The sides are added ",
        "The sides are added. It is e.g. 5. So",
        "The sides are added.\nSo.",
    ],
)
def test_of_a_message_the_first_sentence_is_told(message):
    assert [one.message for one in report.anchored(answer(GOOD | {"message": message}), DOCUMENT, AREA)] == [
        "The sides are added."
    ]


@pytest.mark.parametrize(
    "message", ["It adds on line 5.", "Lines 4 and 5 add.", "x" * 201 + ".", "The condition `width.", "y " * 300]
)
def test_a_message_that_was_cut_off_or_numbers_lines_gives_way_to_the_category(message):
    meant = "A value, operator, variable or argument is not the one that is meant."
    assert [one.message for one in report.anchored(answer(GOOD | {"message": message}), DOCUMENT, AREA)] == [meant]
    found = report.described(json.dumps({"message": message, "category": "wrong-value"}), AREA, AREA.span)
    assert found
    assert found.message == meant


def test_every_category_that_can_be_seen_is_explained_in_the_question():
    request = report.review(DOCUMENT, AREA).request
    assert [row.name for row in CATEGORIES if f"- {row.name}: {row.meaning}" not in request] == ["failing-example"]
