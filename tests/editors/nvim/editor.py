"""Drives one real Neovim with the plugin in it, as a person would: keys in, screen out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.editors.nvim.rpc import Connection, NeovimError
from tests.editors.nvim.screen import COLUMNS, LINES, Screen

REPOSITORY = Path(__file__).parents[3]
PLUGIN = REPOSITORY / "editors" / "nvim"
PATIENCE_SECONDS = 120.0
"""Nothing passes or fails by a shorter time."""

T = TypeVar("T")
_FRAME = str.maketrans("│╭╮╰╯─~", " " * 7)


def configuration(command: Sequence[str], settings: dict[str, Any], more: str = "") -> str:
    """An ``init.lua`` that does what the help says, with this server."""
    return f"""
vim.opt.runtimepath:prepend({json.dumps(str(PLUGIN))})
vim.o.swapfile = false
vim.lsp.config('phi_lsp', {{
  cmd = vim.json.decode({json.dumps(json.dumps(list(command)))}),
  settings = {{ ['phi-lsp'] = vim.json.decode({json.dumps(json.dumps(settings))}, {{ luanil = {{}} }}) }},
}})
vim.lsp.enable('phi_lsp')
{more}
"""


class Editor:
    """A Neovim in ``folder``; ends with `close`."""

    def __init__(self, program: Path, folder: Path, init: str, home: Path | None = None) -> None:
        self.folder = folder
        self._files = 0
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "init.lua").write_text(init)
        address = str(folder / "socket")
        places = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        self.process = subprocess.Popen(
            [program, "--clean", "-u", folder / "init.lua", "--headless", "--listen", address],
            cwd=REPOSITORY,
            env={**os.environ, **places, "PYTHONPATH": str(REPOSITORY), "PHI_LSP_HOME": str(home or folder / "home")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_for_address(Path(address))
        self.screen = Screen()
        self._nvim = Connection(address, self.screen.notified)
        self._nvim.call("nvim_ui_attach", COLUMNS, LINES, {"rgb": True, "ext_linegrid": True})

    def _wait_for_address(self, address: Path) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not address.exists() and time.monotonic() < end:
            time.sleep(0.02)

    # Keys

    def keys(self, keys: str) -> None:
        """Press keys, in Neovim's notation."""
        self._nvim.call("nvim_input", keys)
        self.settle()

    def type(self, text: str, pause: float = 0.03) -> None:
        """Type a text, one key after the other, at the pace of a quick person."""
        for character in text:
            self._nvim.call("nvim_input", {"\n": "<CR>", "<": "<LT>", "\t": "<C-v><Tab>"}.get(character, character))
            time.sleep(pause)
        self.settle()

    def waits_for_a_key(self) -> bool:
        """Whether a prompt keeps Neovim from doing anything else."""
        return bool(self._nvim.call("nvim_get_mode")["blocking"])

    def settle(self) -> None:
        """Wait until Neovim has read all its keys and drawn what came of them."""
        assert not self.waits_for_a_key(), f"Neovim waits for a key:\n{self.screen.text}"
        self.command("redraw")

    def command(self, command: str) -> None:
        """Run a command as the command line does."""
        self._nvim.call("nvim_command", command)

    def lua(self, code: str, *arguments: Any) -> Any:
        """The value of Lua code."""
        return self._nvim.call("nvim_exec_lua", code, arguments)

    # Files

    def open(self, name: str, text: str = "", insert: bool = True, ready: bool = True) -> Path:
        """A file with this text once the server has it, and is ``ready``; the cursor is at its end, in insert mode."""
        path = self.folder / name
        path.write_bytes(text.encode())
        self.command(f"edit {path}")
        self.until(self.attached, "the server of this buffer")
        if ready:
            self.when_ready()
        if insert:
            self.keys("G$a" if text and not text.endswith("\n") else "Go" if text else "i")
        return path

    def open_new(self, kind: str, text: str = "") -> Path:
        """A file that was not there before: an empty one in insert mode, one with a text in normal mode."""
        self.keys("<Esc>")
        self.command("silent! %bwipeout!")
        self._files += 1
        return self.open(f"file{self._files}.{kind}", text, insert=not text)

    def attached(self) -> bool:
        """Whether the server serves the current buffer, keys and all."""
        return bool(
            self.lua("""
            local options = require('phi_lsp').options()
            local mapped = vim.fn.maparg(options.keys.accept, 'i', false, true).buffer == 1
            return #vim.lsp.get_clients({ name = 'phi_lsp', bufnr = 0 }) > 0 and (mapped or not options.ghost_text)""")
        )

    def save(self) -> bytes:
        """Leave insert mode and write the file; what it holds then."""
        self.keys("<Esc>")
        self.command("silent write")
        return Path(self.lua("return vim.api.nvim_buf_get_name(0)")).read_bytes()

    @property
    def lines(self) -> list[str]:
        """The lines of the current buffer."""
        return list(self._nvim.call("nvim_buf_get_lines", 0, 0, -1, True))

    # What is shown

    def ghost(self) -> str:
        """The ghost text of the current buffer, empty when there is none."""
        return str(
            self.lua("""
            local ns = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
            local mark = vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, { details = true })[1]
            if not mark then return '' end
            local lines = { mark[4].virt_text[1][1] }
            for _, line in ipairs(mark[4].virt_lines or {}) do table.insert(lines, line[1][1]) end
            return table.concat(lines, '\\n')""")
        )

    def wait_for_ghost(self, text: str = "") -> str:
        """The ghost text once it has ``text`` in it."""
        return self.until(lambda: (shown := self.ghost()) and text in shown and shown, f"ghost text with {text!r}")

    def sees(self, text: str) -> bool:
        """Whether a text is on the screen, maybe in several lines of a frame."""
        return text in " ".join(self.screen.text.translate(_FRAME).split())

    def status(self) -> dict[str, Any]:
        """What the server says of itself; nothing while there is none."""
        return dict(
            self.lua("""
            local client = vim.lsp.get_clients({ name = 'phi_lsp' })[1]
            local answer = client and client:request_sync('phi-lsp/status', {}, 60000)
            return answer and answer.result or vim.empty_dict()""")
        )

    def when_ready(self) -> None:
        """Wait for the model."""
        self.until(
            lambda: self.status().get("summary", {}).get("state") in ("ready", "thinking"), "a model that is ready"
        )

    def messages(self) -> str:
        """Everything that was said in the message area."""
        return str(self.lua("return vim.fn.execute('messages')"))

    def diagnostics(self) -> list[dict[str, Any]]:
        """The diagnostics of the current buffer."""
        return list(self.lua("return vim.tbl_map(function(d) d.namespace = nil return d end, vim.diagnostic.get(0))"))

    def underlined(self) -> list[str]:
        """The texts of the current buffer that are underlined for a diagnostic, in their order."""
        return list(
            self.lua("""
            local texts = {}
            for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })) do
              local row, col, more = mark[2], mark[3], mark[4]
              if vim.startswith(tostring(more.hl_group), 'DiagnosticUnderline') then
                -- A mark whose text was just replaced has none.
                local ok, lines = pcall(vim.api.nvim_buf_get_text, 0, row, col, more.end_row, more.end_col, {})
                vim.list_extend(texts, ok and lines or {})
              end
            end
            return texts""")
        )

    def until(self, found: Callable[[], T], what: str) -> T:
        """The first value of ``found`` that is true."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            assert not self.waits_for_a_key(), f"Neovim waits for a key:\n{self.screen.text}"
            if value := found():
                return value
            time.sleep(0.02)
        raise AssertionError(f"waited in vain for {what}; the screen:\n{self.screen.text}\n{self.messages()}")

    def close(self) -> None:
        """End it, and with it its server."""
        with suppress(NeovimError, OSError):
            self.command("qall!")
        try:
            self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
        self._nvim.close()


def scripted(*scripts: dict[str, Any], **wish: Any) -> tuple[str, ...]:
    """The command of the real server with a scripted engine."""
    return (sys.executable, "-m", "tests.server.scripted_server", json.dumps({"scripts": scripts, **wish}))


REAL = (sys.executable, "-m", "lsp_server")
