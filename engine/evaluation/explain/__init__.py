"""The proof of one number, as data."""
