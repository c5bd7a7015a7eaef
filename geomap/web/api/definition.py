"""``/openapi.json`` for programs, and ``/docs``: the same for people, without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, render_template, request

from geomap.web.addresses import local_address, site_address
from geomap.web.api.docs_chapters import as_json, chapters, marked_parts
from geomap.web.api.docs_words import in_chinese, use
from geomap.web.api.openapi import definition as written
from geomap.web.language import current_language
from geomap.web.maps.map import bounds_of
from geomap.web.media_types import HTML, JSON
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from apiflask import APIFlask

_KEPT = "geomap_definition"

definition = APIBlueprint("definition", __name__, enable_openapi=False)


@definition.get("/openapi.json")
def openapi() -> Response:
    """Give the definition of the API."""
    response = Response(orjson.dumps(_document()), content_type=JSON)
    response.add_etag(weak=True)
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@definition.get("/docs")
def docs() -> Response:
    """Show the definition of the API."""
    document = _document()
    if current_language() == "zh":
        document = in_chinese(document)
    page = render_template(
        "docs.html",
        schemas={name: as_json(each) for name, each in document["components"]["schemas"].items()},
        chapters=chapters(document, shown=_examples()),
        use=use(),
        marked_parts=marked_parts,
        local_address=local_address,
    )
    response = Response(page, content_type=f"{HTML}; charset=utf-8")
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _examples() -> dict[str, Any]:
    """Choose values for the addresses of the page, so that they answer with what is served here."""
    data = snapshot()
    bounds = bounds_of(data)
    shown: dict[str, Any] = {}
    if bounds is not None:
        (south, west), (north, east) = bounds
        shown |= {"lon": round((west + east) / 2, 4), "lat": round((south + north) / 2, 4)}
    if len(data.facilities):
        shown |= {"facility_id": data.facilities["id"].iloc[0],
                  "q": data.common_division or data.facilities["name"].iloc[0]}  # fmt: skip
        codes = data.facilities["adcode"].dropna()
        shown |= {"adcode": codes.iloc[0]} if len(codes) else {}
    return shown


def _document() -> dict[str, Any]:
    """Write the definition, once but for the address by which it was asked for."""
    app = cast("APIFlask", current_app)
    if _KEPT not in app.extensions:
        app.extensions[_KEPT] = written(app)
    return {**app.extensions[_KEPT], "servers": [{"url": site_address()}]}
