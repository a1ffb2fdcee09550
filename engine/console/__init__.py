"""The terminal: click's words, what was asked, what is shown. Only this room knows click."""
