"""What the command line tells the server, and the options that several commands share."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from lsp_server.models.reach import NETWORK, Reach, unknown

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class ServeOptions:
    """How to serve: on stdio, or with ``tcp`` on that port of ``host``."""

    tcp: int | None = None
    host: str = LOOPBACK
    auto_download: bool = False
    """Fetch the model without asking when it is not there."""
    log_level: str = "info"
    model_sources: tuple[str, ...] = NETWORK
    """Where models are looked for, in this order."""
    offline: bool = False
    """Fetch nothing."""


def add_reach(parser: argparse._ActionsContainer) -> None:
    """The arguments that say where a model may come from."""
    parser.add_argument(
        "--model-sources",
        type=_sources,
        default=NETWORK,
        metavar="LIST",
        help=f"where models are looked for, in this order: names and folders (default: {','.join(NETWORK)})",
    )
    parser.add_argument("--offline", action="store_true", help="fetch nothing: use what is on this machine")


def reach_of(options: argparse.Namespace) -> Reach:
    """What these arguments say."""
    return Reach(options.model_sources, options.offline)


def _sources(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or unknown(names):
        known = ", ".join(NETWORK)
        raise argparse.ArgumentTypeError(f"{text!r}: name {known} or folders (with a `/`), separated by commas")
    return names
