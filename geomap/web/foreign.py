"""Names of the data inside our own sentences: escaped, and marked where their language differs."""

from __future__ import annotations

from flask import get_template_attribute
from markupsafe import Markup

from geomap.web.language import current_language
from geomap.web.wording import text_language


def lang_of(text: str) -> Markup:
    """Write the ``lang`` attribute of a text of the data, where it is not the page's language."""
    return lang_attribute(text_language(text))


def lang_attribute(language: str | None) -> Markup:
    """Write a ``lang`` attribute, where it differs from the page's."""
    if language is None or language == current_language():
        return Markup("")
    return Markup(' lang="{}"').format(language)


def fill(sentence: str, **names: object) -> Markup:
    """Fill a translated sentence with names of the data, each escaped and marked by language."""
    data = get_template_attribute("foreign.html", "data")
    marked = {
        name: data(value) if isinstance(value, str) else value for name, value in names.items()
    }
    return Markup(sentence) % marked  # noqa: S704 (the sentence is ours, the names are escaped)
