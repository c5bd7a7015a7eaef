"""Tiles of the map: facilities in groups, what orients, and the background picture."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, request

from geomap.data.layers import background_tile
from geomap.errors import ParameterError
from geomap.maps.symbols import is_closed
from geomap.maps.tilemath import require_tile
from geomap.settings import layers_dir, static_dir
from geomap.web.language import current_language
from geomap.web.query import facility_types
from geomap.web.state import snapshot
from geomap.web.wording import text_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask.blueprints import BlueprintSetupState

    from geomap.maps.clusters import Cluster
    from geomap.maps.context import ContextIndex, PointLayer
    from geomap.web.state import Snapshot

tiles = APIBlueprint("tiles", __name__, url_prefix="/tiles", enable_openapi=False)

#: Zooms at which the background has pictures of its own.
BACKGROUND_ZOOM = 6
#: Counted up when a tile says things in another way, so that browsers drop what they keep.
TILE_FORMAT = 2
_DAY_S = 86_400
_MOST_WITHOUT = 100
_DECIMALS = 6


@dataclass(eq=False)
class Context:
    """What orients, by language; made once in a process, by the first who asks."""

    indexes: dict[str, ContextIndex] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def index(self, data: Snapshot, language: str) -> ContextIndex:
        """Give the index of a language; others wait while it is made."""
        if language not in self.indexes:
            with self.lock:
                if language not in self.indexes:
                    self.indexes[language] = self._made(data, language)
        return self.indexes[language]

    def warm_up(self, data: Snapshot, language: str) -> None:
        """Make the index in the background, before the first tile is asked for."""
        if language not in self.indexes and not self.lock.locked():
            threading.Thread(
                target=self._warm, args=(data, language), name="context", daemon=True
            ).start()

    def _warm(self, data: Snapshot, language: str) -> None:
        """Import folium, which the map's script needs next, and make the index."""
        import_module("geomap.maps.document")
        self.index(data, language)

    def _made(self, data: Snapshot, language: str) -> ContextIndex:
        from geomap.data.divisions import read_areas, read_boundary_lines
        from geomap.maps import boundaries, context

        lines: dict[str, Any]
        points: dict[str, PointLayer]
        if self.indexes:  # the other language has all but the names of places
            other = next(iter(self.indexes.values()))
            lines, points, land = dict(other.lines), dict(other.points), other.land
        else:
            counties = read_areas("county")
            lines, land = (
                dict(boundaries.boundary_arcs(counties)),
                boundaries.land_polygons(counties),
            )
            lines["nation"] = boundaries.to_world_lines(read_boundary_lines().geometry.to_numpy())
            points = {
                "hospitals": context.hospital_points(data.hospitals),
                "residential": context.housing_points(data.context("residential")),
            }
        points["places"] = context.place_points(data.places, language=language)
        made = context.ContextIndex(lines, points, land)
        made.warm_up()
        return made


@tiles.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Give the application its own context."""
    state.app.extensions["geomap_context"] = Context()


def context() -> Context:
    """Give the context of the current application."""
    return cast("Context", current_app.extensions["geomap_context"])


@tiles.get("/clusters/<int:z>/<int:x>/<int:y>.json")
def clusters(z: int, x: int, y: int) -> Response:
    """Give the facilities of a tile: single ones, and groups with their number."""
    tile = require_tile(z, x, y)
    data = snapshot()
    types = _types()
    without = _rows(data)

    def answer() -> bytes:
        found = data.clusters.tile(tile, types=types, without=without)
        return orjson.dumps({"clusters": _written(found, data)})

    return _kept(answer, data.revision)


@tiles.get("/context/<int:z>/<int:x>/<int:y>.json")
def context_tile(z: int, x: int, y: int) -> Response:
    """Give land, boundaries, names, hospitals and residential areas of a tile."""
    tile = require_tile(z, x, y)
    data = snapshot()
    language = current_language()
    stamp = "-".join([language, *(each.sha256[:12] for each in data.layers)])
    response = _kept(lambda: orjson.dumps(context().index(data, language).tile(tile)), stamp)
    response.vary.add("Accept-Language")
    return response


@tiles.get("/background/<int:z>/<int:x>/<int:y>.png")
def background(z: int, x: int, y: int) -> Response:
    """Give a background picture; an empty one where there is none, so that nothing fails."""
    tile = require_tile(z, x, y)
    picture = background_tile(layers_dir(), *tile)
    if picture is None:
        picture = (static_dir() / "vendor" / "empty.png").read_bytes()
    response = Response(picture, mimetype="image/png")
    return _validated(response, hashlib.sha256(picture).hexdigest()[:16])


def _types() -> tuple[str, ...] | None:
    """Read the chosen types; None for all."""
    texts = [each for each in request.args.getlist("type") if each.strip()]
    try:
        return facility_types(texts) or None
    except ValueError as error:
        raise ParameterError(f"type {error}") from error


def _rows(data: Snapshot) -> list[int]:
    """Read the facilities that the map draws by itself; those no longer there are ignored."""
    ids = request.args.getlist("without")
    if len(ids) > _MOST_WITHOUT:
        raise ParameterError(f"without may name at most {_MOST_WITHOUT} ids, got {len(ids)}")
    return sorted({data.rows_by_id[each] for each in ids if each in data.rows_by_id})


def _written(found: Sequence[Cluster], data: Snapshot) -> list[dict[str, object]]:
    """Write clusters, each single facility or list of facilities with what the map shows."""
    rows = sorted({row for each in found for row in each.rows})
    shown = ("id", "name", "type", "status")
    columns = (data.facilities[name].iloc[rows].astype(object).tolist() for name in shown)
    facilities = {
        row: {
            "id": facility_id,
            "name": name,
            "lang": text_language(name),
            "type": kind,
            "closed": is_closed(status),
        }
        for row, facility_id, name, kind, status in zip(rows, *columns, strict=True)
    }
    return [
        {
            "lon": round(each.lon, _DECIMALS),
            "lat": round(each.lat, _DECIMALS),
            "count": each.count,
            "zoom": each.zoom,
            "facilities": [facilities[row] for row in each.rows],
        }
        for each in found
    ]


def _kept(answer: Callable[[], bytes], stamp: str) -> Response:
    """Answer JSON that changes with `stamp` and the address only; computed if not held already."""
    key = f"{TILE_FORMAT} {stamp} {request.full_path}".encode()
    tag = hashlib.sha256(key).hexdigest()[:16]
    if tag in request.if_none_match:
        return _validated(Response(status=304), tag)
    return _validated(Response(answer(), mimetype="application/json"), tag)


def _validated(response: Response, tag: str) -> Response:
    """Let browsers keep an answer: for a day where the address names the revision."""
    response.set_etag(tag)
    response.cache_control.public = True
    if request.args.get("v"):
        response.cache_control.max_age = _DAY_S
    else:
        response.cache_control.no_cache = True
    return cast("Response", response.make_conditional(request))
