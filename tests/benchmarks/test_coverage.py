"""The covered share of 10 million cells and 400,000 homes; run by ``pytest -s``.

Peers: shapely's STRtree of the homes in one UTM zone, asked with ``dwithin`` (on a tenth of the
cells, times ten), and a cKDTree of geocentric points. CPU time of this process.
"""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from geomap.model.geodesy import ecef
from geomap.plan.grid import covered_grid, covered_shares
from geomap.plan.points import covered_points

N, S = 400_000, 1000.0
COLUMNS, ROWS = np.linspace(112, 118, 4_000), np.linspace(28, 34, 2_500)
UTM = Transformer.from_crs("EPSG:4326", "EPSG:32650", always_xy=True)


@pytest.fixture(scope="module")
def homes():
    """Homes crowded in 3,000 towns of one part of the country, so that many cells are covered."""
    random = np.random.default_rng(11)
    towns = random.uniform([112, 28], [118, 34], (3_000, 2))
    share = random.zipf(1.5, 3_000).clip(max=5_000)
    home = random.choice(3_000, N, p=share / share.sum())
    return (towns[home] + random.normal(0, 0.05, (N, 2))).T


def timed(work):
    start = time.process_time()
    done = work()
    return done, time.process_time() - start


def by_strtree(homes, lon, lat):
    tree = shapely.STRtree(shapely.points(*UTM.transform(*homes)))
    cells = shapely.points(*UTM.transform(lon, lat))
    covered = np.zeros(len(lon), dtype=bool)
    covered[tree.query(cells, predicate="dwithin", distance=S)[0]] = True
    return covered


def test_the_covered_share_of_10_million_cells_beside_its_peers(homes):
    grid, grid_s = timed(lambda: covered_grid(COLUMNS, ROWS, homes, standard_m=S))
    lon, lat = (each.ravel() for each in np.meshgrid(COLUMNS, ROWS))
    points, points_s = timed(lambda: covered_points(lon, lat, homes, standard_m=S))
    order = np.random.default_rng(3).permutation(len(lon))
    mixed, mixed_s = timed(lambda: covered_points(lon[order], lat[order], homes, standard_m=S))
    some = np.random.default_rng(2).permutation(len(lon))[: len(lon) // 10]
    plane, tenth_s = timed(lambda: by_strtree(homes, lon[some], lat[some]))
    tree, tree_s = timed(
        lambda: cKDTree(ecef(*homes)).query(ecef(lon, lat), distance_upper_bound=S)[0] <= S
    )
    wrong = (plane != points[some]).sum()
    print(
        f"\n10 M cells, {N:,} homes, {points.mean():.1%} covered: as a grid {grid_s:.2f} s, as"
        f" points {points_s:.2f} s, in any order {mixed_s:.2f} s; STRtree dwithin in UTM"
        f" {tenth_s * 10:.1f} s,"
        f" {tenth_s * 10 / points_s:.1f} times the points, wrong in {wrong} of {len(some):,};"
        f" cKDTree {tree_s:.1f} s, differs in {(tree != points).sum()}"
    )
    assert (grid.ravel() == points).all()
    assert (points[order] == mixed).all()
    assert points_s <= 4
    assert tenth_s * 10 >= 4 * points_s


def test_points_that_make_no_grid(homes):
    lon, lat = np.random.default_rng(5).uniform([112, 28], [118, 34], (10_000_000, 2)).T
    covered, seconds = timed(lambda: covered_points(lon, lat, homes, standard_m=S))
    print(f"\n10 M scattered points, {covered.mean():.1%} covered: {seconds:.2f} s")


def test_shares_of_the_ground_of_10_million_cells(homes):
    shares, seconds = timed(lambda: covered_shares(COLUMNS, ROWS, homes, standard_m=S))
    print(f"\nground of 10 M cells, {shares.mean():.2%} covered: {seconds:.2f} s")


def test_a_frame_of_ten_million_points(homes):
    import geomap as gm

    lon, lat = (each.ravel() for each in np.meshgrid(COLUMNS, ROWS))
    cells = gpd.GeoDataFrame(
        {"population": np.ones(len(lon))}, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326")
    )
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*homes, crs="EPSG:4326"))
    wall = time.perf_counter()
    found, seconds = timed(lambda: gm.coverage(cells, frame, standard_m=S))
    print(
        f"\ngm.coverage of a frame of 10 M points, {found.share:.2%}: {seconds:.2f} s CPU,"
        f" {time.perf_counter() - wall:.2f} s wall"
    )
