"""`python -m lsp_server` and the `phi-lsp` command."""

from __future__ import annotations

import sys

from lsp_server.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
