"""A model that is kept from being swapped out, and what is said where the system does not allow it."""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lsp_server.core.generation import Limits
from lsp_server.engines import locked
from lsp_server.engines.base import notices_of
from lsp_server.engines.specs import LlamaSpec
from tests.engines.conftest import asked, pieces

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux locks what a process has")


def locked_kilobytes(process: int) -> int:
    return int(re.search(r"VmLck:\s*(\d+) kB", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))[1])


@pytest.mark.model
@pytest.mark.parametrize("wished", [False, True])
async def test_the_process_of_a_model_is_locked_where_that_is_wished(smol_model, open_engine, wished):
    engine = open_engine(LlamaSpec(str(smol_model), context_tokens=512, lock_memory=wished))
    await engine.start()
    await pieces(engine, asked("def add(a, b):\n    return"), Limits(4))
    refused = [notice for notice in notices_of(engine.facts) if "lockMemory" in notice]
    if wished and refused:
        pytest.skip(f"not allowed to this user: {refused[0]}")
    assert (locked_kilobytes(engine.process_id) > smol_model.stat().st_size / 1024) is wished


def test_a_refusal_names_the_limit_and_what_to_do(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace(mlockall=lambda _: -1))
    assert re.search(r"may lock [\d,]+ MB here; raise `memlock`.*or set `lockMemory` to false", locked.lock())


def test_other_systems_say_that_it_has_no_effect(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "no effect" in locked.lock()
