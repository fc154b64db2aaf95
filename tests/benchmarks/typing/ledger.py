"""Which requests of a client were answered: each should be just once, with a result or an error."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

from lsprotocol import types

RESULT, CANCELLED, ERROR = "result", "cancelled", "error"
"""What an answer is."""


class Ledger:
    """Requests by the name of their method, and what became of them."""

    def __init__(self) -> None:
        self._methods: dict[int | str, str] = {}
        self._answers: Counter[int | str] = Counter()
        self.outcomes: Counter[str] = Counter()
        """Answers by what they are."""

    def follow(self, protocol: Any) -> None:
        """Hear of what this protocol of pygls sends and gets from now on."""
        send, handle = protocol.send_request, protocol._handle_response

        def sent(method: str, params: Any = None, callback: Any = None, msg_id: int | str | None = None) -> Any:
            number = str(uuid4()) if msg_id is None else msg_id
            self.asked(number, method)
            return send(method, params, callback, number)

        def handled(msg_id: int | str, result: Any = None, error: Any = None) -> None:
            self.answered(msg_id, error.code if error else None)
            handle(msg_id, result, error)

        protocol.send_request, protocol._handle_response = sent, handled

    def asked(self, number: int | str, method: str) -> None:
        """A request was sent."""
        self._methods[number] = method

    def answered(self, number: int | str, code: int | None = None) -> None:
        """An answer came, an error where it has a ``code``."""
        self._answers[number] += 1
        cancelled = code == types.LSPErrorCodes.RequestCancelled
        self.outcomes[RESULT if code is None else CANCELLED if cancelled else ERROR] += 1

    @property
    def requests(self) -> int:
        """That were sent."""
        return len(self._methods)

    @property
    def methods(self) -> dict[str, int]:
        """Requests by method."""
        return dict(Counter(self._methods.values()))

    @property
    def unanswered(self) -> dict[str, int]:
        """Requests without an answer until now, by method."""
        return dict(Counter(method for number, method in self._methods.items() if not self._answers[number]))

    @property
    def superfluous(self) -> int:
        """Answers to what was answered already, or never asked."""
        return sum(count - (number in self._methods) for number, count in self._answers.items() if count)

    async def settled(self, seconds: float) -> None:
        """Wait until everything is answered, at most so long."""
        for _ in range(round(seconds / 0.1)):
            if not self.unanswered:
                return
            await asyncio.sleep(0.1)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "requests": self.requests,
            "methods": self.methods,
            "outcomes": dict(self.outcomes),
            "unanswered": self.unanswered,
            "superfluous": self.superfluous,
        }
