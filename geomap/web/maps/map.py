"""The map document: folium makes it, the finder's parameters say what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from apiflask import APIBlueprint
from flask import Response, current_app, jsonify, render_template, request, url_for

from geomap.errors import ParameterError
from geomap.maps.page import ELEMENT_ID, SCRIPTS, STREET_SCRIPTS, STYLES
from geomap.maps.symbols import is_closed
from geomap.maps.words import map_types, map_words
from geomap.model.table import Label
from geomap.web.assets import asset
from geomap.web.finder.answer import PAGE_ROWS, FinderAnswer, FinderQuery, find_answer, read_query
from geomap.web.finder.cards import card
from geomap.web.finder.elder import current_elder
from geomap.web.language import current_language, page_url
from geomap.web.maps.basemap import has_streets, streets_config, widened
from geomap.web.maps.point_files import points_config
from geomap.web.maps.street_maps import street_maps
from geomap.web.maps.tiles import BACKGROUND_ZOOM, TILE_FORMAT, context
from geomap.web.pages import current_reader
from geomap.web.query import decimal
from geomap.web.records import records
from geomap.web.state import snapshot
from geomap.web.wording import text_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.web.facility.facts import Reader
    from geomap.web.finder.answer import Point
    from geomap.web.state import Snapshot

map_pages = APIBlueprint("map_pages", __name__, enable_openapi=False)

#: Nearer the background would be stretched, and its blurred names stand beside ours.
_BACKGROUND_UNTIL = BACKGROUND_ZOOM
_BACKGROUND_BOUNDS = [[0.0, 67.5], [58.8, 140.7]]
#: Outside there is neither land nor a name of ours.
_CONTEXT_BOUNDS = [[2.0, 72.0], [55.0, 137.0]]
_MOST_FEATURES = 50
_TITLE = Label("养老机构地图", "Map of care facilities")
_FAR = Label("直线 {distance}", "{distance} in a straight line")
_SOURCES = Label(
    "底图 © OpenStreetMap 贡献者、天地图、民政部、GeoNames",
    "Base map © OpenStreetMap contributors, Tianditu, MCA, GeoNames",
)
_FACILITIES_BY = Label("机构 {source}", "Facilities {source}")
#: Facilities wider apart than the country may hold misplaced ones: this share is not framed.
_COUNTRY_DEG, _OUTLIERS = 65.0, 0.01
#: Symbols of 60 pixels in elder mode, of 44 otherwise.
_ELDER_SCALE = 60 / 44
_ELDER_SCRIPT = "js/map-elder.js"
_SAMPLE = Label(
    "OpenStreetMap 样本，大多只有名称和位置；不能判断哪里缺少机构。",
    "A sample of OpenStreetMap, mostly names and places only: not fit to judge where homes lack.",
)
_INVENTED = Label(
    "演示数据：机构均为虚构，不能用于择院。", "Demonstration data: the homes are invented."
)


@map_pages.get("/map")
def map_page() -> str:
    """Show the map: alone, or as a part of another page."""
    read_query(request.args)  # a parameter that cannot be read is said here, not by the script
    if "focus" in request.args:
        snapshot().row(request.args["focus"])  # so is a facility that is not there
    language = current_language()
    context().warm_up(snapshot(), language)
    arguments: dict[str, Any] = {**request.args.to_dict(flat=False), "lang": [language]}
    return render_template(
        "map.html",
        title=_TITLE.of(language),
        element_id=ELEMENT_ID,
        styles=STYLES,
        scripts=map_scripts(),
        script_src=url_for("map_pages.map_script", **arguments),
    )


def map_scripts() -> tuple[str, ...]:
    """Name the scripts that the reader's map needs."""
    streets = STREET_SCRIPTS if has_streets() else ()
    return (*SCRIPTS, *streets, *(() if current_elder() is None else (_ELDER_SCRIPT,)))


@map_pages.get("/map/script.js")
def map_script() -> Response:
    """Give folium's script for the same parameters."""
    response = Response(_script(), mimetype="text/javascript")
    response.add_etag()
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response.make_conditional(request)  # type: ignore[return-value]  # of the same class


@map_pages.after_request
def vary(response: Response) -> Response:
    """Tell caches that the language depends on the browser's, and not to keep searches."""
    response.vary.add("Accept-Language")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


@map_pages.get("/map/features.json")
def map_features() -> Response:
    """Give facilities as the map shows them, in the order asked for."""
    data = snapshot()
    ids = request.args.getlist("id")
    if not 1 <= len(ids) <= _MOST_FEATURES:
        raise ParameterError(f"id must be given 1 to {_MOST_FEATURES} times, got {len(ids)}")
    rows = [data.rows_by_id[each] for each in ids if each in data.rows_by_id]
    frame = data.facilities.iloc[rows]
    spot = _spot()
    if spot is not None and rows:
        frame = frame.assign(distance_m=_distances(data, rows, *spot))
    found = _features(frame, FinderQuery(), current_reader(), first=None)
    return jsonify({"type": "FeatureCollection", "features": found})


def _spot() -> tuple[float, float] | None:
    """Read the place from which distances count."""
    texts = request.args.get("lon"), request.args.get("lat")
    if texts[0] is None or texts[1] is None:
        return None
    try:
        lon = decimal(texts[0], minimum=-180, maximum=180)
        lat = decimal(texts[1], minimum=-90, maximum=90)
    except ValueError as error:
        raise ParameterError(f"lon, lat {error}") from error
    return lon, lat


def _distances(data: Snapshot, rows: Sequence[int], lon: float, lat: float) -> list[float | None]:
    """Measure the distances of rows, in their order; None without a place."""
    found, metres = data.nearest.query(lon, lat, k=len(rows), among=rows)
    by_row = dict(zip(found.tolist(), metres.tolist(), strict=True))
    return [by_row.get(row) for row in rows]


def _script() -> str:
    """Make the map for the request."""
    from geomap.maps.document import map_document  # folium takes most of a second to import

    data, reader = snapshot(), current_reader()
    query = read_query(request.args)
    focus = request.args.get("focus")
    if focus is not None:
        features = _features(data.facilities.iloc[[data.row(focus)]], query, reader, first=None)
        return map_document(
            map_config(data, query, reader) | {"focus": focus, "page": "part"}, features
        )
    return answer_script(find_answer(query, data), reader)


def answer_script(
    answer: FinderAnswer, reader: Reader, *, changes: Mapping[str, Any] | None = None
) -> str:
    """Write the script of the map of an answer; `changes` are put into what the map reads."""
    from geomap.maps.document import map_document

    shown = answer.rows.iloc[:0] if answer.outcome == "all" else answer.rows
    features = _features(shown, answer.query, reader, first=_first(answer))
    point = None if answer.point is None else _point(answer.point, features)
    config = map_config(snapshot(), answer.query, reader) | {"listed": _listed(answer)}
    return map_document(config | dict(changes or {}), features, point=point)


def _first(answer: FinderAnswer) -> int:
    """Tell the number in the whole list of the first facility of the page."""
    return (answer.query.page - 1) * PAGE_ROWS + 1


def _listed(answer: FinderAnswer) -> list[str]:
    """Name what the list shows, so that the finder's first message changes nothing."""
    return [str(each) for each in answer.rows["id"]]


def _features(
    rows: gpd.GeoDataFrame, query: FinderQuery, reader: Reader, *, first: int | None
) -> list[dict[str, Any]]:
    """Write facilities as GeoJSON in the words of the list; those without a place are left out.

    Numbers in the list count from `first`; None where there is no list.
    """
    found = []
    data = snapshot()
    for place, record in enumerate(records(rows)):
        if record["lon"] is None:
            continue
        own = card(record, reader)
        far = own.distance and _FAR.of(reader.language).replace("{distance}", own.distance)
        href = page_url("pages.facility", facility_id=own.id, **query.parameters())
        properties = {
            "id": own.id,
            "name": own.name,
            "lang": text_language(own.name),
            "type": own.kind,
            "kind": own.kind_label,
            "status": own.status,
            "closed": is_closed(record["status"]),
            "far": far,
            "metres": record.get("distance_m"),
            "at": int(data.clusters.ranks[data.rows_by_id[own.id]]),
            "beds": {"state": own.beds.state, "text": own.beds.text, "day": own.beds.day},
            "href": href,
            "number": None if first is None else first + place,
        }
        spot = {"type": "Point", "coordinates": [record["lon"], record["lat"]]}
        found.append({"type": "Feature", "geometry": spot, "properties": properties})
    return found


def _point(point: Point, features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write the searched place, and how far the farthest result of the list is."""
    farthest = max((each["properties"]["metres"] or 0 for each in features), default=0)
    spot = {"type": "Point", "coordinates": [point.lon, point.lat]}
    return {"type": "Feature", "geometry": spot, "properties": {"farthest": farthest}}


def map_config(data: Snapshot, query: FinderQuery, reader: Reader) -> dict[str, Any]:
    """Collect what static/js/map.js reads."""
    language = reader.language
    site = data.site
    by = "" if site.sample else site.attribution or ""
    sources = [by and _FACILITIES_BY.of(language).replace("{source}", by), _SOURCES.of(language)]
    note = _INVENTED if site.synthetic else _SAMPLE if site.sample else None
    streets = streets_config(reader)
    stamp = "-".join([str(TILE_FORMAT), *(each.sha256[:8] for each in data.layers)])
    return {
        "lang": language,
        "words": map_words(language),
        "types": map_types(language),
        "sprite": asset("vendor/symbols.svg"),
        "emptyImage": asset("vendor/empty.png"),
        "clusters": _address("tiles.clusters"),
        "revision": data.revision,
        "points": points_config(data),
        "context": {
            "url": f"{_address('tiles.context_tile')}?lang={language}&v={stamp}",
            "bounds": widened(_CONTEXT_BOUNDS, streets),
        },
        "streetTiles": streets,
        "background": {
            "url": f"{_address('tiles.background')}?v={stamp}",
            "until": _BACKGROUND_UNTIL,
            "bounds": _BACKGROUND_BOUNDS,
        },
        "online": street_maps(current_app.extensions["geomap_settings"], language),
        "attribution": " · ".join(each for each in sources if each),
        "aloneNote": "" if note is None else note.of(language),
        "selected": list(query.types),
        "filters": query.filters.text,
        "bounds": bounds_of(data),
        "features": url_for("map_pages.map_features"),
        "facility": page_url("pages.facility", facility_id="__id__"),
        "pick": True,
        "fill": True,
        "scale": 1 if current_elder() is None else _ELDER_SCALE,
        "elder": current_elder() is not None,
    }


def bounds_of(data: Snapshot, among: NDArray[np.bool_] | None = None) -> list[list[float]] | None:
    """Frame the facilities, or some, south-west and north-east, without the outermost if far."""
    kept = data.located if among is None else data.located & among
    spots = np.array(data.columns.lon_lat)[:, kept]
    if not spots.size:
        return None
    share = 0.0 if np.ptp(spots, axis=1).max() <= _COUNTRY_DEG else _OUTLIERS
    (west, south), (east, north) = np.quantile(spots, [share, 1 - share], axis=1)
    return [[float(south), float(west)], [float(north), float(east)]]


def _address(endpoint: str) -> str:
    """Give the address of tiles with the places where zoom, column and row go."""
    return url_for(endpoint, z=0, x=0, y=0).replace("/0/0/0", "/{z}/{x}/{y}")
