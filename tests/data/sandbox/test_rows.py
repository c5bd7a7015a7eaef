"""Rows come through whole; of bytes from a hostile reader only what a table holds is made."""

from __future__ import annotations

import copy
import struct

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.sandbox.rows import take_rows, write_rows
from geomap.errors import DataError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

SHAPES = [
    shapely.Point(121.5, 31.2),
    None,
    shapely.box(121, 31, 122, 32).difference(shapely.box(121.4, 31.4, 121.6, 31.6)),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
    shapely.MultiPoint([(1, 2), (3, 4)]),
]


def frame_of(table, count=3, shapes=SHAPES[:1], **columns):
    ids = [f"n{nth}" for nth in range(count)]
    base = {"id": ids, "name": ids, "type": ["other"] * count, "level": ["county"] * count}
    known = {key: value for key, value in (base | columns).items() if key in table.by_name}
    geometry = gpd.GeoSeries((shapes * count)[:count], crs="EPSG:4326")
    return table.conform(gpd.GeoDataFrame(known, geometry=geometry))


@pytest.fixture
def written(tmp_path):
    def write(table, frame):
        path = tmp_path / f"rows{len(list(tmp_path.iterdir()))}"
        shapes = write_rows(path, frame, table)
        return path.read_bytes(), shapes

    return write


@pytest.mark.parametrize("count", [0, 1, 9])
@pytest.mark.parametrize("table", [FACILITIES, DEMAND, AREAS], ids=lambda table: table.name)
def test_rows_come_through_whole(written, table, count):
    shapes = {"point": SHAPES[:2], "polygon": SHAPES[1:4], "any": SHAPES}[table.geometry]
    values = {"accepts": [["self_care", "dementia"], None, []] * 3, "beds_total": [1, None, 3] * 3}
    frame = frame_of(table, count, shapes, **{key: each[:count] for key, each in values.items()})
    again = take_rows(*written(table, frame), table)
    assert again.equals(frame)
    assert again.dtypes.equals(frame.dtypes)


def test_a_part_of_a_longer_frame_comes_through(written):
    frame = frame_of(FACILITIES, 9, beds_total=range(9))
    part = frame.iloc[4:7].reset_index(drop=True)
    assert take_rows(*written(FACILITIES, part), FACILITIES).equals(part)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": ["castle"] * 3},
        {"accepts": [["everyone"]] * 3},
        {"beds_total": [-1] * 3},
        {"price_min": [np.inf] * 3},
        {"id": ["twice"] * 3},
        {"name": [None] * 3},
        {"opened_on": pd.Series([10**12] * 3).astype("datetime64[s]")},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_values_that_a_field_does_not_allow_are_refused(written, wrong):
    data, shapes = written(FACILITIES, frame_of(FACILITIES, **wrong))
    with pytest.raises(DataError):
        take_rows(data, shapes, FACILITIES)


def nested(depth):
    inner = shapely.to_wkb(shapely.Point(1, 2))
    return struct.pack("<BII", 1, 7, 1) * depth + inner


HOSTILE = {
    "nested": nested(200_000),
    "nested in many": struct.pack("<BII", 1, 6, 1) + nested(200_000),
    "many in many": struct.pack("<BII", 1, 6, 1) * 100_000,
    "curve": struct.pack("<BII", 1, 8, 0),
    "line": shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)])),
    "heights": shapely.to_wkb(shapely.Point(1, 2, 3), output_dimension=3),
    "big endian": shapely.to_wkb(shapely.Point(1, 2), byte_order=0),
    "too long": shapely.to_wkb(shapely.Point(1, 2)) + b"x",
    "too short": shapely.to_wkb(shapely.Point(1, 2))[:-1],
    "countless rings": struct.pack("<BII", 1, 3, 2**32 - 1),
    "countless points": struct.pack("<BIII", 1, 3, 1, 2**32 - 1),
    "two points in a ring": struct.pack("<BIII4d", 1, 3, 1, 2, 0, 0, 1, 1),
    "nowhere": shapely.to_wkb(shapely.Point()),
    "no ground": shapely.to_wkb(shapely.Polygon()),
    "endless": struct.pack("<BI2d", 1, 1, float("inf"), 0),
    "nothing": b"",
}


@pytest.mark.parametrize("blob", HOSTILE.values(), ids=HOSTILE)
def test_a_geometry_that_no_table_holds_is_refused_before_it_is_built(written, monkeypatch, blob):
    monkeypatch.setattr(shapely, "to_wkb", lambda _: np.array([blob], dtype=object))
    data, shapes = written(DEMAND, frame_of(DEMAND, 1))
    monkeypatch.undo()
    with pytest.raises(DataError):
        take_rows(data, shapes, DEMAND)


LIES = [
    [],
    None,
    [1, 2],
    [-1, 0, [None, None], []],
    [2**63, 0, [None, 8], []],
    [2**40, 0, [None, 8], []],
    [1, 2**62, [None, 8, 8], []],
    [3, 0, [None, 4, 4], []],
    [3, 0, [None, 2**40, 4], []],
    [3, 0, [None, -4, 4], []],
    [3, 0, ["4", 4, 4], []],
    [3, 0, [None, True, 4], []],
    [3, 0, [None, None, None], []],
    [3, 0, [None], []],
    [3, 0, [None, 16, 6], [[1, 0, [None, 8], []]]],
    ["3", 0, [None, 16, 6], []],
]


@pytest.mark.parametrize("lie", LIES, ids=str)
@pytest.mark.parametrize("field", ["id", "beds_total", "accepts", "inclusive_price"])
def test_a_column_of_another_shape_is_refused(written, field, lie):
    data, shapes = written(FACILITIES, frame_of(FACILITIES, accepts=[["dementia"]] * 3))
    shapes[FACILITIES.names.index(field)] = lie
    with pytest.raises(DataError):
        take_rows(data, shapes, FACILITIES)
    for wrong in (shapes[:-1], [*shapes, shapes[0]]):
        with pytest.raises(DataError):
            take_rows(data, wrong, FACILITIES)


FRAME = frame_of(FACILITIES, 5, SHAPES[:2], accepts=[["dementia"], None, [], None, ["self_care"]])


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows"
    shapes = write_rows(path, FRAME, FACILITIES)
    return path.read_bytes(), shapes


@given(
    places=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=8),
    keep=st.floats(0, 1),
)
@settings(max_examples=150, deadline=None)
def test_spoilt_bytes_are_refused_or_give_rows_that_the_table_allows(sound, places, keep):
    data, shapes = bytearray(sound[0]), copy.deepcopy(sound[1])
    for place, value in places:
        data[place % len(data)] = value
    try:
        made = take_rows(bytes(data[: int(len(data) * max(keep, 0.5))]), shapes, FACILITIES)
    except DataError:
        return
    FACILITIES.schema.validate(made)
