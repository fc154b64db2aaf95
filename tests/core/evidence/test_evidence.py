"""What holds of all evidence: it lies in its function, moves with it, mends what it says, and never breaks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lsp_server
from lsp_server.core.document import Document, Span
from lsp_server.core.evidence import evidence_in
from lsp_server.core.finding import Finding, category
from lsp_server.core.functions import functions_in
from lsp_server.core.syntax import error_count

EXAMPLES = Path(__file__).parent / "examples"
MARKS = re.compile("[⟦⟧⟨⟩]")


def _texts() -> list[tuple[str, str]]:
    rows = [row for path in sorted(EXAMPLES.glob("*.toml")) for row in _rows(path)]
    return [(row["language"], MARKS.sub("", text)) for row in rows for text in [row["bad"], *row["good"]]]


def _rows(path: Path) -> list[dict]:
    return [row for found in tomllib.loads(path.read_text(encoding="utf-8")).values() for row in found]


TEXTS = _texts()


def evidence(document: Document) -> list[Finding]:
    return [finding for function in functions_in(document) for finding in evidence_in(document, function)]


# A function of three mistakes, in a file that includes nothing: no declaration of the structure is at hand.
THREE = """\
int later(struct momnent one, struct moment other)
{
    if (one.hour > other.hour) return 1;
    if (one.hour = other.hour) return 0;
    return -1;
}
"""


def test_a_function_of_three_mistakes_has_three_findings():
    document = Document("file:///a.c", "c", THREE)
    found = evidence(document)
    assert {finding.category for finding in found} == {"assignment-in-condition", "unknown-name", "copied-struct"}
    assert len(found) == 3
    for finding in found:
        document = Document("file:///a.c", "c", finding.fix.applied(THREE)) if finding.fix else document
        assert not error_count(document)


def test_findings_are_in_the_order_of_the_text_and_say_how_bad_they_are():
    found = evidence(Document("file:///a.c", "c", THREE))
    assert [finding.span.start for finding in found] == sorted(finding.span.start for finding in found)
    for finding in found:
        assert finding.confidence == 1
        assert finding.severity is category(finding.category).severity


def test_offsets_are_code_points_whatever_the_text_holds():
    text = "# ä€😀\r\ndef f(x):\r\n    '''😀'''\r\n    if x is 'ä':\r\n        return 1\r\n    return 2\r\n"
    (finding,) = evidence(Document("file:///a.py", "python", text))
    assert finding.span.of(text) == "x is 'ä'"
    assert finding.fix is not None
    assert "x == 'ä'" in finding.fix.applied(text)


def test_a_function_inside_another_has_its_own_findings():
    text = "def f(x):\n    def g(y):\n        return y is 3\n    return g\n"
    document = Document("file:///a.py", "python", text)
    outer, inner = functions_in(document)
    assert not evidence_in(document, outer)
    assert len(evidence_in(document, inner)) == 1


def test_what_does_not_parse_keeps_only_what_is_seen_beside_it():
    text = "def f(x):\n    if x is 3:\n        return 1\n    return (x +\n"
    whole = "def g(x) -> int:\n    if x:\n        return (1\n"
    assert [finding.category for finding in evidence(Document("file:///a.py", "python", text))] in (
        [],
        ["wrong-condition"],
    )
    assert not evidence(Document("file:///a.py", "python", whole))


def test_a_document_of_an_unknown_language_has_none():
    text = "def f(x):\n    return x is 3\n"
    document = Document("file:///a.py", "python", text)
    (function,) = functions_in(document)
    assert not evidence_in(Document("file:///a.txt", "plaintext", text), function)


def test_a_function_of_another_document_has_none_here():
    first = Document("file:///a.py", "python", "def f(x):\n    return x is 3\n")
    (function,) = functions_in(first)
    assert not evidence_in(Document("file:///b.py", "python", "x = 1\n"), function)


@settings(max_examples=150)
@given(st.sampled_from(TEXTS), st.data())
def test_findings_in_broken_text_still_lie_in_their_function(example: tuple[str, str], data: st.DataObject):
    language, text = example
    document = Document("file:///a", language, text)
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(document.text)))
        end = min(len(document.text), start + data.draw(st.integers(0, 12)))
        new = data.draw(
            st.sampled_from(["", "(", "}", ":", "\n", "ä", "if ", "= ", "\0", "x", '"', "'''", "/*", "\t", "return "])
        )
        document = document.edited(Span(start, end), new)
    for function in functions_in(document):
        for finding in evidence_in(document, function):
            assert finding.function == function.span
            assert function.span.start <= finding.span.start <= finding.span.end <= function.span.end
            for related in finding.related:
                assert 0 <= related.span.start <= related.span.end <= len(document.text)
            if finding.fix is not None:
                errors = error_count(Document("file:///a", language, finding.fix.applied(document.text)))
                assert errors <= error_count(document)


@settings(max_examples=60)
@given(st.sampled_from(["python", "c", "cpp"]), st.text(max_size=200))
def test_no_text_breaks_it(language: str, text: str):
    evidence(Document("file:///a", language, text))


@settings(max_examples=40)
@given(st.sampled_from(TEXTS), st.text(st.characters(codec="utf-8"), max_size=30))
def test_findings_move_with_the_text_above_them(example: tuple[str, str], above: str):
    language, text = example
    comment = "".join(character for character in above if character.isprintable() and character not in "*/\\?")
    comment = f"# {comment}\n\n" if language == "python" else f"/* {comment} */\n\n\n"
    before, after = (evidence(Document("file:///a", language, one)) for one in (text, comment + text))
    assert [finding.span for finding in after] == [
        Span(finding.span.start + len(comment), finding.span.end + len(comment)) for finding in before
    ]


MODULES = sorted(Path(lsp_server.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_this_projects_own_code_gives_no_evidence(path: Path):
    document = Document(path.as_uri(), "python", path.read_text(encoding="utf-8"))
    assert not [finding.message for finding in evidence(document)]
