"""Why a server does not answer, in words for a user, with the next step: a row for each way in which it can fail.

It never puts text of a prompt into an error.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from lsp_server.engines.base import EngineBusy, EngineError, EngineUnreachable, ModelLoadError, PromptTooLong
from lsp_server.engines.specs import RemoteSpec


class Refusal(NamedTuple):
    """The error that it is; ``passing`` where asking again at once may help."""

    error: EngineError
    passing: bool = False


class _Row(NamedTuple):
    """``text`` goes on from the server's address; ``{why}`` is what the server said itself."""

    kind: type[EngineError]
    text: str
    passing: bool = False


_KEY = _Row(ModelLoadError, "does not accept the key ({status}): {hint}")
_TOO_LONG = _Row(PromptTooLong, "cannot take so much: shorten the prompt, or ask for fewer tokens{why}")
_OTHER = _Row(EngineError, "refused the request ({status}{why}): its own log has more")
_REDIRECTS = _Row(ModelLoadError, "redirects ({status}): write the final address in the setting `remote`")

_BY_STATUS: Mapping[int, _Row] = {
    401: _KEY,
    403: _KEY,
    404: _Row(
        ModelLoadError,
        "has no such model or address (404{why}): check the settings `remote`, which mostly ends in /v1, and "
        "`remoteModel`",
    ),
    413: _TOO_LONG,
    429: _Row(EngineBusy, "is busy (429): no suggestion now"),
    502: _Row(EngineUnreachable, "has no server behind it ({status}): start that", passing=True),
    503: _Row(EngineBusy, "is busy or starting (503): no suggestion now", passing=True),
    504: _Row(EngineUnreachable, "waits too long for the server behind it ({status}): look at that", passing=True),
}

_BY_FAILURE: Mapping[str, _Row] = {
    "ConnectTimeout": _Row(
        EngineUnreachable, "cannot be reached within {connect:g} s: check the network, or the setting `remote`"
    ),
    "ConnectError": _Row(
        EngineUnreachable, "cannot be reached{why}: start it, or check the setting `remote`", passing=True
    ),
    "ReadTimeout": _Row(
        EngineUnreachable, "said nothing for {silence:g} s: look at its load, or raise the setting `remoteSeconds`"
    ),
}
"""By the names of the classes of ``httpx2``."""

_BROKE = _Row(EngineUnreachable, "closed the connection ({why}): ask again", passing=True)
_TLS = _Row(
    EngineUnreachable,
    "cannot be trusted (TLS{why}): set SSL_CERT_FILE to the certificate of the authority that signed its own, or "
    "correct the setting `remote`",
)

_LENGTH = re.compile(r"context|too long|max_new_tokens|maximum.*tokens|tokens.*maximum|exceed", re.IGNORECASE)
_REASON_CHARACTERS = 200


def refusal(status: int, body: bytes, spec: RemoteSpec) -> Refusal:
    """What an answer other than 200 means."""
    try:
        why = reason(json.loads(body))
    except ValueError:
        why = ""
    row = _BY_STATUS.get(status, _REDIRECTS if 300 <= status < 400 else _OTHER)
    if status in (400, 422) and _LENGTH.search(why):
        row = _TOO_LONG
    return _told(row, spec, f": {why}" if why else "", status)


def broken(error: Exception, spec: RemoteSpec) -> Refusal:
    """What a failure of the connection means."""
    if trouble := _tls_trouble(error):
        return _told(_TLS, spec, f": {trouble}")
    name = type(error).__name__
    if name in _BY_FAILURE:
        return _told(_BY_FAILURE[name], spec, f" ({error})" if str(error) else "")
    return _told(_BROKE, spec, name)


def reason(said: object) -> str:
    """The server's own words about an error, shortened; empty where none are in the usual place."""
    error = said.get("error", said) if isinstance(said, dict) else {}
    message = error.get("message", "") if isinstance(error, dict) else error
    return str(message)[:_REASON_CHARACTERS] if isinstance(message, str) else ""


def _told(row: _Row, spec: RemoteSpec, why: str, status: int = 0) -> Refusal:
    waits = {"connect": spec.connect_seconds, "silence": spec.silence_seconds}
    text = row.text.format(why=why, status=status, hint=spec.key_hint, **waits)
    return Refusal(row.kind(f"{spec.url} {text}"), row.passing)


def _tls_trouble(error: BaseException | None) -> str:
    """What TLS complains of, empty when it does not."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return str(getattr(error, "verify_message", "") or error.reason or "it speaks none")
        error = error.__cause__ or error.__context__
    return ""
