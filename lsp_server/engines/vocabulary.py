"""Texts as tokens and tokens as bytes, over a tokenizer of the ``tokenizers`` library.

Control tokens are made of the prompt's special segments and of nothing else. It never knows which model the tokens
are for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from lsp_server.core.generation import Prompt
from lsp_server.engines.base import EngineError

_CONTROL = re.compile(r"<(\||\uff5c).*(\||\uff5c)>", re.DOTALL)
"""Added tokens that steer a model, whether or not its maker marked them: in Qwen's files ``<|fim_prefix|>`` is not.

DeepSeek writes them with the wide bar."""

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class Vocabulary:
    """The tokens of one model. ``tokenizer`` is a ``tokenizers.Tokenizer``; tokens in ``ending`` end an answer."""

    def __init__(self, tokenizer: Any, ending: Iterable[int]) -> None:  # noqa: ANN401 -- that library has no types
        self._tokenizer = tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._added = tokenizer.get_added_tokens_decoder()
        control = [token for token in self._added.values() if token.special or _CONTROL.fullmatch(token.content)]
        # From here on the library knows them all as special, and leaves them alone where it is told to.
        tokenizer.add_special_tokens(control)
        names = {token.content for token in control}
        self._control = {number for number, token in self._added.items() if token.content in names}
        self._ending = self._control | set(ending)
        self._is_bytes = "ByteLevel" in str(json.loads(tokenizer.decoder.__getstate__()))
        self._beginning = self._prepended()

    def _prepended(self) -> list[int]:
        """What the model wants in front of every text: one token or none."""
        bare = self._encoded("a", special=False)
        whole: list[int] = self._tokenizer.encode("a", add_special_tokens=True).ids
        return next((whole[:at] for at in range(len(whole)) if whole[at : at + len(bare)] == bare), [])

    def tokens(self, prompt: Prompt) -> list[int]:
        """See `model.Model`. Neighbouring literal segments are tokenised as one text."""
        tokens: list[int] = []
        for special, segments in groupby(prompt.segments, key=lambda segment: segment.special):
            tokens += self._encoded("".join(segment.text for segment in segments), special)
        if tokens[: len(self._beginning)] != self._beginning:
            tokens = self._beginning + tokens
        if not tokens:
            raise EngineError("the prompt is empty: there is nothing to continue")
        return tokens

    def text_tokens(self, text: str) -> list[int]:
        """See `model.Model`."""
        return self._encoded(text, special=False)

    def _encoded(self, text: str, special: bool) -> list[int]:
        self._tokenizer.encode_special_tokens = not special  # the library's name for: take them for plain text
        whole = text.encode("utf-8", "replace").decode()  # editors send half characters
        found: list[int] = self._tokenizer.encode(whole, add_special_tokens=False).ids
        return found

    def piece(self, token: int) -> bytes:
        """See `model.Model`."""
        if token in self._control:
            return b""
        if token in self._added:
            return str(self._added[token].content).encode()
        text = self._tokenizer.id_to_token(token) or ""
        if self._is_bytes:
            return bytes(_BYTE_OF[character] for character in text)
        byte = _BYTE.fullmatch(text)
        return bytes([int(byte[1], 16)]) if byte else text.replace("▁", " ").encode()

    def ends(self, token: int) -> bool:
        """See `model.Model`. Models have room for more tokens than their vocabularies name."""
        return token in self._ending or self._tokenizer.id_to_token(token) is None


def _byte_alphabet() -> dict[str, int]:
    """The character that stands for each byte in the tokens of byte-level vocabularies, as GPT-2 has them."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in shown} | {chr(256 + at): byte for at, byte in enumerate(hidden)}


_BYTE_OF = _byte_alphabet()
