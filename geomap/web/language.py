"""The reader's language: ``?lang=``, else Accept-Language, else the operator's choice."""

from __future__ import annotations

import re
from typing import Literal, cast

from flask import current_app, g, has_request_context, request, url_for

Language = Literal["zh", "en"]
_FINE = re.compile(r"(?<=\.[0-9]{3})[0-9]+")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def current_language() -> Language:
    """Tell the language in which this request is answered."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        g.language = _chosen() or _accepted() or current_app.config["DEFAULT_LANGUAGE"]
    return cast("Language", g.language)


def chosen_language() -> Language | None:
    """Tell the language that the address names, so that links keep it; None where it names none."""
    return _chosen()


def page_url(endpoint: str, **values: object) -> str:
    """Give the address of a page of ours; it keeps the language that the reader chose."""
    kept = {name: value for name, value in values.items() if value not in (None, "", [], ())}
    kept.setdefault("lang", _chosen())
    return url_for(endpoint, **{n: v for n, v in kept.items() if v is not None})  # type: ignore[arg-type]  # werkzeug takes lists too


def other_language_url() -> str:
    """Give the address of this same page in the other language."""
    other = "zh" if current_language() == "en" else "en"
    arguments = {**own_arguments(), "lang": [other]}
    endpoint = request.endpoint or "pages.finder"
    return url_for(endpoint, **{**(request.view_args or {}), **arguments})


def own_arguments() -> dict[str, list[str]]:
    """Give the parameters of this page for links to itself; positions lose their fine decimals.

    What the path says already, and what :func:`flask.url_for` would take for itself, is left out.
    """
    said = {"endpoint", *(request.view_args or ())}
    given = request.args.to_dict(flat=False)
    return {
        name: [_coarse(name, each) for each in values]
        for name, values in given.items()
        if name not in said and not name.startswith("_")
    }


def _coarse(name: str, text: str) -> str:
    """Cut a position to about 100 m."""
    return _FINE.sub("", text) if name in ("lon", "lat") else text


def _chosen() -> Language | None:
    """Read the language that the address names, if it is one of ours."""
    named = request.args.get("lang")
    return named if named in LANGUAGES else None


def _accepted() -> Language | None:
    """Read the language that the browser prefers, whatever its region or script."""
    for tag, quality in request.accept_languages:
        primary = tag.split("-", 1)[0].lower()
        if quality > 0 and primary in LANGUAGES:
            return primary
    return None
