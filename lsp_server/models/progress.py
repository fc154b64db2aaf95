"""How a long act on a model is seen and stopped from outside: plain callbacks, no terminal, no LSP."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from lsp_server.models.errors import DownloadCancelledError

_RATE_SECONDS = 3.0
"""The span that a rate is taken over: long enough to be read, short enough to follow a network that stalls."""


class Stage(Enum):
    """What is being done; the value is fit to be shown."""

    WAITING = "waiting for another process that downloads the same model"
    FETCHING = "downloading"
    JOINING = "joining and verifying"
    VERIFYING = "verifying"


@dataclass(frozen=True)
class Progress:
    """``done_bytes`` of ``total_bytes`` of the model's files have been through this stage, lately at this rate."""

    done_bytes: int
    total_bytes: int
    stage: Stage
    bytes_per_second: float = 0.0

    @property
    def percent(self) -> int:
        """0 to 100; 0 while nobody has said how much there is."""
        return self.done_bytes * 100 // self.total_bytes if self.total_bytes else 0

    @property
    def text(self) -> str:
        """The stage, and while bytes move how fast they do."""
        rate = f", {self.bytes_per_second / 1e6:.1f} MB/s" if self.bytes_per_second else ""
        return self.stage.value + rate


@dataclass
class _Rate:
    """Bytes per second within the last few seconds of one stage."""

    stage: Stage | None = None
    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def at(self, stage: Stage, done_bytes: int) -> float:
        now = time.monotonic()
        if stage is not self.stage or (self.seen and done_bytes < self.seen[-1][1]):
            self.stage = stage
            self.seen.clear()
        self.seen.append((now, done_bytes))
        while now - self.seen[0][0] > _RATE_SECONDS and len(self.seen) > 2:
            self.seen.popleft()
        began, before = self.seen[0]
        return (done_bytes - before) / (now - began) if now > began else 0.0


@dataclass(frozen=True)
class Watch:
    """The two callbacks, and the size that progress is measured against."""

    total_bytes: int
    progress: Callable[[Progress], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False
    _rate: _Rate = field(default_factory=_Rate, compare=False, repr=False)

    def of(self, total_bytes: int) -> Watch:
        """The same watch over another amount."""
        return replace(self, total_bytes=total_bytes)

    def at(self, stage: Stage, done_bytes: int = 0) -> None:
        """Tell how far it is; raises `DownloadCancelledError` when it is to stop."""
        if self.cancelled():
            raise DownloadCancelledError("the download was cancelled", "ask again to go on from where it stopped")
        done = min(done_bytes, self.total_bytes)
        self.progress(Progress(done, self.total_bytes, stage, self._rate.at(stage, done)))
