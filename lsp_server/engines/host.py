"""The engine's own process: ``python -m lsp_server.engines.host``, frames on stdin and stdout.

Native model code runs here and nowhere else. The process lives exactly as long as its stdin: when the server
is gone, however it went, a thread that does nothing but read sees the end of the stream and ends the process
at once, in the middle of a decode too. It never knows what a prompt is for.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, BinaryIO, Protocol

from lsp_server.core.generation import Piece
from lsp_server.engines import locked, wire
from lsp_server.engines.base import Engine, EngineError, Ranker, notices_of
from lsp_server.engines.watch import Interrupted

OPENERS: Mapping[str, str] = {
    "llama": "lsp_server.engines.llama",
    "transformers": "lsp_server.engines.hf",
    "scripted": "lsp_server.engines.scripted",
}
"""Engine kind → the module whose ``open_engine(spec, cancelled)`` makes it; imported when asked for."""

_HEARTBEAT = 0.5
"""Seconds of silence after which a computing engine says that it lives."""


class HostedEngine(Engine, Ranker, Protocol):
    """What ``open_engine`` gives; ``facts`` tells the server about it and is plain JSON.

    ``totals`` counts what was asked since it was opened: tokens of prompts, and how many of them were known already.
    """

    facts: dict[str, object]
    totals: dict[str, int]


class Host:
    """Answers requests one at a time; cancels reach the running one and those that wait."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._waiting: SimpleQueue[wire.Message] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._current = 0
        self._said_at = monotonic()
        self._requests = 0

    def run(self) -> None:
        """Open the engine that the first message names, then answer until the process is ended."""
        Thread(target=self._listen, daemon=True).start()
        engine = self._open(self._waiting.get())
        while engine is not None:
            self._answer(engine, self._waiting.get())

    def _listen(self) -> None:
        while (message := wire.read(self._source)) is not None:
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            else:
                self._waiting.put(message)
        os._exit(0)

    def _open(self, message: wire.Message) -> HostedEngine | None:
        try:
            spec = message["spec"]
            engine: HostedEngine = import_module(OPENERS[message["open"]]).open_engine(spec, self._interrupted)
        except EngineError as error:
            self._say({"failed": str(error)})
            return None
        except Exception as error:
            traceback.print_exc()
            self._say({"failed": f"{type(error).__name__}: {error}"})
            return None
        refused = locked.lock() if spec.get("lock_memory") else ""
        notices = [*notices_of(engine.facts), *([refused] if refused else [])]
        self._say({"ready": {**engine.facts, "notices": notices}})
        return engine

    def _answer(self, engine: HostedEngine, request: wire.Message) -> None:
        """Run one request and send its one end."""
        self._current = request["id"]
        self._requests += 1
        try:
            end = {"end": "done", "value": self._run(engine, request)}
        except Interrupted:
            end = {"end": "cancelled"}
        except EngineError as error:
            end = {"end": "error", "kind": type(error).__name__, "text": str(error)}
        except Exception as error:
            traceback.print_exc()
            end = {"end": "error", "kind": "EngineError", "text": f"the engine failed: {type(error).__name__}: {error}"}
        self._cancelled.discard(self._current)
        self._say({"id": self._current, "totals": {"requests": self._requests, **engine.totals}, **end})

    def _run(self, engine: HostedEngine, request: wire.Message) -> object:
        if self._interrupted():
            raise Interrupted
        result = getattr(engine, request["call"])(**wire.arguments(request["arguments"]))
        return _RESULTS[request["call"]](self, result)

    def _stream(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            self._say({"id": self._current, "piece": asdict(piece)})
            if self._interrupted() and not piece.ended:
                raise Interrupted

    def _interrupted(self) -> bool:
        """Called many times a token while the engine computes: also the moment to say that it lives."""
        if monotonic() - self._said_at > _HEARTBEAT:
            self._say({"alive": True})
        return self._current in self._cancelled

    def _say(self, message: wire.Message) -> None:
        self._sink.write(wire.frame(message))
        self._sink.flush()
        self._said_at = monotonic()


_RESULTS: Mapping[str, Callable[[Host, Any], object]] = {
    "stream": Host._stream,  # noqa: SLF001 -- a table of the class's own methods
    "branches": lambda _, branches: [asdict(branch) for branch in branches],
    "score": lambda _, scores: scores,
    "read": lambda _, readings: [asdict(reading) for reading in readings],
}


def main() -> None:
    """Keep the real stdout for frames and point descriptor 1 at stderr: native libraries print."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the server's to answer
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Host(sys.stdin.buffer, sink).run()
    os._exit(1)  # opening failed and was reported; the reading thread must not delay the end


if __name__ == "__main__":
    main()
