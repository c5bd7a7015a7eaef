"""API version 1: thin views over the published data, as RFC 7946 GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from apiflask import APIBlueprint
from flask import Response, request

from geomap.find.selection import Selection
from geomap.model.geojson import DECIMALS
from geomap.web import media_types
from geomap.web.addresses import plain_address
from geomap.web.api.facility_parameters import (
    FacilitiesParameters,
    FacilitiesQuery,
    NearestParameters,
    NearestQuery,
    SearchParameters,
    SearchQuery,
)
from geomap.web.api.fields import NoParameters
from geomap.web.api.formats import FORMATS, GEOJSON, Page, chosen_format, written
from geomap.web.state import snapshot
from geomap.web.unchanged import tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomap.find.places import Hit
    from geomap.web.state import Snapshot

api = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="facilities")


@api.get("/facilities")
@api.input(FacilitiesParameters, location="query", unknown=None)
@api.doc(summary="Facilities by type, words, division and box", responses=[200, 400])
def list_facilities(query_data: FacilitiesQuery) -> Response:
    """List facilities in the order of the data; those without a known place have geometry null."""
    return _given(query_data, facilities_page, facilities_collection)


@api.get("/facilities/<facility_id>")
@api.input(NoParameters, location="query", unknown=None)
@api.doc(summary="One facility", responses=[200, 404])
def get_facility(facility_id: str, query_data: Mapping[str, object]) -> Response:  # noqa: ARG001 (checked, none used)
    """Give everything known of one facility; what is not known is null."""
    data = snapshot()
    row = data.row(facility_id)
    return _cached(lambda: data.writer.feature(row), media_types.GEOJSON)


@api.get("/nearest")
@api.input(NearestParameters, location="query", unknown=None)
@api.doc(summary="The nearest facilities", responses=[200, 400])
def list_nearest(query_data: NearestQuery) -> Response:
    """List facilities by geodesic distance from a point; ``distance_m`` is in the properties."""
    return _given(query_data, nearest_page, nearest_collection)


@api.get("/search")
@api.input(SearchParameters, location="query", unknown=None)
@api.doc(summary="Facilities, places and addresses by name", responses=[200, 400])
def search(query_data: SearchQuery) -> Response:
    """Look up a name, part of a name, or an address; the best first."""
    stage = "" if snapshot().knows_all_names else "preparing"
    return _cached(
        lambda: found_names(query_data.q, query_data.limit), media_types.JSON, stage=stage
    )


def facilities_page(data: Snapshot, query: FacilitiesQuery) -> Page:
    """Select facilities, and of these the asked page."""
    chosen = Selection(query.type, query.bbox, query.adcode, query.q, query.filters)
    matched = chosen.rows(data.columns)
    return Page(matched[query.offset : query.offset + query.limit], len(matched))


def facilities_collection(
    data: Snapshot, query: FacilitiesQuery, address: Callable[[Mapping[str, int]], str]
) -> dict[str, object]:
    """Write a page of facilities; `address` gives that of the list with some numbers changed."""
    page = facilities_page(data, query)
    return _collection(data, page, _links(query.offset, query.limit, page.matched, address))


def nearest_page(data: Snapshot, query: NearestQuery) -> Page:
    """Find the nearest facilities."""
    among = data.among(Selection(types=query.type, filters=query.filters))
    rows, distance_m = data.nearest.query(
        query.lon, query.lat, k=query.k, among=among, max_distance_m=query.max_distance_m
    )
    return Page(rows, len(rows), distance_m)


def nearest_collection(
    data: Snapshot, query: NearestQuery, address: Callable[[Mapping[str, int]], str]
) -> dict[str, object]:
    """Write the nearest facilities; `address` gives that of the answer."""
    return _collection(data, nearest_page(data, query), [_link("self", address({}))])


def found_names(text: str, limit: int) -> dict[str, object]:
    """Look names up, as the search answers; it says so where some are not indexed yet."""
    data = snapshot()
    told = {} if data.knows_all_names else {"preparing": True}
    found = data.search.search(text, limit=limit)
    return {"results": [_result(each) for each in found], **told}


def _result(hit: Hit) -> dict[str, object]:
    """Write one hit."""
    lon, lat = (None if each is None else round(each, DECIMALS) for each in (hit.lon, hit.lat))
    return {
        "kind": hit.kind,
        "id": hit.id,
        "name": hit.name,
        "label": hit.label,
        "lon": lon,
        "lat": lat,
        "precision": hit.precision,
        "score": hit.score,
        "matched": [list(each) for each in hit.matched],
    }


def _collection(data: Snapshot, page: Page, links: list[dict[str, str]]) -> dict[str, object]:
    """Write an RFC 7946 FeatureCollection with its paging."""
    return {
        "type": "FeatureCollection",
        "numberMatched": page.matched,
        "numberReturned": len(page.rows),
        "links": links,
        "features": data.writer.features(page.rows, distance_m=page.distance_m),
    }


def _links(
    offset: int, limit: int, matched: int, address: Callable[[Mapping[str, int]], str]
) -> list[dict[str, str]]:
    """Link to this page of a list and to those beside it."""
    links = [_link("self", address({}))]
    if offset + limit < matched:
        links.append(_link("next", address({"limit": limit, "offset": offset + limit})))
    if offset > 0:
        before = max(0, min(offset, matched) - limit)
        links.append(_link("prev", address({"limit": limit, "offset": before})))
    return links


def _link(rel: str, href: str) -> dict[str, str]:
    return {"rel": rel, "type": media_types.GEOJSON, "href": href}


def _address(changed: Mapping[str, int]) -> str:
    """Give the address of this resource with some parameters changed."""
    own = request.args.to_dict(flat=False) | {name: [str(n)] for name, n in changed.items()}
    return plain_address(str(request.endpoint), **_single(own))


def _single(arguments: dict[str, list[str]]) -> dict[str, Any]:
    """Unwrap parameters that stand once."""
    return {name: each[0] if len(each) == 1 else each for name, each in arguments.items()}


def _given(
    query: Any,  # noqa: ANN401 (of either list)
    page: Callable[[Snapshot, Any], Page],
    collection: Callable[[Snapshot, Any, Callable[[Mapping[str, int]], str]], dict[str, object]],
) -> Response:
    """Give facilities in the form that is asked for, or that the reader likes best."""
    form = chosen_format(query.f)
    if form == GEOJSON:
        response = _cached(lambda: collection(snapshot(), query, _address), media_types.GEOJSON)
    else:
        response = _file(query, page, form)
    response.vary.add("Accept")
    return response


def _file(query: Any, page: Callable[[Snapshot, Any], Page], form: str) -> Response:  # noqa: ANN401 (of either list)
    """Give facilities as lines or as a file; the pages beside it stand in the headers."""
    data = snapshot()
    response = _tagged(FORMATS[form], stage=form)
    if response.status_code != 200:  # noqa: PLR2004 (304: not modified)
        return response
    found = page(data, query)
    content = written(data, found, form)
    if isinstance(content, bytes):
        response.set_data(content)
    else:
        response.response = content
        response.headers.pop("Content-Length", None)
    response.headers["OGC-NumberMatched"] = str(found.matched)
    response.headers["OGC-NumberReturned"] = str(len(found.rows))
    if form in ("csv", "parquet"):
        response.headers["Content-Disposition"] = f"attachment; filename=facilities.{form}"
    if hasattr(query, "offset"):
        for each in _links(query.offset, query.limit, found.matched, _address):
            response.headers.add("Link", f'<{each["href"]}>; rel="{each["rel"]}"')
    return response


def _cached(compute: Callable[[], object], kind: str, *, stage: str = "") -> Response:
    """Answer 304 where the client already has this revision's answer to this very question."""
    response = _tagged(kind, stage=stage)
    if response.status_code == 200:  # noqa: PLR2004 (not "304 not modified")
        response.set_data(orjson.dumps(compute()))
    return response


def _tagged(kind: str, *, stage: str = "") -> Response:
    """Begin an answer that this revision gives to this very question; 304 where it is known."""
    response = Response(content_type=kind)
    response.set_etag(etag(snapshot().revision + stage, request.url), weak=True)
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def etag(revision: str, url: str) -> str:
    """Name the answer to one question of one revision."""
    return tag_of(f"{revision} {url}")
