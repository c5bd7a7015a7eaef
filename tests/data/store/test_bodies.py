from __future__ import annotations

import datetime
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.geoparquet import to_frame
from geomap.data.store.bodies import differing, dump, encode, load, to_arrow
from geomap.errors import DataError
from geomap.model.area import AREAS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
wholes = st.integers(-(2**62), 2**62)
numbers = st.floats(allow_nan=False, allow_infinity=False)
days = st.dates(datetime.date(1800, 1, 1), datetime.date(2200, 1, 1))
points = st.builds(shapely.Point, st.floats(-180, 180), st.floats(-90, 90))
KINDS = {"integer": wholes, "number": numbers, "date": days, "yes_no": st.booleans()}


def values(field):
    if field.kind == "choices":
        return st.lists(st.sampled_from(list(field.choices)), unique=True)
    if field.kind == "choice":
        return st.sampled_from(list(field.choices))
    return KINDS.get(field.kind, texts)


@st.composite
def facility_rows(draw):
    count = draw(st.integers(1, 4))
    rows = [
        {each.name: draw(st.none() | values(each)) for each in FACILITIES.fields}
        for _ in range(count)
    ]
    frame = pd.DataFrame(rows, columns=list(FACILITIES.names)).astype(object)
    frame = frame.where(frame.notna(), None)
    shapes = [draw(st.none() | points) for _ in range(count)]
    return FACILITIES.conform(gpd.GeoDataFrame(frame, geometry=shapes, crs=4326))


@settings(deadline=None, max_examples=25)
@given(facility_rows())
def test_every_value_survives_being_kept_as_text(frame):
    bodies = encode(frame, FACILITIES)
    back = to_frame(to_arrow(bodies, FACILITIES), FACILITIES)
    assert_geodataframe_equal(back, frame, check_index_type=False)
    assert encode(back, FACILITIES) == bodies


@settings(deadline=None, max_examples=25)
@given(facility_rows())
def test_texts_are_canonical_whoever_writes_them(frame):
    bodies = encode(frame, FACILITIES)
    assert [dump(load(each), FACILITIES) for each in bodies] == bodies
    assert [dump(json.loads(each), FACILITIES) for each in bodies] == bodies


def test_what_is_unknown_is_left_out_and_an_empty_list_is_not_unknown():
    columns = {"id": ["a"], "name": ["甲"], "type": ["other"], "accepts": [[]], "rating": [None]}
    frame = FACILITIES.conform(gpd.GeoDataFrame(columns, geometry=[shapely.Point()], crs=4326))
    known = json.loads(encode(frame, FACILITIES)[0])
    assert known == {"id": "a", "name": "甲", "type": "other", "accepts": []}


def test_an_infinite_number_is_refused():
    columns = {"id": ["a"], "aged_60": [np.inf]}
    frame = DEMAND.conform(gpd.GeoDataFrame(columns, geometry=[None], crs=4326))
    with pytest.raises(DataError, match="aged_60 holds an infinite number"):
        encode(frame, DEMAND)


def test_half_a_character_is_refused():
    columns = {"id": ["a"], "name": pd.Series(["\ud800"], dtype=object)}
    frame = gpd.GeoDataFrame(columns, geometry=[None], crs=4326)
    for name in DEMAND.names[2:]:
        frame[name] = None if name == "adcode" else np.nan
    with pytest.raises(DataError, match="cannot be kept as text"):
        encode(frame, DEMAND)


def test_a_polygon_larger_than_a_block_of_the_parser_is_read_back():
    angles = np.linspace(0, 2 * np.pi, 200_000)
    ring = shapely.Polygon(np.column_stack([121 + np.cos(angles) / 3, 31 + np.sin(angles) / 3]))
    columns = {"id": ["a", "b"], "name": ["大", "无"]}
    frame = AREAS.conform(gpd.GeoDataFrame(columns, geometry=[ring, None], crs=4326))
    bodies = encode(frame, AREAS)
    assert max(map(len, bodies)) > 4 << 20
    back = to_frame(to_arrow(bodies, AREAS), AREAS)
    assert back.geometry[0].equals_exact(ring, 0)
    assert back.geometry[1] is None


def test_no_records_are_an_empty_table_with_every_column():
    assert_geodataframe_equal(
        to_frame(to_arrow([], DEMAND), DEMAND), DEMAND.empty().set_crs(4326, allow_override=True)
    )


def test_records_differ_in_named_fields():
    one = {"id": "a", "name": "甲", "geometry": "POINT (1 2)"}
    other = {"id": "a", "name": "甲", "geometry": "POINT (1 3)", "aged_60": 0.0}
    assert differing(one, other, DEMAND) == ["aged_60", "geometry"]
