"""Values survive the way to the engine's process and back."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.generation import Branch, Limits, Piece, Prompt
from lsp_server.engines import wire

anything = st.text(st.characters(), max_size=20)  # lone surrogates too: editors send them
plain = {str: anything}


def sent(message: wire.Message) -> wire.Message:
    found = wire.read(BytesIO(wire.frame(message)))
    assert found is not None
    return found


@given(st.from_type(Prompt), st.from_type(Limits).filter(lambda limits: limits.seconds == limits.seconds))
def test_arguments(prompt, limits):
    found = wire.arguments(sent({"prompt": asdict(prompt), "limits": asdict(limits), "width": 3}))
    assert found == {"prompt": prompt, "limits": limits, "width": 3}


@given(st.builds(Piece, text=st.text(st.characters(exclude_categories=[])), tokens=st.integers()))
def test_pieces(piece):
    assert wire.piece(sent(asdict(piece))) == piece


def test_branches():
    assert wire.branches([sent(asdict(Branch("é\ud800", -1.5, 2)))]) == [Branch("é\ud800", -1.5, 2)]


@given(st.integers(0, 11))
def test_a_frame_cut_short_is_the_end_of_the_conversation(length):
    assert wire.read(BytesIO(wire.frame({"a": 1})[:length])) is None or length == 11
