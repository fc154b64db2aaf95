"""How the server and the engine's process talk: one JSON object a frame, its length in four bytes before it.

To the engine::

    {"open": kind, "spec": {…}}                          the first message
    {"id": n, "call": "stream", "arguments": {…}}        or "branches", "score", "read"
    {"cancel": n}

From the engine::

    {"ready": {…}} | {"failed": text}                    once
    {"alive": true}                                      while it computes and has nothing to say
    {"id": n, "piece": {…}}
    {"id": n, "end": "done", "value": …}                 exactly one end for every request:
    {"id": n, "end": "cancelled"}                        done, cancelled or error
    {"id": n, "end": "error", "kind": name, "text": text}

It knows the values of `core.generation` and never what they are used for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading, Segment, Usage

Message = dict[str, Any]

LENGTH_BYTES = 4


def frame(message: Message) -> bytes:
    """The message as bytes to send. Escaped to ASCII, so that half a surrogate pair survives the way."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def read(stream: BinaryIO) -> Message | None:
    """The next message; None when the other side is gone, even in the middle of a message."""
    head = stream.read(LENGTH_BYTES)
    body = stream.read(int.from_bytes(head, "big")) if len(head) == LENGTH_BYTES else b""
    return parse(body) if body and len(body) == int.from_bytes(head, "big") else None


def parse(body: bytes) -> Message:
    """The message in a frame's body."""
    message: Message = json.loads(body)
    return message


def prompt(data: Mapping[str, Any]) -> Prompt:
    """The inverse of ``asdict``."""
    segments = tuple(Segment(**segment) for segment in data["segments"])
    return Prompt(segments, tuple(data["stops"]), schema=data["schema"], begun=data["begun"])


def limits(data: Mapping[str, Any]) -> Limits:
    """The inverse of ``asdict``."""
    return Limits(**data)


def piece(data: Mapping[str, Any]) -> Piece:
    """The inverse of ``asdict``."""
    return Piece(**{**data, "usage": data["usage"] and Usage(**data["usage"])})


def branches(data: Sequence[Mapping[str, Any]]) -> list[Branch]:
    """The inverse of ``asdict`` of each."""
    return [Branch(**branch) for branch in data]


def readings(data: Sequence[Mapping[str, Any]]) -> list[Reading]:
    """The inverse of ``asdict`` of each."""
    return [Reading(**{**reading, "alternatives": tuple(map(tuple, reading["alternatives"]))}) for reading in data]


_ARGUMENTS: Mapping[str, Callable[[Any], Any]] = {"prompt": prompt, "limits": limits}


def arguments(data: Mapping[str, Any]) -> dict[str, Any]:
    """A call's arguments as values; plain ones stay as they are."""
    return {name: _ARGUMENTS.get(name, lambda plain: plain)(value) for name, value in data.items()}
