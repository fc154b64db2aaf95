"""In which formats an unknown model can be asked: by its chat template, by the words of its vocabulary.

A template is rendered, in a sandbox, with marks where our texts go, so that whatever it writes is written as it would;
only where that fails is it recognised by its words. It must never know which model it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsp_server.core.formats import Format
from lsp_server.models.describe import Description

CODE = Format("{declarations}{head}")

_REQUEST, _ANSWER, _NEXT = "@@request@@", "@@answer@@", "@@next@@"
_ASKED = "Complete the following function.\n```{language}\n{code}\n```"
_BEGUN = "```{language}\n{head}"

_FIM = (
    "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
    "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>",
    "<fim-prefix>{prefix}<fim-suffix>{suffix}<fim-middle>",
    "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",  # noqa: RUF001 - the model's own words
)
"""How families of models are asked to fill in the middle: Qwen and CodeGemma, StarCoder and Granite, SantaCoder,
DeepSeek. A vocabulary that has all the words of one is asked so."""

_ENDS = (
    "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>", "</s>", "<|EOT|>",
    "<|file_sep|>", "<|file_separator|>", "<file_sep>", "<|fim_pad|>", "<fim_pad>", "<|repo_name|>",
)  # fmt: skip
"""Words that end an answer in the models that have them."""


@dataclass(frozen=True)
class _Kind:
    """A way to chat, known by ``mark`` in the template."""

    mark: str
    chat: str
    stop: str


_KINDS = (
    _Kind("<|im_start|>", "<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\n{answer}", "<|im_end|>"),
    _Kind(
        "<|start_header_id|>",
        "<|start_header_id|>user<|end_header_id|>\n\n{request}<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n{answer}",
        "<|eot_id|>",
    ),
    _Kind(
        "<start_of_turn>",
        "<start_of_turn>user\n{request}<end_of_turn>\n<start_of_turn>model\n{answer}",
        "<end_of_turn>",
    ),
    _Kind("<|assistant|>", "<|user|>\n{request}<|end|>\n<|assistant|>\n{answer}", "<|end|>"),
    _Kind("[INST]", "[INST] {request} [/INST]{answer}", "</s>"),
    _Kind("### Instruction:", "### Instruction:\n{request}\n### Response:\n{answer}", "### Instruction:"),
    _Kind("Instruct:", "Instruct: {request}\nOutput:{answer}", "\nInstruct:"),
)
"""ChatML, Llama 3, Gemma, Phi 3, Mistral and Llama 2, Alpaca and DeepSeek-Coder, phi-2."""


def formats_for(model: Description) -> dict[str, Format]:
    """Formats by name: ``code`` always, ``fim`` and ``chat`` where the model has what they need."""
    found = {"code": CODE, "fim": _fill_in(model.vocabulary), "chat": _chat(model)}
    return {name: layout for name, layout in found.items() if layout is not None}


def stops_for(model: Description) -> tuple[str, ...]:
    """Every word of the model that ends an answer."""
    return tuple(dict.fromkeys([*model.ends, *(word for word in _ENDS if word in model.vocabulary)]))


def _fill_in(vocabulary: frozenset[str]) -> Format | None:
    for template in _FIM:
        words = template.replace("{prefix}", " ").replace("{suffix}", " ").split()
        if vocabulary.issuperset(words):
            return Format(template)
    return None


def _chat(model: Description) -> Format | None:
    if not model.template:
        return None
    return _rendered(model) or _recognised(model.template)


def _recognised(template: str) -> Format | None:
    kind = next((kind for kind in _KINDS if kind.mark in template), None)
    return Format(kind.chat, request=_ASKED, answer=_BEGUN, stops=(kind.stop,)) if kind else None


def _rendered(model: Description) -> Format | None:
    """The format that the template writes, None where it refuses or what it writes could not be filled in."""
    asked = {"role": "user", "content": _REQUEST}
    text = _render(model.template, model.tokens, [asked], begins_answer=True)
    if text is None or text.count(_REQUEST) != 1 or "{" in text or "}" in text:
        return None
    said = {"role": "assistant", "content": _ANSWER}
    turns = [asked, said, {"role": "user", "content": _NEXT}]
    talk = _render(model.template, model.tokens, turns, begins_answer=False) or ""
    # What the template writes after an answer is where a model that does not stop by itself goes on.
    turn = talk.partition(_ANSWER)[2].partition(_NEXT)[0].strip()
    ended_already = any(turn.startswith(end) for end in stops_for(model))
    return Format(
        text.replace(_REQUEST, "{request}") + "{answer}",
        request=_ASKED,
        answer=_BEGUN,
        stops=(turn,) if turn and not ended_already else (),
    )


def _render(
    template: str, tokens: Mapping[str, str], messages: list[dict[str, str]], *, begins_answer: bool
) -> str | None:
    """What the template writes; None when it does not want to."""
    # Imported here: only `models add` and the path of an unknown model need it.
    from jinja2 import TemplateError  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    try:
        return environment.from_string(template).render(
            messages=messages, add_generation_prompt=begins_answer, **tokens
        )
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError):
        # A template is a stranger's program: whatever it stumbles over, it is not used.
        return None


def _refuse(reason: str) -> str:
    raise ValueError(reason)
