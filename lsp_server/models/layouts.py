"""In which formats an unknown model can be asked: by its chat template, by the words of its vocabulary.

A template is rendered, in a sandbox, with marks where our texts go, so that whatever it writes is written as it would;
only where that fails is it recognised by its words. It must never know which model it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile

from lsp_server.core.dialogue import Dialogue
from lsp_server.core.formats import Format
from lsp_server.models.describe import Description

CODE = Format("{declarations}{head}")

_REQUEST, _ANSWER, _NEXT = "@@request@@", "@@answer@@", "@@next@@"
_SAID = re.compile(
    f"(?P<before>[^@]*){_REQUEST}(?P<middle>[^@]*){_ANSWER}(?P<between>[^@]*){_NEXT}(?P<again>[^@]*)", re.DOTALL
)
_CONTROL = re.compile(r"<[^<>\s]+>|\[/?[A-Z_]+\]")
"""A word that is no text: ``<|im_end|>``, ``[INST]``."""
_WORD = re.compile(rf"{_CONTROL.pattern}|\s|[^\s<\[]+|.", re.DOTALL)

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


_KINDS = {
    "<|im_start|>": Dialogue("<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\n{answer}<|im_end|>\n"),
    "<|start_header_id|>": Dialogue(
        "<|start_header_id|>user<|end_header_id|>\n\n{request}<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n{answer}<|eot_id|>"
    ),
    "<start_of_turn>": Dialogue(
        "<start_of_turn>user\n{request}<end_of_turn>\n<start_of_turn>model\n{answer}<end_of_turn>\n"
    ),
    "<|assistant|>": Dialogue("<|user|>\n{request}<|end|>\n<|assistant|>\n{answer}<|end|>\n"),
    "[INST]": Dialogue("[INST] {request} [/INST]{answer}</s>"),
    "### Instruction:": Dialogue(
        "### Instruction:\n{request}\n### Response:\n{answer}\n", plain=True, marks=("### Instruction:",)
    ),
    "Instruct:": Dialogue("Instruct: {request}\nOutput:{answer}\n", plain=True, marks=("Instruct:",)),
}
"""By a word of the template: ChatML, Llama 3, Gemma, Phi 3, Mistral and Llama 2, Alpaca and DeepSeek-Coder, phi-2."""


def dialogue_for(model: Description) -> Dialogue | None:
    """How the model is asked questions, by its chat template; None where that is missing or says nothing of use."""
    if not model.template:
        return None
    known = next((dialogue for mark, dialogue in _KINDS.items() if mark in model.template), None)
    return _rendered(model) or known


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
    """The dialogue with one question, and its answer begun with the code."""
    dialogue = dialogue_for(model)
    if dialogue is None:
        return None
    asked, _, after = (dialogue.opening + dialogue.turn).partition("{answer}")
    ended_already = any(after.startswith(end) for end in stops_for(model))
    stops = () if ended_already else dialogue.marks or tuple(filter(None, [after.strip()]))
    return Format(asked + "{answer}", request=_ASKED, answer=_BEGUN, stops=stops)


def _rendered(model: Description) -> Dialogue | None:
    """The dialogue that the template writes, None where it refuses or what it writes could not be filled in."""
    said = ("user", _REQUEST), ("assistant", _ANSWER), ("user", _NEXT)
    text = _render(model.template, model.tokens, [{"role": role, "content": words} for role, words in said]) or ""
    found = _SAID.fullmatch(text)
    if found is None or "{" in text or "}" in text:
        return None
    # What stands between an answer and the next question is the end of a turn and the beginning of one.
    begin = _common_end(found["before"], found["between"])
    opening, end = found["before"].removesuffix(begin), found["between"].removesuffix(begin)
    turn = f"{begin}{{request}}{found['middle']}{{answer}}{end}"
    plain = not _CONTROL.search(turn)
    if plain and not begin.strip():
        return None
    return Dialogue(turn, opening, plain=plain, marks=(begin.strip(),) if plain else ())


def _common_end(first: str, second: str) -> str:
    """The words with which both end."""
    pairs = zip(reversed(_WORD.findall(first)), reversed(_WORD.findall(second)), strict=False)
    return "".join([one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)][::-1])


def _render(template: str, tokens: Mapping[str, str], messages: list[dict[str, str]]) -> str | None:
    """What the template writes up to the answer that is wanted; None when it does not want to."""
    # Imported here: only `models add` and the path of an unknown model need it.
    from jinja2 import TemplateError  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    try:
        return environment.from_string(template).render(messages=messages, add_generation_prompt=True, **tokens)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError):
        # A template is a stranger's program: whatever it stumbles over, it is not used.
        return None


def _refuse(reason: str) -> str:
    raise ValueError(reason)
