"""Templates of prompts, as rows of `models.json` have them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.formats import SLOTS, Format
from lsp_server.core.generation import Segment
from lsp_server.models import registry

FORMATS = [
    pytest.param(layout, id=f"{row.name}-{name}") for row in registry.load() for name, layout in row.formats.items()
]
_VALUES = st.fixed_dictionaries(dict.fromkeys(SLOTS, st.text("ab<|{}>_prefix", max_size=12)))


def test_what_stands_between_slots_is_control_text_and_what_fills_them_never_is():
    assert Format("<a>{prefix}<b>{suffix}<c>").filled({"prefix": "x", "suffix": "<c>"}) == (
        Segment("<a>", special=True),
        Segment("x"),
        Segment("<b>", special=True),
        Segment("<c>"),
        Segment("<c>", special=True),
    )


def test_empty_parts_are_left_out():
    assert Format("{declarations}{head}").filled({"declarations": "", "head": "x"}) == (Segment("x"),)


def test_what_fills_a_slot_is_not_searched_for_slots():
    assert Format("{prefix}{suffix}").filled({"prefix": "{suffix}", "suffix": "x"})[0] == Segment("{suffix}")


def test_slots_are_named_in_order():
    assert Format("<|im_start|>{request}\n{answer}").slots() == ("request", "answer")


@pytest.mark.parametrize("layout", FORMATS)
def test_every_slot_of_every_format_is_a_known_one_and_occurs_once(layout: Format):
    slots = layout.slots()
    assert set(slots) <= SLOTS
    assert len(set(slots)) == len(slots) > 0


@pytest.mark.parametrize("layout", FORMATS)
def test_a_chat_ends_with_the_answer_begun_and_has_texts_for_its_slots(layout: Format):
    named = {"system", "request", "answer"} & set(layout.slots())
    assert not named or layout.template.endswith("{answer}")
    assert all(bool(getattr(layout, slot)) == (slot in named) for slot in ("system", "request", "answer"))


@pytest.mark.parametrize("layout", FORMATS)
def test_texts_name_only_what_is_filled_in(layout: Format):
    names = re.findall(r"\{(\w+)\}", layout.system + layout.request + layout.answer)
    assert set(names) <= {"language", "code", "head", "suffix", "comment"}


@given(st.sampled_from([format_.values[0] for format_ in FORMATS]), _VALUES)
def test_a_filled_template_is_its_text_with_the_values_in_place(layout: Format, values: dict[str, str]):
    text = "".join(segment.text for segment in layout.filled(values))
    assert text == re.sub(r"\{(\w+)\}", lambda slot: values[slot[1]], layout.template)
