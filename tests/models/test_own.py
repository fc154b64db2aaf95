from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.models import own, registry, store
from lsp_server.models.describe import described
from lsp_server.models.errors import RegistryError, UnknownModelError
from lsp_server.models.rows import Model
from lsp_server.models.store import State
from tests.models.tiny import CHATML, CHATML_WORDS, WORDS, folder, gguf_file

QWEN_WORDS = (
    *WORDS,
    *CHATML_WORDS,
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|endoftext|>",
    "<|fim_pad|>",
)
QWEN = registry.find()


def _row(path: Path, name: str = "mine") -> Model:
    return own.row_for(described(path), name, registry.shipped())


def test_the_file_lies_with_the_users_data_and_one_variable_moves_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    assert own.location() == tmp_path / "models.json"
    monkeypatch.delenv("PHI_LSP_HOME")
    assert own.location().parent.name == "phi-lsp"
    assert own.location() != tmp_path / "models.json"


@pytest.mark.usefixtures("home")
def test_a_row_that_is_kept_is_found_by_its_name_as_it_was(tmp_path: Path):
    path = gguf_file(tmp_path / "my model.gguf", template=CHATML, words=(*WORDS, *CHATML_WORDS))
    row = _row(path)
    own.keep(row)
    assert registry.find("mine") == row == registry.load()[-1]
    assert registry.added()[1] == ()
    assert store.require(row) == path
    assert store.state(row) is State.UNPINNED


@pytest.mark.usefixtures("home")
def test_adding_a_name_again_replaces_it_and_removing_it_leaves_the_model(tmp_path: Path):
    first, second = gguf_file(tmp_path / "1.gguf"), gguf_file(tmp_path / "2.gguf")
    for path in (first, second):
        own.keep(_row(path))
    assert [row.file.name for row in registry.added()[0]] == [str(second)]
    own.forget("mine")
    assert registry.load() == registry.shipped()
    assert second.exists()
    with pytest.raises(UnknownModelError, match="`mine` is no model that you added; yours are: none"):
        own.forget("mine")


def test_a_model_that_can_chat_answers_questions_too(tmp_path: Path):
    plain = _row(gguf_file(tmp_path / "plain.gguf"))
    assert (plain.tasks, plain.serves.body, set(plain.formats)) == (("complete",), "code", {"code"})
    chat = _row(gguf_file(tmp_path / "talk.gguf", template=CHATML, words=(*WORDS, *CHATML_WORDS)))
    assert (chat.tasks, chat.serves.body, chat.serves.second_opinions) == (
        ("complete", "ask"),
        "code",
        ("chat",),
    )
    named = _row(gguf_file(tmp_path / "it.gguf", template=CHATML, words=(*WORDS, *CHATML_WORDS), name="Some Instruct"))
    assert (named.serves.body, named.serves.second_opinions) == ("chat", ("code",))


def test_a_model_with_words_for_it_fills_in_the_middle(tmp_path: Path):
    serves = _row(gguf_file(tmp_path / "fim.gguf", words=QWEN_WORDS)).serves
    assert (serves.statement, serves.line, serves.weighed) == ("fim", "fim", ("fim", "code"))


@pytest.mark.model
def test_a_model_of_a_known_family_gets_what_was_measured_for_it(default_model: Path, home: Path, tmp_path: Path):
    path = tmp_path / "renamed.gguf"
    path.symlink_to(default_model)
    row = _row(path)
    assert (row.family, row.formats, row.serves, row.stops) == (QWEN.family, QWEN.formats, QWEN.serves, QWEN.stops)
    own.keep(row)
    assert registry.find("mine") == row


@pytest.mark.parametrize("words", [WORDS, (*QWEN_WORDS, "<|im_end|>")])
def test_a_name_alone_makes_no_relative(tmp_path: Path, words: tuple[str, ...]):
    # The architecture of this file is llama's, and the first vocabulary lacks the family's words.
    row = _row(gguf_file(tmp_path / "fake.gguf", name="Qwen2.5 Coder Instruct", words=words))
    assert row.family == ""


def test_a_folder_of_safetensors_gets_a_row_with_all_its_files(tmp_path: Path, home: Path):
    path = folder(tmp_path / "tiny-phi")
    row = _row(path, "tiny-phi")
    own.keep(row)
    assert registry.find("tiny-phi") == row
    assert (row.engine, row.architecture, row.quantization) == ("transformers", "phi", "F32")
    assert [Path(file.name).name for file in row.files] == sorted(file.name for file in path.iterdir())
    assert all(file.bytes == Path(file.name).stat().st_size for file in row.files)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not a JSON object"),
        ("[]", "is not a JSON object"),
        ('{"models": 3}', "is not a JSON object"),
        ('{"models": [3]}', "is not a JSON object"),
        ('{"families": 3, "models": []}', "is not a JSON object"),
    ],
)
def test_a_broken_file_is_told_and_costs_no_other_model(home: Path, tmp_path: Path, text: str, told: str):
    home.mkdir()
    own.location().write_text(text)
    models, (problem,) = registry.added()
    assert models == ()
    assert str(own.location()) in problem
    assert told in problem
    assert registry.find() == QWEN
    with pytest.raises(RegistryError, match=told):
        own.keep(_row(gguf_file(tmp_path / "new.gguf")))
    assert own.location().read_text() == text
    with pytest.raises(UnknownModelError, match=told):
        registry.find("mine")


def test_a_broken_row_costs_itself_only(home: Path, tmp_path: Path):
    for name in ("good", "bad", "default"):
        own.keep(_row(gguf_file(tmp_path / f"{name}.gguf"), name))
    text = own.location().read_text().replace('"name": "bad"', '"name": "bad", "colour": 3')
    own.location().write_text(text)
    models, problems = registry.added()
    assert [model.name for model in models] == ["good"]
    assert ["`colour`" in problems[0], "`default` names both" in problems[1]] == [True, True]


@pytest.mark.usefixtures("home")
def test_what_the_user_wrote_by_hand_stays(tmp_path: Path):
    own.keep(_row(gguf_file(tmp_path / "1.gguf"), "one"))
    document = json.loads(own.location().read_text())
    document["families"]["ours"] = {"languages": ["python"]}
    own.location().write_text(json.dumps(document))
    own.keep(_row(gguf_file(tmp_path / "2.gguf"), "two"))
    assert json.loads(own.location().read_text())["families"] == document["families"]
