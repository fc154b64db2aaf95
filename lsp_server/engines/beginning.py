"""Answers that must begin with a text that is given: the word before a cursor, of which a part may be there only.

A model reads words as whole tokens, so after the token of ``ret`` it finds ``urn`` unlikely. Here the prompt ends
before such a word, and the first tokens are those that lead to it. (Known as token healing.)
"""

from __future__ import annotations

import numpy as np

from lsp_server.engines.model import Logits, Model

_LOOKED_AT = 1024
"""The likeliest tokens; where none of them leads there the model has nothing to say of that word."""


class Beginning:
    """See `constraint.Choice`: first ``text``, then whatever the model finds likely."""

    complete = False

    def __init__(self, model: Model, text: bytes) -> None:
        self._model = model
        self._left = text

    def best(self, logits: Logits) -> int:
        """See `constraint.Choice`."""
        return int(self.allowed(logits).argmax())

    def allowed(self, logits: Logits) -> Logits:
        """See `constraint.Choice`."""
        if not self._left:
            return logits
        looked_at = np.argpartition(-logits, min(_LOOKED_AT, len(logits) - 1))[:_LOOKED_AT]
        leading = [token for token in looked_at.tolist() if self._leads(token)]
        leading = leading or self._model.text_tokens(self._left.decode("utf-8", "ignore"))[:1]
        masked = np.full_like(logits, -np.inf)
        masked[leading] = logits[leading]
        return masked

    def _leads(self, token: int) -> bool:
        piece = self._model.piece(token)
        leads = piece.startswith(self._left) or (piece != b"" and self._left.startswith(piece))
        return leads and not self._model.ends(token)

    def take(self, token: int) -> None:
        """See `constraint.Choice`."""
        self._left = self._left[len(self._model.piece(token)) :]

    def copy(self) -> Beginning:
        """See `constraint.Choice`."""
        return Beginning(self._model, self._left)
