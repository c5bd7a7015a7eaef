"""Tiles of the street maps that were imported into the workspace."""

from __future__ import annotations

import gzip
import hashlib
import logging
import threading
import time
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify, request, url_for

from geomap.data.basemap.kinds import FIRST_ZOOM, LAST_ZOOM
from geomap.data.basemap.store import ATTRIBUTION, FIELDS, StreetMaps, maps_stamp
from geomap.errors import DataError
from geomap.maps.tilemath import require_tile
from geomap.maps.vector_tiles import MEDIA_TYPE
from geomap.model.mercator import to_world
from geomap.model.table import Label
from geomap.web.addresses import plain_address
from geomap.web.unchanged import validated
from geomap.web.wording import day

if TYPE_CHECKING:
    from pathlib import Path

    from apiflask import APIFlask

    from geomap.data.basemap.store import StreetMap
    from geomap.maps.street_picture import Tiles
    from geomap.web.facility.facts import Reader

basemap = APIBlueprint("basemap", __name__, url_prefix="/tiles", enable_openapi=False)

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 1.0
_DAY_S = 86_400
_CREDIT = Label("街道 © OpenStreetMap 贡献者", "Streets © OpenStreetMap contributors")
_OF = Label("（{day}）", " ({day})")


class Held:
    """The street maps of a workspace, opened when first used and again when they change.

    Parameters
    ----------
    folder : the workspace; None where the bundled layers are served.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._maps: StreetMaps | None = None
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def maps(self) -> StreetMaps | None:
        """Give the street maps; None where there are none, or they cannot be read."""
        now = time.monotonic()
        if self._folder is not None and now - self._looked >= _LOOK_EVERY_S:
            with self._lock:
                self._looked = now
                self._renew(self._folder)
        return self._maps

    def _renew(self, folder: Path) -> None:
        """Open what is there now, if it is not what is held; the held ones serve to their end."""
        stamp = maps_stamp(folder)
        if stamp == (self._maps.stamp if self._maps else ""):
            return
        try:
            self._maps = StreetMaps(folder) if stamp else None
        except DataError:
            _log.exception("the street maps cannot be read; what was there is served on")


def offer_streets(app: APIFlask, folder: Path | None) -> None:
    """Let an application draw the street maps of a workspace."""
    app.extensions["geomap_streets"] = Held(folder)
    app.register_blueprint(basemap)


def _maps() -> StreetMaps | None:
    """Give the street maps of the current application."""
    return cast("Held", current_app.extensions["geomap_streets"]).maps()


@basemap.get("/basemap/<int:z>/<int:x>/<int:y>.mvt")
def street_tile(z: int, x: int, y: int) -> Response:
    """Give a tile of the street maps; nothing, with 204, where there is none."""
    tile = require_tile(z, x, y)
    maps = _maps()
    content = maps.tile(*tile) if maps else None
    if content is None:
        response, tag = Response(status=204), "none"
    else:
        response, tag = _packed(content), hashlib.sha256(content).hexdigest()[:16]
    response.vary.add("Accept-Encoding")
    tag = f"{tag}:{response.content_encoding or 'plain'}"
    return validated(response, tag, max_age_s=_DAY_S if "v" in request.args else None)


def _packed(content: bytes) -> Response:
    """Answer what is kept compressed as it is, to those who read it so."""
    if request.accept_encodings.quality("gzip") > 0:
        response = Response(content, mimetype=MEDIA_TYPE)
        response.content_encoding = "gzip"
        return response
    return Response(gzip.decompress(content), mimetype=MEDIA_TYPE)


@basemap.get("/basemap.json")
def street_tilejson() -> Response:
    """Describe the tiles as TileJSON 3.0.0 asks."""
    maps = _maps()
    held = maps.maps if maps else []
    corners = list(zip(*(each.bounds for each in held), strict=True))
    address = plain_address("basemap.street_tile", z=0, x=0, y=0)
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": "basemap",
        "tiles": [address.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")],
        "attribution": ATTRIBUTION,
        "minzoom": FIRST_ZOOM,
        "maxzoom": LAST_ZOOM,
        "vector_layers": [{"id": name, "fields": dict(each)} for name, each in FIELDS.items()],
    }
    if corners:
        west, south, east, north = corners
        document["bounds"] = [min(west), min(south), max(east), max(north)]
    response = jsonify(document)
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]  # of the same class


def street_tiles() -> Tiles | None:
    """Give the tiles of the street maps, for pictures; None where there are none."""
    maps = _maps()
    return maps.tile if maps is not None and maps.maps else None


def streets_stamp() -> str:
    """Give a text that changes with the street maps; empty where there are none."""
    maps = _maps()
    return "" if maps is None else hashlib.sha256(maps.stamp.encode()).hexdigest()[:12]


def has_streets() -> bool:
    """Tell whether there are street maps to draw."""
    maps = _maps()
    return maps is not None and bool(maps.maps)


def streets_config(reader: Reader) -> dict[str, Any] | None:
    """Describe the street maps for the script of the map; None where there are none."""
    maps = _maps()
    if maps is None or not has_streets():
        return None
    address = url_for("basemap.street_tile", z=0, x=0, y=0)
    return {
        "url": f"{address.replace('/0/0/0.mvt', '/{z}/{x}/{y}.mvt')}?v={streets_stamp()}",
        "minZoom": FIRST_ZOOM,
        "maxZoom": LAST_ZOOM,
        "maps": [_described(each, reader) for each in maps.maps],
    }


def _described(one: StreetMap, reader: Reader) -> dict[str, Any]:
    """Say where a street map lies, in degrees and in the world's square, and whose it is."""
    west, south, east, north = one.bounds
    x, y = to_world([west, east], [north, south])
    credit = _CREDIT.of(reader.language)
    if one.date:
        said = day(date.fromisoformat(one.date), reader.language, today=reader.today)
        credit += _OF.of(reader.language).replace("{day}", said)
    return {
        "bounds": [[south, west], [north, east]],
        "world": [float(x[0]), float(y[0]), float(x[1]), float(y[1])],
        "attribution": credit,
    }


def widened(bounds: list[list[float]], streets: dict[str, Any] | None) -> list[list[float]]:
    """Widen bounds, south-west and north-east, so that all street maps lie in them."""
    boxes = [bounds, *(each["bounds"] for each in (streets or {"maps": []})["maps"])]
    south, west = (min(box[0][axis] for box in boxes) for axis in (0, 1))
    north, east = (max(box[1][axis] for box in boxes) for axis in (0, 1))
    return [[south, west], [north, east]]
