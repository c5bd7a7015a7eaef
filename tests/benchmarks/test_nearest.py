"""The 10 nearest of 400,000 points, beside what else Python offers; run by ``pytest -s``.

Peers, each in its best documented configuration:

- shapely's STRtree on points in one UTM zone, radius doubled until 10 are within (``dwithin``),
  then sorted: it has no query for the k nearest;
- geopandas' sjoin_nearest in the same zone, which finds the 1 nearest only;
- every geodesic distance by pyproj: the exact answer.

Asked among the facilities of a town, and from anywhere in the country. CPU time of this process,
the median of the repeats; a line says in how many answers a plane distance chose other
facilities than the geodesic.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from geomap.find.nearest_index import NearestIndex

N, QUERIES, K = 400_000, 200, 10
UTM = "EPSG:32650"
ELLIPSOID = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Country:
    """Points crowded as people are, and spots to ask from."""

    lon: np.ndarray
    lat: np.ndarray
    frame: gpd.GeoDataFrame
    spots: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def country():
    random = np.random.default_rng(11)
    towns = random.uniform([100, 20], [125, 45], (3_000, 2))
    share = random.zipf(1.5, 3_000).clip(max=5_000)
    home = random.choice(3_000, N, p=share / share.sum())
    lon, lat = (towns[home] + random.normal(0, 0.05, (N, 2))).T
    near = random.normal(0, 0.02, (QUERIES, 2))
    spots = {
        "in town": np.column_stack([lon, lat])[random.choice(N, QUERIES)] + near,
        "anywhere": random.uniform([100, 20], [125, 45], (QUERIES, 2)),
    }
    ids = [f"f{row:06d}" for row in range(N)]
    frame = gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))
    return Country(lon, lat, frame, spots)


@pytest.fixture(scope="module")
def index(country):
    return NearestIndex(country.frame)


def median_ms(ask, spots):
    """CPU milliseconds of one question, and all answers."""
    spent, answers = [], []
    for spot in spots:
        start = time.process_time()
        answers.append(ask(*spot))
        spent.append(time.process_time() - start)
    return float(np.median(spent)) * 1e3, answers


def report(what, own_ms, peers, *notes):
    lines = [f"{what}: {own_ms:.3f} ms", *notes]
    lines += [f"{name}: {ms:.3f} ms, {ms / own_ms:.1f} times" for name, ms in peers.items()]
    print("\n" + "\n  ".join(lines))


def by_strtree(country, utm):
    tree = shapely.STRtree(shapely.points(*utm.transform(country.lon, country.lat)))

    def ask(lon, lat):
        point = shapely.Point(utm.transform(lon, lat))
        radius_m = 500.0
        while (found := tree.query(point, predicate="dwithin", distance=radius_m)).size < K:
            radius_m *= 2
        return found[np.argsort(shapely.distance(tree.geometries[found], point))[:K]]

    return ask


def by_sjoin_nearest(country, utm):
    flat = country.frame.to_crs(UTM)
    _ = flat.sindex

    def ask(lon, lat):
        here = gpd.points_from_xy(*utm.transform([lon], [lat]), crs=UTM)
        return gpd.GeoDataFrame(geometry=here).sjoin_nearest(flat)["index_right"].to_numpy()

    return ask


def by_every_distance(country):
    def ask(lon, lat):
        start = np.full(N, lon), np.full(N, lat)
        return np.argsort(ELLIPSOID.inv(*start, country.lon, country.lat)[2], kind="stable")[:K]

    return ask


@pytest.fixture(scope="module")
def peers(country):
    utm = Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    return {
        "shapely STRtree in UTM, dwithin": by_strtree(country, utm),
        "geopandas sjoin_nearest in UTM, the 1 nearest": by_sjoin_nearest(country, utm),
        "every geodesic distance": by_every_distance(country),
    }


@pytest.mark.parametrize("where", ["in town", "anywhere"])
def test_nearest_10_of_400_000_beside_its_peers(country, index, peers, where):
    spots = country.spots[where]
    own_ms, own = median_ms(lambda lon, lat: index.query(lon, lat, k=K)[0], spots)
    (tree_ms, plane), (join_ms, _), (exact_ms, exact) = (
        median_ms(ask, spots[:some])
        for ask, some in zip(peers.values(), (200, 20, 20), strict=True)
    )
    other = sum(a.tolist() != b.tolist() for a, b in zip(own, plane, strict=True))
    report(
        f"10 nearest of 400,000, {where}",
        own_ms,
        dict(zip(peers, (tree_ms, join_ms, exact_ms), strict=True)),
        f"the plane answers otherwise in {other} of {QUERIES}",
    )
    assert [a.tolist() for a in own[:20]] == [b.tolist() for b in exact]
    assert own_ms <= 1.5


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02, 0.01, 0.001])
def test_a_filter_costs_at_most_1_5_ms(country, index, share):
    wanted = np.random.default_rng(3).random(N) < share
    spots = country.spots["in town"]
    spent_ms, _ = median_ms(lambda *at: index.query(*at, k=K, among=wanted), spots)
    report(f"10 nearest of {share:.1%} of 400,000", spent_ms, {})
    assert spent_ms <= 1.5


def test_wanted_rows_in_one_far_corner(country, index):
    wanted = country.lon < 104
    spots = country.spots["in town"]
    spent_ms, _ = median_ms(lambda *at: index.query(*at, k=K, among=wanted), spots)
    report(f"10 nearest of {wanted.sum():,} in the west", spent_ms, {})
    assert spent_ms <= 20
