"""Results written without a template: tables, workbooks, open data, the terminal."""
