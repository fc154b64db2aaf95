"""What is typed, how, and what is taken of a suggestion."""

from __future__ import annotations

import re
import statistics
import tomllib

import pytest

from lsp_server.core.document import Document
from tests.benchmarks.typing.acceptance import Acceptance, acceptance
from tests.benchmarks.typing.closing import Closers
from tests.benchmarks.typing.hands import PAUSE_SECONDS, keys, strokes
from tests.benchmarks.typing.material import SOURCES, cpp_tasks, tasks
from tests.benchmarks.typing.renaming import chosen, renamed
from tests.benchmarks.typing.replay import document_of
from tests.benchmarks.typing.screen import Place

TEXT = "def area(width, height):\n    if width < 0:\n        return None\n\n    return width * height"
TABLE = tomllib.loads((SOURCES / "words.toml").read_text(encoding="utf-8"))


def written(text: str, seed: str) -> str:
    there = ""
    for stroke in strokes(text, seed):
        assert stroke.at == len(there) or not text.startswith(there)
        there = there + stroke.text if stroke.text else there[:-1]
    return there


def place(marked: str) -> Place:
    text = marked.replace("|", "")
    return Place(Document("file:///a", "cpp", text), marked.index("|"))


def marked(place: Place) -> str:
    return place.text[: place.cursor] + "|" + place.text[place.cursor :]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("f(", "f(|)\nx"),
        ("f(a)", "f(a)|\nx"),
        ("f(g[0]).h", "f(g[0]).h|\nx"),
        ("f('a'", "f('a'|)\nx"),
        ("f('(", "f('(|')\nx"),
        ("don't (", "don't (|\nx"),
        ("// (", "// (|\nx"),
        (("f() {", "\n    ", "y;"), "f() {\n    y;|\n}\nx"),
        (("f() {", "\n    ", "y;", "\n", "}"), "f() {\n    y;\n}|\nx"),
        (("f(", "\n  ", "a)"), "f(\n  a)|\nx"),
        (("f(", ""), "f|\nx"),
        (("f(a", ""), "f(|)\nx"),
    ],
)
def test_the_editor_closes_brackets_and_quotes_and_what_it_closed_is_typed_over(keys, expected):
    closers, at = Closers(), place("|\nx")
    for part in keys if isinstance(keys, tuple) else (keys,):
        whole = part.startswith("\n")
        for key, following in zip([part] if whole else part or [""], [*part[1:], "}"], strict=False):
            at = closers.pressed(at, key, "}" if whole and part == "\n" else following) if key else closers.erased(at)
    assert marked(at) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "f(a|)\nx"), ("a)", "f(a)|\nx"), ("g(a)", "f(g(a)|)\nx"), ("a) + (b)", "f(a) + (b)|\nx")],
)
def test_what_is_accepted_replaces_the_closers_that_it_brings(text, expected):
    closers, at = Closers(), place("|\nx")
    for key in "f(":
        at = closers.pressed(at, key, "")
    assert marked(closers.accepted(at, text)) == expected


def test_whole_functions_are_typed_as_they_are():
    for task in tasks(5, 40):
        closers, at = Closers(), Place(document_of(task), len(task.before))
        for stroke in strokes(task.typed, "1"):
            end = stroke.at + len(stroke.text)
            following = task.typed[end : end + 1]
            at = closers.pressed(at, stroke.text, following) if stroke.text else closers.erased(at)
        assert at.text == task.before + task.typed + task.after
        assert not closers.pending


def test_enter_brings_the_indentation_of_the_next_line_but_not_of_an_empty_one():
    assert keys("a:\n    b\n\n  c") == ["a", ":", "\n    ", "b", "\n", "\n  ", "c"]


@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_slips_are_corrected_so_that_the_text_stands_there_in_the_end(seed):
    assert written(TEXT * 20, seed) == TEXT * 20
    assert any(not stroke.text for stroke in strokes(TEXT * 20, seed))


def test_the_same_seed_gives_the_same_keys_and_intervals_and_another_seed_others():
    assert strokes(TEXT, "a") == strokes(TEXT, "a")
    assert strokes(TEXT, "a") != strokes(TEXT, "b")


def test_hands_pause_after_lines_more_often_than_inside_words():
    made = strokes(TEXT * 50, "many")
    after_lines = [stroke.wait > PAUSE_SECONDS for stroke in made if stroke.text.startswith("\n")]
    inside = [stroke.wait > PAUSE_SECONDS for stroke in made if stroke.text == "t"]
    assert statistics.mean(after_lines) > 0.5 > 0.3 > statistics.mean(inside)


@pytest.mark.parametrize(
    ("suggested", "expected", "taken"),
    [
        ("return width", "return width * height", Acceptance("return width", 1)),
        ("return width\n", "return width * height", Acceptance("return width", 1)),
        ("return height", "return width * height", Acceptance("return", 1)),
        ("a = 1\n    b = 2\n    c = 4", "a = 1\n    b = 2\n    c = 3", Acceptance("a = 1\n    b = 2\n    c =", 4)),
        ("first = second", "first = seconds", Acceptance("first = second", 1)),
        ("first = second or", "first = seconds", Acceptance("first =", 2)),
        ("return total\n\n\ndef", "return total", Acceptance("return total", 1)),
        ("x", "xyz", None),
        ("):", "):", None),
        (")))\n", ")))\n", None),
        ("nothing", "something", None),
        ("", "something", None),
    ],
)
def test_a_suggestion_is_taken_as_far_as_it_is_right_and_worth_it(suggested, expected, taken):
    assert acceptance(suggested, expected) == taken


def test_what_is_saved_are_keys_and_the_indentation_is_none():
    taken = acceptance("if x:\n        return", "if x:\n        return None")
    assert taken is not None
    assert taken.saved == len("if x:") + 1 + len("return") - 1


def test_the_functions_are_the_same_for_a_seed_and_the_languages_take_turns():
    first = tasks(3, 6)
    assert first == tasks(3, 8)[:6]
    assert [task.language for task in first] == ["python", "cpp"] * 3
    assert {task.digest for task in first}.isdisjoint(task.digest for task in tasks(4, 6))


def test_a_task_is_a_whole_function_in_its_file():
    for task in tasks(5, 8):
        assert re.match(r"(async )?def |//|[\w:<>&*]+ ", task.typed)
        assert task.after.startswith("\n")
        assert task.before[-1] in "\n \t"


def test_names_are_exchanged_everywhere_alike_and_go_on_meaning_something():
    words = {"hive": "skep", "weighing": "hour_text"}
    source = (
        '// The hives.\nstruct Hive { int lastWeighing; };\nint of(Hive hive) { return hive.lastWeighing; } // "hive"\n'
    )
    assert renamed(source, words) == (
        '// The skeps.\nstruct Skep { int lastHourText; };\nint of(Skep skep) { return skep.lastHourText; } // "skep"\n'
    )


def test_strings_and_names_of_the_standard_library_stay():
    source = 'auto x = std::max(a, b); const char* y = "hive";\n'
    assert renamed(source, {"hive": "skep"}) == source


def test_another_seed_gives_other_names_for_the_same_functions():
    one, other = (list(cpp_tasks(seed)) for seed in (1, 2))
    assert one != other
    assert chosen(TABLE, 1) == chosen(TABLE, 1)


def test_no_two_words_become_the_same():
    every = [word for known, others in TABLE.items() for word in (known, *others)]
    assert len(every) == len(set(every))
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.cpp"))
    taken = {piece.lower() for piece in re.findall(r"[A-Z]?[a-z]+", re.sub(r"//.*", "", sources))}
    clashes = {word for others in TABLE.values() for word in others if word in taken and word not in TABLE}
    assert not clashes
