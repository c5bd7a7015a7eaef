"""Grids of candidates by pyproj's geodesics, exclusions by shapely: neither oracle is geomap's."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.spatial import cKDTree

from geomap.errors import CRSError, DataError, ParameterError, TooLargeError
from geomap.plan.siting.candidates import grid_candidates, outside

GEOD = Geod(ellps="WGS84")
NEIGHBOURS = {"square": 4, "hex": 6}


def areas_of(*shapes, crs="EPSG:4326", **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def nearest_m(found, count):
    """Geodesic metres from each point to its nearest few, by an exact look at the likely ones."""
    lon, lat = found.geometry.x.to_numpy(), found.geometry.y.to_numpy()
    flat = np.column_stack([lon * np.cos(np.radians(lat.mean())), lat])
    _, near = cKDTree(flat).query(flat, k=min(13, len(flat)))
    rows = np.repeat(np.arange(len(flat)), near.shape[1] - 1)
    other = near[:, 1:].ravel()
    metres = GEOD.inv(lon[rows], lat[rows], lon[other], lat[other])[2]
    return np.sort(metres.reshape(len(flat), -1), axis=1)[:, :count]


@pytest.mark.parametrize("layout", ["square", "hex"])
@pytest.mark.parametrize(
    ("west", "south", "spacing"), [(116.2, 39.7, 900), (121.9, 25.0, 55.5), (87.0, 43.5, 20_000)]
)
def test_neighbours_are_the_spacing_apart_in_true_metres_to_a_thousandth(
    layout, west, south, spacing
):
    wide = 12 * spacing / 80_000  # degrees: a dozen points or more each way
    town = areas_of(shapely.box(west, south, west + wide, south + wide))
    found = grid_candidates(town, spacing_m=spacing, layout=layout)
    metres = nearest_m(found, NEIGHBOURS[layout])
    inside = shapely.box(west, south, west + wide, south + wide).buffer(-wide / 6)
    inner = shapely.contains(inside, found.geometry.to_numpy())
    assert inner.sum() > 20
    assert np.abs(metres[inner] / spacing - 1).max() < 1e-3
    assert (metres[:, 0] / spacing > 1 - 1e-3).all()


def test_the_spacing_holds_over_a_province_from_end_to_end(data_folder):
    shores = gpd.read_file(data_folder / "datav_gcj02" / "330000.json")
    found = grid_candidates(shores, spacing_m=3_000)
    metres = nearest_m(found, 1)[:, 0]
    usual = np.abs(metres / 3_000 - 1) < 1e-3  # the rest: points alone on an island
    assert usual.mean() > 0.98
    assert (metres > 3_000 * (1 - 1e-3)).all()


@pytest.mark.parametrize("layout", ["square", "hex"])
def test_no_place_of_a_town_is_farther_from_a_candidate_than_its_cell_is_wide(data_folder, layout):
    districts = gpd.read_file(data_folder / "taipei" / "districts.geojson").to_crs(4326)
    found = grid_candidates(districts, spacing_m=500, layout=layout)
    whole = shapely.union_all(shapely.make_valid(districts.geometry.to_numpy()))
    assert shapely.intersects(whole, found.geometry.to_numpy()).all()
    flat = gpd.GeoSeries([whole], crs=4326).to_crs(3826)  # Taiwan's own metres
    cell = 500**2 * {"square": 1, "hex": np.sqrt(3) / 2}[layout]
    assert len(found) == pytest.approx(flat.area.iloc[0] / cell, rel=0.02)
    draw = np.random.default_rng(3)
    west, south, east, north = whole.bounds
    spots = shapely.points(draw.uniform(west, east, 3_000), draw.uniform(south, north, 3_000))
    inner = gpd.GeoSeries(flat.buffer(-500), crs=3826).to_crs(4326).iloc[0]
    spots = spots[shapely.contains(inner, spots)]
    points = gpd.GeoSeries(found.geometry).to_crs(3826)
    flat_spots = gpd.GeoSeries(spots, crs=4326).to_crs(3826)
    tree = cKDTree(np.column_stack([points.x, points.y]))
    far, _ = tree.query(np.column_stack([flat_spots.x, flat_spots.y]))
    corner = {"square": 500 / np.sqrt(2), "hex": 500 / np.sqrt(3)}[layout]
    assert far.max() <= corner * 1.002


def test_ids_are_those_of_the_points_whatever_else_is_asked_about():
    left, right = shapely.box(121, 31, 121.1, 31.1), shapely.box(121.1, 31, 121.2, 31.1)
    both = grid_candidates(areas_of(left, right, name=["甲", "乙"]), spacing_m=700)
    turned = grid_candidates(areas_of(right, left, name=["乙", "甲"]), spacing_m=700)
    one = grid_candidates(areas_of(left), spacing_m=700)
    assert both["id"].is_unique
    assert set(both["id"]) == set(turned["id"])
    assert set(one["id"]) < set(both["id"])
    again = both.set_index("id").loc[one["id"]]
    assert np.array_equal(again.geometry.x, one.geometry.x)
    assert not both["id"].str.contains(r"[^A-Za-z0-9._~-]").any()  # stands in an address
    assert both["name"].str.startswith(("甲 ", "乙 ")).all()
    assert both["name"].is_unique
    assert one["name"].tolist()[:2] == ["1", "2"]
    assert both.geometry.y.is_monotonic_decreasing or both.geometry.y.diff().max() < 1e-4


def test_ground_too_wide_for_one_plane_is_cut_into_strips():
    land = shapely.box(100, 40, 112, 40.5)  # a thousand kilometres
    found = grid_candidates(areas_of(land), spacing_m=8_000)
    assert found["id"].str.split(".").str[1].nunique() > 1
    metres = nearest_m(found, 1)[:, 0]
    assert (np.abs(metres / 8_000 - 1) < 1e-3).mean() > 0.95
    assert shapely.contains(land.buffer(1e-9), found.geometry.to_numpy()).all()


def test_holes_and_parts_of_areas_are_kept():
    ring = shapely.box(121, 31, 121.2, 31.2).difference(shapely.box(121.05, 31.05, 121.15, 31.15))
    far = shapely.box(121.5, 31, 121.6, 31.1)
    found = grid_candidates(areas_of(shapely.union(ring, far), None), spacing_m=1_000)
    points = found.geometry.to_numpy()
    assert not shapely.contains(shapely.box(121.051, 31.051, 121.149, 31.149), points).any()
    assert shapely.contains(far, points).any()


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"spacing_m": 0}, ParameterError, "spacing_m must be more than 0"),
        ({"spacing_m": float("nan")}, ParameterError, "spacing_m must be more than 0"),
        ({"spacing_m": -5}, ParameterError, "got -5"),
        ({"spacing_m": 1}, TooLargeError, "make it 11 m or coarser"),
        ({"spacing_m": 90_000}, ParameterError, "make the grid finer"),
        ({"spacing_m": 500, "layout": "round"}, ParameterError, "square, hex"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_in_two_languages(options, error, said):
    town = areas_of(shapely.box(121, 31, 121.1, 31.1))
    with pytest.raises(error, match=said) as caught:
        grid_candidates(town, **options)
    assert caught.value.said("zh") != str(caught.value)


def test_areas_without_a_system_or_ground_are_refused():
    with pytest.raises(CRSError):
        grid_candidates(areas_of(shapely.box(0, 0, 1, 1), crs=None), spacing_m=5_000)
    with pytest.raises(DataError, match="on earth"):
        grid_candidates(areas_of(shapely.box(0, 80, 1, 95)), spacing_m=5_000)
    with pytest.raises(ParameterError, match="finer"):
        grid_candidates(areas_of(None), spacing_m=500)


@st.composite
def grounds(draw):
    """Points on whole degrees, and boxes, one with a hole, on half degrees: no edge is near."""
    number = st.integers(0, 9)
    points = draw(st.lists(st.tuples(number, number), min_size=0, max_size=20))
    boxes = []
    for west, south in draw(st.lists(st.tuples(number, number), max_size=4)):
        wide, high = draw(st.integers(1, 5)), draw(st.integers(1, 5))
        box = shapely.box(west - 0.5, south - 0.5, west + wide - 0.5, south + high - 0.5)
        if wide > 2 and high > 2:
            box = box.difference(box.buffer(-1, join_style="mitre"))
        boxes.append(box)
    return points, boxes


@settings(max_examples=100)
@given(ground=grounds())
def test_a_candidate_is_free_where_no_exclusion_holds_it(ground):
    points, boxes = ground
    shapes = [shapely.Point(each) for each in points]
    found = outside(areas_of(*shapes), areas_of(*boxes))
    wanted = [not any(box.intersects(point) for box in boxes) for point in shapes]
    assert found.tolist() == wanted
    order = np.random.default_rng(len(points)).permutation(len(points))
    turned = outside(areas_of(*[shapes[at] for at in order]), areas_of(*boxes[::-1]))
    assert turned.tolist() == [wanted[at] for at in order]
    assert (outside(areas_of(*shapes), areas_of(*boxes[:1])) >= found).all()  # fewer strike fewer


def test_the_edge_of_an_exclusion_belongs_to_it():
    lake = areas_of(shapely.box(0, 0, 1, 1))
    spots = areas_of(*map(shapely.Point, [(1, 0.5), (1, 1), (1.0000001, 1), (0.5, 0.5)]))
    assert outside(spots, lake).tolist() == [False, False, True, False]


def test_a_plot_is_judged_by_its_point_inside():
    lake = areas_of(shapely.box(0, 0, 1, 1))
    plots = areas_of(shapely.box(0.9, 0, 3, 1), shapely.box(0.5, 0, 1.1, 1))
    assert outside(plots, lake).tolist() == [True, False]


def test_systems_may_differ_and_rows_without_ground_strike_nothing():
    lake = areas_of(
        shapely.box(121, 31, 122, 32), shapely.Polygon(), shapely.Point(123.5, 31.5), None
    )
    spots = areas_of(shapely.Point(121.5, 31.5), shapely.Point(123.5, 31.5), None)
    assert outside(spots, lake).tolist() == [False, True, True]
    assert outside(spots[:2].to_crs(3857), lake).tolist() == [False, True]
    assert outside(spots[:2], lake.to_crs(4549)).tolist() == [False, True]
    assert outside(spots, lake[1:]).tolist() == [True, True, True]
    assert outside(spots[:0], lake).tolist() == []
    with pytest.raises(CRSError):
        outside(spots.set_crs(None, allow_override=True), lake)


def test_a_bow_tie_is_repaired_before_it_excludes():
    tie = areas_of(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    spots = areas_of(shapely.Point(0.2, 1), shapely.Point(1, 0.2))
    assert outside(spots, tie).tolist() == [False, True]


def test_water_of_a_real_town_strikes_what_shapely_says(data_folder):
    from geomap.data.reading import read_table
    from geomap.model.exclusion import EXCLUSIONS

    read = read_table(data_folder / "osm" / "beijing_tsinghua.osm", EXCLUSIONS)
    water = read.frame[read.frame.geometry.notna()]
    assert len(water) > 3
    west, south, east, north = water.total_bounds
    town = areas_of(shapely.box(west, south, east, north))
    found = grid_candidates(town, spacing_m=40)
    free = outside(found, water)
    ground = shapely.union_all(shapely.make_valid(water.geometry.to_numpy()))
    assert np.array_equal(~free, shapely.intersects(ground, found.geometry.to_numpy()))
    assert 0 < (~free).sum() < len(found)
