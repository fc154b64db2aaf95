from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from lsp_server.edge.framing import framed
from tests.server.client import Client
from tests.server.conftest import URI, Start, endless, inline, scripted

ENDED_ROUGHLY = {"expected_status": None}


def gone(process_id: int) -> bool:
    """Whether the process ends; waits for it."""
    try:
        psutil.Process(process_id).wait(30)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def with_engine(client: Client) -> int:
    """Start the engine and a generation that does not end; the engine's process."""
    client.initialize()
    client.open(URI, "x")
    client.when(lambda status: status["engine"]["state"] == "ready")
    client.request("textDocument/inlineCompletion", inline("x"))
    return int(client.when(lambda status: status["engine"]["state"] == "busy")["engine"]["processId"])


def test_shutdown_and_exit_leave_no_process_and_answer_what_was_running(start: Start) -> None:
    client = start(endless())
    engine = with_engine(client)
    client.close()
    assert gone(engine)


def test_exit_without_shutdown_says_so_in_the_status(start: Start) -> None:
    client = start(client={"expected_status": 1})
    client.initialize()
    client.notify("exit")
    client.wait()
    assert client.process.returncode == 1


def test_the_end_of_input_ends_everything(start: Start) -> None:
    client = start(endless(), client=ENDED_ROUGHLY)
    engine = with_engine(client)
    client.process.stdin.close()
    assert gone(client.process.pid)
    assert gone(engine)
    client._asked.clear()


def test_a_kill_of_the_server_ends_the_engine(start: Start) -> None:
    client = start(endless(), client=ENDED_ROUGHLY)
    engine = with_engine(client)
    client.process.kill()
    assert gone(engine)
    client._asked.clear()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_in_order(start: Start, number: int) -> None:
    client = start(endless(), client=ENDED_ROUGHLY)
    engine = with_engine(client)
    client.process.send_signal(number)
    assert gone(client.process.pid)
    assert gone(engine)
    assert "Traceback" not in client.stderr.decode()


def test_the_end_of_the_editors_process_ends_the_server_though_its_input_stays_open(start: Start) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    client = start(client=ENDED_ROUGHLY)
    client.initialize(processId=editor.pid)
    client.status()
    # Killed once the server has seen it alive.
    client.when(lambda _: "is watched" in client.stderr.decode())
    editor.communicate(b"\n")
    assert gone(client.process.pid)


def test_what_others_print_does_not_reach_the_editor() -> None:
    program = (
        "import os, sys, tests.server.scripted_server as server\n"
        "complete = server.complete\n"
        "async def noisy(*arguments):\n"
        "    print('noise'); os.system('echo more noise')\n"
        "    return await complete(*arguments)\n"
        "server.complete = noisy\n"
        "sys.exit(server.main())"
    )
    with Client((sys.executable, "-c", program, json.dumps({"scripts": [scripted("y")]}))) as client:
        client.initialize()
        client.open(URI, "x")
        client.when(lambda status: status["model"]["state"] == "ready")
        assert client.call("textDocument/inlineCompletion", inline("x"))["items"]
        assert b"noise" not in client.received
    assert b"more noise" in client.stderr


class Connection:
    """The little of a client that a socket needs."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        line = server.stderr.readline().decode()
        found = re.search(r"listens on 127\.0\.0\.1:(\d+)", line)
        assert found, line
        self.address = ("127.0.0.1", int(found[1]))
        self.socket = socket.create_connection(self.address)

    def call(self, method: str, params: object, msg_id: int) -> str:
        body = json.dumps({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params}).encode()
        self.socket.sendall(framed(body))
        received = b""
        while f'"id": {msg_id}'.encode() not in received:
            received += self.socket.recv(1 << 16)
        return received.decode()


@pytest.fixture
def listening() -> subprocess.Popen[bytes]:
    command = (sys.executable, "-m", "tests.server.scripted_server", json.dumps({"tcp": 0}))
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_tcp_serves_one_editor_and_ends_when_it_disconnects(listening: subprocess.Popen[bytes]) -> None:
    connection = Connection(listening)
    assert "capabilities" in connection.call("initialize", {"capabilities": {}}, 1)
    with socket.create_connection(connection.address) as second:
        assert second.recv(1) == b""
    assert "model" in connection.call("phi-lsp/status", None, 2)
    connection.socket.close()
    assert listening.wait(60) == 1


def test_tcp_ends_well_after_shutdown_and_exit(listening: subprocess.Popen[bytes]) -> None:
    connection = Connection(listening)
    connection.call("initialize", {"capabilities": {}}, 1)
    connection.call("shutdown", None, 2)
    connection.socket.sendall(framed(b'{"jsonrpc": "2.0", "method": "exit"}'))
    assert listening.wait(60) == 0
    connection.socket.close()


def test_a_killed_engine_costs_one_answer(start: Start) -> None:
    client = start(scripted("fine", when="y"), endless())
    engine = with_engine(client)
    os.kill(engine, signal.SIGKILL)
    assert client.until(lambda: client._replies.get("6") or client._replies, "the answer")
    assert "phi-lsp" in client.take("window/showMessage")["message"]
    client.open(URI, "y")
    assert client.call("textDocument/inlineCompletion", inline("y"))["items"][0]["insertText"] == "fine"


def test_native_code_and_the_terminal_library_are_never_loaded_by_the_server() -> None:
    program = "import sys, lsp_server.edge.server, lsp_server.parts as p; p.real(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"llama_cpp", "torch", "numpy", "rich", "transformers"} & set(loaded)


def test_a_server_that_answers_initialize_has_loaded_neither_parsers_nor_models() -> None:
    program = "import sys, lsp_server.edge.server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tree_sitter", "lsp_server.models.download", "filelock", "psutil"} & set(loaded)


def test_times_in_the_status_are_told(start: Start) -> None:
    client = start(scripted("a"))
    client.initialize()
    client.open(URI, "x")
    client.when(lambda status: status["model"]["state"] == "ready")
    began = time.monotonic()
    client.call("textDocument/inlineCompletion", inline("x"))
    assert 0 < client.status()["lastRequest"]["seconds"] < time.monotonic() - began
