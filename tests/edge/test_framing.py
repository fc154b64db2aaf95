from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edge.framing import LONGEST_BODY, Frames, Unreadable, framed


def read(*chunks: bytes) -> list[bytes | Unreadable]:
    frames = Frames()
    return [frame for chunk in chunks for frame in frames.feed(chunk)]


def bodies(*chunks: bytes) -> list[bytes]:
    return [frame for frame in read(*chunks) if isinstance(frame, bytes)]


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.lists(st.integers(1, 400), max_size=8))
def test_messages_come_out_whole_however_the_bytes_are_cut(messages: list[bytes], cuts: list[int]) -> None:
    data = b"".join(map(framed, messages))
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    chunks = [data[start:end] for start, end in pairwise(edges)]
    assert read(*chunks) == messages


def test_other_headers_any_case_and_bare_line_feeds_are_understood() -> None:
    data = (
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:2\r\n\r\n{}content-length: 2 \n\n[]"
    )
    assert read(data) == [b"{}", b"[]"]


def test_the_next_message_is_found_after_a_header_without_length() -> None:
    found = read(b"Hello: world\r\n\r\n" + framed(b"{}"))
    assert isinstance(found[0], Unreadable)
    assert found[1:] == [b"{}"]


def test_the_next_message_is_found_after_a_length_that_is_too_short() -> None:
    assert bodies(b'Content-Length: 2\r\n\r\n{"a": 1}' + framed(b"{}"))[-1] == b"{}"


def test_a_message_beyond_the_limit_is_skipped_without_being_kept() -> None:
    frames = Frames()
    (refused,) = frames.feed(b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY + 1))
    assert isinstance(refused, Unreadable)
    block = b"\n" * (1 << 20)
    for _ in range(LONGEST_BODY >> 20):
        assert list(frames.feed(block)) == []
    assert list(frames.feed(b"\n" + framed(b"{}"))) == [b"{}"]


def test_bytes_that_never_form_a_header_are_reported_and_not_kept() -> None:
    frames = Frames()
    found = [frame for _ in range(100) for frame in frames.feed(b"z" * 1000)]
    assert found
    assert all(isinstance(frame, Unreadable) for frame in found)
    assert list(frames.feed(b"\r\n\r\n" + framed(b"{}")))[-1] == b"{}"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader_or_hide_the_next_message(rubbish: bytes) -> None:
    frames = Frames()
    list(frames.feed(rubbish.replace(b"ength", b"")))
    assert list(frames.feed(b"\r\n\r\n" + framed(b"{}")))[-1] == b"{}"
