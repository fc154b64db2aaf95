"""Which documents are never read: those of the setting `exclude`, and what usually holds secrets.

It must never know what would be done with a document, and it looks at names alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from gitignore_parser import IgnoreRule, rule_from_pattern

_BASE = Path("/")
_SECRETS = Path(__file__).with_name("secrets.gitignore")


def is_pattern(text: object) -> bool:
    """Whether it is a line that `.gitignore` may have."""
    try:
        return isinstance(text, str) and "\n" not in text and all(re.compile(rule.regex) for rule in _rules([text]))
    except (re.error, IndexError, ValueError):
        return False


@dataclass(frozen=True)
class Exclusion:
    """The ``patterns`` of the user, as seen from the folders ``roots`` (URIs) that the editor has open."""

    patterns: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()

    def why(self, uri: str) -> str:
        """Why the document is never read; empty where it may be."""
        return _why(self, uri)

    def relative(self, path: str) -> str:
        """The path as it is seen from the innermost folder that it lies in."""
        inside = [root for uri in self.roots if path.startswith(root := _path_of(uri).rstrip("/") + "/")]
        return path.removeprefix(max(inside, key=len, default="")).lstrip("/")


@lru_cache(maxsize=1024)
def _why(exclusion: Exclusion, uri: str) -> str:
    """Looked up once: it is asked at every edit."""
    path = exclusion.relative(_path_of(uri))
    if found := _match(_secrets(), path.lower()):
        return f"{_name(path)} is never read: files like `{found}` hold secrets"
    if found := _match(_rules(exclusion.patterns), path):
        return f"{_name(path)} is never read: the setting `exclude` has `{found}`"
    return ""


def _path_of(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def _name(path: str) -> str:
    return PurePosixPath(path).name or "the document"


@cache
def _secrets() -> Sequence[IgnoreRule]:
    return _rules(tuple(_SECRETS.read_text(encoding="utf-8").splitlines()))


def _rules(patterns: Iterable[str]) -> Sequence[IgnoreRule]:
    made = (rule_from_pattern(pattern, base_path=_BASE) for pattern in patterns)
    return [rule for rule in made if rule is not None]


def _match(rules: Sequence[IgnoreRule], path: str) -> str:
    """The pattern that excludes the file or a folder that it lies in, empty where none does."""
    for place in _places(path):
        folder = place.endswith("/")
        applying = (rule for rule in reversed(rules) if folder or not rule.directory_only)
        decisive = next((rule for rule in applying if rule.match(place)), None)
        if decisive is not None and not decisive.negation:
            return str(decisive.pattern)
    return ""


def _places(path: str) -> Iterator[str]:
    """The folders of a path from outside in, each with a slash, then the path itself."""
    names = path.split("/")
    yield from (f"/{'/'.join(names[:count])}/" for count in range(1, len(names)))
    yield f"/{path}"
