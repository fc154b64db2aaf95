"""The types that settings have: what is accepted, what that is called, and how it stands in JSON Schema.

It must never know which settings there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lsp_server.exclusion import is_pattern
from lsp_server.models.reach import unknown


@dataclass(frozen=True)
class Kind:
    """A type of setting: what is accepted, and how that is called; ``schema`` is the same as JSON Schema has it."""

    wanted: str
    accepts: Callable[[Any], bool]
    schema: Mapping[str, Any]
    convert: Callable[[Any], Any] = lambda value: value
    """From what an editor sends to what is kept."""
    shown: Callable[[Any], Any] = lambda value: value
    """And back."""


def whole(least: int, most: int) -> Kind:
    """A number without a fraction."""
    return Kind(
        f"a whole number from {least} to {most}",
        # True is an int in Python, not in JSON.
        lambda value: type(value) is int and least <= value <= most,
        {"type": "integer", "minimum": least, "maximum": most},
    )


def number(least: float, most: float) -> Kind:
    """Any number."""
    return Kind(
        f"a number from {least:g} to {most:g}",
        lambda value: type(value) in (int, float) and least <= value <= most,
        {"type": "number", "minimum": least, "maximum": most},
        float,
    )


def choice(*values: str) -> Kind:
    """One of some words."""
    return Kind(
        "one of " + ", ".join(f'"{value}"' for value in values),
        lambda value: value in values,
        {"type": "string", "enum": list(values)},
    )


TEXTS = {"type": "array", "items": {"type": "string"}}
SWITCH = Kind("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
TEXT = Kind(
    "a text that is not empty",
    lambda value: isinstance(value, str) and bool(value.strip()),
    {"type": "string", "pattern": r"\S"},
)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


SOURCES = Kind(
    'a list of sources such as ["hub", "modelscope", "package_index"] and folders such as "/mnt/models"',
    lambda value: _is_list(value) and bool(value) and not unknown(value),
    {**TEXTS, "minItems": 1},
    tuple,
    list,
)
THRESHOLD = Kind(
    '"cautious", "balanced" or a number from 0 to 1',
    lambda value: value in ("cautious", "balanced") or (type(value) in (int, float) and 0 <= value <= 1),
    {"type": ["string", "number"], "pattern": "^(cautious|balanced)$", "minimum": 0, "maximum": 1},
    lambda value: value if isinstance(value, str) else float(value),
)
NAMES = Kind('a list of texts such as ["c", "cpp"]', _is_list, TEXTS, tuple, list)
_ADAPTER = re.compile(r"(?P<path>.+?)(?:@(?P<scale>-?\d+(?:\.\d+)?))?")
PATTERNS = Kind(
    'a list of patterns as in .gitignore, such as ["private/", "*_secret.py"]',
    lambda value: isinstance(value, list) and all(map(is_pattern, value)),
    TEXTS,
    tuple,
    list,
)
ADAPTERS = Kind(
    'a list of files such as ["style.gguf", "sql.gguf@0.5"]',
    lambda value: _is_list(value) and all(map(_ADAPTER.fullmatch, value)),
    TEXTS,
    lambda value: tuple(_adapter(item) for item in value),
    lambda value: [path if scale == 1 else f"{path}@{scale:g}" for path, scale in value],
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


_URL = "^$|^https?://[^@?#]+$"
SERVERS = Kind(
    '"" or a URL such as "https://gpu.example/v1" without a key in it, or an object of such URLs by model',
    lambda value: (
        value == "" or _is_server(value) or (isinstance(value, dict) and all(map(_is_server, value.values())))
    ),
    {"type": ["string", "object"], "pattern": _URL, "additionalProperties": {"type": "string"}},
    lambda value: tuple(sorted(value.items())) if isinstance(value, dict) else value,
    lambda value: dict(value) if isinstance(value, tuple) else value,
)
ANY_TEXT = Kind("a text", lambda value: isinstance(value, str), {"type": "string"})
