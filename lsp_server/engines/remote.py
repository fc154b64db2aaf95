"""A model on a server elsewhere, as an `AsyncEngine`: the only file that imports ``httpx2``, when an engine is made.

Nothing is computed here, so it runs in the process that talks to the editor. Closing a stream closes its connection,
which is how a server learns that nobody listens. It never knows what a prompt is for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from hashlib import blake2b
from secrets import token_bytes
from typing import Any

from lsp_server.core.generation import ALTERNATIVES, Branch, Limits, Piece, Prompt, Reading
from lsp_server.engines import completions, refusals, wire
from lsp_server.engines.answer import Answer
from lsp_server.engines.base import EngineBusy, EngineCrashed, EngineError, EngineUnreachable
from lsp_server.engines.completions import Chunk, Offer
from lsp_server.engines.constraint import Check
from lsp_server.engines.refusals import Refusal
from lsp_server.engines.specs import LOOPBACK, RemoteSpec
from lsp_server.engines.tally import Tally

_PAUSES = (0.2, 0.6)
"""Seconds before the second and the third attempt, as long as nothing of an answer has come."""


class _Failure(Exception):  # noqa: N818 -- carries the error that it becomes, should it stay
    def __init__(self, refusal: Refusal) -> None:
        self.error, self.passing = refusal


class RemoteEngine:
    """The model of a `RemoteSpec`. Belongs to the event loop it is first used in; `close` it when done.

    Requests run side by side: who may compute when is the server's to decide. Making one takes the time of an import.
    """

    process_id = None

    def __init__(self, spec: RemoteSpec) -> None:
        import httpx2  # noqa: PLC0415 -- see the module's text

        self._spec = spec
        self._transport_errors = (httpx2.TransportError, httpx2.StreamError)
        self._client = httpx2.AsyncClient(
            base_url=spec.url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {spec.key}"} if spec.key else {},
            timeout=httpx2.Timeout(spec.silence_seconds, connect=spec.connect_seconds),
            # What the environment says of proxies and certificates holds, but nobody is between us and this machine.
            mounts={f"all://{f'[{host}]' if ':' in host else host}": None for host in LOOPBACK},
        )
        self._offer: Offer | None = None
        self._running = 0
        self._trouble = ""
        self._secret = token_bytes(16)
        self.facts: Mapping[str, object] = {"url": spec.url}
        self.totals: Mapping[str, int] = {}
        """Where it is, and what the server told about itself when it was started."""
        self.on_change: Callable[[], None] = lambda: None
        """Hears when it cannot be reached any more."""

    @property
    def state(self) -> str:
        """For people: ``off``, ``ready``, ``busy`` or ``unreachable: `` and why."""
        if self._trouble:
            return f"unreachable: {self._trouble}"
        return "off" if self._offer is None else "busy" if self._running else "ready"

    @property
    def ranks(self) -> bool:
        """See `AsyncEngine`; known when the engine was started."""
        return bool(self.facts.get("ranks"))

    async def start(self) -> None:
        """See that the server is there, takes the key and has the model. Raises ModelLoadError or EngineUnreachable."""
        try:
            offer = completions.offer(await self._said("GET", "models"), self._spec)
        except EngineBusy as busy:
            raise self._noted(EngineUnreachable(str(busy))) from None
        ranks = offer.native or await self._echoes(offer.model)
        told = {"model": offer.model, "context_tokens": offer.context_tokens, "ranks": ranks}
        self.facts = {"url": self._spec.url, **told}
        self._offer = offer

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece]:
        """Pieces as they come. Closing the iterator, or cancelling the task that awaits it, closes the connection.

        Costs are told at the end, as far as the server tells them. A connection that breaks in the middle is an
        EngineCrashed: an answer of which a part is missing is none.
        """
        tally, answer, text = Tally(), Answer(prompt.ends), ""
        check = self._check(prompt)
        async with aclosing(self._chunks(prompt, limits)) as chunks:
            async for chunk in chunks:
                if tally.first is None and chunk.ended != "deadline":
                    yield Piece("", usage=tally.begun(chunk))
                tally.count(chunk)
                text = check.heard(answer.add(chunk.text.encode("utf-8", "replace"))) if limits.max_tokens else ""
                if answer.stopped:
                    tally.ended = "stop"
                    break
                if text:
                    yield Piece(text, tokens=tally.taken())
                    text = ""
        if not limits.max_tokens:
            tally.emptied()
        elif tally.ended == "stop":
            check.whole()
        yield Piece(text + answer.rest(), tally.taken(), tally.ended, tally.usage())

    def _check(self, prompt: Prompt) -> Check:
        """Sees to it that the server keeps to the prompt's schema: some do not know the word."""
        return Check(
            prompt.schema,
            f"{self._spec.url} does not keep to the JSON schema that it was given: run the model with a server that "
            "does, such as vLLM, llama.cpp's own, or phi-lsp's cluster",
        )

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`. From servers other than our own the greedy answer alone, of unknown likelihood."""
        if (await self._known()).native:
            return await self._native_branches(prompt, width, limits)
        pieces = [piece async for piece in self.stream(prompt, limits)]
        if pieces[-1].ended == "deadline":
            return []
        tokens = sum(piece.tokens for piece in pieces)
        return [Branch("".join(piece.text for piece in pieces), float("nan"), tokens)]

    async def _native_branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        body = await self._question(prompt, limits) | {"n": width, "logprobs": 1}
        try:
            async with asyncio.timeout(limits.seconds):
                said = await self._said("POST", "completions", body, prompt.origin)
        except TimeoutError:
            return []
        return completions.branches(said, prompt.ends)

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`. Raises EngineError when the server does not tell likelihoods; `ranks` says so before."""
        offer = await self._known()
        if offer.native:
            body = completions.question(offer.model, prompt, Limits(0)) | {"continuations": list(continuations)}
            said = await self._said("POST", "completions", body, prompt.origin)
            return completions.scores(said)
        if not self.ranks:
            raise EngineError(f"{self._spec.url} does not tell how likely a text is")
        texts = ("", *continuations)
        asked = (self._likelihood(offer.model, prompt.continued(text)) for text in texts)
        before, *whole = await asyncio.gather(*asked)
        return [likelihood - before for likelihood in whole]

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`. Raises EngineError when the server does not tell likelihoods; `ranks` says so before."""
        offer = await self._known()
        if offer.native:
            body = completions.question(offer.model, prompt, Limits(0)) | {"reading": text}
            said = await self._said("POST", "completions", body, prompt.origin)
            return wire.readings(said["readings"])
        if not self.ranks:
            raise EngineError(f"{self._spec.url} does not tell how likely a text is")
        body = completions.question(offer.model, replace(prompt.continued(text), stops=()), Limits(1))
        asked = body | {"echo": True, "logprobs": ALTERNATIVES}
        said = await self._said("POST", "completions", asked, prompt.origin)
        try:
            return completions.echoed_readings(said, text)
        except (KeyError, TypeError, IndexError, ValueError):
            raise EngineError(f"{self._spec.url} does not tell which tokens a text consists of") from None

    async def _likelihood(self, model: str, prompt: Prompt) -> float:
        """The log probability of all of the prompt."""
        body = completions.question(model, replace(prompt, stops=()), Limits(1)) | {"echo": True, "logprobs": 1}
        return completions.echoed(await self._said("POST", "completions", body, prompt.origin))

    async def _echoes(self, model: str) -> bool:
        """Whether the server tells how likely a text is that it was given."""
        try:
            return await self._likelihood(model, Prompt((completions.PROBE,))) < 0
        except EngineUnreachable:
            raise
        except (EngineError, KeyError, TypeError, IndexError):
            return False

    async def _known(self) -> Offer:
        if self._offer is None:
            await self.start()
        assert self._offer is not None
        return self._offer

    async def _chunks(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Chunk]:
        """The answer as it comes; that the time is up is an end like others."""
        pieces = self._heard(prompt, limits)
        until = None if limits.seconds is None else asyncio.get_running_loop().time() + limits.seconds
        try:
            async with aclosing(pieces):
                while True:
                    async with asyncio.timeout_at(until):
                        chunk = await anext(pieces, None)
                    if chunk is None:
                        return
                    yield chunk
        except TimeoutError:
            yield Chunk("", "deadline", None)

    async def _heard(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Chunk]:
        body = await self._question(prompt, limits)
        streaming = {"stream": True, "stream_options": {"include_usage": True}}
        # llama-cpp-python says that it is done also when another request interrupts the answer.
        begun = whole = False
        async with aclosing(self._lines("POST", "completions", body | streaming, prompt.origin)) as lines:
            async for line in lines:
                data = line.removeprefix(b"data:").strip()
                if data == b"[DONE]":
                    continue  # to the end of it, so that the connection can be used again
                chunk = completions.chunk(data)
                begun, whole = True, whole or bool(chunk.ended)
                yield chunk
        if not begun:
            # So llama-cpp-python refuses what does not fit its context.
            raise EngineError(f"{self._spec.url} gave no answer: see its log, or shorten the prompt (`contextTokens`)")
        if not whole:
            raise EngineCrashed(f"{self._spec.url} ended its answer in the middle: ask again")

    async def _question(self, prompt: Prompt, limits: Limits) -> dict[str, Any]:
        offer = await self._known()
        return completions.question(offer.model, prompt, limits) | completions.fitting(prompt.schema, offer.owner)

    async def _said(self, method: str, path: str, body: object = None, origin: str = "") -> Mapping[str, Any]:
        """The answer as one JSON object."""
        lines = [line async for line in self._lines(method, path, body, origin)]
        try:
            said = json.loads(b"\n".join(lines))
        except ValueError:
            said = None
        return said if isinstance(said, dict) else {}

    async def _lines(self, method: str, path: str, body: object, origin: str) -> AsyncGenerator[bytes]:
        """The answer's lines that are not blank; asked for again while nothing has come and that may help."""
        for pause in (*_PAUSES, None):
            begun = False
            try:
                async with self._response(method, path, body, origin) as data:
                    async for line in _split(data):
                        begun = True
                        yield line
                    return
            except _Failure as failure:
                if begun:
                    raise EngineCrashed(f"{failure.error}; the answer was not whole yet: ask again") from None
                if pause is None or not failure.passing:
                    raise self._noted(failure.error) from None
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _response(self, method: str, path: str, body: object, origin: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of an answer to one attempt; raises _Failure where there is none, or no more."""
        self._running += 1
        try:
            async with self._client.stream(method, path, json=body, headers=self._session(origin)) as response:
                if response.status_code != 200:
                    raise _Failure(refusals.refusal(response.status_code, await response.aread(), self._spec))
                self._trouble = ""
                yield response.aiter_bytes()
        except self._transport_errors as error:
            raise _Failure(refusals.broken(error, self._spec)) from None
        finally:
            self._running -= 1

    def _session(self, origin: str) -> dict[str, str]:
        """The header by which requests of one origin reach one replica; nobody can tell the origin from it."""
        if not origin:
            return {}
        return {completions.SESSION_HEADER: blake2b(origin.encode(), key=self._secret, digest_size=16).hexdigest()}

    def _noted(self, error: EngineError) -> EngineError:
        if isinstance(error, EngineUnreachable):
            self._trouble = str(error)
            self.on_change()
        return error


async def _split(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines that say something. They end at line feeds only: JSON may hold other line ends as they are."""
    rest = b""
    async for more in data:
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            if line.strip() and not line.startswith(b":"):
                yield line
    if rest.strip():
        yield rest
