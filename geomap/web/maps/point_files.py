"""The whole map as files: every located facility, their names, and which of them fit filters.

A browser that has them groups and names facilities by itself, without a request for any move.
Places in these files count in Morton order, so all must be of one revision: another than the
named one is not found, and the browser goes on with tiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from apiflask import APIBlueprint
from flask import Response, current_app, request, url_for

from geomap.errors import NotFoundError
from geomap.maps.points import kinds_of, pack_choice, pack_names, pack_points
from geomap.model.facility import NOT_OPEN
from geomap.web.compression import Packed, accepted_encoding, encoded
from geomap.web.maps.tiles import requested_filters
from geomap.web.state import snapshot
from geomap.web.unchanged import tag_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.blueprints import BlueprintSetupState

    from geomap.web.state import Snapshot

point_files = APIBlueprint("point_files", __name__, url_prefix="/tiles", enable_openapi=False)

#: Below this many facilities, tiles serve as well.
FEWEST_POINTS = 200
#: Facilities whose names come in one file: some 40 KB.
NAMES_IN_FILE = 4096
_YEAR_S = 31_536_000
_BINARY = "application/octet-stream"


@point_files.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Give the application its own store of files."""
    state.app.extensions["geomap_packed"] = Packed()


@point_files.get("/points/<revision>.bin")
def points(revision: str) -> Response:
    """Give place, type and state of every located facility, as geomap.maps.points writes them."""
    data = _of(revision)

    def make() -> bytes:
        rows = data.clusters.order
        shown = data.facilities[["type", "status"]].iloc[rows]
        closed = shown["status"].isin(NOT_OPEN).to_numpy(dtype=bool)
        return pack_points(data.clusters.keys, kinds_of(shown["type"].tolist(), closed))

    return _file("points", make, data)


@point_files.get("/names/<revision>/<int:number>.bin")
def names(revision: str, number: int) -> Response:
    """Give ids and names of `NAMES_IN_FILE` facilities, from that many times `number` on."""
    data = _of(revision)
    start = number * NAMES_IN_FILE
    if start >= data.clusters.count:
        raise NotFoundError(f"there are no names {number}")

    def make() -> bytes:
        rows = data.clusters.order[start : start + NAMES_IN_FILE]
        shown = data.facilities[["id", "name"]].iloc[rows].astype(object)
        return pack_names(shown["id"].tolist(), shown["name"].tolist())

    return _file(f"names {number}", make, data)


@point_files.get("/chosen/<revision>.bin")
def chosen(revision: str) -> Response:
    """Tell which points fit the filters of the address: one bit each, in their order."""
    data = _of(revision)
    filters = requested_filters()
    tag = _tag(data, request.full_path)
    if _held(tag):
        return _answer(Response(status=304), tag)
    mask = data.clusters_of(filters).held(data.clusters.order)
    return _answer(_encoded(pack_choice(np.asarray(mask))), tag)


def points_config(data: Snapshot) -> dict[str, Any] | None:
    """Tell the map where its points are; None where tiles serve as well."""
    if data.clusters.count < FEWEST_POINTS:
        return None
    names_at = url_for("point_files.names", revision=data.revision, number=0)
    return {
        "points": url_for("point_files.points", revision=data.revision),
        "names": names_at.replace("/0.bin", "/{n}.bin"),
        "chosen": url_for("point_files.chosen", revision=data.revision),
        "inFile": NAMES_IN_FILE,
        "count": data.clusters.count,
    }


def _file(name: str, make: Callable[[], bytes], data: Snapshot) -> Response:
    """Answer a file that is compressed once for its revision."""
    tag = _tag(data, name)
    if _held(tag):
        return _answer(Response(status=304), tag)
    encoding = accepted_encoding()
    packed = cast("Packed", current_app.extensions["geomap_packed"])
    content = packed.get(name, encoding, make, revision=data.revision)
    return _answer(_response(content, encoding), tag)


def _encoded(content: bytes) -> Response:
    """Compress an answer that is not kept."""
    encoding = accepted_encoding()
    return _response(encoded(content, encoding), encoding)


def _response(content: bytes, encoding: str) -> Response:
    response = Response(content, mimetype=_BINARY)
    if encoding:
        response.content_encoding = encoding
    return response


def _tag(data: Snapshot, name: str) -> str:
    """Name the state of a file in the encoding that is asked for."""
    return tag_of(f"{data.revision} {name} {accepted_encoding()}")


def _held(tag: str) -> bool:
    """Tell whether the browser says that it has this very file."""
    return tag in request.if_none_match


def _answer(response: Response, tag: str) -> Response:
    """Let browsers keep a file: its address names its revision."""
    response.set_etag(tag)
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR_S
    response.cache_control.immutable = True
    return response


def _of(revision: str) -> Snapshot:
    """Give the data of a revision.

    Raises
    ------
    NotFoundError : if it is not served, or no longer.
    """
    data = snapshot()
    if revision != data.revision:
        raise NotFoundError(f"revision {revision} is not served, but {data.revision}")
    return data
