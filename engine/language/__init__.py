"""The language of formulas: grammar, functions, and the ways a formula is read."""
