"""What is left to do once a command's work is over. It knows no command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Finish = Callable[[], Awaitable[dict[str, Any]]]
"""Makes the command's result when its progress bar is gone."""


def result(**values: Any) -> Finish:  # noqa: ANN401 - plain JSON
    """Nothing is left to do; ``values`` are the result."""

    async def finish() -> dict[str, Any]:
        return {"reason": "", **values}

    return finish
