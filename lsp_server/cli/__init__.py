"""The command line: one module per command, imported only when its command is named.

A command module has ``register(commands)``, which adds its argparse parser, and ``run(options) -> int``, which does
the work and returns the exit status: 0 done, 1 failed. Usage errors end with 2. What goes wrong in a way that a user
can act on is raised as a `ModelError` or an `EngineError`; `main` prints it as one line.
"""
