"""What the server itself costs: ``python -m tests.benchmarks.server_work [--model NAME] [--scale X] [--json FILE]``.

Hands type at random places of files of 10,000 lines, and the editor asks at every key:

- how long the server takes when it knows the answer: its suggestion is typed, taken back in part, or accepted;
- how long its own work takes when it does not: the whole round trip with an engine that answers at once, so with four
  hops between processes in it;
- how much memory the server and the engine hold after some typing, with the model.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from lsp_server.core.document import Span
from lsp_server.models.gguf_header import read_header
from lsp_server.parts import real
from lsp_server.session.completer import ACCEPTED
from lsp_server.settings import Settings
from tests.benchmarks.arguments import command_line
from tests.benchmarks.latencies import Milliseconds, all_figures, show
from tests.benchmarks.long_files import FILES, Hands
from tests.benchmarks.typing.cost import memory
from tests.server.client import Client
from tests.server.conftest import scripted

BARS = {"known": 5.0, "asked": 10.0}
"""The 95th percentile that each kind of figure must keep, in milliseconds."""

_MEGABYTE = 1_000_000
SERVER_MEGABYTES = 150.0
ENGINE_MEGABYTES = 150.0
"""What the engine may hold beside its weights and the evaluated prompts."""

ANSWERS = {"python": "_value(first, second)\n", "cpp": "_value(first, second);\n"}
"""What the scripted engine says to everything: code that goes on from most beginnings of a line."""

_PLACES = 25
_KEYS = 24
_ALONG = 8
_BACK = 4
_AHEAD_SECONDS = 0.4
"""After that, what follows a suggestion that is shown is found out, and a place that is looked at is known."""

_MEMORY_PLACES = 6


class Typist:
    """Types at one place after the other, and notes what each answer took, by how the server had it."""

    def __init__(self, client: Client, language: str) -> None:
        self._client = client
        self._hands = Hands(client, language)
        self._language = language
        self.times: dict[str, dict[str, Milliseconds]] = {kind: defaultdict(list) for kind in BARS}

    def work(self, places: int) -> None:
        """Type at so many places."""
        for (start, code), _ in zip(self._hands.lines(seed=places), range(places), strict=False):
            self._hands.look(start)
            time.sleep(_AHEAD_SECONDS)
            self._hands.edit(Span(start, start + len(code)), "")
            at, shown = self._typed(start, code[:_KEYS])
            if len(shown) > _ALONG:
                at = self._along(at, shown)
            self._hands.edit(Span(start, at), code)

    def _typed(self, at: int, text: str) -> tuple[int, str]:
        """Type key by key, on a line that has just begun; where the cursor is then, and what is suggested there."""
        shown = self._key(Span(at, at), "", "typing")
        for key in text:
            shown = self._key(Span(at, at), key, "typing")
            at += 1
        return at, shown

    def _along(self, at: int, shown: str) -> int:
        """Type along a suggestion and back, and accept it, a word and then the line; where the cursor is then."""
        start = at
        for key in shown[:_ALONG]:
            self._key(Span(at, at), key, "typed along")
            at += 1
        for _ in range(_BACK):
            self._key(Span(at - 1, at), "", "deleted back")
            at -= 1
        time.sleep(_AHEAD_SECONDS)
        word = shown[at - start : _ALONG]
        self._key(Span(at, at), word, "a word accepted")
        line = shown[_ALONG:]
        self._key(Span(at + len(word), at + len(word)), line, "a line accepted")
        return start + len(shown)

    def _key(self, span: Span, text: str, name: str) -> str:
        """The suggestion after an edit; the time counts from the change to the answer."""
        hands, client = self._hands, self._client
        change = hands.change(span, text)
        params = hands.asked(span.start + len(text))
        began = time.perf_counter()
        hands.tell(change)
        reply = client.reply(client.request("textDocument/inlineCompletion", params))
        elapsed = 1000 * (reply.at - began)
        last = client.status()["lastRequest"]
        known = last.get("recalled") or last["reason"] == ACCEPTED
        self.times["known" if known else "asked"][f"{self._language}, {name}"].append(elapsed)
        items = reply.result["items"]
        return str(items[0]["insertText"]) if items else ""


def answers(places: int) -> dict[str, dict[str, Milliseconds]]:
    """The times of both kinds, in each language, with an engine that says the same at once."""
    found: dict[str, dict[str, Milliseconds]] = {kind: {} for kind in BARS}
    for language, answer in ANSWERS.items():
        wish = {"scripts": [scripted(answer)], "real_complete": True}
        with Client((sys.executable, "-m", "tests.server.scripted_server", json.dumps(wish))) as client:
            client.initialize()
            client.when(lambda status: status["engine"]["state"] == "ready")
            typist = Typist(client, language)
            typist.work(places)
            for kind, rows in typist.times.items():
                found[kind] |= rows
    return found


def held(model: str, places: int) -> Iterator[dict[str, float | str]]:
    """A row for each process after typing with the model: its megabytes, and those it may hold."""
    with Client() as client:
        client.initialize(options={"model": model})
        client.when(lambda status: status["engine"]["state"] == "ready")
        for language in FILES:
            Typist(client, language).work(places)
        rows = {row["process"]: row for row in memory(client.process.pid)}
    bars = {"lsp_server": SERVER_MEGABYTES, "lsp_server.engines.host": engine_megabytes(model)}
    for process, row in rows.items():
        sizes = {name: row[name] / _MEGABYTE for name in ("rss", "pss", "uss")}
        yield {"process": process, **sizes, "bar": bars.get(process, math.nan)}


def engine_megabytes(model: str) -> float:
    """Of the weights, of the keys and values of evaluated prompts with default settings, and what may come on top."""
    parts, settings = real(), Settings(model=model)
    file = parts.require(parts.find(model), settings)
    fields = read_header(file).fields
    kind = fields["general.architecture"]
    layers, heads, kv_heads, width = (
        int(str(fields[f"{kind}.{name}"]))
        for name in ("block_count", "attention.head_count", "attention.head_count_kv", "embedding_length")
    )
    room = 2 * settings.context_tokens
    evaluated = 2 * layers * kv_heads * (width // heads) * room * 2
    return (file.stat().st_size + evaluated) / _MEGABYTE + ENGINE_MEGABYTES


def show_memory(rows: list[dict[str, float | str]]) -> None:
    """Print one table."""
    table = Table("", "RSS MB", "PSS MB", "USS MB", "bar, RSS MB", title="Memory after typing")
    for row in rows:
        table.add_row(str(row["process"]), *(f"{row[name]:,.0f}" for name in ("rss", "pss", "uss", "bar")))
    Console().print(table)


def main() -> None:
    """The command."""
    wish = command_line("tests.benchmarks.server_work", __doc__, "model", "scale", "json").parse_args()
    places, memory_places = (max(1, math.ceil(number * wish.scale)) for number in (_PLACES, _MEMORY_PLACES))
    results = all_figures(answers(places))
    show("The server's own work in 10,000 lines", results, BARS)
    rows = list(held(wish.model, memory_places))
    show_memory(rows)
    if wish.json:
        wish.json.write_text(json.dumps({**results, "memory": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
