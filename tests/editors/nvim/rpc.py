"""Neovim's own protocol, MessagePack-RPC, over its socket: calls from here, notifications from there."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgpack

_REQUEST, _RESPONSE = 0, 1
_PATIENCE_SECONDS = 60.0


class NeovimError(Exception):
    """Neovim could not do what it was asked to."""


class Connection:
    """One connection. ``notified`` gets the name and the arguments of what Neovim says by itself, in a thread."""

    def __init__(self, address: str, notified: Callable[[str, Sequence[Any]], None]) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        self._notified = notified
        self._numbers = itertools.count()
        self._answers: dict[int, tuple[Any, Any]] = {}
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def call(self, method: str, *arguments: Any) -> Any:
        """The result of an API function. Raises NeovimError."""
        number = next(self._numbers)
        self._socket.sendall(msgpack.packb([_REQUEST, number, method, arguments]))
        with self._news:
            self._news.wait_for(lambda: number in self._answers or self._over, _PATIENCE_SECONDS)
            if number not in self._answers:
                raise NeovimError(f"no answer to {method}")
            error, result = self._answers.pop(number)
        if error:
            raise NeovimError(error[1])
        return result

    def close(self) -> None:
        """End the connection; Neovim may have done so already."""
        self._reader.join(_PATIENCE_SECONDS)
        self._socket.close()

    def _read(self) -> None:
        messages = msgpack.Unpacker(raw=False, unicode_errors="surrogateescape", strict_map_key=False)
        while chunk := self._socket.recv(1 << 16):
            messages.feed(chunk)
            for kind, *rest in messages:
                if kind == _RESPONSE:
                    number, error, result = rest
                    with self._news:
                        self._answers[number] = (error, result)
                        self._news.notify_all()
                else:
                    self._notified(*rest)
        with self._news:
            self._over = True
            self._news.notify_all()
