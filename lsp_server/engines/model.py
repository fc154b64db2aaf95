"""What a library of language models must offer to the algorithms here: tokens in, logits out.

It never knows which library it is, nor what is asked of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from lsp_server.core.generation import Prompt
from lsp_server.engines.prefix import Store

TOKENS_KNOWN = 4096
"""Tokens of which a model remembers what they are; answers are made of fewer."""

Logits = npt.NDArray[np.float32]


class Row(NamedTuple):
    """One token of a batch: its place in its sequence, and whether what follows it is asked for."""

    token: int
    position: int
    sequence: int
    wanted: bool = True


class Model(Store, Protocol):
    """What a library must offer. Sequences are numbered from 0: prompts first, then branches."""

    facts: dict[str, object]
    context_tokens: int
    """Most tokens of one sequence."""
    room: int
    """Most tokens of all sequences together; those of a shared prefix count once."""
    prompts_kept: int
    branches: int
    batch_tokens: int
    wanted_tokens: int
    """Most rows of a batch that may be wanted."""
    vocabulary_size: int
    """How many tokens logits speak of."""

    def tokens(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens, at least one; control tokens only where a segment is special."""
        ...

    def text_tokens(self, text: str) -> list[int]:
        """Tokens of literal text that stands in the middle of something."""
        ...

    def piece(self, token: int) -> bytes:
        """The token's bytes, which may be part of a character."""
        ...

    def ends(self, token: int) -> bool:
        """The token ends an answer, or is none that an answer can hold."""
        ...

    def decode(self, rows: Sequence[Row]) -> None:
        """Evaluate at most ``batch_tokens`` rows. Raises Interrupted, and then has kept none of them."""
        ...

    def logits(self, row: int) -> Logits:
        """Of the last batch's wanted row at that index, [vocabulary]; a view that the next batch overwrites."""
        ...


def log_probabilities(logits: Logits, tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Natural-log probabilities [tokens] under the softmax of ``logits`` [vocabulary]."""
    highest = logits.max()
    normaliser = highest + np.log(np.exp(logits - highest).sum(dtype=np.float64))
    return np.asarray(logits[tokens] - normaliser, dtype=np.float32)
