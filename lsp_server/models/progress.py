"""How a long act on a model is seen and stopped from outside: two plain callbacks, no terminal, no LSP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from lsp_server.models.errors import DownloadCancelledError


class Stage(Enum):
    """What is being done; the value is fit to be shown."""

    WAITING = "waiting for another process that downloads the same model"
    FETCHING = "downloading"
    JOINING = "joining and verifying"
    VERIFYING = "verifying"


@dataclass(frozen=True)
class Progress:
    """``done_bytes`` of ``total_bytes`` of the model's file have been through this stage."""

    done_bytes: int
    total_bytes: int
    stage: Stage

    @property
    def percent(self) -> int:
        """0 to 100."""
        return self.done_bytes * 100 // self.total_bytes


@dataclass(frozen=True)
class Watch:
    """The two callbacks, and the size that progress is measured against."""

    total_bytes: int
    progress: Callable[[Progress], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False

    def at(self, stage: Stage, done_bytes: int = 0) -> None:
        """Tell how far it is; raises `DownloadCancelledError` when it is to stop."""
        if self.cancelled():
            raise DownloadCancelledError("the download was cancelled", "ask again to go on from where it stopped")
        self.progress(Progress(min(done_bytes, self.total_bytes), self.total_bytes, stage))
