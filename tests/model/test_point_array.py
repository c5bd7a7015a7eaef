"""A column of points is like any other geometry column, only that its shapes are not kept."""

from __future__ import annotations

import pickle

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geomap.model.point_array import PointArray, points_of_wkb

SHAPES = [shapely.Point(121.5, 25.1), None, shapely.Point(-179.9, -89.5), shapely.Point(0, 0)]


@pytest.fixture
def plain():
    return gpd.GeoDataFrame({"id": list("abcd")}, geometry=SHAPES, crs=4326)


@pytest.fixture
def frame(plain):
    written = pa.array(shapely.to_wkb(plain.geometry.to_numpy()), pa.binary())
    return plain.set_geometry(gpd.GeoSeries(points_of_wkb(written, "EPSG:4326")))


@pytest.mark.parametrize(
    "take",
    [
        lambda each: each,
        lambda each: each.iloc[[2, 0]],
        lambda each: each.iloc[1:3],
        lambda each: each.iloc[:0],
        lambda each: each[each["id"] > "b"],
        lambda each: each.reindex([3, 9]),
        lambda each: each.to_crs(3857),
        lambda each: each.copy(),
        lambda each: each.drop(columns="id"),
        lambda each: each.sort_values("id", ascending=False),
        lambda each: gpd.pd.concat([each, each], ignore_index=True),
        lambda each: pickle.loads(pickle.dumps(each)),  # noqa: S301 (what was written just now)
    ],
)
def test_it_answers_as_a_plain_column_does(frame, plain, take):
    assert_geodataframe_equal(take(frame), take(plain))


def test_each_row_has_its_point_or_none(frame):
    assert isinstance(frame.geometry.array, PointArray)
    assert [frame.geometry.iloc[row] for row in (0, 1, -1, -2)] == [*SHAPES[:2], *SHAPES[:1:-1]]
    assert frame.geometry.isna().tolist() == [False, True, False, False]
    with pytest.raises(IndexError):
        frame.geometry.array[4]


def test_it_refuses_to_change(frame):
    with pytest.raises(TypeError, match="not to change"):
        frame.geometry.array[0] = shapely.Point(1, 1)


@pytest.mark.parametrize(
    "odd",
    [
        shapely.Point(1, 2, 3),
        shapely.Point(),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiPoint([(0, 0)]),
    ],
)
def test_where_another_shape_is_among_them_it_says_so(odd):
    written = pa.array(shapely.to_wkb(np.array([SHAPES[0], odd])), pa.binary())
    assert points_of_wkb(written, None) is None


def test_big_endian_points_are_left_to_others():
    written = pa.array(shapely.to_wkb(np.array(SHAPES[:1]), byte_order=0), pa.binary())
    assert points_of_wkb(written, None) is None


def test_none_are_none():
    assert len(points_of_wkb(pa.array([], pa.binary()), None)) == 0
    assert points_of_wkb(pa.array([None], pa.binary()), None).isna().all()
