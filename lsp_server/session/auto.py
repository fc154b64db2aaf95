"""The models that ``"model": "auto"`` stands for: one for typing, which `resident` serves, one for whole functions.

The second is a gain and no condition: while it is opened, or when it fails, the first writes everything.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsp_server.engines.base import EngineError
from lsp_server.models.errors import ModelError

if TYPE_CHECKING:
    from lsp_server.models.choice import Choice
    from lsp_server.models.rows import Model
    from lsp_server.parts import ModelEngine, Parts
    from lsp_server.pipelines.request import Writer
    from lsp_server.settings import Settings

logger = logging.getLogger(__name__)

AUTO = "auto"
"""The setting's value."""


class Automatic:
    """A choice, and the engine of its second model."""

    def __init__(self, choice: Choice | None) -> None:
        self.choice = choice
        self._engine: ModelEngine | None = None
        self._writer: Writer | None = None

    @property
    def why(self) -> str:
        """For people."""
        return self.choice.why if self.choice else "nothing to choose from"

    @property
    def typing(self) -> Model | None:
        """The model for typing; None: none that is here will do."""
        return self.choice.typing if self.choice else None

    def measured(self, choice: Choice | None) -> None:
        """Take a choice that was made again; another model for typing is for the next start."""
        if choice is not None and choice.typing == self.typing:
            self.choice = choice

    @property
    def functions(self) -> Writer | None:
        """Who writes whole functions, None while that is the model for typing."""
        # One that crashed would be started again for every function: most likely memory ran out.
        crashed = self._engine is not None and self._engine.state.startswith("crashed")
        return None if crashed else self._writer

    def status(self) -> dict[str, Any]:
        """For ``phi-lsp/status``."""
        typing, functions = (self.typing, self.choice.functions) if self.choice else (None, None)
        return {
            "typing": typing.name if typing else None,
            "functions": functions.name if functions else None,
            "functionsState": self._engine.state if self._engine else "off",
            "functionsProcessId": self._engine.process_id if self._engine else None,
            "why": self.why,
        }

    async def serve(self, parts: Parts, settings: Settings) -> None:
        """Open the second model, where there is one; every way out leaves something that works."""
        from lsp_server.pipelines.request import Writer  # noqa: PLC0415 - not needed to answer `initialize`

        row = self.choice.functions if self.choice else None
        if row is None:
            return
        try:
            self._engine = parts.open_engine(row, parts.require(row, settings), settings)
            await self._engine.start()
            await parts.calibrate(row, self._engine, settings)
            self._writer = Writer(row, self._engine)
            logger.info("%s is ready for whole functions", row.name)
        except (ModelError, EngineError) as error:
            logger.warning("%s cannot write whole functions: %s", row.name, error)

    async def close(self) -> None:
        """End its engine."""
        if self._engine is not None:
            await self._engine.close()
