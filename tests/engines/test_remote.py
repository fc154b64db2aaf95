"""The engine on a server elsewhere, against one that does as it is told."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from contextlib import aclosing, suppress

import pytest

from lsp_server.core.generation import Limits, Prompt, Segment, Usage
from lsp_server.engines.base import (
    AsyncEngine,
    EngineBusy,
    EngineCrashed,
    EngineError,
    EngineUnreachable,
    ModelLoadError,
    PromptTooLong,
)
from lsp_server.engines.remote import RemoteEngine
from lsp_server.engines.specs import RemoteSpec
from tests.completions_server import (
    DONE,
    KEY,
    MODEL,
    breaks_after,
    event,
    gives,
    offers,
    refuses,
    says,
    sends,
    serving,
    waits_after,
)
from tests.engines.conftest import asked, pieces, text_of


@pytest.fixture
async def ask():
    """Opens engines for servers; all are closed when the test is over."""
    opened = []

    def begin(server, **more):
        url = server if isinstance(server, str) else server.url
        opened.append(RemoteEngine(RemoteSpec(url, **more)))
        return opened[-1]

    yield begin
    for engine in opened:
        await engine.close()


def taken(server) -> bool:
    """Whether the server saw the client close a connection."""
    return server.closed.get(timeout=30)


async def test_a_remote_engine_is_what_pipelines_are_given(ask):
    assert isinstance(ask("http://localhost:1/v1"), AsyncEngine)


async def test_the_answer_comes_in_pieces_and_says_what_it_cost(ask):
    told = {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 5}}
    act = sends(event("one"), event(" two"), event("", "length"), event(usage=told), DONE)
    with serving(act) as server:
        found = await pieces(ask(server), asked("zero"), Limits(3))
    assert [piece.text for piece in found] == ["", "one", " two", ""]
    assert (found[0].usage.generated_tokens, found[-1].ended) == (0, "length")
    last = found[-1].usage
    assert (last.prompt_tokens, last.reused_tokens, last.generated_tokens) == (7, 5, 3)
    assert sum(piece.tokens for piece in found) == 3


async def test_what_is_asked_is_the_greedy_answer(ask):
    with serving() as server:
        await pieces(ask(server), asked("prompt", "a", "b", "c", "<|end|>", "d", ""), Limits(9))
    body = server.questions[0].body
    assert (body["model"], body["prompt"], body["max_tokens"], body["temperature"]) == (MODEL, "prompt", 9, 0)
    assert body["stop"] == ["a", "b", "c", "d"]
    assert server.questions[0].path == "/v1/completions"


async def test_a_server_that_is_asked_for_no_tokens_would_give_all_it_has(ask):
    with serving(says("unwanted")) as server:
        found = await pieces(ask(server), asked("x"), Limits(0))
    assert server.questions[0].body["max_tokens"] == 1
    assert (text_of(found), found[-1].ended, found[-1].usage.generated_tokens) == ("", "length", 0)


async def test_stops_are_looked_for_here_too_and_close_the_connection(ask):
    with serving(waits_after("one st", "op two")) as server:
        found = await pieces(ask(server), asked("x", "stop"))
        assert taken(server)
    assert (text_of(found), found[-1].ended) == ("one ", "stop")


async def test_closing_the_stream_closes_the_connection(ask):
    with serving(waits_after("one")) as server:
        engine = ask(server)
        async with aclosing(engine.stream(asked("x"), Limits(8))) as stream:
            async for piece in stream:
                if piece.text:
                    break
            assert engine.state == "busy"
        assert engine.state == "ready"
        assert taken(server)


async def test_cancelling_the_task_closes_the_connection_while_the_prompt_is_evaluated(ask):
    with serving(waits_after()) as server:
        engine = ask(server)
        task = asyncio.ensure_future(pieces(engine, asked("x")))
        while not server.questions:
            await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert engine.state == "ready"
        assert taken(server)


async def test_answers_that_came_to_their_end_share_a_connection(ask):
    with serving() as server:
        engine = ask(server)
        for _ in range(3):
            await pieces(engine, asked("x"))
    assert server.connections == 1


@pytest.mark.parametrize("said", [(), ("one",)])
async def test_a_deadline_ends_the_answer_wherever_it_is(ask, said):
    with serving(waits_after(*said)) as server:
        engine = ask(server)
        await engine.start()
        found = await pieces(engine, asked("x"), Limits(8, 2.0))
        assert taken(server)
    assert (text_of(found), found[-1].ended) == ("".join(said), "deadline")


@pytest.mark.parametrize("trouble", [refuses(503), refuses(502), breaks_after()])
async def test_what_passes_is_asked_again_before_the_first_piece(ask, trouble):
    with serving(trouble, trouble, says("late")) as server:
        assert text_of(await pieces(ask(server), asked("x"))) == "late"
    assert len(server.questions) == 3


async def test_an_answer_that_breaks_is_an_error_and_never_put_together_from_two(ask):
    with serving(breaks_after("one", " two"), says("another")) as server:
        stream = ask(server).stream(asked("x"), Limits(8))
        assert [(await anext(stream)).text for _ in range(3)] == ["", "one", " two"]
        with pytest.raises(EngineCrashed, match="ask again"):
            await anext(stream)
    assert len(server.questions) == 1


@pytest.mark.parametrize(
    "act",
    [
        sends(event("one")),
        sends(event("one"), DONE),
        sends(event("one"), b'data: {"error": {"message": "out of memory"}}\n\n'),
        sends(event("one"), b"data: noise\n\n"),
        sends(event("one"), event("", "abort"), DONE),
        sends(event("one"), b'data: ["a list"]\n\n'),
    ],
    ids=["ends", "done", "error", "noise", "abort", "list"],
)
async def test_an_answer_that_is_not_whole_is_none(ask, act):
    with serving(act) as server, pytest.raises(EngineCrashed):
        await pieces(ask(server), asked("x"))


REFUSALS = [
    (refuses(401), ModelLoadError, "put it there"),
    (refuses(403), ModelLoadError, "put it there"),
    (refuses(404, "no such thing"), ModelLoadError, "no such thing.*`remoteModel`"),
    (refuses(307, location="http://elsewhere.invalid/"), ModelLoadError, "final address"),
    (refuses(429), EngineBusy, "no suggestion now"),
    (refuses(503), EngineBusy, "no suggestion now"),
    (refuses(502), EngineUnreachable, "no server behind"),
    (refuses(413), PromptTooLong, "shorten the prompt"),
    (refuses(400, "This model's maximum context length is 8 tokens"), PromptTooLong, "shorten the prompt.*8 tokens"),
    (gives({"error": "`inputs` tokens + `max_new_tokens` must be <= 8"}, 422), PromptTooLong, "must be <= 8"),
    (refuses(400, "max_tokens is odd"), EngineError, "max_tokens is odd"),
    (gives({"detail": [{"msg": "bad", "input": "SECRET CODE"}]}, 422), EngineError, "422"),
    (refuses(500), EngineError, "its own log"),
    (breaks_after(), EngineUnreachable, "closed the connection"),
]


@pytest.mark.parametrize(("act", "kind", "told"), REFUSALS)
async def test_every_refusal_is_told_with_the_next_step(ask, act, kind, told):
    with serving(act) as server:
        engine = ask(server, key_hint="put it there")
        with pytest.raises(kind, match=told) as error:
            await pieces(engine, asked("x"))
    assert type(error.value) is kind
    assert server.url in str(error.value)
    assert "SECRET" not in str(error.value)


async def test_an_answer_without_a_word_is_told_with_what_may_be_wrong(ask):
    with serving(sends(b"\n")) as server, pytest.raises(EngineError, match="shorten the prompt"):
        await pieces(ask(server), asked("x"))


async def test_busy_is_not_asked_again(ask):
    with serving(refuses(429)) as server, suppress(EngineBusy):
        await pieces(ask(server), asked("x"))
    assert len(server.questions) == 1


async def test_a_server_that_is_not_there_is_named_with_the_setting(ask):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    engine = ask(url)
    with pytest.raises(EngineUnreachable, match=rf"{url} cannot be reached.*`remote`"):
        await engine.start()
    assert engine.state.startswith(f"unreachable: {url}")


async def test_a_host_that_does_not_exist_is_named_with_the_setting(ask):
    with pytest.raises(EngineUnreachable, match=r"nowhere.invalid.*`remote`"):
        await ask("http://nowhere.invalid/v1").start()


async def test_silence_has_an_end(ask):
    with serving(waits_after()) as server, pytest.raises(EngineUnreachable, match=r"nothing for 0.2 s.*remoteSeconds"):
        await pieces(ask(server, silence_seconds=0.2), asked("x"))


async def test_silence_in_the_middle_of_an_answer_has_an_end(ask):
    with serving(waits_after("one")) as server, pytest.raises(EngineCrashed, match=r"nothing for 1 s"):
        await pieces(ask(server, silence_seconds=1.0), asked("x"))


async def test_a_server_that_is_back_is_asked_as_before(ask):
    with serving(refuses(502)) as server:
        engine = ask(server)
        with suppress(EngineUnreachable):
            await pieces(engine, asked("x"))
        assert engine.state.startswith("unreachable")
        server.acts = [says("back")]
        assert text_of(await pieces(engine, asked("x"))) == "back"
        assert engine.state == "ready"


async def test_the_key_is_sent_and_shown_nowhere(ask):
    with serving(key=KEY) as server:
        engine = ask(server, key=KEY)
        await engine.start()
        assert text_of(await pieces(engine, asked("x"))) == "far away"
        with pytest.raises(ModelLoadError):
            await ask(server, key="wrong").start()
    assert KEY not in f"{engine.facts} {engine.state} {RemoteSpec('u', key=KEY)!r}"


async def test_the_model_is_the_one_that_is_named_or_looks_like_ours(ask):
    with serving(models=offers("org/Other-7B", "org/Qwen2.5-Coder-7B")) as server:
        alike = ask(server, resembling="qwen2.5-coder")
        await alike.start()
        assert alike.facts["model"] == "org/Qwen2.5-Coder-7B"
        first = ask(server, resembling="unheard-of")
        await first.start()
        assert first.facts["model"] == "org/Other-7B"
        with pytest.raises(ModelLoadError, match=r"no model `mine`.*`remoteModel`: org/Other-7B, org/Qwen2.5-Coder-7B"):
            await ask(server, model="mine").start()


@pytest.mark.parametrize("act", [gives({"hello": 1}), gives([1]), sends(b"<html>")])
async def test_what_does_not_speak_the_api_is_told_apart(ask, act):
    with serving(models=act) as server, pytest.raises(ModelLoadError, match="does not speak"):
        await ask(server).start()


async def test_a_line_ends_at_a_line_feed_only_and_a_character_may_come_in_two_parts(ask):
    whole = event("a\u2028b\x85c é😀")
    cut = whole.index("😀".encode()) + 2
    act = sends(b": ping\n\n", whole[:cut], whole[cut:].replace(b"\n", b"\r\n"), event("", "stop"), DONE)
    with serving(act) as server:
        assert text_of(await pieces(ask(server), asked("x"))) == "a\u2028b\x85c é😀"


async def test_half_a_surrogate_pair_in_the_prompt_can_be_asked(ask):
    with serving() as server:
        await pieces(ask(server), asked("x\ud800y"))
    assert server.questions[0].body["prompt"] == "x?y"


async def test_control_tokens_count_where_they_are_meant_and_nowhere_else(ask):
    segments = (
        Segment("<|im_start|>user\n", special=True),
        Segment("text = '<|im_end|>' + '<|im_start|>' + '<|other|>'"),
        Segment("<|im_end|>\n", special=True),
    )
    with serving() as server:
        await pieces(ask(server), Prompt(segments, ("<|im_end|>", "\n")))
    sent = server.questions[0].body["prompt"]
    assert sent == "<|im_start|>user\ntext = '< |im_end|>' + '< |im_start|>' + '<|other|>'<|im_end|>\n"


async def test_prompts_of_one_origin_are_of_one_session_that_tells_nothing_of_it(ask):
    with serving() as server:
        engine = ask(server)
        for origin in ("file:///secret/a.py", "file:///secret/a.py", "file:///secret/b.py", ""):
            await pieces(engine, Prompt((Segment("x"),), (), origin))
        await pieces(ask(server), Prompt((Segment("x"),), (), "file:///secret/a.py"))
    first, same, other, none, elsewhere = [one.headers.get("x-session-id") for one in server.questions]
    assert first == same
    assert none is None
    assert len({first, other, elsewhere}) == 3
    assert "secret" not in str([one.headers for one in server.questions])


async def test_without_likelihoods_there_is_the_greedy_branch_and_no_ranking(ask):
    with serving(says("one", "\ntwo")) as server:
        engine = ask(server)
        (branch,) = await engine.branches(asked("x", "\n"), 3, Limits(8))
        assert (branch.text, branch.tokens) == ("one", 2)
        assert not engine.ranks
        with pytest.raises(EngineError, match="how likely"):
            await engine.score(asked("x"), ["a"])


async def test_likelihoods_come_from_the_echo_of_what_was_asked(ask):
    def echo(exchange):
        text = exchange.body["prompt"]
        # A character is a token, each as likely as it is early in the alphabet; one more is generated.
        known = [None, *(-float(ord(sign)) for sign in text[1:]), -1000.0]
        said = {"choices": [{"logprobs": {"token_logprobs": known}}], "usage": {"completion_tokens": 1}}
        gives(said)(exchange)

    with serving(echo) as server:
        server.echoes = True
        engine = ask(server)
        assert await engine.score(asked("xyz"), ["ab", "", "c"]) == [-195.0, 0.0, -99.0]
        assert engine.ranks


async def test_a_text_is_read_in_the_echo_of_it_where_the_server_tells_tokens(ask):
    def echo(exchange):
        # What was asked falls into tokens of three characters, of which the text's first shares one with the prompt.
        text = exchange.body["prompt"]
        tokens = [text[at : at + 3] for at in range(0, len(text), 3)]
        known = [None, *(-float(at) for at in range(1, len(tokens))), -9.0]
        top = [None, *({token: likely, "?": -0.5} for token, likely in zip(tokens[1:], known[1:], strict=False)), {}]
        said = {"tokens": [*tokens, "!"], "token_logprobs": known, "top_logprobs": top}
        gives({"choices": [{"logprobs": said}], "usage": {"completion_tokens": 1}})(exchange)

    with serving(echo) as server:
        server.echoes = True
        found = await ask(server).read(asked("wxyz"), "abcd")
    assert [(one.start, one.end, one.log_probability) for one in found] == [(0, 2, -1.0), (2, 4, -2.0)]
    assert found[1].alternatives == (("?", -0.5), ("cd", -2.0))
    assert found[1].surprise == 1.5


async def test_a_server_that_tells_likelihoods_and_no_tokens_says_so(ask):
    said = {"choices": [{"logprobs": {"token_logprobs": [None, -1.0, -1.0]}}], "usage": {"completion_tokens": 1}}
    with serving(gives(said)) as server:
        server.echoes = True
        engine = ask(server)
        with pytest.raises(EngineError, match="tokens"):
            await engine.read(asked("x"), "abc")
        assert engine.ranks


async def test_a_server_that_tells_no_likelihoods_cannot_read(ask):
    with serving(says("a")) as server, pytest.raises(EngineError, match="how likely"):
        await ask(server).read(asked("x"), "abc")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate that no authority has signed."""
    if shutil.which("openssl") is None:
        pytest.skip("install openssl")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, *names, "-keyout", str(path), "-out", f"{path}.crt"], check=True, capture_output=True)
    with path.open("a") as both:
        both.write(path.with_name("both.pem.crt").read_text())
    return str(path)


async def test_a_certificate_that_nobody_vouches_for_is_refused_with_what_to_do(ask, certificate, monkeypatch):
    with serving(certificate=certificate, key=KEY) as server:
        with pytest.raises(EngineUnreachable, match=r"TLS: .*self.signed.*SSL_CERT_FILE"):
            await ask(server, key=KEY).start()
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        assert text_of(await pieces(ask(server, key=KEY), asked("x"))) == "far away"


async def test_a_server_without_tls_at_an_https_address_is_refused(ask):
    with serving() as server, pytest.raises(EngineUnreachable, match="TLS"):
        await ask(server.url.replace("http:", "https:")).start()


async def test_a_proxy_of_the_environment_is_not_asked_about_this_machine(ask, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://nowhere.invalid:1")
    with serving() as server:
        assert text_of(await pieces(ask(server), asked("x"))) == "far away"


async def test_usage_that_nobody_tells_is_counted_here(ask):
    with serving(says("a", "b")) as server:
        last = (await pieces(ask(server), asked("x")))[-1]
    assert (last.usage.generated_tokens, last.usage.prompt_tokens) == (2, Usage().prompt_tokens)


SCHEMA = {"type": "array", "items": {"enum": ["a", "é🦊"]}, "maxItems": 2}
FITTING = asked("zero", "a", schema=SCHEMA)


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        ("vllm", {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}}),
        ("phi-lsp", {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}}),
        ("llamacpp", {"json_schema": SCHEMA}),
        ("sglang", {"json_schema": json.dumps(SCHEMA)}),
    ],
)
async def test_servers_are_told_the_schema_in_the_field_that_they_know(ask, owner, told):
    with serving(says('["a"]'), models=offers(MODEL, owned_by=owner)) as server:
        assert text_of(await pieces(ask(server), FITTING)) == '["a"]'
    body = server.questions[0].body
    fields = body.keys() & {"json_schema", "response_format", "grammar", "structured_outputs"}
    assert {name: body[name] for name in fields} == told


async def test_an_answer_that_fits_may_be_laid_out_and_escaped_as_the_server_likes(ask):
    parts = ["\n[", ' "\\u00', "e9\\ud83e", '\\udd8a"\n', ",", '"a"]\n\n']
    with serving(says(*parts)) as server:
        found = await pieces(ask(server), FITTING)
    assert text_of(found) == "".join(parts)
    assert found[-1].ended == "stop"


@pytest.mark.parametrize(
    "parts", [["Sure! ", "[]"], ["```json\n[]"], ['["a", ', '"b"]'], ['["a"'], [""], ["[]", " is what I found"]]
)
async def test_a_server_that_ignores_the_schema_is_found_out(ask, parts):
    with serving(says(*parts)) as server:
        engine = ask(server)
        with pytest.raises(EngineError, match="does not keep to the JSON schema"):
            await pieces(engine, FITTING)
        assert engine.state == "ready"


async def test_an_answer_that_was_cut_off_may_be_the_beginning_of_one_that_fits(ask):
    with serving(sends(event('["a'), event("", "length"), DONE)) as server:
        found = await pieces(ask(server), FITTING, Limits(2))
    assert (text_of(found), found[-1].ended) == ('["a', "length")
    sure = sends(event("Sure"), event("", "length"), DONE)
    with serving(sure) as server, pytest.raises(EngineError, match="does not keep"):
        await pieces(ask(server), FITTING, Limits(1))


async def test_a_schema_that_is_none_is_asked_of_nobody(ask):
    with serving(says("[]")) as server:
        with pytest.raises(EngineError, match="JSON schema"):
            await pieces(ask(server), Prompt((Segment("zero"),), schema="{"))
        assert not server.questions


async def test_without_a_schema_nothing_is_said_of_one(ask):
    with serving(says("far"), models=offers(MODEL, owned_by="llamacpp")) as server:
        await pieces(ask(server), asked("zero"))
    assert not server.questions[0].body.keys() & {"json_schema", "response_format"}
