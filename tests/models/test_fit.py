from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models import registry
from lsp_server.models.choice import Candidate, choose
from lsp_server.models.describe import Attention
from lsp_server.models.fit import Need, Place, need, place
from lsp_server.models.hardware import Gpu, Machine
from lsp_server.models.rows import Model
from lsp_server.models.speed import Speed

GIGABYTE = 10**9
ROWS = registry.shipped()
SMALL, LARGE, USELESS = (registry.find(name) for name in ("default", "qwen2.5-coder-1.5b", "smollm2-135m"))
FAST, SLOW, SLOWER = Speed(1000, 100, True), Speed(200, 30, True), Speed(20, 3, True)


def _machine(free: float, whole: float = 64, gpu: float = 0, shared: bool = False) -> Machine:
    gpus = (Gpu("some GPU", int(2 * gpu * GIGABYTE), int(gpu * GIGABYTE), "GGML_CUDA", shared),) if gpu else ()
    return Machine("some processor", 4, int(whole * GIGABYTE), int(free * GIGABYTE), gpus)


def test_the_need_is_that_of_the_files_when_they_are_here():
    found = need(SMALL, 9216, SMALL.bytes, Attention(24, 2, 64))
    assert (found.weights, found.cache, found.estimated) == (491_400_064, 9216 * 24 * 2 * 64 * 2 * 2, False)
    assert found.memory > found.weights + found.cache
    assert need(SMALL, 9216, SMALL.bytes, Attention(24, 2, 64), "q8_0").cache < 0.54 * found.cache


def test_a_context_that_the_model_cannot_have_needs_nothing():
    attention = Attention(12, 12, 64)
    short = replace(SMALL, context_tokens=1024)
    assert need(short, 100_000, 1, attention) == need(short, 2048, 1, attention)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_a_need_from_its_size_or_its_parameters(row: Model):
    found = need(row, 9216)
    assert found.estimated
    least, most = (row.parameters * 1e9 * bits / 8 for bits in (2, 40))
    assert least < found.weights < most
    assert found.memory < 10 * found.weights + GIGABYTE


@given(st.floats(0.1, 70), st.floats(0.1, 70), st.integers(0, 100_000))
def test_more_parameters_and_more_tokens_need_more(first: float, second: float, tokens: int):
    smaller, larger = sorted((first, second))
    row = replace(SMALL, files=(replace(SMALL.file, bytes=0, sha256=""),), context_tokens=1_000_000)
    needs = [need(replace(row, parameters=size), count) for size in (smaller, larger) for count in (tokens, 2 * tokens)]
    assert needs[0].memory <= needs[1].memory <= needs[3].memory
    assert needs[0].gpu <= needs[2].gpu <= needs[3].gpu


@pytest.mark.parametrize(
    ("machine", "usable", "where"),
    [
        (_machine(8), False, Place.MEMORY),
        (_machine(8, gpu=8), False, Place.MEMORY),
        (_machine(8, gpu=8), True, Place.GPU),
        (_machine(8, gpu=1), True, Place.SPLIT),
        (_machine(8, gpu=1, shared=True), True, Place.MEMORY),
        (_machine(1), False, Place.BUSY),
        (_machine(1, whole=2), False, Place.NOWHERE),
        (_machine(1, whole=2, gpu=8), True, Place.GPU),
    ],
)
def test_a_model_goes_where_there_is_room(machine: Machine, usable: bool, where: Place):
    assert place(Need(2 * GIGABYTE, GIGABYTE, GIGABYTE), machine, usable) is where


def _candidates(*speeds: Speed | None) -> list[Candidate]:
    rows = (SMALL, LARGE, USELESS)
    return [Candidate(row, need(row, 9216), speed) for row, speed in zip(rows, speeds, strict=False)]


@pytest.mark.parametrize(
    ("speeds", "free", "taken", "why"),
    [
        ((FAST, SLOW), 16, (SMALL, LARGE), "there is memory for both"),
        ((FAST, FAST), 16, (LARGE, None), "no better one is here"),
        ((FAST, SLOWER), 16, (SMALL, None), "no better one is known to take less than 15 s"),
        ((FAST, SLOW), 3.5, (SMALL, None), "no memory for a better one beside it"),
        ((SLOW, SLOW, FAST), 16, (SMALL, LARGE), "nothing made for code takes less than 1.5 s"),
        ((None, None), 16, (SMALL, None), "nothing was measured yet"),
        ((), 16, (None, None), "no model that is here fits"),
        ((FAST, FAST), 0.1, (None, None), "no model that is here fits"),
    ],
)
def test_the_choice_is_the_best_that_is_fast_enough_and_says_why(
    speeds: tuple[Speed | None, ...], free: float, taken: tuple[Model | None, Model | None], why: str
):
    choice = choose(_candidates(*speeds), _machine(free), gpu_usable=False)
    assert (choice.typing, choice.functions) == taken
    assert why in choice.why


@given(st.lists(st.sampled_from([FAST, SLOW, SLOWER, None]), max_size=3), st.floats(0.1, 32))
def test_what_is_taken_always_fits_together(speeds: list[Speed | None], free: float):
    candidates = _candidates(*speeds)
    choice = choose(candidates, _machine(free), gpu_usable=False)
    needed = {one.model.name: one.need.memory for one in candidates}
    assert sum(needed[row.name] for row in (choice.typing, choice.functions) if row) <= free * GIGABYTE
    assert choice.functions is None or choice.functions != choice.typing


def test_more_memory_never_takes_a_model_away():
    frees = (0.1, 1.2, 2, 3, 4, 6, 8, 16)
    choices = [choose(_candidates(FAST, SLOW), _machine(free), gpu_usable=False) for free in frees]
    counts = [sum(row is not None for row in (choice.typing, choice.functions)) for choice in choices]
    assert all(fewer <= more for fewer, more in pairwise(counts))
    assert (counts[0], counts[-1]) == (0, 2)
