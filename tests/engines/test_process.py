"""Supervision: crashes, hangs, starts that fail, and what is left when the server is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from dataclasses import replace

import psutil
import pytest

from lsp_server.core.generation import Limits
from lsp_server.engines.base import EngineCrashed, EngineError, ModelLoadError
from lsp_server.engines.child import obituary
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec, Script, ScriptedSpec
from tests.engines.conftest import SHORT, asked, pieces, text_of

SPEC = ScriptedSpec(
    (
        Script(("fine",), when="fine"),
        Script(("x",) * 5000, when="slow", piece_delay=0.002),
        Script(("one", "two"), when="crash", fault="crash", fault_at=1),
        Script(("one", "two"), when="hang", fault="hang", fault_at=1),
        Script(("one", "two"), when="error", fault="error", fault_at=1),
        Script(("late",), when="think", prompt_delay=3.0),
    )
)


@pytest.fixture
def engine(open_engine):
    return open_engine(SPEC)


async def works(engine: EngineProcess) -> bool:
    return text_of(await pieces(engine, asked("fine"))) == "fine"


async def test_states_follow_the_process(engine):
    assert (engine.state, engine.process_id) == ("off", None)
    starting = asyncio.ensure_future(engine.start())
    await asyncio.sleep(0)
    assert engine.state == "loading"
    await starting
    assert engine.state == "ready"
    assert psutil.pid_exists(engine.process_id)
    await engine.close()
    assert (engine.state, engine.process_id) == ("off", None)


async def rested(engine: EngineProcess) -> None:
    async with asyncio.timeout(10):
        while engine.state != "resting":
            await asyncio.sleep(0.01)


async def test_a_process_that_is_not_used_ends_and_the_next_request_finds_another(open_engine):
    engine = open_engine(SPEC, unused_seconds=0.3)
    await engine.start()
    first = engine.process_id
    await rested(engine)
    assert engine.process_id is None
    assert await works(engine)
    assert engine.process_id not in (None, first)
    await rested(engine)
    await engine.close()
    assert not psutil.pid_exists(first)
    assert engine.state == "off"


async def test_a_process_is_in_use_as_long_as_it_answers(open_engine):
    engine = open_engine(SPEC, unused_seconds=0.3)
    await engine.start()
    first = engine.process_id
    heard = await pieces(engine, asked("slow"), Limits(400))
    assert len(heard) > 300
    assert engine.process_id == first


async def test_a_crash_costs_one_answer(engine):
    with pytest.raises(EngineCrashed, match=r"SIGABRT.*started again"):
        await pieces(engine, asked("crash"))
    assert "SIGABRT" in engine.state
    assert await works(engine)


async def test_crashes_in_a_row_pause_longer_and_longer_and_a_success_forgives(engine):
    for _ in range(4):
        with pytest.raises(EngineCrashed):
            await pieces(engine, asked("crash"))
    assert engine._troubles._resume_at > time.monotonic()
    assert await works(engine)
    assert engine._troubles.last == ""


async def test_a_hang_is_noticed_and_ended(engine):
    with pytest.raises(EngineCrashed, match="no sign of life for 2 s"):
        await pieces(engine, asked("hang"))
    assert await works(engine)


async def test_an_engine_that_computes_for_long_is_not_taken_for_hung(engine):
    assert text_of(await pieces(engine, asked("think"))) == "late"


async def test_an_engine_that_does_not_stop_is_ended(open_engine):
    engine = open_engine(SPEC, replace(SHORT, cancel=0.2))
    async with aclosing(engine.stream(asked("hang"), Limits())) as stream:
        async for piece in stream:
            if piece.text:
                await asyncio.sleep(0.5)  # it hangs by now, and no longer hears a cancel
                break
    assert "did not stop" in engine.state
    assert await works(engine)


async def test_an_exception_in_the_engine_costs_one_answer_and_no_restart(engine):
    await engine.start()
    process = engine.process_id
    with pytest.raises(EngineError, match="RuntimeError: the script says so"):
        await pieces(engine, asked("error"))
    assert await works(engine)
    assert engine.process_id == process


async def test_requests_are_served_in_the_order_they_came(engine):
    order: list[int] = []

    async def ask(number: int) -> None:
        await pieces(engine, asked("fine"))
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_a_waiting_request_keeps_its_deadline(engine):
    await engine.start()
    running = asyncio.ensure_future(pieces(engine, asked("slow"), Limits(5000)))
    await asyncio.sleep(0)
    found = await pieces(engine, asked("fine"), Limits(5, 0.1))
    assert [piece.ended for piece in found] == ["deadline"]
    assert await engine.branches(asked("fine"), 2, Limits(5, 0.05)) == []
    running.cancel()
    await asyncio.wait([running])


async def test_a_start_outlives_those_who_gave_up_waiting_for_it(open_engine):
    engine = open_engine(replace(SPEC, open_delay=0.6))
    assert [piece.ended for piece in await pieces(engine, asked("fine"), Limits(5, 0.1))] == ["deadline"]
    assert engine.state == "loading"
    assert await works(engine)


async def test_a_start_that_takes_too_long_is_ended(open_engine):
    engine = open_engine(replace(SPEC, open_delay=60), replace(SHORT, start=0.5))
    with pytest.raises(EngineCrashed, match=r"not open after 0\.5 s"):
        await engine.start()


async def test_a_model_that_cannot_be_opened_says_why(open_engine):
    engine = open_engine(replace(SPEC, broken="no such thing"))
    for _ in range(3):
        with pytest.raises(ModelLoadError, match="no such thing"):
            await pieces(engine, asked("fine"))


async def test_a_missing_model_file_is_named(open_engine, tmp_path):
    with pytest.raises(ModelLoadError, match=r"gone\.gguf cannot be read: No such file"):
        await open_engine(LlamaSpec(str(tmp_path / "gone.gguf"))).start()


async def test_a_file_that_is_no_model_is_named(open_engine, tmp_path):
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(ModelLoadError, match=r"page\.gguf is not a GGUF file"):
        await open_engine(LlamaSpec(str(tmp_path / "page.gguf"))).start()


async def test_a_damaged_model_is_named(open_engine, tmp_path):
    (tmp_path / "half.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelLoadError, match=r"half\.gguf could not be loaded: \S+"):
        await open_engine(LlamaSpec(str(tmp_path / "half.gguf"))).start()


async def test_closing_in_the_middle_of_an_answer_leaves_nothing(engine):
    task = asyncio.ensure_future(pieces(engine, asked("slow"), Limits(5000)))
    await engine.start()
    process = engine.process_id
    await asyncio.sleep(0.1)
    await engine.close()
    with pytest.raises(EngineError, match="closed"):
        await task
    assert not psutil.pid_exists(process)
    with pytest.raises(EngineError, match="closed"):
        await engine.start()


async def test_closing_while_it_starts_leaves_nothing(open_engine):
    engine = open_engine(replace(SPEC, open_delay=60))
    task = asyncio.ensure_future(pieces(engine, asked("fine")))
    await asyncio.sleep(0.3)
    await engine.close()
    assert [type(found) for found in await asyncio.gather(task, return_exceptions=True)] == [EngineError]


async def test_a_file_in_the_working_directory_is_never_imported(engine, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('imported the user\\'s file')")
    monkeypatch.chdir(tmp_path)
    assert await works(engine)


PARENT = """
import asyncio, sys
from lsp_server.core.generation import Limits
from tests.engines.conftest import asked
from tests.engines.test_process import SPEC
from lsp_server.engines.process import EngineProcess

async def main():
    engine = EngineProcess(SPEC)
    async for piece in engine.stream(asked(sys.argv[1]), Limits(5000)):
        if piece.text:
            print(engine.process_id, flush=True)
            break
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("prompt", ["fine", "slow"])
def test_the_engine_dies_with_a_killed_server(prompt):
    with subprocess.Popen([sys.executable, "-c", PARENT, prompt], stdout=subprocess.PIPE, text=True) as parent:
        engine = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
        engine.wait(timeout=10)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1, "status 1"), (-signal.SIGSEGV, "crashed (SIGSEGV)"), (-signal.SIGKILL, "smaller model"), (-99, "signal 99")],
)
def test_every_way_to_die_has_a_reason(code, reason):
    assert reason in obituary(code)
