"""llama.cpp's HTTP server from the wheel ``xllamacpp``, until it is ended: ``… MODEL PORT THREADS CONTEXT``."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Serve."""
    from xllamacpp import CommonParams, Server  # noqa: PLC0415 -- what it is for may not be installed

    path, port, threads, context = sys.argv[1], *map(int, sys.argv[2:5])
    options = CommonParams()
    options.model.path = path
    options.port = port
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = threads
    options.n_ctx, options.n_batch, options.n_ubatch = context, 1024, 512
    options.n_parallel, options.n_cache_reuse = 1, 256
    server = Server(options)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server


if __name__ == "__main__":
    main()
