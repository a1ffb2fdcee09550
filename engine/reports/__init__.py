"""Reports: results laid out by Jinja templates. Only this package knows Jinja."""

from engine.reports.library import Template, TemplateError, copy_template, list_templates
from engine.reports.render import render

__all__ = ["Template", "TemplateError", "copy_template", "list_templates", "render"]
