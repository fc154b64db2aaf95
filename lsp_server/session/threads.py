"""Blocking work beside the event loop. It must never know what is done."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")


def in_thread(function: Callable[[], T]) -> asyncio.Future[T]:
    """What ``function`` returns or raises, run in a thread that the process does not wait for at its end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T has it

    def run() -> None:
        try:
            outcome = (function(), None)
        except BaseException as error:  # it belongs to whoever awaits
            outcome = (None, error)  # type: ignore[assignment]
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:
            logger.debug("the server ended before its thread")

    threading.Thread(target=run, daemon=True).start()
    return future
