"""Plain data → the frozen catalogue, key by key; problems are noted on the way."""
