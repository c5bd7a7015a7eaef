"""Tiles of the map: facilities in groups, what orients, and the background picture."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, request
from flask_babel import gettext as _

from geomap.data.layers import background_tile
from geomap.errors import ParameterError
from geomap.maps.symbols import is_closed
from geomap.maps.tilemath import Tile, require_tile
from geomap.settings import layers_dir, static_dir
from geomap.web.finder.filters import read_filters, read_one
from geomap.web.language import current_language
from geomap.web.memory import give_back
from geomap.web.problems import RefusedParametersError
from geomap.web.query import division_code, facility_types
from geomap.web.state import snapshot
from geomap.web.unchanged import known_or_made, validated
from geomap.web.wording import text_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask.blueprints import BlueprintSetupState

    from geomap.maps.clusters import Cluster
    from geomap.maps.context import ContextIndex, PointLayer
    from geomap.web.finder.filters import Filters
    from geomap.web.problems import Fault
    from geomap.web.state import Snapshot

tiles = APIBlueprint("tiles", __name__, url_prefix="/tiles", enable_openapi=False)

#: Zooms at which the background has pictures of its own.
BACKGROUND_ZOOM = 6
#: Counted up when a tile says things in another way, so that browsers drop what they keep.
TILE_FORMAT = 3
_DAY_S = 86_400
_MOST_WITHOUT = 100
_MOST_TILES = 256
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
                target=self.prepare, args=(data, language), name="context", daemon=True
            ).start()

    def prepare(self, data: Snapshot, language: str) -> None:
        """Import folium, which the map's script needs next, and make the index."""
        import_module("geomap.maps.document")
        self.index(data, language)
        give_back()

    def _made(self, data: Snapshot, language: str) -> ContextIndex:
        from geomap.data.divisions import forget_areas, read_areas, read_boundary_lines
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
            forget_areas()
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
    return _kept(
        lambda: orjson.dumps({"clusters": _written([_grouping(data)(tile)], data)[0]}),
        data.revision,
        current=request.args.get("v") == data.revision,
    )


@tiles.get("/clusters/<int:z>/<int:x0>-<int:x1>/<int:y0>-<int:y1>.json")
def clusters_of_block(z: int, x0: int, x1: int, y0: int, y1: int) -> Response:
    """Give the facilities of all tiles in a view at once; tiles without any are left out."""
    first, last = require_tile(z, x0, y0), require_tile(z, x1, y1)
    asked = (last.x - first.x + 1) * (last.y - first.y + 1)
    if last.x < first.x or last.y < first.y or asked > _MOST_TILES:
        raise ParameterError(f"a block has 1 to {_MOST_TILES} tiles, first to last")
    data = snapshot()

    def answer() -> bytes:
        grouped = _grouping(data)
        block = [Tile(z, x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]
        found = {tile: groups for tile in block if (groups := grouped(tile))}
        written = zip(found, _written(list(found.values()), data), strict=True)
        return orjson.dumps({"tiles": {f"{tile.x}/{tile.y}": each for tile, each in written}})

    return _kept(answer, data.revision, current=request.args.get("v") == data.revision)


def _grouping(data: Snapshot) -> Callable[[Tile], list[Cluster]]:
    """Read what the request asks for, and give what groups a tile accordingly."""
    types, without, filters = requested_types(), _rows(data), requested_filters()
    return lambda tile: data.clusters_of(filters).tile(tile, types=types, without=without)


@tiles.get("/context/<int:z>/<int:x>/<int:y>.json")
def context_tile(z: int, x: int, y: int) -> Response:
    """Give land, boundaries, names, hospitals and residential areas of a tile."""
    tile = require_tile(z, x, y)
    data = snapshot()
    language = current_language()
    stamp = "-".join([language, *(each.sha256[:12] for each in data.layers)])
    response = _kept(
        lambda: orjson.dumps(context().index(data, language).tile(tile)),
        stamp,
        current="v" in request.args,
    )
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
    tag = hashlib.sha256(picture).hexdigest()[:16]
    return validated(response, tag, max_age_s=kept_s(current="v" in request.args))


def requested_types() -> tuple[str, ...] | None:
    """Read the chosen types; None for all."""
    texts = [each for each in request.args.getlist("type") if each.strip()]
    try:
        return facility_types(texts) or None
    except ValueError as error:
        raise ParameterError(f"type {error}") from error


def requested_filters() -> Filters:
    """Read the filters of the list that the map shows."""
    faults: list[Fault] = []
    filters = read_filters(request.args, faults)
    said = _("行政区划代码要写成 2、4、6、9 或 12 位数字。")
    adcode = read_one(request.args, faults, "adcode", division_code, said)
    if faults:
        raise RefusedParametersError(faults)
    return replace(filters, adcode=adcode)


def _rows(data: Snapshot) -> list[int]:
    """Read the facilities that the map draws by itself; those no longer there are ignored."""
    ids = request.args.getlist("without")
    if len(ids) > _MOST_WITHOUT:
        raise ParameterError(f"without may name at most {_MOST_WITHOUT} ids, got {len(ids)}")
    return sorted({data.rows_by_id[each] for each in ids if each in data.rows_by_id})


def _written(tiles: Sequence[Sequence[Cluster]], data: Snapshot) -> list[list[dict[str, object]]]:
    """Write the clusters of tiles, each facility that is named with what the map shows."""
    rows = sorted({row for found in tiles for each in found for row in each.rows})
    shown = ("id", "name", "type", "status")
    columns = (data.facilities[name].array.take(rows).tolist() if rows else [] for name in shown)
    ranks = data.clusters.ranks[rows].tolist()
    facilities = {
        row: {
            "id": facility_id,
            "name": name,
            "lang": text_language(name),
            "type": kind,
            "closed": is_closed(status),
            "at": rank,
        }
        for row, rank, facility_id, name, kind, status in zip(rows, ranks, *columns, strict=True)
    }
    return [
        [
            {
                "lon": round(each.lon, _DECIMALS),
                "lat": round(each.lat, _DECIMALS),
                "count": each.count,
                "zoom": each.zoom,
                "facilities": [facilities[row] for row in each.rows],
            }
            for each in found
        ]
        for found in tiles
    ]


def _kept(answer: Callable[[], bytes], stamp: str, *, current: bool) -> Response:
    """Answer JSON that changes with `stamp` and the address only; computed if not held already.

    Browsers keep it for a day if `current`: its address names the state that it is of.
    """
    return known_or_made(
        f"{stamp} {request.full_path}",
        lambda: Response(answer(), mimetype="application/json"),
        max_age_s=kept_s(current=current),
    )


def kept_s(*, current: bool) -> int | None:
    """Tell for how long browsers keep a tile unasked: a day where its address names its state."""
    return _DAY_S if current else None
