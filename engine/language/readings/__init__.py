"""One tree, read in several ways: units, columns, reasons, words."""
