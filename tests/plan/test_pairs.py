"""Which facilities are within reach of which demand: against every geodesic there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geomap.plan import pairs
from geomap.plan.pairs import pairs_within

ELLIPSOID = Geod(ellps="WGS84")
#: Where strips of latitude and longitudes are at their worst, and where people are.
MIDDLES = {
    "a town": (121.4, 31.2),
    "the equator": (10.0, 0.0),
    "the antimeridian": (180.0, -17.0),
    "far north": (-179.999, 78.0),
    "the pole": (30.0, 90.0),
    "the other pole": (0.0, -90.0),
}


def around(middle, many, widest_m, seed):
    """Places about a middle, and none."""
    random = np.random.default_rng(seed)
    lon, lat = (np.full(many, each) for each in middle)
    azimuth, away = random.uniform(0, 360, many), widest_m * random.uniform(0, 1, many) ** 0.5
    lon, lat, _ = ELLIPSOID.fwd(lon, lat, azimuth, away)
    lon[0] = np.nan
    return lon, lat


def every_distance(demand, facilities):
    n, m = len(demand[0]), len(facilities[0])
    one, other = ([np.repeat(x, m) for x in demand], [np.tile(x, n) for x in facilities])
    return ELLIPSOID.inv(*one, *other)[2].reshape(n, m)


def found_by(demand, facilities, threshold):
    own = np.full((len(demand[0]), len(facilities[0])), np.nan)
    for block in pairs_within(demand, facilities, threshold):
        stored = block.distance_m.tocoo()
        row = block.rows[stored.coords[0]]
        assert np.isnan(own[row, stored.coords[1]]).all()
        assert len(np.unique(row * own.shape[1] + stored.coords[1])) == len(row)
        own[row, stored.coords[1]] = stored.data
    return own


@pytest.mark.parametrize("where", MIDDLES)
@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), threshold=st.sampled_from([0.5, 30.0, 1000.0, 40e3, 100e3]))
def test_every_pair_within_the_threshold_is_found_once_and_no_other(where, seed, threshold):
    demand = around(MIDDLES[where], 40, 2 * threshold, seed)
    facilities = around(MIDDLES[where], 30, 2 * threshold, seed + 1)
    apart = every_distance(demand, facilities)
    own = found_by(demand, facilities, threshold)
    inside = apart <= threshold
    assert np.array_equal(np.isfinite(own), inside)
    most = {"atol": 0.002} if threshold <= 50e3 else {"rtol": 4e-4}
    np.testing.assert_allclose(own[inside], apart[inside], **{"rtol": 0, **most})


def test_one_facility_across_the_pole_is_one():
    lon = np.array([10.0, 100.0, -80.0])
    lat = np.array([89.999, 89.999, 89.999])
    apart = every_distance((lon, lat), (lon - 180, lat))
    own = found_by((lon, lat), (lon - 180, lat), 500.0)
    np.testing.assert_allclose(own, apart, atol=0.002)


def test_pieces_of_any_size_hold_the_same_pairs(monkeypatch):
    demand, facilities = (around(MIDDLES["a town"], 300, 3000, seed) for seed in (1, 2))
    whole = found_by(demand, facilities, 1000.0)
    monkeypatch.setattr(pairs, "_PIECE_PAIRS", 7)
    monkeypatch.setattr(pairs, "_BLOCK_PAIRS", 900)
    assert np.array_equal(found_by(demand, facilities, 1000.0), whole, equal_nan=True)


def test_no_demand_and_no_facility_make_no_pair():
    none, one = (np.empty(0), np.empty(0)), (np.array([121.4]), np.array([31.2]))
    nowhere = (np.array([np.nan]), np.array([np.nan]))
    for demand, facilities in ((none, one), (one, none), (nowhere, one), (one, nowhere)):
        for block in pairs_within(demand, facilities, 1000.0):
            assert not block.distance_m.nnz
            assert block.distance_m.shape == (len(block.rows), len(facilities[0]))
