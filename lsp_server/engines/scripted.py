"""An engine that answers from a script, for tests: with the delays, crashes and hangs it is told.

It keeps every promise of the engine contract, so that what passes with it can pass with a model.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading, Usage
from lsp_server.engines.answer import Answer
from lsp_server.engines.base import ModelLoadError, PromptTooLong
from lsp_server.engines.constraint import Check
from lsp_server.engines.prefix import shared_prefix
from lsp_server.engines.specs import Script, ScriptedSpec
from lsp_server.engines.watch import Interrupted, Watch

_UNFIT = "the script's answer does not fit the prompt's JSON schema: write one that does"
_TOKENS = re.compile(r"\s?\w+|\s+|[^\w\s]+")

_TICK = 0.002
"""Seconds between two looks at the watch while waiting."""


def open_engine(spec: Mapping[str, Any], cancelled: Callable[[], bool]) -> ScriptedEngine:
    """The engine for a `ScriptedSpec` that came as JSON. Raises ModelLoadError where it is told to."""
    scripts = tuple(Script(**{**script, "pieces": tuple(script["pieces"])}) for script in spec["scripts"])
    opened = ScriptedSpec(**{**spec, "scripts": scripts})
    time.sleep(opened.open_delay)
    if opened.broken:
        raise ModelLoadError(opened.broken)
    if opened.file and not Path(opened.file).exists():
        raise ModelLoadError(f"the model {opened.file} cannot be read")
    return ScriptedEngine(opened, cancelled)


class ScriptedEngine:
    """Implements `Engine` and `Ranker`; see `ScriptedSpec`."""

    def __init__(self, spec: ScriptedSpec, cancelled: Callable[[], bool] = lambda: False) -> None:
        self.facts: dict[str, object] = {"context_tokens": spec.context_tokens, "notices": list(spec.notices)}
        self.totals: dict[str, int] = {}
        self._spec = spec
        self._watch = Watch(cancelled)
        self._last_prompt = ""

    def stream(self, prompt: Prompt, limits: Limits) -> Iterator[Piece]:
        """The pieces of the first script that matches, each counted as one token."""
        self._watch.begin(limits.seconds)
        usage = self._read(prompt, limits)
        script = next(self._matching(prompt), Script())
        answer, given, ended = Answer(prompt.ends), 0, "stop"
        check = Check(prompt.schema, _UNFIT)
        try:
            self._wait(script.prompt_delay)
            yield Piece("", usage=usage)
            for number, text in enumerate((*script.pieces, "")):
                self._misbehave(script, number)
                if number == len(script.pieces) or answer.stopped:
                    break
                if number == limits.max_tokens:
                    ended = "length"
                    break
                self._wait(script.piece_delay)
                given += 1
                if ready := answer.add(check.heard(text).encode()):
                    yield Piece(ready, tokens=1)
        except Interrupted:
            if not self._watch.late:
                raise
            ended = "deadline"
        done = Usage(usage.prompt_tokens, usage.reused_tokens, given, script.prompt_delay, given * script.piece_delay)
        yield Piece(answer.rest(), ended=ended, usage=done)

    def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """The whole answers of the first ``width`` scripts that match, the likeliest first."""
        self._watch.begin(limits.seconds)
        self._read(prompt, limits)
        found = [self._branch(script, prompt, limits) for script in islice(self._matching(prompt), width)]
        return sorted(found, key=lambda branch: -branch.log_probability)

    def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """The scripted likelihood of each continuation."""
        self._read(prompt, Limits(0))
        return [self._likelihood(text) for text in continuations]

    def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """Words and signs, that share the text's likelihood by their lengths."""
        self._watch.begin(None)
        self._read(prompt, Limits(0))
        self._wait(next(self._matching(prompt), Script()).prompt_delay)
        self._last_prompt = prompt.text + text
        each = self._likelihood(text) / max(len(text), 1)
        better = dict(self._spec.surprises)
        found = []
        for token in _TOKENS.finditer(text):
            likely = each * len(token[0])
            best = (better[token[0]], 0.0) if token[0] in better else (token[0], likely)
            found.append(Reading(token.start(), token.end(), likely, (best,)))
        return found

    def _branch(self, script: Script, prompt: Prompt, limits: Limits) -> Branch:
        self._misbehave(script, script.fault_at)
        self._wait(script.prompt_delay)
        pieces = script.pieces[: limits.max_tokens]
        answer = Answer(prompt.ends)
        text = answer.add("".join(pieces).encode()) + answer.rest()
        Check(prompt.schema, _UNFIT).heard(text)
        return Branch(text, self._likelihood(text), len(pieces))

    def _likelihood(self, text: str) -> float:
        known = (value for start, value in self._spec.likelihoods if text.startswith(start))
        return next(known, -float(len(text)))

    def _matching(self, prompt: Prompt) -> Iterator[Script]:
        return (script for script in self._spec.scripts if script.when in prompt.text)

    def _read(self, prompt: Prompt, limits: Limits) -> Usage:
        """Take note of the prompt; a character is a token. Raises PromptTooLong."""
        text, room = prompt.text, self._spec.context_tokens
        if len(text) + limits.max_tokens > room:
            raise PromptTooLong.of(len(text), limits.max_tokens, room)
        reused = min(shared_prefix(text, self._last_prompt), max(len(text) - 1, 0))
        self._last_prompt = text
        return Usage(len(text), reused)

    def _wait(self, seconds: float) -> None:
        """Pretend to compute. Raises Interrupted when the watch says so."""
        until = time.monotonic() + seconds
        while True:
            if self._watch():
                raise Interrupted
            if (left := until - time.monotonic()) <= 0:
                return
            time.sleep(min(left, _TICK))

    @staticmethod
    def _misbehave(script: Script, number: int) -> None:
        if script.fault and number == script.fault_at:
            _FAULTS[script.fault]()


def _crash() -> None:
    os.abort()


def _hang() -> None:
    while True:
        time.sleep(1)


def _fail() -> None:
    raise RuntimeError("the script says so")


_FAULTS: Mapping[str, Callable[[], None]] = {"crash": _crash, "hang": _hang, "error": _fail}
