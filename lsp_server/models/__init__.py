"""Models: what is known of them (`registry`), where they lie (`store`), how they get there (`download`).

Nothing here knows of LSP, prompts or terminals: progress and cancellation are plain callbacks.
"""
