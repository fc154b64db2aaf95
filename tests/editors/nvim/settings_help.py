"""The server's settings as the plugin's help has them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from lsp_server.settings import schema
from tests.generated import Generated

_WIDTH = 78


def _rendered() -> str:
    return "\n" + "\n".join(line for key in schema() for line in _lines(key))


def _lines(key: str) -> Iterator[str]:
    row = schema()[key]
    tag = f"*phi-lsp-{key}*"
    yield f"{key}{tag:>{_WIDTH - len(key)}}"
    yield f"    default: {json.dumps(row['default'])}"
    yield from textwrap.wrap(row["description"], _WIDTH, initial_indent="    ", subsequent_indent="    ")
    yield ""


SETTINGS_HELP = Generated(
    "editors/nvim/doc/phi-lsp.txt",
    _rendered,
    "The list is made by `python -m tests.test_editor_settings` ~\n",
    "end of the list ~\n",
)
