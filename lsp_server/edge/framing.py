"""Bytes in, message bodies out: the ``Content-Length`` framing of the Language Server Protocol.

Pure: it must never know where bytes come from. Whatever arrives, it finds the next message again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_BODY = 256 << 20
"""Bytes; a longer message is skipped and refused, so that a wrong length cannot eat the memory."""

_LONGEST_HEADER = 1 << 14
# Searched for, not matched, so that reading goes on at the next message after rubbish without a line end.
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Unreadable:
    """Something that is not a message; ``problem`` says why."""

    problem: str


def framed(body: bytes) -> bytes:
    """``body`` with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Frames:
    """Collects bytes until messages are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._expected: int | None = None
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[bytes | Unreadable]:
        """The bodies that ``data`` completes, in order."""
        self._buffer += data
        while True:
            self._drop_skipped()
            frame = self._header() if self._expected is None else self._body(self._expected)
            if frame is None:
                return
            if frame:
                yield frame

    def _drop_skipped(self) -> None:
        dropped = min(self._skip, len(self._buffer))
        del self._buffer[:dropped]
        self._skip -= dropped

    def _header(self) -> bytes | Unreadable | None:
        """Read one header block; empty bytes when it only announced a body, None when more bytes are needed."""
        end, width = _blank_line(self._buffer)
        if end < 0:
            return self._overlong_header()
        lines = bytes(self._buffer[:end]).splitlines()
        del self._buffer[: end + width]
        length = next((int(found[1]) for line in lines if (found := _LENGTH.search(line))), None)
        if length is None:
            return Unreadable("a header without Content-Length") if lines else b""
        if length > LONGEST_BODY:
            self._skip = length
            return Unreadable(f"a message of {length} bytes; {LONGEST_BODY} are the most")
        self._expected = length
        return b""

    def _overlong_header(self) -> Unreadable | None:
        if len(self._buffer) <= _LONGEST_HEADER:
            return None
        # What is kept may be the beginning of the next header.
        del self._buffer[: -_LONGEST_HEADER // 2]
        return Unreadable("bytes that are no header")

    def _body(self, length: int) -> bytes | Unreadable | None:
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._expected = None
        return body or Unreadable("a message of 0 bytes")


def _blank_line(buffer: bytearray) -> tuple[int, int]:
    """Where the header block ends and how many bytes end it; (-1, 0) when it does not yet."""
    strict, loose = buffer.find(b"\r\n\r\n"), buffer.find(b"\n\n")
    if strict >= 0 and (loose < 0 or strict < loose):
        return strict, 4
    return (loose, 2) if loose >= 0 else (-1, 0)
