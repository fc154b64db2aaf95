"""The places that models come from, by the names that settings and rows give them, and the order they are tried in.

A source is a module with two functions: ``find`` yields what lies on this machine already, without a network, and
``fetch`` brings the files. It is imported when a row has it and not before. A folder is a source that only finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from lsp_server.models import folders
from lsp_server.models.errors import DownloadError
from lsp_server.models.progress import Watch
from lsp_server.models.reach import NETWORK, Reach, is_folder
from lsp_server.models.records import Record
from lsp_server.models.rows import Model


@dataclass(frozen=True)
class Source:
    """One place; ``fetch`` is None for a folder. Both raise `ModelError` and OSError."""

    name: str
    find: Callable[[], Iterator[Record]]
    fetch: Callable[[Watch], None] | None = None


def sources_of(model: Model, reach: Reach) -> Iterator[Source]:
    """The sources that the model's row has, in order; `DownloadError` for a name that means nothing."""
    for name in reach.sources:
        if is_folder(name):
            yield Source(name, partial(folders.find, Path(name), model))
        elif name not in NETWORK:
            known = ", ".join(NETWORK)
            raise DownloadError(f"there is no source `{name}`", f"name {known}, or a folder (with a `/`)")
        elif name in model.sources.names:
            module = import_module(f"lsp_server.models.{name}")
            yield Source(name, partial(module.find, model), partial(module.fetch, model))
