"""``/openapi.json`` for programs, and ``/docs``: the same for people, without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, render_template, request

from geomap.web.api.openapi import definition as written
from geomap.web.api.reading import chapters, marked_parts

if TYPE_CHECKING:
    from apiflask import APIFlask

_KEPT = "geomap_definition"

definition = APIBlueprint("definition", __name__, enable_openapi=False)


@definition.get("/openapi.json")
def openapi() -> Response:
    """Give the definition of the API."""
    response = Response(orjson.dumps(_document()), content_type="application/json")
    response.add_etag(weak=True)
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@definition.get("/docs")
def docs() -> Response:
    """Show the definition of the API."""
    document = _document()
    page = render_template(
        "docs.html",
        document=document,
        chapters=chapters(document),
        about=marked_parts(document["info"]["description"]),
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _document() -> dict[str, Any]:
    """Write the definition, once but for the address by which it was asked for."""
    app = cast("APIFlask", current_app)
    if _KEPT not in app.extensions:
        app.extensions[_KEPT] = written(app)
    return {**app.extensions[_KEPT], "servers": [{"url": request.url_root.rstrip("/")}]}
