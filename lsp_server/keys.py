"""Keys of servers: from the environment, or from the keyring of the system. They are never kept, logged or shown.

It must never know what a key opens.
"""

from __future__ import annotations

import logging
import os
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

SERVICE = "phi-lsp"
"""Under this name the keyring has our keys, one for each host."""


def key_for(url: str, variable: str) -> str:
    """The key of the server at ``url``: the environment's ``variable``, else the keyring's; empty where none is."""
    return os.environ.get(variable) or _from_keyring(urlsplit(url).hostname or "")


def hint_for(url: str, variable: str) -> str:
    """Where a user puts the key, as an instruction."""
    entry = f"keyring set {SERVICE} {urlsplit(url).hostname}"
    return f"set the environment variable {variable} to the server's key, or run `{entry}` (pip install keyring)"


def _from_keyring(host: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - optional, and it looks for a service of the desktop
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, host) or ""
    except keyring.errors.KeyringError as error:
        logger.info("the keyring was of no use: %s", type(error).__name__)
        return ""
