"""A cluster under load: replicas that die, queues that are full, strangers, and the end of service."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from lsp_server.core.generation import Limits, Prompt, Segment
from lsp_server.engines.base import EngineBusy, EngineCrashed, EngineError
from tests.cluster.conftest import KEY, running, scripted
from tests.engines.conftest import asked, pieces, text_of

WORDS = "".join(f"{number} " for number in range(40))


@pytest.fixture(scope="module")
def team():
    """Two replicas on two nodes."""
    with running(scripted()) as cluster:
        yield cluster


def of(origin: str, text: str = "Words") -> Prompt:
    return Prompt((Segment(text),), (), origin)


@dataclass
class Client:
    """Somebody who asks again and again, and what came of it: a text, or an error."""

    engine: object
    name: str
    outcomes: list[str | EngineError] = field(default_factory=list)
    writing: bool = False

    async def ask(self, times: int) -> None:
        for _ in range(times):
            self.outcomes.append(await self._once())

    async def _once(self) -> str | EngineError:
        heard = []
        try:
            async for piece in self.engine.stream(of(self.name), Limits(100)):
                heard.append(piece.text)
                self.writing = bool(piece.text) or self.writing
        except EngineError as error:
            return error
        return "".join(heard)


async def test_a_replica_killed_while_eight_clients_stream_costs_whole_answers_and_only_those_it_was_writing(team, ask):
    clients = [Client(ask(team.url), f"file:///{number}.py") for number in range(8)]
    work = asyncio.gather(*(client.ask(4) for client in clients))
    while sum(client.writing for client in clients) < 2:
        await asyncio.sleep(0.01)
    before = team.replicas("scripted")
    before[0].kill()
    await asyncio.wait_for(work, 120)
    wrong = [text for client in clients for text in client.outcomes if isinstance(text, str) and text != WORDS]
    failed = [error for client in clients for error in client.outcomes if isinstance(error, EngineError)]
    assert not wrong
    assert len(before) == 2
    assert len(failed) <= 2, "a replica has no more than two requests"
    for client in clients:
        pairs = zip(client.outcomes, client.outcomes[1:], strict=False)
        assert all(after == WORDS for first, after in pairs if isinstance(first, EngineError))
    assert text_of(await pieces(clients[0].engine, of("x"), Limits(100))) == WORDS


async def test_a_replica_that_died_is_replaced(team, ask):
    while len(team.replicas("scripted")) < 2:
        await asyncio.sleep(0.1)
    assert text_of(await pieces(ask(team.url), of("x"), Limits(100))) == WORDS


async def test_requests_for_one_document_reach_the_replica_that_knows_its_prompt(team, ask):
    engine = ask(team.url)
    for number in range(8):
        origin = f"file:///{number}.py"
        first = (await pieces(engine, of(origin, f"{number}: some prompt")))[-1].usage
        second = (await pieces(engine, of(origin, f"{number}: some prompt and more")))[-1].usage
        assert second.reused_tokens >= first.prompt_tokens - 1


async def test_more_requests_than_may_wait_are_refused_as_busy(team, ask):
    engine = ask(team.url)
    await engine.start()
    found = await asyncio.gather(
        *(pieces(engine, of(str(number)), Limits(100)) for number in range(30)), return_exceptions=True
    )
    busy = [one for one in found if isinstance(one, EngineBusy)]
    whole = [one for one in found if isinstance(one, list)]
    assert len(busy) + len(whole) == 30
    assert busy
    # Sixteen may wait. How many of the four that two replicas have are there already when the rest comes is chance: a
    # request waits until it has reached its replica.
    assert len(whole) >= 16
    assert {text_of(one) for one in whole} == {WORDS}


@pytest.mark.parametrize("path", ["models", "completions"])
@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", KEY])
def test_without_the_key_nobody_is_answered(team, path, key):
    headers = {} if key is None else {"Authorization": key}
    body = b'{"model": "scripted", "prompt": "x"}' if path == "completions" else None
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{team.url}/{path}", body, headers), timeout=30)
    assert refused.value.code == 401
    assert KEY not in refused.value.read().decode()


def test_anybody_may_ask_whether_it_is_there(team):
    with urlopen(team.url.removesuffix("v1") + "health", timeout=30) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"noise", 400),
        (b'{"model": "scripted"}', 400),
        (b'{"model": "scripted", "prompt": 5}', 400),
        (b'{"model": "scripted", "prompt": "SECRET", "n": 99}', 400),
        (b'{"model": "scripted", "prompt": "SECRET", "echo": true}', 400),
        (b'{"model": "unheard-of", "prompt": "SECRET"}', 404),
    ],
)
def test_a_question_that_is_none_is_refused_and_not_repeated(team, body, status):
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{team.url}/completions", body, {"Authorization": f"Bearer {KEY}"}), timeout=30)
    assert refused.value.code == status
    assert "SECRET" not in refused.value.read().decode()


async def test_an_engine_that_is_killed_is_started_again_by_its_replica(team, ask):
    engine = ask(team.url)
    stream = engine.stream(of("x"), Limits(100))
    assert [(await anext(stream)).text for _ in range(2)] == ["", "0 "]
    for process in team.engines():
        process.kill()
    with pytest.raises(EngineCrashed):
        [piece async for piece in stream]
    assert text_of(await pieces(engine, of("x"), Limits(100))) == WORDS


async def test_an_answer_in_one_piece_is_the_same(team):
    body = b'{"model": "scripted", "prompt": "Words", "max_tokens": 100, "temperature": 0.7, "user": "x"}'
    request = Request(f"{team.url}/completions", body, {"Authorization": f"Bearer {KEY}"})
    answer = await asyncio.to_thread(lambda: urlopen(request, timeout=60).read().decode())
    assert WORDS in answer


async def test_taking_the_application_away_lets_answers_come_to_their_end(team, ask):
    engine = ask(team.url)
    stream = engine.stream(of("x"), Limits(100))
    first = [(await anext(stream)).text, (await anext(stream)).text]
    gone = asyncio.to_thread(team.say, "drain", "drained")
    rest, drained = await asyncio.gather(_rest(stream), gone)
    assert "".join(first) + rest == WORDS
    assert drained
    with pytest.raises(EngineError):
        await pieces(ask(team.url), asked("x"))


async def _rest(stream) -> str:
    return "".join([piece.text async for piece in stream])
