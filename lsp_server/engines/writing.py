"""An answer while it is written: which tokens it takes, what text they come to, and where it ends.

It never evaluates anything.
"""

from __future__ import annotations

from lsp_server.core.generation import Prompt
from lsp_server.engines.answer import Answer
from lsp_server.engines.constraint import Choice
from lsp_server.engines.model import Logits, Model


class Writing:
    """An answer to ``prompt`` whose tokens are chosen by ``choice``."""

    def __init__(self, model: Model, choice: Choice, prompt: Prompt) -> None:
        self._model = model
        self._choice = choice
        self._prompt = prompt
        self._answer = Answer(prompt.ends)
        self._known = len(prompt.begun.encode("utf-8", "replace"))
        """Bytes still to come that are there already."""

    def afresh(self) -> Writing:
        """Another answer to the same prompt, from the beginning; only before a token was taken."""
        return Writing(self._model, self._choice.copy(), self._prompt)

    @property
    def ended(self) -> bool:
        """A stop has come, or nothing can follow."""
        return self._answer.stopped or self._choice.complete

    def best(self, logits: Logits) -> int:
        """The token to go on with, or one that ends the answer, which is not to be taken. Raises EngineError."""
        return self._choice.best(logits)

    def allowed(self, logits: Logits) -> Logits:
        """``logits`` [vocabulary] with minus infinity for what may not come next."""
        return self._choice.allowed(logits)

    def take(self, token: int) -> str:
        """Go on with the token; the text that is certain now."""
        self._choice.take(token)
        piece = self._model.piece(token)
        known, self._known = self._known, max(self._known - len(piece), 0)
        return self._answer.add(piece[known:])

    def rest(self) -> str:
        """The text that was not certain, when nothing more comes."""
        return self._answer.rest()
