"""Beds within reach, beside PySAL access in the same run; run by ``pytest -s``.

The peer is ``access.fca.two_stage_fca`` on a frame of distances, as its documentation has it: with
the decay as a function of one distance, and with no decay, its quickest. geomap takes the same
distances as a sparse matrix. Making the distances is timed apart: the peer leaves it to others.

Then a million demand rows and 400,000 facilities, crowded as people are, from their points alone.
CPU time of this process, and wall time, which on two free cores is less.
"""

from __future__ import annotations

import resource
import time
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from access import fca
from scipy import sparse

from geomap.plan.accessibility import METHODS, measure_access
from geomap.plan.pairs import pairs_within

S = 1000.0
EDGE = np.exp(-0.5)


def country(demand, facilities, spread_deg, towns=3000):
    """Points about towns of uneven size."""
    random = np.random.default_rng(1)
    middles = random.uniform([100, 22], [122, 42], (towns, 2))
    share = random.zipf(1.5, towns).clip(max=500)
    frames = []
    for size, name, most in ((demand, "population", 500), (facilities, "beds_total", 300)):
        town = random.choice(towns, size, p=share / share.sum())
        at = middles[town] + random.normal(0, spread_deg, (size, 2))
        points = gpd.points_from_xy(*at.T, crs="EPSG:4326")
        numbers = random.integers(1, most, size)
        frames.append(gpd.GeoDataFrame({name: numbers}, geometry=points))
    return frames


def timed(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


@pytest.fixture(scope="module")
def region():
    """200,000 demand rows, 5,000 facilities and the distances between them."""
    people, homes = country(200_000, 5_000, 0.02, towns=300)
    at = [(each.geometry.x.to_numpy(), each.geometry.y.to_numpy()) for each in (people, homes)]
    spent, blocks = timed(lambda: list(pairs_within(*at, S)))
    rows = np.concatenate([block.rows for block in blocks])
    cost = sparse.vstack([block.distance_m for block in blocks], format="csr")[np.argsort(rows)]
    print(f"\n{cost.nnz:,} distances of 200,000 by 5,000: {spent:.2f} s")
    return people, homes, sparse.csr_array(cost)


def by_access(people, homes, cost, function):
    stored = cost.tocoo()
    table = pd.DataFrame(
        {"origin": stored.coords[0], "dest": stored.coords[1], "cost": stored.data}
    )
    demand = people[["population"]].rename(columns={"population": "demand"}).rename_axis("geoid")
    supply = homes[["beds_total"]].rename(columns={"beds_total": "supply"})
    demand = pd.DataFrame(demand).reset_index()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timed(
            lambda: fca.two_stage_fca(demand, supply, table, max_cost=S, weight_fn=function)
        )


@pytest.mark.parametrize("method", ["e2sfca", "2sfca"])
def test_200_000_by_5_000_beside_pysal_access(region, method):
    people, homes, cost = region
    own_s, own = min(
        (timed(lambda: measure_access(people, homes, threshold_m=S, method=method, cost=cost))
         for _ in range(3)),
        key=lambda each: each[0],
    )  # fmt: skip
    decay = (lambda d: (np.exp(-0.5 * (d / S) ** 2) - EDGE) / (1 - EDGE)) if "e" in method else None
    peer_s, peer = by_access(people, homes, cost, decay)
    np.testing.assert_allclose(
        own.per_demand, peer.reindex(people.index).fillna(0.0), rtol=1e-9, atol=1e-12
    )
    print(f"\n{method}: {own_s:.3f} s; access: {peer_s:.2f} s, {peer_s / own_s:.0f} times")


@pytest.fixture(scope="module")
def nation():
    """A million demand rows and 400,000 facilities."""
    return country(1_000_000, 400_000, 0.0195)


@pytest.mark.parametrize("method", METHODS)
def test_a_million_by_400_000_from_points_alone(nation, method):
    people, homes = nation
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    wall = time.perf_counter()
    spent, found = timed(lambda: measure_access(people, homes, threshold_m=S, method=method))
    wall = time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\n{method}, 1,000,000 by 400,000: {spent:.1f} s CPU, {wall:.1f} s wall,"
          f" {peak:.2f} GB at the most ({before:.2f} GB before)")  # fmt: skip
    together = (people["population"] * found.per_demand).sum()
    assert together == pytest.approx(found.reached, rel=1e-9)
    assert peak <= 2.0
