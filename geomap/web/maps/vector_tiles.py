"""Facilities as Mapbox vector tiles, and the TileJSON that describes them, for others' maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from apiflask import APIBlueprint
from flask import Response, request

from geomap.find.selection import Selection
from geomap.maps.map_style import map_style
from geomap.maps.tilemath import require_tile
from geomap.maps.vector_tiles import MEDIA_TYPE, tile_json
from geomap.web.addresses import plain_address, site_address
from geomap.web.compression import accepted_encoding, encoded
from geomap.web.maps.tiles import kept_s, requested_filters, requested_types
from geomap.web.state import snapshot
from geomap.web.unchanged import known_or_made

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from geomap.web.state import Snapshot

vector_tiles = APIBlueprint("vector_tiles", __name__, url_prefix="/tiles", enable_openapi=False)

#: Half the time of level 6, for a twentieth more bytes.
_GZIP_LEVEL = 4
_NAME = "geomap"


@vector_tiles.get("/facilities/<int:z>/<int:x>/<int:y>.mvt")
def tile(z: int, x: int, y: int) -> Response:
    """Give the facilities of a tile that fit the filters of the address."""
    asked = require_tile(z, x, y)
    data = snapshot()
    encoding = accepted_encoding()

    def answer() -> Response:
        content = data.vector_tiles.tile(asked, chosen=_chosen(data))
        packed = encoded(content, encoding, gzip_level=_GZIP_LEVEL)
        response = Response(packed, mimetype=MEDIA_TYPE)
        if encoding:
            response.content_encoding = encoding
        return response

    response = _kept(answer, data, encoding)
    response.vary.add("Accept-Encoding")
    return response


@vector_tiles.get("/facilities.json")
def description() -> Response:
    """Describe the tiles of those filters as TileJSON, with full addresses."""
    data = snapshot()

    def answer() -> Response:
        asked = {"z": 0, "x": 0, "y": 0, "v": data.revision, **_asked()}
        address = plain_address("vector_tiles.tile", **asked)
        told = tile_json(
            data.vector_tiles,
            address.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
            name=_NAME,
            attribution=data.site.attribution,
        )
        return Response(orjson.dumps(told), mimetype="application/json")

    return _kept(answer, data, site_address())


@vector_tiles.get("/facilities/style.json")
def style() -> Response:
    """Give a MapLibre style of the tiles of those filters."""
    data = snapshot()

    def answer() -> Response:
        address = plain_address("vector_tiles.description", **_asked())
        told = map_style(address, name=_NAME, bounds=data.vector_tiles.bounds)
        return Response(orjson.dumps(told), mimetype="application/json")

    return _kept(answer, data, site_address())


def _asked() -> dict[str, list[str]]:
    """Write what the address asks for, for the addresses that are named."""
    return {"type": list(requested_types() or ()), **requested_filters().of_map}


def _chosen(data: Snapshot) -> NDArray[np.bool_] | None:
    """Mark the facilities that are asked for; None where all are."""
    types, filters = requested_types(), requested_filters()
    if not types and not filters.of_map:
        return None
    mask = Selection(types=types or ()).mask(data.columns)
    if filters.of_map:
        selection = filters.selection(())
        mask = mask & (selection.maybe if filters.unsure else selection.mask)(data.columns)
    return mask


def _kept(answer: Callable[[], Response], data: Snapshot, stamp: str) -> Response:
    """Answer what changes with the data, the address and `stamp` only; made if not held already.

    Browsers keep it for a day where the address names the data that it is of.
    """
    return known_or_made(
        f"{data.revision} {stamp} {request.full_path}",
        answer,
        max_age_s=kept_s(current=request.args.get("v") == data.revision),
    )
