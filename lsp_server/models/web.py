"""The HTTP client that files are fetched with, and what its failures mean in words.

It is imported when something is to be fetched and not before. It must never know of models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx2

from lsp_server.models.errors import DownloadError, ModelError

CONNECT_SECONDS, SILENT_SECONDS = 5.0, 15.0
"""How long a server may take to be reached, and to send the next byte."""

TRANSIENT = (408, 429, 500, 502, 503, 504)
"""Status codes of servers that may answer when asked again."""

Explain = Callable[[httpx2.Response], ModelError]
"""What an answer that is no success means for the user."""


def client(headers: Mapping[str, str] | None = None) -> httpx2.Client:
    """A client that honours proxies and follows redirects; another host is not told what authorizes."""
    # Compressed content has other offsets than the file.
    plain = {**(headers or {}), "Accept-Encoding": "identity"}
    timeout = httpx2.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS)
    return httpx2.Client(headers=plain, timeout=timeout, follow_redirects=True)


def unreachable(host: str, error: Exception) -> DownloadError:
    """A server that could not be reached or fell silent."""
    return DownloadError(
        f"{host} cannot be reached ({error or type(error).__name__})",
        "check the network and the proxy settings, then ask again: what has arrived is kept",
    )


def refused(response: httpx2.Response) -> DownloadError:
    """An answer that means nothing special."""
    where = f"{response.url.scheme}://{response.url.netloc.decode()}{response.url.path}"
    return DownloadError(f"{where} answered {response.status_code} {response.reason_phrase}", "try again later")
