"""Who is covered: every pair measured by pyproj, for points and for grids."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geomap.errors import ParameterError
from geomap.plan.grid import covered_grid, covered_shares
from geomap.plan.points import covered_points

GEOD = Geod(ellps="WGS84")


def every_pair(lon, lat, sites, standard_m):
    """Whether the least of all geodesics is within the standard."""
    covered = np.zeros(len(lon), dtype=bool)
    for x, y in zip(*sites, strict=True):
        far_m = GEOD.inv(lon, lat, np.full(len(lon), x), np.full(len(lon), y))[2]
        covered |= far_m <= standard_m
    return covered


def around(random, n, middle, spread):
    lon, lat = random.normal(middle, spread, (n, 2)).T
    return (lon + 180) % 360 - 180, np.clip(lat, -89, 89)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 100_000),
    middle=st.sampled_from([(116.4, 39.9), (180.0, 10.0), (102.0, 54.0), (-46.6, -23.5)]),
    standard_m=st.sampled_from([1.0, 300.0, 1000.0, 20_000.0, 100_000.0]),
)
def test_points_are_covered_as_every_geodesic_says(seed, middle, standard_m):
    random = np.random.default_rng(seed)
    sites = around(random, 12, middle, standard_m / 80_000)
    lon, lat = around(random, 200, middle, standard_m / 50_000)
    answer = covered_points(lon, lat, sites, standard_m=standard_m)
    assert answer.tolist() == every_pair(lon, lat, sites, standard_m).tolist()


@settings(max_examples=40)
@given(
    seed=st.integers(0, 100_000),
    standard_m=st.sampled_from([300.0, 1000.0, 5000.0, 100_000.0]),
    middle=st.sampled_from([(116.4, 39.9), (179.9, -10.0), (102.0, 54.0)]),
)
def test_a_grid_is_covered_as_every_geodesic_says(seed, standard_m, middle):
    random = np.random.default_rng(seed)
    wide = standard_m / 40_000
    columns = np.sort(random.uniform(middle[0] - wide, middle[0] + wide, 23))
    rows = np.sort(random.uniform(middle[1] - wide, middle[1] + wide, 17))[::-1]
    sites = around(random, 8, middle, wide / 2)
    lon, lat = (each.ravel() for each in np.meshgrid(columns, rows))
    answer = covered_grid(columns, rows, sites, standard_m=standard_m)
    assert answer.ravel().tolist() == every_pair(lon, lat, sites, standard_m).tolist()


def test_a_point_exactly_at_the_standard_is_covered_and_a_millimetre_beyond_is_not():
    azimuth = np.linspace(0, 360, 360, endpoint=False)
    for standard_m in (300.0, 1000.0, 50_000.0):
        start = np.full(360, 116.4), np.full(360, 39.9), azimuth
        for beyond_m, expected in ((0.0, True), (-1e-3, True), (1e-3, False)):
            lon, lat, _ = GEOD.fwd(*start, np.full(360, standard_m + beyond_m))
            answer = covered_points(lon, lat, ([116.4], [39.9]), standard_m=standard_m)
            assert answer.all() == expected
            assert answer.any() == expected


def test_a_large_grid_of_points_is_answered_as_scattered_points_are():
    columns, rows = np.linspace(116.0, 116.5, 200), np.linspace(39.5, 40.0, 150)
    lon, lat = (each.ravel() for each in np.meshgrid(columns, rows))
    random = np.random.default_rng(2)
    order = random.permutation(len(lon))[:25_000]
    lon, lat = lon[order], lat[order]
    sites = random.uniform(116.0, 116.5, 100), random.uniform(39.5, 40.0, 100)
    answer = covered_points(lon, lat, sites, standard_m=1000)
    assert answer.tolist() == every_pair(lon, lat, sites, 1000).tolist()


def test_a_missing_point_is_covered_by_nothing_and_no_site_covers_nothing():
    answer = covered_points([np.nan, 0.0], [0.0, 0.0], ([0], [0]), standard_m=1)
    assert answer.tolist() == [False, True]
    assert covered_points([0.0], [0.0], ([], []), standard_m=1).tolist() == [False]


def test_shares_of_cells_are_the_ground_in_the_discs():
    random = np.random.default_rng(8)
    columns, rows = 116 + 0.01 * np.arange(20), 40 - 0.01 * np.arange(25)
    sites = random.uniform(116, 116.2, 30), random.uniform(39.75, 40, 30)
    shares = covered_shares(columns, rows, sites, standard_m=1000)
    azimuth = np.linspace(0, 360, 720, endpoint=False)
    circles = []
    for x, y in zip(*sites, strict=True):
        ring = GEOD.fwd(np.full(720, x), np.full(720, y), azimuth, np.full(720, 1000.0))
        circles.append(shapely.polygons(np.column_stack(ring[:2])))
    served = shapely.union_all(circles)
    x, y = np.meshgrid(columns, rows)
    cells = shapely.box(x - 0.005, y - 0.005, x + 0.005, y + 0.005)
    oracle = shapely.area(shapely.intersection(cells, served)) / shapely.area(cells)
    assert np.abs(shares - oracle).max() < 0.03
    assert shares.mean() == pytest.approx(oracle.mean(), rel=2e-3)
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all()
    turned = covered_shares(columns[::-1], rows, sites, standard_m=1000)
    assert np.allclose(turned[:, ::-1], shares)


@pytest.mark.parametrize(("lon", "lat"), [([0, 2, 1], [0, 1]), ([[0, 1]], [0, 1]), ([], [0, 1])])
def test_a_grid_out_of_order_is_refused(lon, lat):
    with pytest.raises(ParameterError, match="of a grid must"):
        covered_grid(lon, lat, ([0], [0]), standard_m=1000)


def test_a_grid_of_one_row_has_no_height():
    with pytest.raises(ParameterError, match="two rows and columns"):
        covered_shares([0, 1], [0], ([0], [0]), standard_m=1000)


def test_sites_of_a_frame_may_be_given(data_folder):
    stations = gpd.read_file(data_folder / "taipei/community_stations.csv")
    lon, lat = (stations[name].replace("", "nan").astype(float) for name in ("lon", "lat"))
    known = lon.notna() & lat.notna()
    at = lon[known].to_numpy(), lat[known].to_numpy()
    random = np.random.default_rng(4)
    x, y = random.uniform(121.45, 121.66, 2000), random.uniform(24.96, 25.21, 2000)
    answer = covered_points(x, y, at, standard_m=500)
    assert answer.tolist() == every_pair(x, y, at, 500).tolist()


@pytest.mark.parametrize("turned", [1, -1])
def test_points_that_come_row_by_row_are_a_grid(turned):
    columns, rows = np.linspace(116.0, 116.1, 30), np.linspace(39.9, 40.0, 20)[::turned]
    lon, lat = (each.ravel() for each in np.meshgrid(columns, rows))
    for x, y in ((lon, lat), (lon[:-1], lat[:-1]), (lon[::-1], lat), (lon, np.roll(lat, 30))):
        answer = covered_points(x, y, ([116.05], [39.95]), standard_m=3000)
        assert answer.tolist() == every_pair(x, y, ([116.05], [39.95]), 3000).tolist()
