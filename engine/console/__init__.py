"""The terminal: commands and options, what they open, what they print. Only this room knows click."""
