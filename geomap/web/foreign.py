"""Names of the data inside our own sentences: escaped, and marked where their language differs."""

from __future__ import annotations

import re

from flask import get_template_attribute
from markupsafe import Markup, escape

from geomap.web.language import current_language
from geomap.web.wording import text_language

#: A run of Chinese or Japanese signs; a run of several words, or of kana, within Chinese.
_CJK = re.compile(
    "([\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
    "(?:[\\s·]*[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+)*)"
)
_LATIN = re.compile(
    "([A-Za-z][A-Za-z0-9'’&.,/-]*(?: [A-Za-z0-9'’&.,/-]+)+"
    "|[\u4e00-\u9fff]*[\u3040-\u30ff][\u3040-\u30ff\u4e00-\u9fff]*)"
)


def lang_of(text: str) -> Markup:
    """Write the ``lang`` attribute of a text of the data, where it is not the page's language."""
    return lang_attribute(text_language(text))


def lang_attribute(language: str | None) -> Markup:
    """Write a ``lang`` attribute, where it differs from the page's."""
    if language is None or language == current_language():
        return Markup("")
    return Markup(' lang="{}"').format(language)


def marked(text: str) -> Markup:
    """Escape a sentence, and mark the runs in it that are in another language than the page.

    Sentences on an office's file quote it: a Chinese name on an English page is read out as
    Chinese, an English address on a Chinese page as English.
    """
    pattern = _CJK if current_language() == "en" else _LATIN
    run = get_template_attribute("foreign.html", "run")
    parts = [
        run(part, text_language(part) or "zh") if place % 2 else escape(part)
        for place, part in enumerate(pattern.split(text))
    ]
    return Markup("").join(parts)


def fill(sentence: str, **names: object) -> Markup:
    """Fill a translated sentence with names of the data, each escaped and marked by language."""
    data = get_template_attribute("foreign.html", "data")
    marked = {
        name: data(value) if isinstance(value, str) else value for name, value in names.items()
    }
    return Markup(sentence) % marked  # noqa: S704 (the sentence is ours, the names are escaped)
