"""The union of up to 400,000 discs of 1 km beside shapely's union_all; run by ``pytest -s``.

The peer joins the very same polygons. CPU time of this process; homes are crowded as people are.
"""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest
import scipy.sparse.csgraph
import scipy.spatial  # noqa: F401 (not to be loaded while the clock runs)
import shapely

from geomap.plan.union import Discs, union_of_discs

SIZES = (5_000, 50_000, 400_000)


def crowded(n):
    """Homes in as many towns as their number asks, so that all sizes are equally dense."""
    random = np.random.default_rng(11)
    towns = random.uniform([100, 20], [100 + 25 * (n / 400_000) ** 0.5, 45], (n // 133, 2))
    share = random.zipf(1.5, len(towns)).clip(max=5_000)
    home = random.choice(len(towns), n, p=share / share.sum())
    return (towns[home] + random.normal(0, 0.05, (n, 2))).T


def timed(work):
    start = time.process_time()
    done = work()
    return done, time.process_time() - start


@pytest.fixture(scope="module")
def unions():
    """The union and the seconds it took, by size, and what memory it took in all."""
    found = {}
    for n in SIZES:
        whole, start = Discs(*crowded(n), 1000.0), time.perf_counter()
        found[n] = whole, *timed(lambda whole=whole: union_of_discs(whole))
        print(f"\nunion of {n:,} discs: {time.perf_counter() - start:.1f} s wall")
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def test_the_union_is_valid_right_and_quicker_than_union_all(unions):
    found, memory_gb = unions
    for n, (whole, pieces, seconds) in found.items():
        drawn, draw_s = timed(whole.drawn)
        peer, peer_s = timed(lambda drawn=drawn: shapely.union_all(drawn))
        area, peer_area = shapely.area(pieces).sum(), shapely.area(peer)
        print(
            f"\nunion of {n:,} discs: {seconds:.2f} s with drawing; union_all: {peer_s:.2f} s and"
            f" {draw_s:.2f} s for drawing, {(peer_s + draw_s) / seconds:.1f} times; areas differ"
            f" by {abs(area / peer_area - 1):.1e}"
        )
        assert shapely.is_valid(pieces).all()
        assert area == pytest.approx(peer_area, rel=1e-9)
        assert peer_s + draw_s >= 2.5 * seconds or n < SIZES[-1]
    print(f"memory at most {memory_gb:.2f} GB")
    assert memory_gb <= 1.5


def test_the_cost_grows_no_faster_than_n_log_n(unions):
    found, _ = unions
    unit = {n: seconds / (n * np.log(n)) for n, (_, _, seconds) in found.items()}
    print(
        "\nnanoseconds for n log n: "
        + ", ".join(f"{n:,}: {each * 1e9:.0f}" for n, each in unit.items())
    )
    assert unit[SIZES[-1]] <= 1.5 * unit[SIZES[0]]
