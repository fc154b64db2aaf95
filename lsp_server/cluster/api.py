"""The way in: who may ask, which model is asked, and what is answered when that fails. It computes nothing."""

from __future__ import annotations

import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic import ValidationError
from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError, RayServeException
from ray.serve.handle import DeploymentHandle, DeploymentResponseGenerator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import lsp_server.cluster.shapes as shapes  # noqa: PLR0402 -- "from" would import the package, which imports this
from lsp_server.cluster.shapes import Question, Reply
from lsp_server.core.generation import Branch
from lsp_server.engines.completions import SESSION_HEADER

Handler = Callable[[Request], Awaitable[Response]]
_BUSY = {"Retry-After": "1"}


def hashed(key: str) -> str:
    """What is kept of a key: it can be recognised by it and not be read."""
    return sha256(key.encode()).hexdigest()


class Api:
    """``keys`` are hashed ones; ``models`` the deployments by name, ``context_tokens`` what each of them can hold."""

    def __init__(
        self, keys: Sequence[str], models: Mapping[str, DeploymentHandle[Any]], context_tokens: Mapping[str, int]
    ) -> None:
        self._keys = keys
        self._models = models
        self._context_tokens = context_tokens

    def __serve_build_asgi_app__(self) -> Starlette:
        """The routes; Ray Serve calls this once."""
        return Starlette(
            routes=[
                Route("/health", self.health),
                Route("/v1/models", self._with_key(self.models)),
                Route("/v1/completions", self._with_key(self.completions), methods=["POST"]),
            ]
        )

    def _with_key(self, handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            given = hashed(key.strip())
            # Every key is compared, and in the same time, so that nothing can be learnt from how long it takes.
            known = [hmac.compare_digest(given, one) for one in self._keys]
            if scheme.lower() != "bearer" or not any(known):
                told = shapes.error("send the key as `Authorization: Bearer …`", "invalid_api_key")
                return JSONResponse(told, 401, {"WWW-Authenticate": "Bearer"})
            return await handler(request)

        return checked

    async def health(self, _: Request) -> Response:
        """That requests are taken. Replicas are looked after by Ray Serve: one that is ill gets none."""
        return JSONResponse({"status": "ok"})

    async def models(self, _: Request) -> Response:
        """What is served."""
        return JSONResponse(shapes.models(self._context_tokens))

    async def completions(self, request: Request) -> Response:
        """The answer to one question."""
        try:
            question = Question.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            return JSONResponse(shapes.error(f"{where}: {first['msg']}", "invalid_request_error"), 400)
        if question.echo:
            told = shapes.error("`echo` is not offered: ask with `continuations`", "invalid_request_error")
            return JSONResponse(told, 400)
        handle = self._models.get(question.model)
        if handle is None:
            known = ", ".join(self._models)
            return JSONResponse(shapes.error(f"there is no model `{question.model}`: {known}", "model_not_found"), 404)
        handle = handle.options(session_id=request.headers.get(SESSION_HEADER, ""))
        try:
            return await (_ranked(question, handle) if question.ranks else _greedy(question, handle))
        except BackPressureError:
            return JSONResponse(shapes.error("too many requests wait already", "busy"), 429, _BUSY)
        except (RayError, RayServeException) as error:
            return JSONResponse(shapes.error(f"the replica is gone ({type(error).__name__})"), 503, _BUSY)


async def _ranked(question: Question, handle: DeploymentHandle[Any]) -> Response:
    """Alternatives, or the likelihood of continuations or of each token of a text."""
    reply = Reply(question.model)
    if question.reading is not None:
        said = await handle.read.remote(question.prompt, question.reading)
        return _refused(said) if "error" in said else JSONResponse(reply.whole([]) | said)
    if question.continuations is not None:
        said = await handle.score.remote(question.prompt, question.continuations)
        found = zip(question.continuations, said.get("scores", ()), strict=False)
        choices = [shapes.choice(text, "stop", value) for text, value in found]
    else:
        asked = (question.prompt, question.stops, question.max_tokens, question.n, question.schema_text)
        said = await handle.branches.remote(*asked)
        branches = [Branch(**one) for one in said.get("branches", ())]
        choices = [shapes.choice(one.text, "stop", one.log_probability, one.tokens) for one in branches]
    return _refused(said) if "error" in said else JSONResponse(reply.whole(choices))


async def _greedy(question: Question, handle: DeploymentHandle[Any]) -> Response:
    """The answer in pieces, or whole."""
    streaming = handle.options(method_name="stream", stream=True)
    pieces = streaming.remote(question.prompt, question.stops, question.max_tokens, question.schema_text)
    handed_on = False
    try:
        # An answer that is refused gets its own status: nothing may have been sent before that.
        first = await anext(pieces)
        if "error" in first:
            return _refused(first)
        reply = Reply(question.model)
        if question.stream:
            handed_on = True
            events = _events(question, reply, first, pieces)
            return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        heard = [first, *[piece async for piece in pieces]]
        if "error" in heard[-1]:
            return _refused(heard[-1])
        text = "".join(piece["text"] for piece in heard)
        return JSONResponse(reply.whole([shapes.choice(text, heard[-1]["ended"])], heard[-1]["usage"]))
    finally:
        if not handed_on:
            pieces.cancel()


async def _events(
    question: Question, reply: Reply, first: dict[str, Any], pieces: DeploymentResponseGenerator[Any]
) -> AsyncGenerator[bytes, None]:
    """The events of a stream. One that breaks ends with an error and is not called done."""
    told = question.stream_options.include_usage
    try:
        yield reply.event(first if told else {**first, "usage": None})
        async for piece in pieces:
            if "error" in piece:
                yield shapes.event(shapes.error(piece["text"]))
                return
            yield reply.event(piece if told else {**piece, "usage": None})
        yield b"data: [DONE]\n\n"
    except (RayError, RayServeException) as error:
        yield shapes.event(shapes.error(f"the replica is gone ({type(error).__name__})"))
    finally:
        # Nobody listens any more, or nothing is left to say: the replica need not go on.
        pieces.cancel()


def _refused(said: Mapping[str, Any]) -> Response:
    status, code = shapes.ERRORS.get(said["error"], (500, "server_error"))
    return JSONResponse(shapes.error(said["text"], code), status)
