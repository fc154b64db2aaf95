"""The header of a GGUF file: what the file says of the model in it, read without its weights.

A reader of our own, because the ``gguf`` package's makes an array of every word of the vocabulary: 7 seconds and half a
gigabyte for 152 thousand words, where this takes a fraction of a second. The format is in ggml's ``docs/gguf.md``.
It must never know what the fields are used for.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_server.models.errors import ModelDamagedError

Value = str | int | float | bool | list[Any]

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_DEEPEST = 4
"""Arrays of arrays of arrays are in no model; a file that nests further is an attempt at something."""


@dataclass(frozen=True)
class Header:
    """``fields`` by their names, such as ``general.architecture``; ``parameters``: how many numbers the weights are."""

    fields: Mapping[str, Value]
    parameters: int
    tensors: int


def read_header(path: Path) -> Header:
    """The header of the file at ``path``.

    Raises `ModelDamagedError` when the file is none or ends too soon, its weights included; OSError when it cannot be
    read at all.
    """
    with path.open("rb") as file:
        try:
            # Mapped, so that only the pages of the header are read, of a file of many gigabytes too.
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).header()
        except (ValueError, KeyError, struct.error, OverflowError, MemoryError) as error:
            raise ModelDamagedError(f"{path} is no whole GGUF file ({error})", "fetch the model again") from error


class _Reader:
    """Reads one value after the other; raises ValueError, KeyError or struct.error where there is none."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def header(self) -> Header:
        if self._data[: len(_MAGIC)] != _MAGIC:
            raise ValueError("it does not begin with GGUF")
        self._at = len(_MAGIC)
        version = self._scalar("I")
        if version not in _VERSIONS:
            # A file for the other byte order has its version there; llama.cpp on this machine could not read it either.
            raise ValueError(f"version {version}; known are {', '.join(map(str, _VERSIONS))}")
        tensors, fields = self._count(), self._count()
        read = {self._text(): self._value(self._scalar("I")) for _ in range(fields)}
        sizes, ends = zip(*(self._tensor() for _ in range(tensors)), strict=True) if tensors else ((), ())
        if self._at + max(ends, default=0) > len(self._data):
            raise ValueError("it ends in the middle of the weights")
        return Header(read, sum(sizes), tensors)

    def _tensor(self) -> tuple[int, int]:
        """How many numbers a tensor has, and where it begins after the header."""
        self._text()
        size = 1
        for _ in range(self._scalar("I")):
            size *= self._count()
        self._scalar("I")
        return size, self._count()

    def _value(self, kind: int, depth: int = 0) -> Any:  # noqa: ANN401 - see `Value`
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self._scalar(_SCALARS[kind])
        if depth == _DEEPEST:
            raise ValueError("arrays are nested too deeply")
        inner, length = self._scalar("I"), self._count()
        if inner in _SCALARS:
            return self._scalars(_SCALARS[inner], length)
        return [self._value(inner, depth + 1) for _ in range(length)]

    def _count(self) -> int:
        """A number of things that follow, or a size; no file has more of them than bytes."""
        return int(self._scalar("Q"))

    def _text(self) -> str:
        length = self._count()
        begin, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise ValueError("it ends in the middle of a text")
        # Words of a vocabulary need not be whole characters.
        return self._data[begin : self._at].decode("utf-8", "replace")

    def _scalar(self, code: str) -> Any:  # noqa: ANN401 - what the file has there
        return self._scalars(code, 1)[0]

    def _scalars(self, code: str, length: int) -> list[Any]:
        size = struct.calcsize(code) * length
        if self._at + size > len(self._data):
            raise ValueError("it ends in the middle of its header")
        values = struct.unpack_from(f"<{length}{code}", self._data, self._at)
        self._at += size
        return list(values)
