from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.core.dialogue import Exchange
from lsp_server.models.describe import Description, described
from lsp_server.models.layouts import dialogue_for, formats_for, stops_for
from tests.models.tiny import CHATML, CHATML_WORDS, WORDS, gguf_file

MISTRAL = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + "
    "' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% else %}"
    "{{ raise_exception('roles alternate') }}{% endif %}{% endfor %}"
)
PHI = (
    "{% for m in messages %}{{ 'Instruct: ' + m['content'] if m['role'] == 'user' else 'Output:' + m['content'] }}\n"
    "{% endfor %}"
)


@pytest.fixture
def model(tmp_path: Path) -> Description:
    return described(gguf_file(tmp_path / "model.gguf"))


def _with(model: Description, template: str, *words: str) -> Description:
    return replace(
        model,
        template=template,
        vocabulary=frozenset({*WORDS, *words}),
        tokens={"bos_token": "<s>", "eos_token": "</s>"},
    )


def test_a_model_of_which_nothing_is_known_continues_code(model: Description):
    assert set(formats_for(model)) == {"code"}
    assert stops_for(model) == ("</s>",)


@pytest.mark.parametrize(
    "words",
    [
        ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
        ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        ("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
        ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # noqa: RUF001
    ],
)
def test_the_words_for_filling_in_the_middle_are_recognised_when_all_are_there(
    model: Description, words: tuple[str, ...]
):
    template = formats_for(_with(model, "", *words))["fim"].template
    assert all(word in template for word in words)
    assert "fim" not in formats_for(_with(model, "", *words[:2]))


def test_a_chat_template_is_used_as_it_writes(model: Description):
    chat = formats_for(_with(model, CHATML, *CHATML_WORDS))["chat"]
    assert chat.template == "<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\n{answer}"
    assert chat.stops == ()
    assert "<|im_end|>" in stops_for(_with(model, CHATML, *CHATML_WORDS))


def test_a_template_that_names_its_tokens_gets_them(model: Description):
    chat = formats_for(_with(model, MISTRAL))["chat"]
    assert chat.template == "<s>[INST] {request} [/INST]{answer}"
    assert chat.stops == ()


def test_where_plain_words_begin_the_next_turn_they_end_the_answer(model: Description):
    assert formats_for(_with(model, PHI))["chat"].stops == ("Instruct:",)


@pytest.mark.parametrize(
    ("broken", "begins"),
    [
        ("{{ 1 / 0 }}<|im_start|>", "<|im_start|>user"),
        ("{% for %}<|start_header_id|>", "<|start_header_id|>user"),
        ("{{ ''.__class__.__mro__ }}{{ raise_exception('no') }}[INST]", "[INST] "),
        ("{{ messages[7]['content'] }}{{ unknown() }}Instruct:", "Instruct: {request}\nOutput:"),
        ('{"tools": {{ messages[0]["content"] }}}<start_of_turn>', "<start_of_turn>user"),
        ("{% for x in range(10**18) %}{% endfor %}<|assistant|>", "<|user|>"),
    ],
)
def test_a_template_that_fails_is_recognised_by_its_words(model: Description, broken: str, begins: str):
    assert formats_for(_with(model, broken))["chat"].template.startswith(begins)


def test_a_template_that_says_nothing_of_use_is_not_used(model: Description):
    assert "chat" not in formats_for(_with(model, "hello"))


def test_a_template_cannot_reach_what_is_not_its_own(model: Description):
    escaping = "{{ ''.__class__.__base__.__subclasses__() }}{{ messages[0]['content'] }}"
    assert "chat" not in formats_for(_with(model, escaping))


def test_every_format_can_be_filled(model: Description):
    for template in (CHATML, MISTRAL, PHI):
        for layout in formats_for(_with(model, template, *CHATML_WORDS)).values():
            assert layout.filled(dict.fromkeys(layout.slots(), "x"))


@pytest.mark.parametrize("template", [CHATML, MISTRAL, PHI, "{{ 1 / 0 }}<|im_start|>"])
def test_a_conversation_is_written_as_the_template_writes_it(model: Description, template: str):
    found = _with(model, template, *CHATML_WORDS)
    dialogue, chat = dialogue_for(found), formats_for(found)["chat"]
    assert dialogue is not None
    first = dialogue.prompt([], "Why?").text
    assert first == "".join(s.text for s in chat.filled({"request": "Why?", "answer": ""}))
    second = dialogue.prompt([Exchange("Why?", " So.")], "How?").text
    assert second.startswith(first + " So.")
    assert second.count("Why?") == second.count("How?") == 1


def test_what_stands_once_in_front_of_a_conversation_stands_there_once(model: Description):
    dialogue = dialogue_for(_with(model, "Be kind.\n" + CHATML, *CHATML_WORDS))
    assert dialogue is not None
    text = dialogue.prompt([Exchange("Why?", "So.")], "How?").text
    assert text == (
        "Be kind.\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>\n"
        "<|im_start|>user\nHow?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_dialogue_in_plain_words_knows_how_the_next_turn_begins(model: Description):
    dialogue = dialogue_for(_with(model, PHI))
    assert dialogue is not None
    assert (dialogue.plain, dialogue.marks) == (True, ("Instruct:",))
