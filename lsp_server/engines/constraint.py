"""Which tokens an answer may go on with when it must fit a JSON schema. The only file that imports ``llguidance``.

The library knows the bytes of every token and says which of them lead to text that fits; nothing here knows which
library computes, nor decodes anything. What must fit is laid out as ``json.dumps`` does, so that it cannot go on for
ever in blanks. Imported when the first such answer is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from lsp_server.engines.base import EngineError
from lsp_server.engines.model import Logits, Model
from lsp_server.engines.watch import Interrupted

_LAYOUT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_ANY_LAYOUT = {"whitespace_flexible": True}

_LOOK_EVERY = 1024
"""Tokens between two looks at the watch."""


class Choice(Protocol):
    """Chooses an answer's tokens, one after the other."""

    complete: bool
    """Nothing can follow what was taken."""

    def best(self, logits: Logits) -> int:
        """The likeliest token that may come next, one that ends the answer included; [vocabulary] in."""
        ...

    def allowed(self, logits: Logits) -> Logits:
        """``logits`` with minus infinity where a token may not come next."""
        ...

    def take(self, token: int) -> None:
        """Go on with a token that does not end the answer."""
        ...

    def copy(self) -> Choice:
        """Another one at the same place."""
        ...


class Free:
    """Any token may come next, and there is no end but the model's own."""

    complete = False

    def best(self, logits: Logits) -> int:
        """See `Choice`."""
        return int(logits.argmax())

    def allowed(self, logits: Logits) -> Logits:
        """See `Choice`."""
        return logits

    def take(self, token: int) -> None:
        """See `Choice`."""

    def copy(self) -> Free:
        """See `Choice`."""
        return self


class Fitting:
    """Only what leads to text that fits may come next. Both are of ``llguidance``: an LLTokenizer, an LLMatcher."""

    def __init__(self, vocabulary: Any, matcher: Any) -> None:  # noqa: ANN401 -- the library need not be installed
        self._vocabulary = vocabulary
        self._matcher = matcher
        self.complete = False

    def best(self, logits: Logits) -> int:
        """See `Choice`. Mostly the model's best token fits: to ask about one costs a tenth of asking about all.

        Where only its beginning fits (``"],`` at the end of a list), that is taken: beside what the model was sure of,
        all other tokens are noise.
        """
        token = int(logits.argmax())
        if self._matcher.validate_tokens([token]):
            return token
        begun = self._beginning(token)
        return int(self.allowed(logits).argmax()) if begun is None else begun

    def _beginning(self, token: int) -> int | None:
        """The first token of as much of the token's text as fits; None where nothing of it does."""
        if self._vocabulary.is_special_token(token):
            return None
        text = self._vocabulary.decode_bytes([token]).decode("utf-8", "ignore")
        for end in range(len(text) - 1, 0, -1):
            tokens: list[int] = self._vocabulary.greedy_tokenize(text[:end])
            if self._matcher.validate_tokens(tokens) == len(tokens):
                return tokens[0]
        return None

    def allowed(self, logits: Logits) -> Logits:
        """See `Choice`. Raises EngineError when nothing may come next."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        fits = np.unpackbits(bits, count=len(logits), bitorder="little").view(bool)
        if self._matcher.is_error() or not fits.any():
            raise _refused(self._matcher.get_error() or "no token of the model leads there")
        return np.where(fits, logits, np.float32(-np.inf))

    def take(self, token: int) -> None:
        """See `Choice`."""
        if not self._matcher.consume_token(token):
            raise _refused(self._matcher.get_error())
        self.complete = self._matcher.is_stopped()

    def copy(self) -> Fitting:
        """See `Choice`."""
        return Fitting(self._vocabulary, self._matcher.deep_copy())


class Constraints:
    """Makes the choices over one model's vocabulary, which is looked through when it is first needed (about 1 s).

    ``watch`` is asked meanwhile whether to give up.
    """

    def __init__(self, model: Model, watch: Callable[[], bool]) -> None:
        self._model = model
        self._watch = watch

    def choice(self, schema: str) -> Choice:
        """How an answer's tokens are chosen: freely when ``schema`` is empty.

        Raises EngineError for a bad schema, and Interrupted.
        """
        return Fitting(self._vocabulary, _matcher(self._vocabulary, schema, _LAYOUT)) if schema else Free()

    @cached_property
    def _vocabulary(self) -> object:
        pieces, ends = [], []
        for token in range(self._model.vocabulary_size):
            if token % _LOOK_EVERY == 0 and self._watch():
                raise Interrupted
            pieces.append(self._model.piece(token))
            if self._model.ends(token):
                ends.append(token)
        return _vocabulary(pieces, ends)


class Check:
    """Sees to it that text from elsewhere fits ``schema``, in whatever layout; with an empty one all text does.

    Raises EngineError for a bad schema, and with ``complaint`` where text does not fit.
    """

    def __init__(self, schema: str, complaint: str) -> None:
        self._matcher = _matcher(_alphabet(), schema, _ANY_LAYOUT) if schema else None
        self._complaint = complaint
        self._begun = False
        self._held = ""

    def heard(self, text: str) -> str:
        """The next part of the text, when it can still come to fit with it. Blanks around it all do not matter."""
        if self._matcher is None:
            return text
        fresh = self._held + (text if self._begun else text.lstrip())
        self._begun = bool(fresh)
        known = _WHOLE.match(fresh)
        assert known
        self._held = fresh[known.end() :]
        data = _ESCAPE.sub(_shortest, known[0]).encode("utf-8", "replace")
        rest = data[self._matcher.try_consume_tokens(list(data)) :]
        if rest and not (self._matcher.is_accepting() and not rest.strip()):
            raise EngineError(self._complaint)
        return text

    def whole(self) -> None:
        """Nothing more comes."""
        if self._matcher is not None and (self._held or not self._matcher.is_accepting()):
            raise EngineError(self._complaint)


@lru_cache
def _alphabet() -> object:
    """A vocabulary whose tokens are the bytes."""
    return _vocabulary([*(bytes([byte]) for byte in range(256)), b""], [256])


_WHOLE = re.compile(r"(?:[^\\]|\\u[dD][89abAB]..\\u....|\\u(?![dD][89abAB])....|\\[^u])*", re.DOTALL)
_ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u....|\\u....|\\.", re.DOTALL)
"""Text up to an escape that is not whole yet, and the escapes in it: a character may be two of them."""


def _shortest(escape: re.Match[str]) -> str:
    """The escaped character as ``json.dumps`` writes it, which is how the library expects it."""
    try:
        return json.dumps(json.loads(f'"{escape[0]}"'), ensure_ascii=False)[1:-1]
    except ValueError:
        return escape[0]


def _vocabulary(pieces: Sequence[bytes], ends: Sequence[int]) -> object:
    """What the library knows of a vocabulary: the bytes of each token, and those that end an answer."""
    library = _library()
    ending = set(ends)

    class Words:
        """A tokenizer as the library expects it. What has no bytes is never part of an answer."""

        eos_token_id = ends[0]
        bos_token_id = None
        special_token_ids = sorted(ending.union(token for token, piece in enumerate(pieces) if not piece))
        tokens = [b"" if token in ending else piece for token, piece in enumerate(pieces)]  # noqa: RUF012 -- its name

        def __call__(self, text: bytes) -> list[int]:
            """Where only one text can follow, the library offers it split in this way alone."""
            found: list[int] = made[0].greedy_tokenize(text.decode("utf-8", "replace")) if made else []
            return found

    made: list[Any] = []
    # Tables for speed take half a second to make, and the best token mostly fits.
    made.append(library.LLTokenizer(library.TokenizerWrapper(Words()), len(pieces), eos_token=list(ends), slices=[]))
    return made[0]


def _matcher(vocabulary: object, schema: str, layout: object) -> Any:  # noqa: ANN401 -- see `Fitting`
    """What knows at every place how text that fits ``schema`` may go on. Raises EngineError for a bad schema."""
    library = _library()
    try:
        grammar = library.LLMatcher.grammar_from_json_schema(schema, overrides=layout)
    except ValueError as error:
        raise _refused(str(error)) from None
    matcher = library.LLMatcher(vocabulary, grammar, log_level=0)
    if matcher.is_error():
        raise _refused(matcher.get_error())
    return matcher


def _library() -> ModuleType:
    import llguidance  # noqa: PLC0415 -- only when an answer has to fit something

    library: ModuleType = llguidance
    return library


def _refused(why: str) -> EngineError:
    reason, _, _ = why.partition("\n")
    return EngineError(f"the answer cannot be made to fit the JSON schema: {reason}")
