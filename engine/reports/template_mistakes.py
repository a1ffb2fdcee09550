"""What a template did wrong, in the user's words and at its line.

Jinja names tokens, in English; here they are the signs that stand in the template.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from types import TracebackType

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import MAX_RANGE

from engine.problems import Position, Problem, suggest_name
from engine.reports.filters import FILTERS
from engine.reports.templates import Template, TemplateError
from engine.translation import N_
from engine.translation import gettext as _

# The words that may stand first in a tag.
_TAGS = (
    *("block", "call", "do", "else", "elif", "endblock", "endcall", "endfilter", "endfor", "endif"),
    *("endmacro", "endset", "endwith", "extends", "filter", "for", "from", "if", "import"),
    *("include", "macro", "raw", "endraw", "set", "with"),
)
# How Jinja calls what stands in a template, and how it is written there.
_SIGNS = {
    "begin of comment": "{#",
    "end of comment": "#}",
    "begin of statement block": "{%",
    "end of statement block": "%}",
    "begin of print statement": "{{",
    "end of print statement": "}}",
}
# A message of Jinja as a pattern, the message to the user, and the names to suggest the nearest of.
_MESSAGES: tuple[tuple[str, str, Collection[str]], ...] = (
    (
        r"Unexpected end of template.*needs to be closed is '(?P<open>\w+)'",
        N_("“{{% {open} … %}}” is not closed: “{{% end{open} %}}” is missing"),
        (),
    ),
    (
        r"Encountered unknown tag '(?P<name>\w+)'\. You .*needs to be closed is '(?P<open>\w+)'",
        N_("before “{{% {name} %}}” there must be “{{% end{open} %}}” for “{{% {open} … %}}”"),
        (),
    ),
    (
        r"Encountered unknown tag '(?P<name>\w+)'",
        N_("“{{% {name} %}}” cannot stand here"),
        _TAGS,
    ),
    (r"No filter named '(?P<name>.*)'", N_("there is no filter “{name}”"), FILTERS),
    (r"No test named '(?P<name>.*)'", N_("there is no test “{name}”"), ()),
    (r"Expected an expression, got '(?P<sign>.+)'", N_("a name is missing before “{sign}”"), ()),
    (r"expected token 'name', got '(?P<sign>.+)'", N_("a name is missing before “{sign}”"), ()),
    (r"expected name or number", N_("a name is missing after “.”"), ()),
    (
        r"expected token '(?P<sign>.+)', got '(?P<found>.+)'",
        N_("“{sign}” is expected, found “{found}”"),
        (),
    ),
    (
        r"unexpected '(?P<found>.+)', expected '(?P<sign>.+)'",
        N_("“{sign}” is expected, found “{found}”"),
        (),
    ),
    (
        r"unexpected end of template, expected '(?P<sign>.+)'",
        N_("“{sign}” is missing: the template ends before it"),
        (),
    ),
    (r"unexpected (?:char )?([\"'])(?P<sign>.+)\1", N_("“{sign}” cannot stand here"), ()),
    (r"Missing end of comment tag", N_("“#}}” is missing: the template ends before it"), ()),
    (r"tag name expected", N_("after “{{%” a word is expected: if, for, set, include…"), ()),
    (r"can't assign to ", N_("only a name can be given a value"), ()),
    (r"block '(?P<name>.*)' defined twice", N_("the block “{name}” is there twice"), ()),
)
_NAMED = re.compile(r"'([^']*)'")
_TOO_LONG = re.compile("Range too big|ssize_t")


def describe_failure(error: BaseException, template: Template) -> Problem:
    """Whatever a template did wrong, as a problem with its file and line."""
    if isinstance(error, TemplateError):
        return error.problem
    if isinstance(error, TemplateSyntaxError):
        where = Position(_shown(error.filename or error.name, template), error.lineno)
        reason = describe_mistake(error.message or "")
        message = _("the template cannot be read: {reason}").format(reason=reason)
        return Problem("template-syntax", message, where)
    where = find_line(error.__traceback__, template)
    if isinstance(error, MemoryError):
        return Problem("template-memory", _("the template takes too much memory"), where)
    message = _("the template fails: {reason}").format(reason=_describe_reason(error))
    return Problem("template-failed", message, where)


def describe_mistake(original: str) -> str:
    """A mistake in the writing of a template in the user's words; of the rare ones, Jinja's message."""
    for pattern, message, names in _MESSAGES:
        match = re.match(pattern, original, re.DOTALL)
        if match is not None:
            parts = {name: _write_sign(token) for name, token in match.groupdict().items()}
            misspelt = names and parts["name"] not in names
            nearest = suggest_name(parts["name"], names) if misspelt else ""
            return "; ".join(filter(None, (_(message).format(**parts), nearest)))
    return original


def _write_sign(called: str) -> str:
    if called == "end of template":
        return _("the end of the template")
    return _SIGNS.get(called, called)


def _describe_reason(error: BaseException) -> str:
    """Why a template failed, in the user's language where it is a common mistake."""
    if isinstance(error, TemplateNotFound):
        return _("there is no part “{name}” beside it").format(name=error.name)
    if isinstance(error, SecurityError):
        named = _NAMED.search(str(error))
        return _("“{name}” is out of bounds").format(name=named[1] if named else error)
    if isinstance(error, ZeroDivisionError):
        return _("a division by zero")
    if isinstance(error, RecursionError):
        return _("it is nested too deeply, or calls itself without end")
    if isinstance(error, OverflowError) and _TOO_LONG.search(str(error)):
        return _("the range is too long: at most {most} numbers").format(most=MAX_RANGE)
    return str(error)


def find_line(trace: TracebackType | None, template: Template) -> Position:
    """The deepest line of a template that an error passed through."""
    position = Position(str(template.path))
    while trace is not None:
        compiled = trace.tb_frame.f_globals.get("__jinja_template__")
        if compiled is not None:
            line = compiled.get_corresponding_lineno(trace.tb_lineno)
            position = Position(_shown(compiled.filename, template), line)
        trace = trace.tb_next
    return position


def _shown(filename: str | None, template: Template) -> str:
    """The file as the user named it."""
    if filename is None or Path(filename).name == template.path.name:
        return str(template.path)
    return filename
