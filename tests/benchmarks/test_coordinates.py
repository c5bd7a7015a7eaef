"""A million points from one datum into another; run by ``pytest -s``.

The peer is prcoords, which takes a point at a time: 20,000 of them, in ratio; the way back by its
own iteration (``gcj_wgs_bored``), which stops at about a centimetre.

CPU time of this process, the median of three.
"""

from __future__ import annotations

import time

import numpy as np
import prcoords
import pytest

from geomap.model.datum import from_wgs84, to_wgs84

N, AT_A_TIME = 1_000_000, 20_000
THERE_AND_BACK = {
    "gcj02": (prcoords.wgs_gcj, prcoords.gcj_wgs_bored),
    "bd09": (prcoords.wgs_bd, prcoords.bd_wgs_bored),
}


@pytest.fixture(scope="module")
def points():
    random = np.random.default_rng(1)
    return random.uniform(75, 130, N), random.uniform(20, 50, N)


def cpu_s(work) -> float:
    """CPU seconds of a work, the median of three."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return float(np.median(spent))


def one_by_one(way, lon, lat) -> float:
    """CPU seconds of a million points by a way that takes one, guessed from some."""
    some = [prcoords.Coords(y, x) for x, y in zip(lon, lat, strict=True)][:AT_A_TIME]
    return cpu_s(lambda: [way(each) for each in some]) * N / AT_A_TIME


@pytest.mark.parametrize("datum", THERE_AND_BACK)
def test_a_million_points_each_way_beside_prcoords(points, datum):
    moved = from_wgs84(*points, datum)
    ways = zip(
        ("there", "back"), (from_wgs84, to_wgs84), THERE_AND_BACK[datum], (points, moved),
        strict=True,
    )  # fmt: skip
    for name, own, peer, given in ways:
        ours = cpu_s(lambda own=own, given=given: own(*given, datum))
        theirs = one_by_one(peer, *given)
        print(f"\n{datum} {name}: {ours:.2f} s a million; prcoords {theirs / ours:.0f} times")
