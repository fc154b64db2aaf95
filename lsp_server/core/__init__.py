"""The pure heart: documents, syntax, prompts, truncation, suggestions.

Nothing here knows of LSP, engines, clocks, disks (beyond the package's own query
files) or async. Every value is frozen; every offset is an index into ``Document.text``
(code points, not bytes, not UTF-16 units).
"""
