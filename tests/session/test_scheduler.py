from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lsp_server.session.scheduler import NotReady, Scheduler, Superseded, Ticket
from lsp_server.session.turns import Taken, Turns


class Engine:
    """Records what runs; a job ends when its name is released."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}

    def gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())

    def work(self, name: str) -> Callable[[], Awaitable[str]]:
        async def run() -> str:
            self.log.append(f"{name} begins")
            try:
                await self.gate(name).wait()
            except asyncio.CancelledError:
                # A model does not stop at once.
                await asyncio.sleep(0)
                self.log.append(f"{name} stopped")
                raise
            self.log.append(f"{name} ends")
            return name

        return run


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def ask(
    scheduler: Scheduler[str], engine: Engine, document: str, name: str, automatic: bool = True
) -> asyncio.Task[str]:
    return asyncio.ensure_future(scheduler.run(Ticket(document, name, automatic), engine.work(name)))


async def test_a_newer_request_answers_the_older_one_at_once_and_runs_when_the_model_is_free() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    older = ask(scheduler, engine, "d", "1")
    await settle()
    newer = ask(scheduler, engine, "d", "2")
    engine.gate("2").set()
    with pytest.raises(Superseded, match="newer request"):
        await older
    assert await newer == "2"
    assert engine.log == ["1 begins", "1 stopped", "2 begins", "2 ends"]


async def test_the_model_works_for_one_at_a_time() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    first, second = ask(scheduler, engine, "a", "1"), ask(scheduler, engine, "b", "2")
    await settle()
    assert (engine.log, scheduler.running, scheduler.waiting) == (["1 begins"], 1, 1)
    engine.gate("1").set()
    engine.gate("2").set()
    assert (await first, await second) == ("1", "2")
    await settle()
    assert (scheduler.running, scheduler.waiting) == (0, 0)


async def test_a_person_goes_before_what_is_automatic_and_not_the_other_way_round() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    automatic = ask(scheduler, engine, "a", "1")
    await settle()
    person = ask(scheduler, engine, "b", "2", automatic=False)
    with pytest.raises(Superseded, match="by key"):
        await automatic
    waiting = ask(scheduler, engine, "c", "3")
    await settle()
    assert not person.done()
    engine.gate("2").set()
    engine.gate("3").set()
    assert (await person, await waiting) == ("2", "3")


async def test_an_automatic_question_that_a_person_asks_too_is_the_persons() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    both = [ask(scheduler, engine, "a", "1", automatic) for automatic in (True, False)]
    await settle()
    elsewhere = ask(scheduler, engine, "b", "2", automatic=False)
    await settle()
    assert engine.log == ["1 begins"]
    for name in "12":
        engine.gate(name).set()
    assert [await one for one in (*both, elsewhere)] == ["1", "1", "2"]


async def test_the_job_stops_when_the_last_who_waits_leaves_and_not_before() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    both = [ask(scheduler, engine, "d", "1") for _ in range(2)]
    await settle()
    both[0].cancel()
    await settle()
    assert engine.log == ["1 begins"]
    both[1].cancel()
    await settle()
    assert engine.log == ["1 begins", "1 stopped"]


async def test_whoever_cannot_wait_finds_the_job_running_later() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    with pytest.raises(NotReady):
        await scheduler.run(Ticket("d", "1"), engine.work("1"), patience=0.001)
    later = ask(scheduler, engine, "d", "1")
    engine.gate("1").set()
    assert await later == "1"
    assert engine.log == ["1 begins", "1 ends"]


async def test_a_delayed_job_that_is_superseded_never_begins() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    delayed = asyncio.ensure_future(scheduler.run(Ticket("d", "1"), engine.work("1"), delay=60))
    await settle()
    newer = ask(scheduler, engine, "d", "2")
    engine.gate("2").set()
    assert await newer == "2"
    with pytest.raises(Superseded):
        await delayed
    assert "1 begins" not in engine.log


async def test_an_error_reaches_everyone_who_waits_and_frees_the_model() -> None:
    async def fail() -> str:
        raise RuntimeError("broken")

    scheduler, engine = Scheduler[str](), Engine()
    both = [asyncio.ensure_future(scheduler.run(Ticket("d", "1"), fail)) for _ in range(2)]
    for one in both:
        with pytest.raises(RuntimeError, match="broken"):
            await one
    engine.gate("2").set()
    assert await ask(scheduler, engine, "d", "2") == "2"


async def test_dropping_a_document_tells_why() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    here, elsewhere = ask(scheduler, engine, "d", "1"), ask(scheduler, engine, "e", "2")
    await settle()
    scheduler.drop("d", "the end of the document")
    with pytest.raises(Superseded, match="the end of the document"):
        await here
    engine.gate("2").set()
    assert await elsewhere == "2"


async def test_closing_stops_everything_and_waits_for_it() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    both = [ask(scheduler, engine, document, document) for document in "de"]
    await settle()
    await scheduler.aclose()
    assert engine.log == ["d begins", "d stopped"]
    await asyncio.gather(*both, return_exceptions=True)


async def left(scheduler: Scheduler[str], engine: Engine) -> Ticket:
    """A job that its only caller has left, and that may be of use to others."""
    ticket = Ticket("d", "1", outlives=lambda: True)
    caller = asyncio.ensure_future(scheduler.run(ticket, engine.work("1")))
    await settle()
    caller.cancel()
    await settle()
    return ticket


async def test_a_job_of_use_to_others_goes_on_without_its_caller_and_they_get_its_result() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    ticket = await left(scheduler, engine)
    joined = asyncio.ensure_future(scheduler.join(ticket))
    await settle()
    engine.gate("1").set()
    assert await joined == "1"
    assert await scheduler.join(ticket) is None


@pytest.mark.parametrize("of_use", [True, False])
async def test_whether_it_is_of_use_may_be_told_after_the_caller_has_left(of_use: bool) -> None:
    scheduler, engine = Scheduler[str](), Engine()
    told: list[bool] = []
    caller = asyncio.ensure_future(scheduler.run(Ticket("d", "1", outlives=lambda: any(told)), engine.work("1")))
    await settle()
    caller.cancel()
    await settle()
    told.append(of_use)
    await asyncio.sleep(0.1)
    await settle()
    assert engine.log == ["1 begins", *([] if of_use else ["1 stopped"])]
    await scheduler.aclose()


async def test_how_long_it_goes_on_is_counted_from_its_last_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.session.scheduler._TELLING_SECONDS", 0.0)
    monkeypatch.setattr("lsp_server.session.scheduler._LEFT_SECONDS", 0.3)
    scheduler, engine = Scheduler[str](), Engine()
    ticket = await left(scheduler, engine)
    await asyncio.sleep(0.15)
    joined = asyncio.ensure_future(scheduler.join(ticket))
    await settle()
    joined.cancel()
    await asyncio.sleep(0.2)
    assert engine.log == ["1 begins"]
    await asyncio.sleep(0.2)
    assert engine.log == ["1 begins", "1 stopped"]


async def test_a_job_that_turns_out_to_be_of_no_use_ends_and_who_joined_it_is_told_so() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    ticket = await left(scheduler, engine)
    joined = asyncio.ensure_future(scheduler.join(ticket))
    await settle()
    assert not joined.done()
    scheduler.disown(ticket)
    assert await joined is None
    await settle()
    assert engine.log == ["1 begins", "1 stopped"]


async def test_a_job_that_nobody_has_joined_ends_as_soon_as_it_is_of_no_use() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    ticket = await left(scheduler, engine)
    assert engine.log == ["1 begins"]
    scheduler.disown(ticket)
    await settle()
    assert engine.log == ["1 begins", "1 stopped"]


async def test_the_patience_of_who_joins_a_job_does_not_end_it() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    ticket = await left(scheduler, engine)
    with pytest.raises(NotReady):
        await scheduler.join(ticket, patience=0.01)
    assert scheduler.running == 1
    await scheduler.aclose()


async def test_who_has_enough_goes_and_the_work_is_there_for_the_next() -> None:
    scheduler, engine, ticket = Scheduler[str](), Engine(), Ticket("d", "1")
    enough = asyncio.get_running_loop().create_future()
    first = asyncio.ensure_future(scheduler.run(ticket, engine.work("1"), enough=enough))
    await settle()
    enough.set_result(None)
    with pytest.raises(NotReady):
        await first
    joined = asyncio.ensure_future(scheduler.join(ticket))
    await settle()
    engine.gate("1").set()
    assert await joined == "1"


async def test_what_nobody_waits_for_gives_way_to_another_document() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    enough = asyncio.get_running_loop().create_future()
    first = asyncio.ensure_future(scheduler.run(Ticket("d", "1"), engine.work("1"), enough=enough))
    await settle()
    enough.set_result(None)
    with pytest.raises(NotReady):
        await first
    engine.gate("2").set()
    assert await ask(scheduler, engine, "e", "2") == "2"
    assert "1 stopped" in engine.log


async def test_work_ahead_gives_way_and_takes_nobodys_place() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    ahead = Ticket("d", "1", ahead=True)
    looking = asyncio.ensure_future(scheduler.run(ahead, engine.work("1")))
    await settle()
    asked = ask(scheduler, engine, "d", "2")
    await settle()
    with pytest.raises(Superseded):
        await looking
    with pytest.raises(Taken):
        await scheduler.run(ahead, engine.work("3"))
    engine.gate("2").set()
    assert await asked == "2"
    assert engine.log == ["1 begins", "1 stopped", "2 begins", "2 ends"]


async def test_who_wants_what_is_found_out_ahead_is_not_sent_away_by_what_is_found_out_further_ahead() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    looking = asyncio.ensure_future(scheduler.run(Ticket("d", "1", ahead=True), engine.work("1")))
    await settle()
    asked = ask(scheduler, engine, "d", "1")
    await settle()
    with pytest.raises(Taken):
        await scheduler.run(Ticket("d", "2", ahead=True), engine.work("2"))
    engine.gate("1").set()
    assert await asked == await looking == "1"
    assert engine.log == ["1 begins", "1 ends"], "it was not begun anew"


async def test_who_has_joined_what_is_found_out_ahead_is_not_sent_away_either() -> None:
    scheduler, engine, ahead = Scheduler[str](), Engine(), Ticket("d", "1", ahead=True)
    looking = asyncio.ensure_future(scheduler.run(ahead, engine.work("1")))
    await settle()
    joined = asyncio.ensure_future(scheduler.join(ahead))
    await settle()
    with pytest.raises(Taken):
        await scheduler.run(Ticket("d", "2", ahead=True), engine.work("2"))
    engine.gate("1").set()
    assert await joined == await looking == "1"


@pytest.mark.parametrize("automatic", [True, False], ids=["typing", "by key"])
async def test_who_wants_what_was_found_out_ahead_is_answered_though_long_work_has_taken_the_model(
    automatic: bool,
) -> None:
    turns, engine = Turns(), Engine()
    scheduler = Scheduler[str](turns)
    looking = asyncio.ensure_future(scheduler.run(Ticket("d", "1", ahead=True), engine.work("1")))
    await settle()
    asked = ask(scheduler, engine, "d", "1", automatic)
    await settle()
    review = asyncio.ensure_future(turns.patiently(engine.work("review")))
    await settle()
    for name in ("1", "review"):
        engine.gate(name).set()
    assert await asked == "1"
    assert await review == "review"
    with pytest.raises(Superseded):
        await looking


async def test_who_wants_what_could_not_be_found_out_ahead_is_answered_once_the_model_is_free() -> None:
    scheduler, engine, ahead = Scheduler[str](), Engine(), Ticket("d", "1", ahead=True)
    other = ask(scheduler, engine, "e", "other")
    await settle()
    looking = asyncio.ensure_future(scheduler.run(ahead, engine.work("1")))
    await asyncio.sleep(0)
    asked, joined = ask(scheduler, engine, "d", "1"), asyncio.ensure_future(scheduler.join(ahead))
    await settle()
    with pytest.raises(Taken):
        await looking
    assert await joined is None
    for name in ("other", "1"):
        engine.gate(name).set()
    assert (await other, await asked) == ("other", "1")


async def test_who_wants_what_is_found_out_ahead_is_told_when_the_server_ends() -> None:
    scheduler, engine = Scheduler[str](), Engine()
    looking = asyncio.ensure_future(scheduler.run(Ticket("d", "1", ahead=True), engine.work("1")))
    await settle()
    asked = ask(scheduler, engine, "d", "1")
    await settle()
    await scheduler.aclose()
    for one in (asked, looking):
        with pytest.raises(Superseded, match="the server ends"):
            await one
    assert engine.log == ["1 begins", "1 stopped"]
