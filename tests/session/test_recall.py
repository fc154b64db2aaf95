from __future__ import annotations

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.suggestion import Suggestion
from lsp_server.session.recall import Recall


def marked(text: str) -> tuple[Document, int]:
    offset = text.index("|")
    return Document("u", "python", text.replace("|", "", 1)), offset


def check(before: str, suggestion: str, now: str, expected: list[str], replaced: int = 0) -> None:
    """What is still suggested ``now`` of a ``suggestion`` made ``before``, in place of ``replaced`` characters."""
    document, offset = marked(before)
    recall = Recall()
    recall.remember(document, offset, (Suggestion(Span(offset - replaced, offset), suggestion, ""),))
    here, cursor = marked(now)
    found = recall.recall(here, cursor)
    assert [one.text for one in found] == expected
    for one in found:
        assert here.edited(one.span, one.text).text == document.edited(Span(offset - replaced, offset), suggestion).text


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("re|z", ["turn x"]),
        ("ret|z", ["urn x"]),
        ("return |z", ["x"]),
        ("return x|z", []),
        ("return xy|z", []),
        ("rat|z", []),
        ("r|z", []),
        ("ret|zz", []),
        ("ret|", []),
    ],
)
def test_what_was_typed_of_a_suggestion_is_taken_off_it(now: str, expected: list[str]) -> None:
    check("re|z", "turn x", now, expected)


def test_a_suggestion_that_replaces_white_space_is_kept_too() -> None:
    check("def f():\n  |\n", "    return 1", "def f():\n    re|\n", ["turn 1"], replaced=2)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("x = f(|)\n", ["a, g(b)"]),
        ("x = f(a, g(|))\n", ["b"]),
        ("x = f(a, g(b)|)\n", []),
        ("x = f(a, g(b))|\n", [" + 1"]),
        ("x = f(b|)\n", []),
        ("x = f(|]\n", ["a, g(b)"]),
        ("x = f(|)\ny\n", []),
    ],
)
def test_what_the_editor_has_closed_by_itself_is_not_suggested_again(now: str, expected: list[str]) -> None:
    document, offset = marked("x = |\n")
    recall = Recall()
    recall.remember(document, offset, (Suggestion(Span(offset, offset), "f(a, g(b)) + 1", ""),))
    here, cursor = marked(now)
    found = recall.recall(here, cursor)
    assert [one.text for one in found] == expected
    assert all(one.span == Span(cursor, cursor) for one in found)


def test_another_document_and_a_forgotten_answer_bring_nothing() -> None:
    document, offset = marked("re|")
    recall = Recall()
    recall.remember(document, offset, (Suggestion(Span(2, 2), "turn", ""),))
    assert recall.recall(Document("other", "python", "re"), 2) == ()
    assert recall.recall(document, 2)
    recall.forget()
    assert recall.recall(document, 2) == ()


def test_the_newest_answer_comes_first_and_old_ones_are_dropped() -> None:
    document, offset = marked("re|")
    recall = Recall()
    for number in range(20):
        recall.remember(document, offset, (Suggestion(Span(2, 2), str(number), ""),))
    assert recall.recall(document, offset)[0].text == "19"
    assert len(recall._memories) == 8


def test_what_was_accepted_whole_is_known_to_be_there():
    document, offset = marked("x = |\n")
    recall = Recall()
    recall.remember(
        document, offset, (Suggestion(Span(offset, offset), "f(1)", ""), Suggestion(Span(offset, offset), "f", ""))
    )
    assert recall.accepted(*marked("x = f(1)|\n"))
    assert recall.accepted(*marked("x = f|\n"))
    assert not recall.accepted(*marked("x = f(1|\n"))
    assert not recall.accepted(*marked("x = f(1)|\ny"))
    assert not recall.accepted(*marked("x = f(2)|\n"))


def test_whether_more_was_looked_for_is_remembered_while_it_is_typed_into():
    document, offset = marked("x = |\n")
    recall = Recall()
    first, other = Suggestion(Span(offset, offset), "f(1)", ""), Suggestion(Span(offset, offset), "f(2)", "")
    recall.remember(document, offset, (first,))
    assert not recall.is_whole(document, offset)
    recall.remember(document, offset, (first, other), whole=True)
    assert recall.is_whole(document, offset)
    assert recall.is_whole(*marked("x = f(|\n"))
    assert not recall.is_whole(*marked("x = g|\n"))
