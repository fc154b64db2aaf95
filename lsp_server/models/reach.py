"""How far a search for a model may go: which sources, in which order, and whether over the network.

It is imported while the server starts, so it must import nothing that takes time, and never know what a source does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

NETWORK = ("hub", "modelscope", "package_index")
"""The sources that fetch: each is a module beside this one and a key of a row's ``sources``."""

_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_TRUE = ("1", "ON", "YES", "TRUE")


@dataclass(frozen=True)
class Reach:
    """The names of sources and folders in the order they are tried, and whether nothing may be fetched."""

    sources: tuple[str, ...] = NETWORK
    offline: bool = False

    @property
    def is_offline(self) -> bool:
        """Whether nothing may be fetched: asked for here, or of every program that knows the hub."""
        return self.offline or any(os.environ.get(name, "").upper() in _TRUE for name in _OFFLINE)


def is_folder(name: str) -> bool:
    """Whether a source's name is the path of a folder: it has a separator, or begins as paths do."""
    return any(mark in name for mark in "/\\") or name.startswith((".", "~"))


def unknown(names: Sequence[str]) -> list[str]:
    """The names that are neither a source's nor a folder's."""
    return [name for name in names if name not in NETWORK and not is_folder(name)]
