"""Raw outputs of real models that were kept by hand: cut exactly where the person did."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lsp_server.core.context import Extent
from lsp_server.core.languages import CPP, PYTHON, C, Language
from lsp_server.core.target import Target
from lsp_server.core.truncation import Result, Truncation

DATA = Path(os.environ.get("PHI_LSP_DATA", "../shared/data"))


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
