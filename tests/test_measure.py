from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec, Script, ScriptedSpec
from lsp_server.measure import measured

WORDS = tuple("word " for _ in range(40))


async def _of(spec: LlamaSpec | ScriptedSpec, seconds: float = 30.0) -> tuple[float, float] | None:
    engine = EngineProcess(spec)
    try:
        return await measured(engine, seconds)
    finally:
        await engine.close()


@pytest.mark.model
async def test_a_prompt_is_evaluated_faster_than_an_answer_is_written(smol_model: Path):
    # One measurement may be disturbed by what else the machine does.
    tries = [await _of(LlamaSpec(str(smol_model), 512)) for _ in range(3)]
    found = [one for one in tries if one is not None]
    assert len(found) == len(tries)
    assert all(written > 0 for _, written in found)
    assert any(evaluated > written for evaluated, written in found)


@pytest.mark.parametrize(
    ("script", "seconds"),
    [(Script(WORDS[:3]), 30.0), (Script(WORDS, prompt_delay=60.0), 0.2)],
    ids=["says too little", "takes too long"],
)
async def test_what_cannot_be_measured_has_no_speed(script: Script, seconds: float):
    assert await _of(ScriptedSpec((script,)), seconds) is None
