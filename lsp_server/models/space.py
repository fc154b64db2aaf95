"""Whether there is room for what is to come, asked before anything is written. It must never know what comes."""

from __future__ import annotations

import shutil
from pathlib import Path

from lsp_server.models.errors import DownloadError
from lsp_server.models.places import HOME_VARIABLE

OTHER_DISK = f"free some space, or set {HOME_VARIABLE} to a folder on another disk"


def check_space(folder: Path, needed: int) -> None:
    """Make ``folder``; `DownloadError` when its disk has fewer than ``needed`` bytes left."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        amounts = f"{needed / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free"
        raise DownloadError(f"there is not enough space in {folder}: {amounts}", OTHER_DISK)
