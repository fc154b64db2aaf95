"""Raw outputs of real models that were kept by hand: cut exactly where the person did."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lsp_server.core.answer_end import AnswerEnd
from lsp_server.core.code_block import CodeBlock
from lsp_server.core.context import Extent
from lsp_server.core.dialogue import Dialogue
from lsp_server.core.languages import CPP, PYTHON, C, Language
from lsp_server.core.target import Target
from lsp_server.core.truncation import Result, Truncation
from lsp_server.models import registry

DATA = Path(os.environ.get("PHI_LSP_DATA", "../shared/data"))

CODE = ("phi2-code-average", "phi15-code-print-prime", "phi2-code-hascycle")
"""Cut by syntax."""
TALK = {
    "phi2-qa-takeoff": ("phi-2", "qa"),
    "phi2-qa-write-file": ("phi-2", "qa"),
    "phi15-qa-life": ("phi-1.5", "answer"),
    "phi15-qa-bandit": ("phi-1.5", "answer"),
    "llama7b-chat-rewrite": ("llama-7b", "user"),
}
"""Cut where the next turn begins, in the dialogue of that row."""
REWRITTEN = ("chatglm6b-rewrite-compar",)
"""Cut to the code."""


@pytest.fixture(scope="module")
def transcripts() -> dict[str, dict[str, str]]:
    path = DATA / "seed-transcripts.json"
    if not path.exists():
        pytest.skip(f"{path} is missing: set PHI_LSP_DATA to the folder that holds seed-transcripts.json")
    return {row["id"]: row for row in json.loads(path.read_text(encoding="utf-8"))}


def cut(row: dict[str, str], language: Language, indent: str) -> Result:
    truncation = Truncation(Target(language, Extent.BODY, row["prompt"], "", "", "", indent, indent, False))
    for start in range(0, len(row["raw"]), 4):
        truncation.feed(row["raw"][start : start + 4])
        if truncation.done:
            break
    return truncation.finish("length")


@pytest.mark.parametrize(("name", "indent"), [("phi2-code-average", "    "), ("phi15-code-print-prime", "  ")])
def test_a_python_transcript_is_kept_word_for_word(
    transcripts: dict[str, dict[str, str]], name: str, indent: str
) -> None:
    row = transcripts[name]
    result = cut(row, PYTHON, indent)
    assert result.text == row["keep"].rstrip("\n")
    assert row["raw"][: result.kept] == row["keep"]


def test_a_cpp_transcript_is_cut_at_its_brace_and_moved_to_the_functions_column(
    transcripts: dict[str, dict[str, str]],
) -> None:
    row = transcripts["phi2-code-hascycle"]
    result = cut(row, CPP, "    ")
    assert row["raw"][: result.kept] == row["keep"]
    assert result.text == row["keep"].replace("\n        ", "\n")


def test_a_c_transcript_with_literal_newline_marks_is_cut_at_its_brace(transcripts: dict[str, dict[str, str]]) -> None:
    row = transcripts["llama7b-code-compare"]
    result = cut(row, C, "  ")
    assert row["raw"][: result.kept] == row["raw"].partition("}")[0] + "}"


def dialogue_of(name: str) -> Dialogue:
    model, dialogue = TALK[name]
    return registry.find(model).dialogues[dialogue]


def test_every_transcript_with_something_to_keep_is_cut_here(transcripts: dict[str, dict[str, str]]) -> None:
    kept = {name for name, row in transcripts.items() if row["keep"] is not None}
    assert kept == {*CODE, *TALK, *REWRITTEN}


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize("name", TALK)
def test_an_answer_is_kept_word_for_word(transcripts: dict[str, dict[str, str]], name: str, size: int) -> None:
    row, dialogue = transcripts[name], dialogue_of(name)
    reading = AnswerEnd(dialogue.marks, dialogue.unmarked, row["prompt"])
    for start in range(0, len(row["raw"]), size):
        reading.feed(row["raw"][start : start + size])
        if reading.done:
            break
    assert reading.done
    assert reading.finish().text == row["keep"]


@pytest.mark.parametrize("name", TALK)
def test_a_prompt_that_was_seen_in_use_is_one_the_row_makes(transcripts: dict[str, dict[str, str]], name: str) -> None:
    prompt, dialogue = transcripts[name]["prompt"], dialogue_of(name)
    before, between = dialogue.turn.partition("{answer}")[0].split("{request}")
    question = prompt.rpartition(before)[2] if before else prompt
    assert "\n".join(line.strip() for line in question.split("\n")).endswith(between)


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize("name", REWRITTEN)
def test_of_a_rewrite_only_the_code_is_kept(transcripts: dict[str, dict[str, str]], name: str, size: int) -> None:
    row, code, given_out = transcripts[name], CodeBlock(), ""
    for start in range(0, len(row["raw"]), size):
        given_out += code.feed(row["raw"][start : start + size])
    assert code.finish() == given_out == row["keep"]
