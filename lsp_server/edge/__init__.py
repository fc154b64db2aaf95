"""The protocol: bytes to messages, protocol values to ours, a thin handler per method."""
