"""The engine's greedy decoding with drafts: a batch holds the last token and a draft of what may follow.

Of the draft as much is kept as the model itself would have written, so that the text is the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_server.core.generation import Prompt
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.model import Logits, Row
from lsp_server.engines.prefix import Slot
from lsp_server.engines.writing import Writing
from tests.benchmarks.decoding.ngrams import Ngrams, Setting


@dataclass(frozen=True)
class Written:
    """A prompt's tokens, those that the model wrote, its end token included, and seconds from the first to the last."""

    prompt: Sequence[int]
    tokens: Sequence[int]
    seconds: float


class DraftingEngine(GreedyEngine):
    """Its other methods know of no drafts."""

    def written(self, prompt: Prompt, limit: int, setting: Setting) -> Written:
        """At most ``limit`` tokens. What drafts need is timed, the evaluation of the prompt is not."""
        tokens, slot = self._placed(prompt, limit, limit + setting.tokens)
        logits, writing = self._asked(slot, tokens), self._writing(prompt)
        began = time.perf_counter()
        text = [self._said(writing, logits)]
        known = Ngrams(setting)
        known.add([*tokens, *text])
        while len(text) < limit and not self._over(writing, text[-1]):
            more = list(self._verified(slot, writing, text[-1], known.draft()))
            known.add(more)
            text += more
        return Written(tokens, text[:limit], time.perf_counter() - began)

    def _verified(self, slot: Slot, writing: Writing, token: int, draft: Sequence[int]) -> Iterator[int]:
        """What the model says after ``token``: as much of the draft as is right, and one token more."""
        start = len(slot.tokens)
        self._model.decode([Row(each, start + at, slot.sequence) for at, each in enumerate((token, *draft))])
        slot.tokens += [token, *draft]
        for row, guess in enumerate((*draft, None)):
            said = self._said(writing, self._model.logits(row))
            yield said
            if said != guess or self._over(writing, said):
                break
        if row < len(draft):
            del slot.tokens[start + 1 + row :]
            self._model.truncate(slot.sequence, len(slot.tokens))

    def _said(self, writing: Writing, logits: Logits) -> int:
        token = writing.best(logits)
        if not self._model.ends(token):
            writing.take(token)
        return token

    def _over(self, writing: Writing, token: int) -> bool:
        return writing.ended or self._model.ends(token)
