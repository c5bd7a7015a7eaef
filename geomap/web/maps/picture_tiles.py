"""Facilities as PNG tiles over HTTP; the tiles asked for last are kept."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Final, cast

from apiflask import APIBlueprint
from flask import Response, request

from geomap.maps.picture_tiles import picture_tile
from geomap.maps.tilemath import require_tile
from geomap.web.finder.answer import FinderQuery
from geomap.web.language import current_language
from geomap.web.maps.tiles import requested_filters, requested_types
from geomap.web.open_data.pictures import facilities_of
from geomap.web.state import snapshot

picture_tiles = APIBlueprint("picture_tiles", __name__, url_prefix="/tiles", enable_openapi=False)

#: Counted up when tiles look another way.
_FORMAT: Final = 1
_DAY_S: Final = 86_400
#: Some 5 kB each.
_MOST_KEPT: Final = 2_000
_lock: Final = threading.Lock()
_kept: Final[OrderedDict[str, bytes]] = OrderedDict()


@picture_tiles.get("/facilities/<int:z>/<int:x>/<int:y>.png", defaults={"scale": 1})
@picture_tiles.get("/facilities/<int:z>/<int:x>/<int:y>@2x.png", defaults={"scale": 2})
def tile(z: int, x: int, y: int, scale: int) -> Response:
    """Draw the facilities of a tile that fit the filters of the address."""
    asked, data, language = require_tile(z, x, y), snapshot(), current_language()
    query = FinderQuery(types=requested_types() or (), filters=requested_filters())
    told = sorted((name, str(each)) for name, each in query.parameters().items())
    key = f"{_FORMAT} {id(data)} {data.revision} {language} {asked} {scale} {told}"
    tag = hashlib.sha256(key.replace(f" {id(data)} ", " ").encode()).hexdigest()[:16]
    if tag in request.if_none_match.as_set():
        response = Response(status=304)
    else:
        held = _kept.get(key)
        if held is None:
            held = picture_tile(facilities_of(data, query), asked, language=language, scale=scale)
            _keep(key, held)
        response = Response(held, mimetype="image/png")
    response.set_etag(tag)
    response.vary.add("Accept-Language")
    response.cache_control.public = True
    if request.args.get("v") == data.revision:
        response.cache_control.max_age = _DAY_S
    else:
        response.cache_control.no_cache = True
    return cast("Response", response.make_conditional(request))


def _keep(key: str, picture: bytes) -> None:
    """Keep a tile, and forget the oldest of too many."""
    with _lock:
        _kept[key] = picture
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
