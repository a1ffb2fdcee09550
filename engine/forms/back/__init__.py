"""Filled forms coming back: reading, problems, facts, the protocol."""
