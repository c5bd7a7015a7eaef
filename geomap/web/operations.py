"""For those who run the service: is it alive, is it ready; and what crawlers and browsers ask."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, send_from_directory

from geomap.settings import static_dir
from geomap.web.addresses import plain_address
from geomap.web.state import snapshot

#: Answers without end, for programs and for one reader: nothing to be found by a search engine.
_NOT_INDEXED = ("/api/", "/compare", "/favourites", "/booklet", "/places", "/plan/", "/find")

operations = APIBlueprint("operations", __name__, enable_openapi=False)


@operations.get("/healthz")
def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@operations.get("/readyz")
def ready() -> dict[str, object]:
    """Say that data is loaded, and which revision."""
    data = snapshot()
    return {"status": "ready", "revision": data.revision, "facilities": len(data.facilities)}


@operations.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers what is worth reading, and where the list of pages is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {each}" for each in _NOT_INDEXED),
        f"Sitemap: {plain_address('sitemaps.index')}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@operations.get("/favicon.ico")
def icon() -> Response:
    """Give the small picture to browsers that look for it where it always was."""
    return send_from_directory(static_dir() / "img", "favicon.ico", max_age=86_400)
