"""Answers that fit a JSON schema whatever the model wants to say, over a vocabulary that makes it hard."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.core.generation import Limits, Piece, Prompt, Segment
from lsp_server.engines.base import EngineError
from lsp_server.engines.constraint import Check, Constraints
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.model import Logits
from lsp_server.engines.watch import Interrupted, Watch
from tests.engines.toy_model import ToyModel, toy_engine

_CHARACTERS = 'abcdefnrstul0123456789 \n\t"\\{}[]:,.-é€🦊'
_JOINED = ['{"', '": ', '", "', '"}', ", ", "[]", "true", "  ", "\n\n", "\u00e9s", '"]', "null"]
WORDS = [*(bytes([byte]) for byte in sorted({*_CHARACTERS.encode()})), *map(str.encode, _JOINED), b"", b"<end>"]
"""Bytes, so that characters are split; pieces of JSON that cross its borders; a token of nothing; the end token."""

END = len(WORDS) - 1
ROOM = 3000
ENOUGH = Limits(600)


class Insistent(ToyModel):
    """Wants to say a text, and then another one over and over; what it may not say it forgets."""

    def __init__(self, text: str, then: bytes = b"<end>") -> None:
        super().__init__(ROOM, words=WORDS)
        self._wish = text.encode()
        self._then = WORDS.index(then)
        self.start = 0

    def after(self, sequence: Sequence[int]) -> Logits:
        said = b"".join(WORDS[token] for token in sequence[self.start :])
        logits = np.zeros(len(WORDS), np.float32)
        for token, word in enumerate(WORDS[:-2]):
            if word and self._wish.startswith(said + word):
                logits[token] = 1 + len(word)
        logits[self._then] += 0.5
        return logits


def asked(text: str, schema: object = None) -> Prompt:
    return Prompt((Segment(text),), schema="" if schema is None else json.dumps(schema))


def heard(engine: GreedyEngine, schema: object, limits: Limits = ENOUGH, text: str = "a") -> tuple[str, Piece]:
    pieces = list(engine.stream(asked(text, schema), limits))
    return "".join(piece.text for piece in pieces), pieces[-1]


def insisting(text: str, schema: object, then: bytes = b"<end>") -> str:
    model = Insistent(text, then)
    model.start = 1
    return heard(toy_engine(model), schema)[0]


def fits(text: str, schema: object) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(json.loads(text))


_texts = st.text(_CHARACTERS, max_size=4)
_closed = st.one_of(
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": "string", "maxLength": 3}, {"const": 12}]),
    st.builds(lambda texts: {"enum": texts}, st.lists(_texts, min_size=1, max_size=4, unique=True)),
    st.builds(lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more}, *[st.integers(0, 40)] * 2),
    st.just({"type": "string", "pattern": "^[ab]{1,3}\\.$"}),
)
_names = st.text('abc é"', min_size=1, max_size=3)


def _object(properties: dict[str, object]) -> object:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


schemas = st.recursive(
    _closed,
    lambda inner: st.one_of(
        st.builds(_object, st.dictionaries(_names, inner, max_size=3)),
        st.builds(lambda items, most: {"type": "array", "items": items, "maxItems": most}, inner, st.integers(0, 3)),
        st.builds(lambda choices: {"anyOf": choices}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(schemas, st.text("abcdef ", min_size=1, max_size=6))
def test_a_whole_answer_fits_whatever_the_model_makes_of_the_prompt(schema, text):
    answer, last = heard(toy_engine(ToyModel(ROOM, words=WORDS)), schema, text=text)
    assert last.ended == "stop"
    assert fits(answer, schema)
    if "\\" not in answer:
        assert answer == json.dumps(json.loads(answer), ensure_ascii=False)


@settings(max_examples=100)
@given(schemas, st.integers(0, 12))
def test_an_answer_that_is_cut_off_is_the_beginning_of_the_whole_one(schema, most):
    whole, _ = heard(toy_engine(ToyModel(ROOM, words=WORDS)), schema)
    begun, last = heard(toy_engine(ToyModel(ROOM, words=WORDS)), schema, Limits(most))
    assert whole.startswith(begun)
    assert (begun == whole) == (last.ended == "stop") or last.usage.generated_tokens == most


@settings(max_examples=100)
@given(schemas)
def test_a_schema_of_the_answer_alone_changes_nothing(schema):
    answer, _ = heard(toy_engine(ToyModel(ROOM, words=WORDS)), schema)
    narrow = {"const": json.loads(answer)}
    if "\\" not in answer:
        assert heard(toy_engine(ToyModel(ROOM, words=WORDS)), narrow)[0] == answer


@settings(max_examples=50)
@given(schemas)
def test_answers_with_a_schema_and_without_leave_each_other_alone(schema):
    engine = toy_engine(ToyModel(ROOM, words=WORDS))
    free = heard(engine, None, Limits(12))
    first = heard(engine, schema, Limits(12))
    assert heard(engine, None, Limits(12))[0] == free[0]
    assert heard(engine, schema, Limits(12))[0] == first[0]


@settings(max_examples=100)
@given(schemas, st.integers(1, 4))
def test_branches_fit_and_the_first_is_the_answer(schema, width):
    engine = toy_engine(ToyModel(ROOM, words=WORDS))
    answer, _ = heard(engine, schema, Limits(400))
    found = engine.branches(asked("a", schema), width, Limits(400))
    assert found[0].text == answer

    assert all(fits(branch.text, schema) for branch in found)


LIST = {"type": "array", "items": {"enum": ["a", 'a "b"', "é🦊"]}, "maxItems": 3}


@pytest.mark.parametrize("text", ["[]", '["a"]', '["a", "a \\"b\\"", "é🦊"]', '["é🦊"]'])
def test_what_fits_already_is_said_as_without_a_schema(text):
    assert insisting(text, LIST) == insisting(text, None) == text


@pytest.mark.parametrize(
    ("wish", "then"),
    [
        ("", b"<end>"),
        ("", b" "),
        ("", b"\n\n"),
        ("", b""),
        ("sure: ", b"a"),
        ('["a", ', b"<end>"),
        ('["a"', b"\n"),
        ('["a", "b"]', b"<end>"),
        ('[ "a" ]', b"<end>"),
        ("[" * 20, b"["),
    ],
)
def test_what_does_not_fit_cannot_be_said(wish, then):
    answer = insisting(wish, LIST, then)
    assert fits(answer, LIST)
    assert answer == json.dumps(json.loads(answer), ensure_ascii=False)


def test_of_a_token_that_does_not_fit_its_beginning_is_taken():
    choice = Constraints(ToyModel(ROOM, words=WORDS), lambda: False).choice('{"const": ["a", "b"]}')
    for word in (b"[", b'"', b"a"):
        choice.take(WORDS.index(word))
    logits = np.zeros(len(WORDS), np.float32)
    logits[WORDS.index(b'", "')] = 1
    assert WORDS[choice.best(logits)] == b'", "'
    logits[WORDS.index(b'"]')] = 2
    assert WORDS[choice.best(logits)] == b'"'
    for nothing_of_it in (b"b", b"<end>", b""):
        logits[WORDS.index(nothing_of_it)] = 3
        logits[WORDS.index(b'"]')] = 0
        assert WORDS[choice.best(logits)] == b'", "'


def test_the_model_ends_an_answer_that_could_go_on():
    assert insisting("12", {"type": "integer"}) == "12"
    assert insisting("123", {"type": "integer"}) == "123"


def test_an_answer_that_is_complete_needs_no_end_token():
    _, last = heard(toy_engine(ToyModel(ROOM, words=WORDS)), {"const": "ab"}, Limits(100))
    assert last.ended == "stop"
    assert last.usage.generated_tokens <= 4


def test_stops_do_not_cut_an_answer_that_must_fit():
    engine = toy_engine(ToyModel(ROOM, words=WORDS))
    prompt = Prompt((Segment("a"),), ("a", "\\n", '"'), schema='{"const": "a\\nb"}')
    assert json.loads("".join(piece.text for piece in engine.stream(prompt, ENOUGH))) == "a\nb"
    assert json.loads(engine.branches(prompt, 1, ENOUGH)[0].text) == "a\nb"


def test_an_answer_that_must_fit_can_be_cancelled():
    model = ToyModel(ROOM, words=WORDS)
    engine = toy_engine(model)
    whole, _ = heard(engine, LIST)
    pieces = engine.stream(asked("b", LIST), ENOUGH)
    assert next(pieces).usage
    model.interrupted = lambda rows: True
    with pytest.raises(Interrupted):
        list(pieces)
    model.interrupted = lambda rows: False
    assert heard(engine, LIST)[0] == whole


def test_looking_through_the_vocabulary_can_be_given_up_and_done_later():
    given_up = [True]
    engine = GreedyEngine(ToyModel(ROOM, words=WORDS), Watch(lambda: given_up[0]))
    for call in (
        lambda: list(engine.stream(asked("a", LIST), ENOUGH)),
        lambda: engine.branches(asked("a", LIST), 2, ENOUGH),
    ):
        with pytest.raises(Interrupted):
            call()
    given_up[0] = False
    assert list(engine.stream(asked("a", LIST), Limits(9, 0.0)))[-1].ended == "deadline"
    assert fits(heard(engine, LIST)[0], LIST)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{", "EOF"),
        ('{"type": "strin"}', "strin"),
        ('{"type": "string", "not": {"const": "a"}}', "not"),
        ('{"type": "string", "pattern": "("}', "pattern|regex"),
        ("false", "Unsatisfiable|schema"),
    ],
)
def test_a_schema_that_cannot_be_kept_to_is_an_error(schema, why):
    engine = toy_engine(ToyModel(ROOM, words=WORDS))
    with pytest.raises(EngineError, match=why):
        list(engine.stream(Prompt((Segment("a"),), schema=schema), ENOUGH))
    with pytest.raises(EngineError, match=why):
        Check(schema, "no")
    assert fits(heard(engine, LIST)[0], LIST)


def test_a_vocabulary_without_the_words_is_an_error():
    words = [word for word in WORDS if b"[" not in word]
    with pytest.raises(EngineError, match="JSON schema"):
        heard(toy_engine(ToyModel(ROOM, words=words)), LIST)


WRITTEN = {"type": "array", "items": _object({"é": {"enum": ['a"b', "🦊\t", "c\\"]}, "n": {"type": "integer"}})}


@pytest.mark.parametrize(
    "text",
    [
        '[{"é": "a\\"b", "n": 12}]',
        ' \n[ {"é":\n"🦊\\t" ,"n":0} ]\n ',
        '[{"\\u00e9": "a\\u0022b", "n": 1}, {"é": "\\ud83e\\udd8a\\u0009", "n": 2}]',
        '[{"é": "c\\\\", "n": 3}]',
        "[]",
    ],
)
def test_text_from_elsewhere_may_be_laid_out_and_escaped_in_any_way(text):
    chance = random.Random(text)
    for _ in range(30):
        check, at = Check(json.dumps(WRITTEN), "unfit"), 0
        while at < len(text):
            more = text[at : at + chance.randint(1, 5)]
            assert check.heard(more) == more
            at += len(more)
        check.whole()


@pytest.mark.parametrize(
    "text",
    [
        "Sure! []",
        "```json\n[]",
        '[{"n": 1}]',
        '[{"é": "a", "n": 1}]',
        '[{"é": "a\\"b", "n": 1, "m": 2}]',
        "[] and so on",
        "{}",
    ],
)
def test_text_from_elsewhere_that_does_not_fit_is_an_error(text):
    check = Check(json.dumps(WRITTEN), "unfit")
    with pytest.raises(EngineError, match="unfit"):
        list(map(check.heard, text))


@pytest.mark.parametrize("text", ["", "[", '[{"é": "a\\', '[{"é": "\\ud83e', '[{"é": "\\ud83e", "n": 1}]'])
def test_text_from_elsewhere_that_is_not_whole_is_an_error_at_its_end(text):
    check = Check(json.dumps(WRITTEN), "unfit")
    assert check.heard(text) == text
    with pytest.raises(EngineError, match="unfit"):
        check.whole()


def test_without_a_schema_any_text_will_do():
    check = Check("", "unfit")
    assert check.heard("anything") == "anything"
    check.whole()
