"""GeoJSON that is deep, broken, endless or impossible."""

from __future__ import annotations

import json
import math

from traps import Trap, text


def _collection(geometry: str, properties: str = '{"name": "甲敬老院"}', more: str = "") -> str:
    return (
        f'{{"type": "FeatureCollection", {more}"features": [{{"type": "Feature", '
        f'"properties": {properties}, "geometry": {geometry}}}]}}'
    )


POINT = '{"type": "Point", "coordinates": [121.5, 31.2]}'


def _polygon(points: str) -> str:
    return f'{{"type": "Polygon", "coordinates": [[{points}]]}}'


@text("json-crs-link/a.geojson")
def _linked_crs(trap: Trap) -> str:
    link = (
        f'"crs": {{"type": "link", "properties": {{"href": "{trap.url}/crs", "type": "proj4"}}}}, '
    )
    return _collection(POINT, more=link)


@text("json-crs-file/a.geojson")
def _crs_from_file(trap: Trap) -> str:
    link = (
        f'"crs": {{"type": "link", "properties": {{"href": "{trap.canary}", "type": "ogcwkt"}}}}, '
    )
    return _collection(POINT, more=link)


@text("json-crs-name/a.geojson")
def _crs_as_pipeline(trap: Trap) -> str:
    name = f"+proj=pipeline +step +proj=hgridshift +grids={trap.url}/g.tif"
    return _collection(
        POINT, more=f'"crs": {{"type": "name", "properties": {{"name": "{name}"}}}}, '
    )


@text("json-deep/a.geojson")
def _deep_arrays(trap: Trap) -> str:
    levels = trap.size(100_000, 5_000_000)
    deep = "[" * levels + "]" * levels
    return _collection(f'{{"type": "Point", "coordinates": {deep}}}')


@text("json-deep-cut/a.geojson")
def _deep_arrays_unclosed(trap: Trap) -> str:
    return "[" * trap.size(100_000, 50_000_000)


@text("json-deep-objects/a.geojson")
def _deep_properties(trap: Trap) -> str:
    levels = trap.size(100_000, 2_000_000)
    deep = '{"a":' * levels + "1" + "}" * levels
    return _collection(POINT, f'{{"name": {deep}}}')


@text("json-deep-collection/a.geojson")
def _deep_collections(trap: Trap) -> str:
    levels = trap.size(900, 100_000)
    deep = '{"type": "GeometryCollection", "geometries": [' * levels + POINT + "]}" * levels
    return _collection(deep)


@text("json-duplicate-keys/a.geojson")
def _duplicate_keys(_: Trap) -> str:
    twice = '{"name": "甲敬老院", "name": "乙敬老院", "beds_total": 1, "beds_total": 2}'
    return _collection(POINT, twice, '"features": [], ')


@text("json-cut/a.geojson")
def _truncated(_: Trap) -> str:
    return _collection(POINT)[:-30]


@text("json-numbers/a.geojson")
def _impossible_numbers(_: Trap) -> str:
    numbers = ("NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, "9" * 5000, "null", '"1"')
    each = (
        f'{{"type": "Feature", "properties": {{"name": "甲{n}", "beds_total": {number}}}, '
        f'"geometry": {{"type": "Point", "coordinates": [{number}, 31.2]}}}}'
        for n, number in enumerate(numbers)
    )
    return f'{{"type": "FeatureCollection", "features": [{", ".join(each)}]}}'


@text("json-surrogates/a.geojson")
def _lone_surrogates(_: Trap) -> str:
    return _collection(POINT, '{"name": "\\ud800甲敬老院\\udfff", "address": "\\u0000\\u202e"}')


@text("json-nulls/a.geojson")
def _nulls(_: Trap) -> str:
    features = ["null", '{"type": "Feature", "properties": null, "geometry": null}', "[]", "1"]
    features += ['{"type": "Feature", "properties": {"name": null}, "geometry": {"type": null}}']
    features += ['{"type": "Feature", "properties": [], "geometry": []}']
    return f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'


@text("json-rings/a.geojson")
def _bad_rings(_: Trap) -> str:
    rings = (
        "[121, 31], [122, 31], [122, 32]",  # not closed
        "[121, 31], [122, 32], [122, 31], [121, 32], [121, 31]",  # a bow-tie
        "[179, 31], [-179, 31], [-179, 32], [179, 32], [179, 31]",  # over the antimeridian
        "[121, 31]", "", "[121], [122]", "[121, 31], [121, 31], [121, 31], [121, 31]",
        "[null, 1], [1, null], [2, 2], [null, 1]", '["a", "b"], ["c", "d"], ["a", "b"], ["a", "b"]',
    )  # fmt: skip
    each = (
        f'{{"type": "Feature", "properties": {{"name": "甲{n}"}}, "geometry": {_polygon(ring)}}}'
        for n, ring in enumerate(rings)
    )
    return f'{{"type": "FeatureCollection", "features": [{", ".join(each)}]}}'


@text("json-teeth/a.geojson")
def _saw(trap: Trap) -> str:
    teeth = trap.size(20_000, 200_000)
    up = [[121 + n / teeth, 31 + (n % 2)] for n in range(teeth)]
    down = [[x, 3 - (y - 31) + 30] for x, y in reversed(up)]  # crosses itself at every tooth
    ring = json.dumps([*up, *down, up[0]])[1:-1]
    return _collection(_polygon(ring), '{"name": "锯齿县", "level": "county"}')


@text("json-star/a.geojson")
def _crossing_star(trap: Trap) -> str:
    corners = trap.size(401, 4001)  # every edge crosses every other: their square of crossings
    turn = (corners // 2) * 2 * math.pi / corners
    ring = [[121 + math.cos(n * turn), 31 + math.sin(n * turn)] for n in range(corners)]
    return _collection(_polygon(json.dumps([*ring, ring[0]])[1:-1]), '{"name": "星县"}')


@text("json-columns/a.geojson")
def _many_columns(trap: Trap) -> str:
    many = ", ".join(f'"c{n}": 1' for n in range(trap.size(2_000, 1_000_000)))
    return _collection(POINT, f'{{"name": "甲", {many}}}')


@text("json-many-points/a.geojson")
def _much_in_little(trap: Trap) -> str:
    points = "[1,1]," * trap.size(20_000, 10_000_000) + "[1,1]"
    return _collection(f'{{"type": "MultiPoint", "coordinates": [{points}]}}')


@text("json-long-text/a.geojson")
def _one_long_text(trap: Trap) -> str:
    name = "甲" * trap.size(100_000, 30_000_000)
    return _collection(POINT, f'{{"name": "{name}"}}')


@text("json-not-utf8/a.geojson")
def _not_a_mapping(_: Trap) -> str:
    return '"FeatureCollection"'
