"""The gaps of all counties with 400,000 homes, an edit, and a comb; run by ``pytest -s``.

CPU time of this process. The balance is struck by an overlay of its own: what all discs of a
county, found by geometry, cover of it, and what was left, against its area.
"""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

import geomap as gm
from geomap.data.divisions import read_areas
from geomap.plan.gaps import find_gaps

N, S = 400_000, 1000.0
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"


@pytest.fixture(scope="module")
def counties():
    return read_areas("county").assign(population=1e5)


@pytest.fixture(scope="module")
def homes(counties):
    """Homes crowded in 3,000 towns in the counties, larger ones in smaller counties."""
    random = np.random.default_rng(11)
    towns = counties.sample_points(1, rng=4).get_coordinates().to_numpy()
    share = random.zipf(1.5, len(towns)).clip(max=5_000)
    home = random.choice(len(towns), N, p=share / share.sum())
    at = gpd.points_from_xy(*(towns[home] + random.normal(0, 0.05, (N, 2))).T, crs="EPSG:4326")
    return gpd.GeoDataFrame({"id": np.arange(N).astype(str)}, geometry=at)


def timed(work):
    start = time.process_time()
    done = work()
    return done, time.process_time() - start


def test_the_gaps_of_all_counties_balance_and_an_edit_is_cheap(counties, homes):
    told, wall = [], time.perf_counter()
    found, seconds = timed(
        lambda: find_gaps(counties, homes, standard_m=S, progress=lambda *done: told.append(done))
    )
    wall_s = time.perf_counter() - wall
    edited = homes.drop(index=[17, 200_000])
    after, edit_s = timed(lambda: find_gaps(counties, edited, standard_m=S, previous=found))
    print(
        f"\ngaps of {len(counties):,} counties, {N:,} homes: {seconds:.1f} s CPU,"
        f" {wall_s:.1f} s wall, {len(found.listed):,} listed,"
        f" {found.by_area['gap_km2'].sum():,.0f} km²; two homes closed: {edit_s:.2f} s,"
        f" {len(after.recut)} counties cut again"
    )
    assert told[-1] == (len(counties), len(counties))
    assert found.listed.is_valid.all()
    assert len(after.recut) <= 10
    assert imbalance_m2(counties, homes, found.by_area) <= 1
    assert seconds <= 40


def imbalance_m2(counties, homes, by_area):
    """The greatest difference of gap and served ground from the area, over some counties."""
    some = counties.index[::25]
    flat = counties.geometry.loc[some].segmentize(0.02).to_crs(ALBERS)
    discs = gm.service_areas(homes, radius_m=S).to_crs(ALBERS).geometry.to_numpy()
    tree, worst = shapely.STRtree(discs), 0.0
    for row, county in flat.items():
        served = shapely.union_all(discs[tree.query(county, predicate="intersects")])
        served_m2 = shapely.intersection(county, served).area
        gap_m2 = by_area.loc[row, "gap_km2"] * 1e6
        worst = max(worst, abs(gap_m2 + served_m2 - county.area))
    print(f"balance of {len(some)} counties within {worst:.6f} m²")
    return worst


def test_a_comb_of_20_000_teeth():
    x = 116.4 + np.arange(40_001) * 2e-6
    y = np.where(np.arange(40_001) % 2, 39.91, 39.9)
    comb = shapely.Polygon([*zip(x, y, strict=True), (x[-1], 39.899), (x[0], 39.899)])
    areas = gpd.GeoDataFrame(geometry=[comb], crs="EPSG:4326")
    at = gpd.points_from_xy(116.4 + np.linspace(0, 0.08, 9), np.full(9, 39.906), crs="EPSG:4326")
    found, seconds = timed(
        lambda: find_gaps(areas, gpd.GeoDataFrame(geometry=at), standard_m=400.0)
    )
    print(f"\na comb of 20,000 teeth: {seconds:.1f} s, {len(found._pieces.shape):,} pieces")
    assert seconds <= 30
