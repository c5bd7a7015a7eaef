"""Siting beside spopt with HiGHS, and against its own bound; run by ``pytest -s``.

The peer is ``spopt.locate.MCLP`` from a cost matrix, solved by ``pulp.HiGHS``, one thread, with
building counted, as its documentation has it; it lives in an environment of its own::

    python -m venv PEERS
    PEERS/bin/pip install spopt pulp highspy
    GEOMAP_PEERS=PEERS pytest -s tests/benchmarks/test_siting.py

CPU time of the process; the time limits are wall time, so a busy machine proves less. The 40
p-median graphs of OR-Library (Beasley 1985) are read from ``orlib/pmed1.txt`` ... with
``orlib/pmedopt.txt`` in the folder that GEOMAP_TEST_DATA names, where they are; graphs made the
same way (a ring and random streets, n²/50 in all, 1 to 100 long) are solved in any case.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

import geomap as gm

LIMIT_S = float(os.environ.get("GEOMAP_BENCH_LIMIT_S", "60"))
SPOPT = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pulp
from spopt.locate import MCLP
given = np.load(sys.argv[1])
start = time.process_time()
model = MCLP.from_cost_matrix(given["cost"], given["weights"], float(given["standard"]),
                              p_facilities=int(given["p"]))
model = model.solve(pulp.HiGHS(msg=False, threads=1))
print(json.dumps([time.process_time() - start, pulp.value(model.problem.objective)]))
"""


def timed(work):
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def told(name, spent, found):
    print(
        f"\n{name}: {found.objective:,.0f}, bound {found.bound:,.0f}, gap {found.gap:.3%},"
        f" {found.status}, {spent:.2f} s CPU, {found.seconds:.2f} s wall"
    )


def country(people, sites, side_km, seed=1):
    """Points about towns in a square; kilometres."""
    random = np.random.default_rng(seed)
    towns = random.uniform(0, side_km, (60, 2))
    spread = side_km / 25

    def places(count):
        return towns[random.integers(0, 60, count)] + random.normal(0, spread, (count, 2))

    return places(people), places(sites), random.integers(1, 500, people).astype(float)


def ground(shape, people, sites, side_km, seed=1):
    """Points about towns, even over a square, or thick in the middle as a city is; kilometres."""
    if shape == "towns":
        return country(people, sites, side_km, seed)
    random = np.random.default_rng(seed)

    def places(count):
        if shape == "even":
            return random.uniform(0, side_km, (count, 2))
        return random.normal(0, side_km / 4, (count, 2))

    return places(people), places(sites), random.integers(1, 1_001, people).astype(float)


def test_mclp_2_000_by_300_beside_spopt(tmp_path):
    people, sites, weights = country(2_000, 300, 100)
    cost = np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1))
    spent, found = min(
        (timed(lambda: gm.site_from_matrix(cost, weights, model="mclp", p=20, standard=5))
         for _ in range(3)),
        key=lambda each: each[0],
    )  # fmt: skip
    told("MCLP 2,000 x 300, p = 20", spent, found)
    assert found.status == "optimal"
    peers = os.environ.get("GEOMAP_PEERS")
    if not peers:
        pytest.skip("GEOMAP_PEERS is not set: spopt is not asked")
    np.savez(tmp_path / "given.npz", cost=cost, weights=weights, standard=5, p=20)
    peer = subprocess.run(
        [Path(peers) / "bin" / "python", "-c", SPOPT, tmp_path / "given.npz"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    peer_s, objective = json.loads(peer.stdout.splitlines()[-1])
    assert objective == pytest.approx(found.objective)
    print(f"spopt with HiGHS: {peer_s:.2f} s CPU, {peer_s / spent:.0f} times")


@pytest.mark.parametrize(
    ("shape", "side_km"),
    [("towns", 300), ("towns", 200), ("towns", 120), ("even", 40), ("even", 60), ("even", 100),
     ("even", 150), ("even", 200), ("even", 300), ("city", 100), ("city", 200)],
)  # fmt: skip
def test_mclp_20_000_by_1_000(shape, side_km):
    people, sites, weights = ground(shape, 20_000, 1_000, side_km)
    near = cKDTree(people).sparse_distance_matrix(cKDTree(sites), 8, output_type="coo_matrix")
    first, begin = [], time.process_time()

    def tell(uncovered, bound):
        first.append((time.process_time() - begin, uncovered, bound))

    spent, found = timed(
        lambda: gm.site_from_matrix(
            near, weights, model="mclp", p=50, standard=8, time_limit_s=LIMIT_S, tell=tell
        )
    )
    told(f"MCLP 20,000 x 1,000, {shape} on {side_km} km, {near.nnz:,} pairs", spent, found)
    early = min(uncovered for seconds, uncovered, _ in first if seconds <= max(1, first[0][0]))
    covered = weights.sum() - early
    print(f"first answer after {first[0][0]:.2f} s CPU, within 1 s one at most"
          f" {1 - covered / found.bound:.2%} off")  # fmt: skip


@pytest.mark.parametrize("side_km", [300, 200, 120])
def test_lscp_20_000_by_1_000(side_km):
    people, sites, weights = country(20_000, 1_000, side_km)
    near = cKDTree(people).sparse_distance_matrix(cKDTree(sites), 8, output_type="coo_matrix")
    spent, found = timed(
        lambda: gm.site_from_matrix(near, weights, model="lscp", standard=8, time_limit_s=LIMIT_S)
    )
    told(f"LSCP 20,000 x 1,000 on {side_km} km", spent, found)


def streets(n, seed):
    """Ways through a random graph made as those of OR-Library are."""
    random = np.random.default_rng(seed)
    ring = np.column_stack([np.arange(n), (np.arange(n) + 1) % n])
    ends = np.vstack([ring, random.integers(0, n, (n * n // 50 - n, 2))])
    return ways(n, ends, random.integers(1, 101, len(ends)))


def ways(n, ends, length):
    """Shortest ways; of streets stated twice the last counts, as OR-Library has it."""
    stated = {
        tuple(sorted(pair)): metres for pair, metres in zip(ends.tolist(), length, strict=True)
    }
    pairs = np.array([pair for pair in stated if pair[0] != pair[1]])
    values = np.array([stated[tuple(pair)] for pair in pairs.tolist()], dtype=float)
    graph = sparse.coo_array((values, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return csgraph.dijkstra(graph.tocsr(), directed=False)


@pytest.mark.parametrize(
    ("n", "p"), [(100, 33), (200, 5), (300, 30), (400, 10), (400, 133), (600, 60), (900, 90)]
)
def test_graphs_like_those_of_or_library(n, p):
    cost = streets(n, n + p)
    for model in ("p_median", "p_center"):
        spent, found = timed(
            lambda model=model: gm.site_from_matrix(
                cost, None, model=model, p=p, time_limit_s=LIMIT_S
            )
        )
        told(f"{model}, {n} nodes, p = {p}", spent, found)
        assert found.bound <= found.objective


def test_the_graphs_of_or_library():
    folder = Path(os.environ.get("GEOMAP_TEST_DATA", "nowhere")) / "orlib"
    if not (folder / "pmedopt.txt").is_file():
        pytest.skip("no orlib/pmedopt.txt in the folder that GEOMAP_TEST_DATA names")
    known = dict(re.findall(r"(pmed\d+)\s+(\d+)", (folder / "pmedopt.txt").read_text()))
    for name, optimum in known.items():
        numbers = np.array((folder / f"{name}.txt").read_text().split(), dtype=int)
        (n, _, p), stated = numbers[:3].tolist(), numbers[3:].reshape(-1, 3)
        cost = ways(n, stated[:, :2] - 1, stated[:, 2])
        spent, found = timed(
            lambda cost=cost, p=p: gm.site_from_matrix(
                cost, None, model="p_median", p=p, time_limit_s=LIMIT_S
            )
        )
        told(f"{name}, known {optimum}", spent, found)
        assert found.bound <= float(optimum) <= found.objective
        assert found.objective <= 1.005 * float(optimum)


def test_national():
    """400,000 existing, 300,000 candidates, a million cells, 5,000 new ones within 1 km."""
    random = np.random.default_rng(1)
    middles = random.uniform([100, 22], [122, 42], (3000, 2))
    share = random.zipf(1.5, 3000).clip(max=500)

    def frame(size, **columns):
        town = random.choice(3000, size, p=share / share.sum())
        at = middles[town] + random.normal(0, 0.06, (size, 2))
        return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*at.T, crs="EPSG:4326"))

    people = frame(1_000_000, population=random.integers(1, 500, 1_000_000))
    there, idle = frame(400_000), frame(300_000)
    for limit_s in (2, 120):
        wall = time.perf_counter()
        spent, found = timed(
            lambda limit_s=limit_s: gm.site(
                people, idle, p=5_000, standard_m=1000, existing=there, time_limit_s=limit_s
            )
        )
        told(f"national, {limit_s} s for the choice", spent, found)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{time.perf_counter() - wall:.1f} s wall in all, {peak:.2f} GB at the most")
        assert peak <= 4
