"""What holds for every row of ``models.json``."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from lsp_server.core.dialogue import Dialogue, Exchange
from lsp_server.core.formats import SLOTS, Format
from lsp_server.core.languages import LANGUAGES
from lsp_server.models import registry
from lsp_server.models.rows import HubSource, Model
from tests.benchmarks.datasets import DATASETS

ROWS = registry.load()
SLOT = re.compile(r"\{(\w+)\}")
TOKEN = re.compile(r"<[^<>\s]+>|\[/?[A-Z]+\]")
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_dialogue = pytest.mark.parametrize(
    ("row", "dialogue"),
    [pytest.param(row, dialogue, id=f"{row.name}-{name}") for row in ROWS for name, dialogue in row.dialogues.items()],
)
each_fim = pytest.mark.parametrize(
    "layout",
    [
        pytest.param(layout, id=f"{row.name}-{name}")
        for row in ROWS
        for name, layout in row.formats.items()
        if "suffix" in layout.slots()
    ],
)


def test_every_model_that_is_promised_has_a_row():
    sizes = ("0.5b", "1.5b", "3b", "7b", "14b", "32b")
    coders = [f"qwen2.5-coder-{size}-{kind}" for size in sizes for kind in ("instruct", "base")]
    larger = ("mistral-7b-instruct-v0.3", "qwen2.5-7b-instruct", "llama-3.1-8b-instruct")
    quantised = [name + kind for name in larger for kind in ("", "-gptq", "-awq")]
    origins = [
        name + kind for name in ("phi-1", "phi-1.5", "phi-2", "llama-7b", "gpt2") for kind in ("", "-safetensors")
    ]
    small = ["starcoder2-3b", "deepseek-coder-1.3b", "codegemma-2b", "granite-3b-code", "chatglm-6b"]
    smallest = ["smollm2-135m", "smollm2-360m", "smollm2-1.7b"]
    assert {name for row in ROWS for name in row.names} >= {*coders, *quantised, *origins, *small, *smallest}


def test_no_two_rows_share_a_name_or_a_file():
    names = [name for row in ROWS for name in row.names]
    files = [(row.sources.hub, row.file.name) for row in ROWS]
    assert len(names) == len(set(names))
    assert len(files) == len(set(files))


def test_exactly_one_row_is_the_default():
    assert [row.is_default for row in ROWS].count(True) == 1
    assert registry.find().is_default


@each_row
def test_every_name_and_alias_finds_its_row(row: Model):
    assert [registry.find(name) for name in row.names] == [row] * len(row.names)


@each_row
def test_what_was_measured_is_a_share_of_a_benchmark_of_ours(row: Model):
    assert set(row.measured) <= set(DATASETS)
    assert all(0 <= share <= 100 for share in row.measured.values())


@each_row
def test_a_file_is_pinned_by_size_and_content_or_not_at_all(row: Model):
    for file in row.files:
        assert bool(file.bytes) == bool(file.sha256)
        assert file.bytes == 0 or file.bytes > 1_000_000
        assert not PurePosixPath(file.name).is_absolute()
        assert ".." not in file.name


@each_row
def test_the_files_are_what_the_engine_opens(row: Model):
    names = [file.name for file in row.files]
    if row.engine == "llama":
        assert names[0].endswith(".gguf")
        assert row.quantization.lower() in names[0].lower()
    else:
        assert "*.json" in names
        assert any(name.endswith((".safetensors", ".bin")) for name in names)


@each_row
def test_every_row_has_a_source_whose_content_can_be_verified(row: Model):
    hubs = [source for source in (row.sources.hub, row.sources.modelscope) if source is not None]
    assert hubs or row.sources.package_index
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+", hub.repository) for hub in hubs)
    assert all(_is_revision(hub) for hub in hubs)
    # A hub says itself what a file must be; a package index knows nothing of it.
    assert row.sources.package_index is None or all(file.sha256 for file in row.files)


def _is_revision(hub: HubSource) -> bool:
    return hub.revision in ("main", "master") or re.fullmatch(r"[0-9a-f]{40}", hub.revision) is not None


@each_row
def test_every_package_is_named_once_with_one_exact_version(row: Model):
    packages = row.sources.package_index.packages if row.sources.package_index else ()
    assert len(packages) == len(set(packages))
    assert all(requirement.count("==") == 1 for requirement in packages)


@each_row
def test_every_row_says_what_it_is_and_what_it_is_good_for(row: Model):
    assert row.license
    assert row.architecture
    assert row.parameters > 0
    assert row.context_tokens >= 1024
    assert set(row.languages) <= {language.name for language in LANGUAGES}
    assert len(row.tasks) == len(set(row.tasks))


@each_row
def test_every_place_is_served_by_a_format_of_the_row(row: Model):
    assert {"body", "statement", "line"} <= set(row.serves.formats)
    assert set(row.serves.formats.values()) <= set(row.formats)
    # Every format is there for something, but for those that another one may stand in for.
    assert set(row.formats) - set(row.serves.formats.values()) <= {"chat"}


@each_row
def test_every_row_says_where_its_answers_end(row: Model):
    stops = [*row.stops, *(stop for layout in row.formats.values() for stop in layout.stops)]
    assert stops
    assert len(row.stops) == len(set(row.stops))
    assert all(TOKEN.fullmatch(stop) for stop in row.stops)


@each_row
def test_every_format_ends_where_the_answer_begins(row: Model):
    for name, layout in row.formats.items():
        slots = layout.slots()
        assert set(slots) <= SLOTS, name
        if "suffix" in slots and "middle" not in slots:
            assert TOKEN.fullmatch(layout.template.rpartition("}")[2]), name
        else:
            assert layout.template.endswith(("{answer}", "{head}", "{middle}")), name


@each_fim
def test_a_gap_has_three_tokens_each_of_them_once(layout: Format):
    before, prefix, between, suffix, after = SLOT.split(layout.template.removesuffix("{middle}"))
    assert (prefix, suffix) == ("prefix", "suffix")
    assert len({before, between, after}) == 3
    assert all(TOKEN.fullmatch(token) for token in (before, between, after))


@each_row
def test_whoever_can_be_asked_says_in_which_dialogue(row: Model):
    assert bool(row.dialogues) == bool(row.serves.ask)
    assert "ask" not in row.tasks or row.serves.ask


@each_dialogue
def test_the_next_turn_is_known_when_it_comes(row: Model, dialogue: Dialogue):
    question, answer = dialogue.turn.split("{request}")
    if dialogue.plain:
        # The line on which a question stands, or else the one on which its answer does.
        marked = (question or answer.partition("{answer}")[0]).splitlines()[-1].strip()
        assert marked in dialogue.marks
        assert not TOKEN.search(dialogue.turn.replace("[Round", ""))
    else:
        closing = dialogue.turn.rpartition("{answer}")[2]
        assert closing.startswith((*row.stops, *dialogue.stops))


@each_dialogue
def test_a_conversation_ends_where_its_answer_begins(row: Model, dialogue: Dialogue):
    past = [Exchange("first question", "first answer"), Exchange("second question", "second answer")]
    prompt = dialogue.prompt(past, "third question", row.stops)
    said = [prompt.text.index(text) for exchange in past for text in (exchange.request, exchange.answer)]
    assert sorted(said) == said
    between = dialogue.turn.partition("{request}")[2].partition("{answer}")[0]
    assert prompt.text.endswith("third question" + between)
    assert between.strip()
    assert not re.search(r"\{(system|number|request|answer)\}", prompt.text)
    assert prompt.stops[: len(row.stops)] == row.stops


@each_dialogue
def test_control_tokens_are_control_tokens_and_what_was_said_is_not(row: Model, dialogue: Dialogue):
    said = ["<|im_end|>one", "</s>two", "[INST]three", *([dialogue.system] if dialogue.system else [])]
    segments = dialogue.prompt([Exchange(said[0], said[1])], said[2]).segments
    numbers = "{number}" in dialogue.turn
    assert sorted(segment.text for segment in segments if segment.text in said) == sorted(said)
    for segment in segments:
        plain = dialogue.plain or segment.text in said or (numbers and segment.text.isdigit())
        assert segment.special != plain


@each_row
def test_code_is_asked_for_in_the_same_words_as_everything_else(row: Model):
    dialogue = row.dialogues.get(row.serves.ask)
    if dialogue is None or dialogue.plain:
        return
    question = dialogue.turn.partition("{answer}")[0]
    for layout in row.formats.values():
        if "request" in layout.slots():
            assert layout.template == dialogue.opening + question + "{answer}"


@each_row
def test_who_must_agree_to_a_licence_must_agree_to_more_than_an_open_one(row: Model):
    assert not row.gated or row.license not in ("MIT", "Apache-2.0")
