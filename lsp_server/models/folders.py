"""Folders that hold models already: of the user, of a team's shared disk, or another program's cache.

Nothing is copied from them and nothing is written to them. It must never use the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from lsp_server.models.records import Promised, Record
from lsp_server.models.rows import Model

_INDEX = "*.index.json"
"""What a model whose weights are split has beside them."""

Vouch = Callable[[Path], Promised]
"""How the owner of a folder vouches for a file in it; the name it gives does not count."""


def _own(path: Path) -> Promised:
    return Promised(path.name, path.stat().st_size)


def find(base: Path, model: Model) -> Iterator[Record]:
    """The model in ``base`` itself, or in a folder there that has the model's or its repository's name."""
    names = ["", model.name]
    for source in (model.sources.hub, model.sources.modelscope):
        if source is not None:
            names += [source.repository, source.repository.split("/")[-1]]
    for name in dict.fromkeys(names):
        record = held(base.expanduser().absolute() / name, model)
        if record is not None:
            yield record


def held(folder: Path, model: Model, vouch: Vouch = _own) -> Record | None:
    """The model's files in ``folder``, None when they are not all there; raises OSError."""
    files: dict[str, Promised] = {}
    for index, row in enumerate(model.files):
        found = sorted(folder.glob(row.name)) if row.is_pattern else [folder / row.name]
        present = [path for path in found if path.is_file()]
        if not present and (index == 0 or not row.is_pattern):
            return None
        for path in present:
            promised = vouch(path)
            name = path.relative_to(folder).as_posix()
            files[name] = Promised(name, promised.bytes, promised.digest)
    return Record(folder, tuple(files.values())) if is_whole(folder) else None


def is_whole(folder: Path) -> bool:
    """Whether every file that an index of split weights names is there."""
    return all((folder / name).is_file() for index in folder.glob(_INDEX) for name in _shards(index))


def _shards(index: Path) -> set[str]:
    with suppress(OSError, ValueError, KeyError, AttributeError):
        return set(map(str, json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    return set()
