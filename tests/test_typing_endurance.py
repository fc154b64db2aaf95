"""A server in use for a long time: what is counted, what must not be, and the sessions with a scripted engine."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import psutil
import pytest
from lsprotocol import types

from lsp_server.cli.driver import Editor
from tests.benchmarks.typing import endurance
from tests.benchmarks.typing.endurance import ENGINE, SERVER, Endurance, Family, LastingClient, Run, table
from tests.benchmarks.typing.growth import Sample, growth
from tests.benchmarks.typing.ledger import CANCELLED, ERROR, RESULT, Ledger
from tests.benchmarks.typing.material import Task
from tests.benchmarks.typing.replay import Replay
from tests.test_typing_replay import scripted

FUNCTION = "def area(width, height):\n    if width < 0:\n        return None\n    return width * height"
CANCEL = types.LSPErrorCodes.RequestCancelled.value


def task(number: int) -> Task:
    return Task(f"area.py:{number}", "python", f"import math  # {number}\n\n\n", FUNCTION, "\n\n\nprint(area(1, 2))\n")


def sample(at: float, held: float, process: str = ENGINE) -> Sample:
    return Sample(at, [{"process": process, **dict.fromkeys(endurance.MEASURES, held)}])


# Memory


def test_growth_is_from_the_tenth_after_the_warm_up_to_the_last_tenth():
    held = [*[10.0] * 4, *[100.0, 300.0, 100.0, 100.0], *[500.0] * 28, *[110.0, 900.0, 110.0, 110.0]]
    found = growth([sample(at + 1, each) for at, each in enumerate(held)], ENGINE, "rss")
    assert found is not None
    assert (found.before, found.after, found.share) == (100, 110, pytest.approx(0.1))


def test_the_warm_up_has_three_sessions_even_where_these_take_longer():
    found = growth([sample(10.0 * at, held) for at, held in enumerate((1, 1, 1, 50, 60))], ENGINE, "rss")
    assert found is not None
    assert (found.before, found.after) == (50, 60)


def test_too_few_sessions_are_not_compared():
    assert growth([sample(at, 1) for at in range(4)], ENGINE, "rss") is None


def test_a_program_that_runs_twice_holds_what_both_hold():
    assert (
        Sample(0, [*sample(0, 3).memory, *sample(0, 4).memory, *sample(0, 5, SERVER).memory]).held(ENGINE, "rss") == 7
    )


# Requests


class Protocol:
    """Stands in for that of pygls."""

    def __init__(self) -> None:
        self.sent: list[tuple] = []
        self.handled: list[tuple] = []

    def send_request(self, method, params=None, callback=None, msg_id=None) -> Future:
        self.sent.append((method, params, msg_id))
        return Future()

    def _handle_response(self, msg_id, result=None, error=None) -> None:
        self.handled.append((msg_id, result, error))


def test_every_answer_is_one_whether_it_is_a_result_or_an_error():
    ledger, protocol = Ledger(), Protocol()
    ledger.follow(protocol)
    for number in "abcd":
        protocol.send_request("ask", {}, None, number)
    protocol._handle_response("a", [])
    protocol._handle_response("b", None, SimpleNamespace(code=CANCEL))
    protocol._handle_response("c", None, SimpleNamespace(code=types.ErrorCodes.InternalError.value))
    assert dict(ledger.outcomes) == {RESULT: 1, CANCELLED: 1, ERROR: 1}
    assert (ledger.requests, ledger.unanswered, ledger.superfluous) == (4, {"ask": 1}, 0)
    assert [sent[2] for sent in protocol.sent] == [*"abcd"]
    assert [handled[0] for handled in protocol.handled] == [*"abc"]


def test_a_request_without_a_number_gets_one_that_is_known():
    ledger, protocol = Ledger(), Protocol()
    ledger.follow(protocol)
    protocol.send_request("ask")
    assert ledger.unanswered == {"ask": 1}
    protocol._handle_response(protocol.sent[0][2], None)
    assert ledger.unanswered == {}


def test_a_second_answer_and_one_to_nothing_are_too_many():
    ledger = Ledger()
    ledger.asked(1, "ask")
    for number in (1, 1, 2):
        ledger.answered(number)
    assert ledger.superfluous == 2


async def test_answers_are_waited_for_but_not_for_ever():
    ledger = Ledger()
    ledger.asked(1, "ask")
    await ledger.settled(0.2)
    assert ledger.unanswered
    asyncio.get_running_loop().call_later(0.1, ledger.answered, 1)
    await ledger.settled(60)
    assert not ledger.unanswered


# Processes


PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
print("on", flush=True)
input()
"""


async def test_a_process_that_outlives_the_one_that_started_it_is_found():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        family = Family(parent.pid)
        watching = asyncio.ensure_future(family.watch())
        await asyncio.sleep(0.2)
        watching.cancel()
        parent.communicate(b"\n")
    left = await family.left(0.2)
    assert (family.seen, len(left)) == (2, 1)
    psutil.Process(left[0]).kill()
    assert await family.left(10) == []


# What must not be


def good() -> Run:
    samples = [
        replace(sample(at, 100), memory=[*sample(at, 100).memory, *sample(at, 50, SERVER).memory]) for at in range(9)
    ]
    requests = {"requests": 9, "methods": {}, "outcomes": {RESULT: 9}, "unanswered": {}, "superfluous": 0}
    return Run(samples, [7] * 9, requests=requests)


def test_a_run_in_which_all_is_well_has_no_faults_and_a_table():
    assert good().faults == []
    assert f"| {ENGINE}, resident | 0.0 | 0.0 | 0.0 |" in table(good())
    assert "| answered with a result | 9 |" in table(good())


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"samples": [*good().samples[:-1], sample(9, 106)]}, f"{ENGINE} grew by 6.0% (resident)"),
        ({"samples": good().samples[:4]}, "too few sessions to compare memory: let it run longer"),
        ({"samples": []}, "too few sessions to compare memory: let it run longer"),
        ({"requests": {**good().requests, "requests": 0}}, "nothing was asked"),
        ({"requests": {**good().requests, "unanswered": {"a": 1, "b": 2}}}, "3 requests were not answered"),
        ({"requests": {**good().requests, "superfluous": 2}}, "2 answers too many"),
        ({"engines": [7, 7, None, 8]}, "the engine crashed 2 times"),
        ({"orphans": [77]}, "1 processes are left"),
    ],
)
def test_whatever_must_not_be_is_said(changed: dict, fault: str):
    assert fault in replace(good(), **changed).faults


def test_growth_below_the_limit_or_of_what_others_share_is_no_fault():
    rows = [{"process": ENGINE, "rss": 104, "own": 104, "uss": 150, "pss": 150}, *good().samples[0].memory[1:]]
    assert replace(good(), samples=[*good().samples[:-1], Sample(9, rows)]).faults == []


# Sessions


async def lasted(server: Editor, seconds: float, run: Run, monkeypatch) -> Ledger:
    """Functions typed very fast for so many seconds."""

    async def functions(seed: int) -> AsyncIterator[tuple[Task, int]]:
        for number in count():
            yield task(number % 7), seed

    monkeypatch.setattr(endurance, "functions", functions)
    options = argparse.Namespace(seed=1, speed=1000.0, minutes=seconds / 60, editor="vscode", json=None)
    ledger = Ledger()
    ledger.follow(server._client.protocol)
    await Endurance(server, options, run, ledger).last()
    return ledger


async def test_functions_are_typed_until_the_time_is_over_and_everything_is_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(endurance, "_CANCELLED_SECONDS", (0.0, 0.0))
    async with scripted(tmp_path, pieces=["x"]) as server:
        run = Run()
        ledger = await lasted(server, 5, run, monkeypatch)
        assert (await server.status())["documents"] == 0
    assert len(run.samples) == len(run.engines) > 2 * endurance._COMMANDED
    assert [name for name, _, _ in run.commands[:10]] == 2 * [name for name, _ in endurance.COMMANDS]
    assert len(run.commands) == 10 + len(run.samples) // endurance._COMMANDED
    assert {answer for _, answer, _ in run.commands} <= {RESULT, CANCELLED}
    assert run.crashes == 0
    assert ledger.methods["workspace/executeCommand"] == len(run.commands)
    assert not ledger.unanswered
    assert not ledger.superfluous


async def test_a_session_that_fails_is_told_of_and_the_next_function_is_typed(tmp_path, monkeypatch):
    async def close(self: LastingClient) -> None:
        raise RuntimeError("the engine crashed")

    monkeypatch.setattr(LastingClient, "close", close)
    run = Run()
    async with scripted(tmp_path) as server:
        await lasted(server, 1, run, monkeypatch)
    assert len(run.failures) == len(run.samples) > 1
    assert run.failures[0] == "area.py:0: the engine crashed"


async def test_a_command_that_gets_no_answer_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(endurance, "_GRACE_SECONDS", 0.2)
    async with scripted(tmp_path) as server:
        client = LastingClient(server, 0)
        await client.open(Replay(task(1), client, 1, 1000.0)._screen)
        monkeypatch.setattr(server._client.protocol, "_send_data", lambda data: None)
        assert await client.command("review", 0, 0.1) == "nothing"
        monkeypatch.undo()
