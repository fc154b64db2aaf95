"""Drafts looked up in a text, what they come to, and decoding with them; how fast that is is not tested here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

import pytest

from lsp_server.core.generation import Limits
from lsp_server.engines.model import Logits
from lsp_server.engines.watch import Watch
from tests.benchmarks.decoding.drafting import DraftingEngine
from tests.benchmarks.decoding.drafts import NONE
from tests.benchmarks.decoding.ngrams import Ngrams, Setting, Step, outcome, replayed
from tests.benchmarks.decoding.places import Asked, Recorder, _pauses
from tests.benchmarks.engine import asked
from tests.benchmarks.typing.material import Task
from tests.engines.toy_model import ToyModel, toy_engine

LETTERS = [*(bytes([letter]) for letter in b"abcdefgh \n("), b"<end>"]


class Habits(ToyModel):
    """Says what it said before after the same two tokens, so that it repeats itself; its tokens are letters."""

    def __init__(self) -> None:
        super().__init__(words=LETTERS)

    def after(self, sequence: Sequence[int]) -> Logits:
        return super().after(sequence[-2:])


def drafted(text: str, setting: Setting) -> str:
    known = Ngrams(setting)
    known.add(map(ord, text))
    return "".join(map(chr, known.draft()))


@pytest.mark.parametrize(
    ("text", "least", "expected"),
    [
        ("abcd abc", 2, "d ab"),
        ("abx cdx ab", 2, "x cd"),
        ("bc1 abc2 xbc3 abc", 2, "2 xb"),  # the longer run, though a shorter one stood there later
        ("ab1 ab2 ab", 2, "2 ab"),  # the newest of the same length
        ("ab cb", 2, ""),  # the last character alone stood there before
        ("ab cb", 1, " cb"),
        ("aaa", 2, "a"),  # the text's end is not where it was last seen
        ("", 1, ""),
        ("a", 1, ""),
    ],
)
def test_a_draft_is_what_followed_the_longest_run_when_it_was_last_seen(text: str, least: int, expected: str):
    assert drafted(text, Setting(4, least, most=3)) == expected


def test_a_draft_is_as_long_as_is_set():
    assert [drafted("abcd abc", Setting(tokens)) for tokens in (0, 1, 2)] == ["", "d", "d "]


def test_of_a_draft_so_much_is_accepted_as_is_right_and_every_decode_gives_one_token_more():
    prompt, text = list(b"abcdef  "), list(b"abcdXabcdX")
    steps = replayed(prompt, text, Setting(3, least=2))
    # After "ab" comes "cde", of which "cd" is right; then X, a and b; after that "cdX" and a second one.
    assert steps == [Step(0, 0), Step(3, 2), Step(0, 0), Step(0, 0), Step(3, 3)]
    assert sum(step.accepted + 1 for step in steps) >= len(text) - 1


def test_nothing_is_accepted_beyond_the_end_of_the_text():
    assert replayed(list(b"abcdef "), list(b"abc"), Setting(4, least=2)) == [Step(0, 0), Step(4, 1)]


def test_without_drafts_every_token_after_the_first_is_a_decode():
    assert replayed([1, 2], [1, 2, 1, 2], NONE) == [Step(0, 0)] * 3
    assert replayed([1, 2], [1], Setting(4)) == []


def test_speeds_are_those_of_batches_of_the_drafts_sizes():
    texts = [(list(b"abcdef  "), list(b"abcdX"))]
    found = outcome(texts, Setting(3, least=2), {1: 1.0, 2: 1.5, 3: 2.0, 4: 2.5})
    # Two decodes: of a, without a draft, and of b with three tokens of which two are right.
    assert (found.drafted_decodes, found.accepted, found.tokens_per_decode) == (0.5, 2 / 3, 2.0)
    assert (found.tokens_per_second, found.speed, found.bound) == (4 / 3.5, 4 / 3.5, 4 / 3.0)
    assert outcome(texts, NONE, {1: 0.5}).tokens_per_second == 2.0
    assert outcome(texts, NONE, {1: 0.5}).speed == outcome(texts, NONE, {1: 0.5}).bound == 1.0


@pytest.mark.parametrize("setting", [Setting(1, least=1), Setting(3, least=1), Setting(4, least=2)])
def test_with_drafts_the_same_is_written_in_fewer_decodes(setting: Setting, monkeypatch):
    decodes: list[int] = []
    model = Habits()
    decode = model.decode
    monkeypatch.setattr(model, "decode", lambda rows: (decodes.append(len(rows)), decode(rows)))
    engine = DraftingEngine(model, Watch(lambda: False))
    counts = {NONE: 0, setting: 0}
    for number in range(40):
        prompt = asked(f"{'abcdefgh'[number % 8]}{'hgfe(cba'[number // 8]}a b")
        plain = list(engine.stream(prompt, Limits(30)))
        for each in counts:
            del decodes[:]
            written = engine.written(prompt, 30, each)
            counts[each] += len(decodes)
            kept = [token for token in written.tokens if not model.ends(token)]
            assert b"".join(map(model.piece, kept)).decode() == "".join(piece.text for piece in plain)
            assert model.tokens(prompt) == written.prompt
    assert counts[setting] < 0.8 * counts[NONE]


def test_decoding_with_drafts_ends_at_a_stop_and_at_the_limit_as_without_them():
    engine = DraftingEngine(Habits(), Watch(lambda: False))
    setting = Setting(4, least=1)
    for number in range(20):
        for prompt in (asked(f"{'abcdefgh'[number % 8]} {number // 8 * 'a'}", "b"), asked(f"{number * 'a'} b")):
            assert len({tuple(engine.written(prompt, 7, each).tokens) for each in (NONE, setting)}) == 1


async def test_what_is_asked_is_written_down_with_the_tokens_that_were_read():
    engine = Recorder(toy_engine(Habits()))
    prompt = asked("a b")
    whole = [piece async for piece in engine.stream(prompt, Limits(9))]
    assert [piece.tokens for piece in whole] == [0, *[1] * 8, 1]
    async with aclosing(engine.stream(prompt, Limits(9))) as pieces:
        for _ in range(4):
            await anext(pieces)
    await engine.branches(prompt, 2, Limits(3))
    [branch] = await engine.branches(prompt, 1, Limits(3))
    assert engine.asked == [Asked(prompt, 9), Asked(prompt, 3), Asked(prompt, branch.tokens)]


async def test_the_token_that_ends_an_answer_is_one_of_those_that_were_read():
    model = Habits()
    engine = Recorder(toy_engine(model))
    for number in range(8):
        prompt = asked(f"a{number * 'b'}{'abcdefgh'[number]}")
        pieces = [piece async for piece in engine.stream(prompt, Limits(150))]
        written = DraftingEngine(model, Watch(lambda: False)).written(prompt, 150, NONE)
        assert engine.asked[-1].tokens == len(written.tokens)
        assert (pieces[-1].ended == "stop") == model.ends(written.tokens[-1])


def test_places_lie_inside_what_is_typed():
    task = Task("f", "python", "import os\n\n", "def one(two):\n    return two + 1\n\n    pass", "\n\nend = 1\n")
    found = list(_pauses(task, seed=1, places=3))
    assert 0 < len(found) <= 3
    for document, offset in found:
        typed = document.text[len(task.before) : offset]
        assert document.text == task.before + typed + task.after
        assert task.typed.startswith(typed)
        assert typed != task.typed
