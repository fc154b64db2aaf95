"""llama.vim's policy: what is sent, what is remembered, what is shown, and in which order."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lsp_server.core.document import Document
from tests.benchmarks.typing.screen import ENGINE, MEMORY, Place, Screen
from tests.benchmarks.typing.vim_client import VimClient
from tests.benchmarks.typing.vim_context import Buffer, hint, local, local_after
from tests.benchmarks.typing.vim_memory import MAX_CACHE_KEYS, RING_N_CHUNKS, Answers, Ring, similarity


def buffer(marked: str) -> Buffer:
    return Buffer.of(marked.replace("^", ""), marked.index("^"))


def numbered(count: int, word: str = "line") -> list[str]:
    return [f"{word} {number}" for number in range(count)]


# What is sent


def test_the_window_is_256_lines_above_and_64_below():
    lines = numbered(1000)
    found = local(Buffer(lines, 3, 500))
    assert found.prefix == "\n".join(lines[244:500]) + "\n"
    assert found.middle == "lin"
    assert found.suffix == "e 500\n" + "\n".join(lines[501:565]) + "\n"


def test_a_line_of_white_space_is_left_to_the_model_from_its_beginning_with_no_least_indentation():
    found = local(buffer("a:\n    ^\nb\n"))
    assert (found.prefix, found.middle, found.suffix, found.indent) == ("a:\n", "", "\nb\n\n", 0)
    assert local(buffer("a:\n    b^\n")).indent == 4


def test_what_follows_a_suggestion_is_asked_as_if_it_were_accepted():
    one = local_after(buffer("if x:\n    ret^\n"), ["urn 1"], 4)
    assert (one.prefix, one.middle) == ("if x:\n", "    return 1")
    more = local_after(buffer("if x:\n    y =^\n"), [" 1", "    z = 2", "    retu"], 4)
    assert (more.prefix, more.middle) == ("if x:\n    y = 1\n    z = 2\n", "    retu")


# What is remembered


def test_an_answer_is_found_again_by_what_was_typed_of_it():
    answers = Answers()
    answers.keep(local(buffer("x = ^\ny")), "first + second")
    assert answers.at(local(buffer("x = ^\ny"))) == "first + second"
    assert answers.at(local(buffer("x = first ^\ny"))) == "+ second"
    assert answers.at(local(buffer("x = fa^\ny"))) is None
    assert answers.at(local(buffer("x = first ^\nz"))) is None


def test_typing_through_reaches_128_characters_back():
    answers = Answers()
    answers.keep(local(buffer("^\ny")), "a" * 200)
    assert answers.at(local(buffer("a" * 128 + "^\ny"))) == "a" * 72
    assert answers.at(local(buffer("a" * 129 + "^\ny"))) is None


def test_what_is_known_for_a_window_is_known_for_one_that_begins_three_lines_later():
    answers = Answers()
    answers.keep(local(buffer("1\n2\n3\n4\n5 ^")), "!")
    assert answers.known(local(buffer("4\n5 ^")))
    assert not answers.known(local(buffer("5 ^")))


def test_the_answer_not_used_for_longest_is_forgotten():
    answers = Answers()
    for number in range(MAX_CACHE_KEYS + 1):
        answers.keep(local(buffer(f"^{number}")), "x")
        answers.exact(local(buffer("^0")).key)
    assert answers.exact(local(buffer("^0")).key) == "x"
    assert answers.exact(local(buffer("^1")).key) is None


def test_chunks_wait_until_they_are_taken_up_and_the_oldest_goes():
    ring = Ring(random.Random(1))
    for number in range(20):
        ring.pick(numbered(5, f"w{number}"), evict=False)
        assert ring.update()
    assert not ring.update()
    assert len(ring.chunks) == RING_N_CHUNKS
    assert ring.chunks[-1][0] == "w19 0"


def test_of_many_lines_33_are_picked_and_of_two_none():
    ring = Ring(random.Random(1))
    ring.pick(numbered(2), evict=False)
    ring.pick(numbered(500), evict=False)
    assert [len(chunk) for chunk in ring.queued] == [33]


def test_chunks_like_the_text_around_the_cursor_are_not_sent():
    ring = Ring(random.Random(1))
    ring.pick(numbered(10), evict=False)
    ring.pick([f"other{number} text{number} here{number}" for number in range(10)], evict=False)
    ring.update(), ring.update()
    ring.make_room(numbered(10))
    assert [chunk[0] for chunk in ring.chunks] == ["other0 text0 here0"]


def test_a_chunk_much_like_another_is_evicted_or_left_out():
    ring = Ring(random.Random(1))
    ring.pick(numbered(10), evict=False)
    ring.pick(numbered(11), evict=False)
    assert [len(chunk) for chunk in ring.queued] == [10]
    ring.pick(numbered(11), evict=True)
    assert [len(chunk) for chunk in ring.queued] == [11]


def test_similarity_is_the_share_of_common_words():
    assert similarity(["a b"], ["b c"]) == 0.5
    assert similarity(["a b"], ["a b"]) == 1.0


# What is shown


@pytest.mark.parametrize(
    ("marked", "answer", "accepted"),
    [
        ("x = ^\n", "1\n\n", "x = 1"),
        ("f(^)\n", "x", "f(x)"),
        ("if x:\n    ^\n", "    return", "    return"),
        ("if x:\n    ^\n", "  return", "  return"),
        ("x = ^\ny = 2\n", "1\ny = 2", "x = 1\ny = 2"),
        ("a^\nab\nxx", "b\ncd", "ab\ncd"),
    ],
)
def test_an_answer_is_shown_from_the_cursor_on_and_its_indentation_counts(marked, answer, accepted):
    found = hint(answer, buffer(marked))
    assert (found.text, found.acceptable) == (accepted, True)


@pytest.mark.parametrize(
    ("marked", "answer"),
    [
        ("y =^\ny = 2\n", " 2"),
        ("a^\n\nab\ncd\nef", "b\ncd\nef"),
        ("a^\nab\ncdx", "b\ncd"),
        ("a ^\nb\nc", "\nb\nc"),
        ("f(^)\n", ")"),
    ],
)
def test_of_an_answer_that_only_repeats_what_follows_nothing_is_left(marked, answer):
    assert hint(answer, buffer(marked)).text == buffer(marked).line


def test_white_space_alone_is_not_shown():
    assert not hint(" \n", buffer("a^\n")).acceptable


# In which order

FUNCTION = "def area(width, height):\n    if width < 0:\n        return None\n    return width * height\n"
AFTER = "\n\nprint(area(1, 2))\n"


@pytest.fixture
def infill() -> Iterator[tuple[str, list[dict]]]:
    """A server that knows what comes, at most two lines of it; and what it was asked."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(request)
            before = request["input_prefix"] + request["prompt"]
            rest = FUNCTION[len(before.lstrip("\n")) :] if FUNCTION.startswith(before.lstrip("\n")) else ""
            content = "\n".join(rest.split("\n")[:2]) if request["n_predict"] else ""
            told = {"content": content, "tokens_evaluated": 20, "timings/prompt_n": 5, "timings/predicted_n": 3}
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def opened(typed: int) -> Screen:
    text = FUNCTION[:typed] + AFTER
    return Screen(Place(Document("file:///area.py", "python", text), typed))


def type_on(screen: Screen, client: VimClient, text: str) -> None:
    screen.move(screen.place.inserted(text))
    client.typed()


async def test_the_first_answer_is_shown_and_what_follows_it_is_asked_ahead(infill):
    url, asked = infill
    client, screen = VimClient(url, 1), opened(10)
    await client.open(screen)
    type_on(screen, client, FUNCTION[10])
    await until(lambda: screen.shown)
    assert screen.shown.source == ENGINE
    assert screen.shown.beginning == "\n".join(FUNCTION.split("\n")[:2])
    await until(lambda: len(asked) >= 2)
    await client.close()
    first, ahead = asked[:2]
    assert (first["prompt"], first["t_max_predict_ms"], first["n_predict"]) == (FUNCTION[:11], 250, 128)
    assert (ahead["prompt"], ahead["t_max_predict_ms"]) == ("    if width < 0:", 1000)
    assert client.account.prompt_tokens - client.account.cached_tokens == 5 * client.account.answers


async def test_what_is_typed_of_a_suggestion_leaves_the_rest_on_the_screen_at_once(infill):
    url, _ = infill
    client, screen = VimClient(url, 1), opened(10)
    await client.open(screen)
    type_on(screen, client, FUNCTION[10])
    await until(lambda: screen.shown)
    beginning = screen.shown.beginning
    type_on(screen, client, FUNCTION[11])
    assert screen.shown is not None
    assert (screen.shown.beginning, screen.shown.source) == (beginning, MEMORY)
    await client.close()


async def test_one_request_is_under_way_and_the_next_comes_later(infill):
    url, asked = infill
    client, screen = VimClient(url, 1), opened(4)
    await client.open(screen)
    for letter in "xyz":
        type_on(screen, client, letter)
    await until(lambda: len(asked) >= 2)
    await client.close()
    assert [request["prompt"] for request in asked[:2]] == ["def x", "def xyz"]


async def test_chunks_are_read_ahead_by_the_server_while_nobody_types(infill):
    url, asked = infill
    client = VimClient(url, 1)
    await client.open(opened(40))
    await until(lambda: asked)
    await client.close()
    assert (asked[0]["n_predict"], len(asked[0]["input_extra"])) == (0, 1)
