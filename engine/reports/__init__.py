"""Reports: results laid out by Jinja templates. Only this package knows Jinja.

Nothing is imported here: tables and files of results do without Jinja.
"""
