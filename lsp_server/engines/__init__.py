"""Engines: what turns a `Prompt` into text. One file per engine, native libraries imported lazily."""
