"""Facilities as PNG tiles over HTTP; the tiles asked for last are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint
from flask import Response, current_app, request

from geomap.maps.picture_tiles import picture_tile
from geomap.maps.tilemath import require_tile
from geomap.web.finder.answer import FinderQuery
from geomap.web.language import current_language
from geomap.web.maps.drawn import facilities_to_draw
from geomap.web.maps.tiles import kept_s, requested_filters, requested_types
from geomap.web.recent import Recent
from geomap.web.state import snapshot
from geomap.web.unchanged import known_or_made

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

picture_tiles = APIBlueprint("picture_tiles", __name__, url_prefix="/tiles", enable_openapi=False)

#: Some 5 kB each.
_MOST_KEPT: Final = 2_000


@picture_tiles.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Give the application its own store of tiles."""
    state.app.extensions["geomap_picture_tiles"] = Recent(_MOST_KEPT)


@picture_tiles.get("/facilities/<int:z>/<int:x>/<int:y>.png", defaults={"scale": 1})
@picture_tiles.get("/facilities/<int:z>/<int:x>/<int:y>@2x.png", defaults={"scale": 2})
def tile(z: int, x: int, y: int, scale: int) -> Response:
    """Draw the facilities of a tile that fit the filters of the address."""
    asked, data, language = require_tile(z, x, y), snapshot(), current_language()
    query = FinderQuery(types=requested_types() or (), filters=requested_filters())
    key = f"{data.revision} {language} {asked} {scale} {query.types} {query.filters.text}"
    kept: Recent = current_app.extensions["geomap_picture_tiles"]

    def answer() -> Response:
        held = kept.get(key)
        if held is None:
            some = facilities_to_draw(data, query)
            held = picture_tile(some, asked, language=language, scale=scale)
            kept.put(key, held)
        return Response(held, mimetype="image/png")

    current = request.args.get("v") == data.revision
    response = known_or_made(key, answer, max_age_s=kept_s(current=current))
    response.vary.add("Accept-Language")
    return response
