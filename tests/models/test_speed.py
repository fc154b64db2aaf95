from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.models import registry, speed
from lsp_server.models.hardware import Machine
from lsp_server.models.speed import Measured

MACHINE = Machine("some processor", 4, 16 << 30, 8 << 30)
SMALL, LARGE = registry.find("default"), registry.find("qwen2.5-coder-1.5b")
OF_SMALL = Measured("llama", SMALL.bytes, SMALL.parameters, 300, 60)
OF_LARGE = Measured("llama", LARGE.bytes, LARGE.parameters, 150, 40)


def test_what_was_measured_is_kept_beside_what_was_before(home: Path):
    assert speed.known(MACHINE) == {}
    speed.remember(MACHINE, SMALL.name, OF_SMALL)
    speed.remember(MACHINE, LARGE.name, OF_LARGE)
    assert speed.known(MACHINE) == {SMALL.name: OF_SMALL, LARGE.name: OF_LARGE}


def test_it_holds_for_this_machine_and_these_libraries_only(home: Path, monkeypatch: pytest.MonkeyPatch):
    speed.remember(MACHINE, SMALL.name, OF_SMALL)
    assert speed.known(replace(MACHINE, cores=2)) == {}
    monkeypatch.setattr(speed.metadata, "version", lambda _: "99")
    assert speed.known(MACHINE) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"fingerprint": 1, "measured": {}}', "\0"])
def test_a_broken_file_is_measured_again(home: Path, text: str):
    home.mkdir()
    speed.location().write_text(text)
    assert speed.known(MACHINE) == {}


def test_a_folder_that_cannot_be_written_costs_no_more_than_the_measurement(home: Path):
    home.write_text("a file where the folder should be")
    speed.remember(MACHINE, SMALL.name, OF_SMALL)
    assert speed.known(MACHINE) == {}


def test_a_measured_model_has_its_own_speed():
    found = speed.expected(SMALL, SMALL.bytes, {SMALL.name: OF_SMALL, LARGE.name: OF_LARGE})
    assert found == speed.Speed(300, 60, measured=True)
    assert found.seconds(300, 60) == 2


def test_a_file_that_changed_was_not_measured():
    found = speed.expected(SMALL, SMALL.bytes + 1, {SMALL.name: OF_SMALL})
    assert found is not None
    assert not found.measured


def test_nothing_is_expected_of_an_engine_that_was_never_measured():
    assert speed.expected(SMALL, SMALL.bytes, {}) is None
    assert speed.expected(replace(SMALL, engine="transformers"), SMALL.bytes, {LARGE.name: OF_LARGE}) is None


def test_two_measurements_tell_what_is_the_same_for_all_sizes():
    twice = replace(LARGE, name="other", parameters=2 * LARGE.parameters)
    found = speed.expected(twice, 2 * LARGE.bytes, {SMALL.name: OF_SMALL, LARGE.name: OF_LARGE})
    assert found is not None
    # In proportion it would be 20; a part of the time does not grow with the size.
    assert 20 < found.generation < 40


@given(
    st.floats(0.05, 100),
    st.floats(0.05, 100),
    st.lists(st.tuples(st.floats(0.1, 40), st.floats(1, 500)), min_size=1, max_size=4),
)
def test_a_larger_model_is_never_expected_to_be_faster(first: float, second: float, points: list[tuple[float, float]]):
    measured = {
        str(index): Measured("llama", int(size * 1e9), size, tokens, tokens / 5)
        for index, (size, tokens) in enumerate(points)
    }
    smaller, larger = (
        speed.expected(replace(SMALL, name="unmeasured", parameters=size), int(size * 1e9), measured)
        for size in sorted((first, second))
    )
    assert smaller is not None
    assert larger is not None
    assert larger.generation <= smaller.generation * 1.000001
    assert larger.prompt <= smaller.prompt * 1.000001
    assert larger.prompt > 0
