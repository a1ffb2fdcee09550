"""From what is asked to expressions of columns: nothing is computed here."""
