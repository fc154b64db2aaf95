"""What sessions of typing come to, and the command that runs them."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.benchmarks.typing import command, ways
from tests.benchmarks.typing.records import Account, Pause, Session
from tests.benchmarks.typing.report import picture, table
from tests.benchmarks.typing.scoring import figures, within
from tests.benchmarks.typing.screen import ENGINE, MEMORY


def session(way: str, saved: int, *shown: float | None) -> Session:
    sources = {None: None, 0.3: MEMORY}
    pauses = [Pause(1, 1.0, one, sources.get(one, ENGINE)) for one in shown]
    account = Account(9, 4, prompt_tokens=1000, cached_tokens=900, generated_tokens=40)
    memory = [
        {"process": "server", "rss": 50_000_000, "pss": 40_000_000},
        {"process": "engine", "rss": 1e9, "pss": 5e8},
    ]
    places = {ENGINE: 5, MEMORY: 15}
    return replace(
        Session(way, "f", "0", "python", 120, 100), pauses=pauses, places=places, saved=saved, processor=6.0,
        memory=memory, account=account, accepted=[(3, "text", 1)],
    )  # fmt: skip


def test_figures_are_those_of_all_sessions_of_a_way_together():
    found = figures([session("ours", 20, 0.1, None), session("ours", 40, 0.2, 0.3)])
    assert (found.sessions, found.pauses, found.shown) == (2, 4, 0.75)
    assert (found.p50, found.p95) == (pytest.approx(200), pytest.approx(300))
    assert (found.asked_p50, found.asked_p95) == (pytest.approx(100), pytest.approx(200))
    assert found.every_p50 == pytest.approx(200)
    assert found.without_engine == 0.75
    assert (found.evaluated, found.cached) == (200 / 40, 0.9)
    assert (found.saved, found.saved_share, found.processor) == (30, 0.3, 0.2)
    assert (found.resident, found.proportional) == (1050, 540)


def test_where_nothing_was_shown_or_saved_there_is_no_figure():
    found = figures([replace(session("ours", 0, None), places={}, account=Account())])
    assert (found.shown, found.p50, found.evaluated, found.cached, found.processor) == (0, None, None, None, None)


def test_a_pause_without_a_suggestion_counts_as_none_however_long_one_waits():
    assert within([session("ours", 1, 0.1, 0.4, None, None)], 200) == 0.25
    assert within([session("ours", 1, 0.1, 0.4, None, None)], 1e9) == 0.5


def test_where_half_of_the_pauses_end_with_nothing_it_is_never_shown():
    assert figures([session("ours", 1, 0.1, 0.4, None)]).every_p50 == pytest.approx(400)
    assert figures([session("ours", 1, 0.1, None, None)]).every_p50 is None


def test_the_table_has_a_column_for_every_way_and_says_how_they_compare():
    text = table({"ours": [session("ours", 40, 0.1)], "plain": [session("plain", 20, 0.4)]})
    assert "| from the key to it, p50 ms | 100.0 | 400.0 |" in text
    assert "ours / plain: from the key to it, p50 ms 0.25;" in text
    assert "characters saved in a session 2.00" in text


def test_no_multiple_is_told_of_what_took_no_time_or_did_not_happen():
    text = table({"ours": [session("ours", 40, 0.1)], "plain": [session("plain", 0, 0.0004)]})
    assert "ours / plain" not in text


def test_the_picture_is_svg_with_a_curve_for_every_way():
    root = ElementTree.fromstring(picture({"ours": [session("ours", 1, 0.1)], "plain": [session("plain", 1, None)]}))
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 2


# The command


def test_a_session_survives_being_written_down_and_a_run_goes_on_where_it_was_cut(tmp_path):
    file, wanted = tmp_path / "typing.json", {"model": "a"}
    assert command.kept(file, wanted) == []
    command.keep(file, wanted, [session("ours", 20, 0.1, None)])
    assert command.kept(file, wanted) == [session("ours", 20, 0.1, None)]
    with pytest.raises(SystemExit, match="name another file"):
        command.kept(file, {"model": "b"})


def test_every_way_is_first_in_its_turn():
    assert [command.rotated(["a", "b", "c"], number)[0] for number in range(4)] == ["a", "b", "c", "a"]


def test_only_functions_that_went_through_every_way_are_compared():
    sessions = [
        replace(session(way, 1), digest=digest) for way, digest in (("ours", "a"), ("plain", "a"), ("ours", "b"))
    ]
    assert command.comparable(sessions, {"a", "b"}, ["ours", "plain"]) == sessions[:2]
    assert command.comparable(sessions, {"a", "b"}, ["ours"]) == [sessions[0], sessions[2]]
    assert command.comparable(sessions, {"b"}, ["ours"]) == sessions[2:]


def test_the_server_of_llama_cpp_is_started_as_the_documentation_of_llama_vim_has_it(monkeypatch, tmp_path):
    program = tmp_path / "llama-server"
    program.touch()
    monkeypatch.setattr(ways, "PROGRAM", program)
    bench = ways.Bench(None, tmp_path / "model.gguf", threads=3, context=4096, editor="vscode", seed=1)
    words = " ".join(ways.server_command(bench, 8012))
    assert words.startswith(f"{program} --model {tmp_path / 'model.gguf'} ")
    assert "--batch-size 1024 --ubatch-size 512 --cache-reuse 256" in words
    assert "--threads 3 --ctx-size 4096" in words


def test_without_a_server_of_llama_cpp_it_is_said_how_to_have_one(monkeypatch, tmp_path):
    monkeypatch.setattr(ways, "PROGRAM", tmp_path / "nowhere")
    monkeypatch.setattr(ways, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="native_server"):
        ways.server_command(None, 1)
