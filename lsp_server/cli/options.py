"""What the command line tells the server."""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class ServeOptions:
    """How to serve: on stdio, or with ``tcp`` on that port of ``host``."""

    tcp: int | None = None
    host: str = LOOPBACK
    auto_download: bool = False
    """Fetch the model without asking when it is not there."""
    log_level: str = "info"
