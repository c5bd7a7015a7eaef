"""The network itself: sound arrays, places and stretches on lines, ways from one door."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from geomap.errors import DataError, ParameterError
from geomap.model.footholds import find_footholds
from tests.plan.conftest import degrees, make_network


@pytest.fixture
def cross():
    return make_network(
        [[(0, 0), (600, 0), (1500, 0)], [(600, 0), (600, 900)], [(0, 40), (50, 40)]]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"lat": np.zeros(3)},
        {"lon": np.array([500.0, 0, 0, 0, 0])},
        {"lon": np.array([np.nan, 0, 0, 0, 0])},
        {"node": np.array([0, -1, -1, 1, 2], dtype=np.int32)},
        {"node": np.array([0, -1, 7, 1, 2], dtype=np.int32)},
        {"first": np.array([0, 4, 5])},
        {"first": np.array([1, 3, 5])},
        {"slowness": np.array([1.0, 0.5])},
        {"slowness": np.array([1.0, np.inf])},
        {"steps": np.array([True])},
    ],
)
def test_arrays_that_make_no_network_are_refused(change):
    sound = make_network([[(0, 0), (10, 0), (20, 0)], [(0, 50), (20, 50)]])
    with pytest.raises(DataError, match="network"):
        dataclasses.replace(sound, **change)


def test_lengths_are_geodesic_and_lines_follow_each_other(cross):
    assert sorted(cross.length_m) == pytest.approx([50, 900, 1500], abs=0.02)
    assert (np.diff(cross.along_m) >= 0).all()
    assert cross.along_m[-1] == pytest.approx(cross.length_m.sum())


def test_a_street_goes_straight_on_through_a_junction():
    parts = make_network([[(0, 0), (100, 0)], [(100, 0), (200, 5)], [(100, 0), (100, 100)]])
    assert sorted(np.diff(parts.first).tolist()) == [2, 3]
    round_ = make_network([[(0, 0), (50, -20), (100, 0)], [(100, 0), (150, 20), (100, 80), (0, 0)]])
    assert round_.length_m.sum() == pytest.approx(
        sum(map(np.hypot, [50, 50, 50, 50, 100], [20, 20, 20, 60, 80])), rel=1e-4
    )


def test_stretches_are_cut_exactly_and_keep_the_bends(cross):
    line = int(np.argmax(cross.length_m))
    begin = cross.along_m[cross.first[line]]
    (stretch,) = cross.lines(
        np.array([line]), begin + np.array([200.0]), begin + np.array([1000.0])
    )
    lon, lat = degrees([200, 600, 1000], [0, 0, 0])
    got = shapely.get_coordinates(stretch)
    if got[0, 0] > got[-1, 0]:
        lon, lat = degrees([1300, 600, 500], [0, 0, 0])
    assert got == pytest.approx(np.column_stack([lon, lat]), abs=2e-7)


def test_fragments_are_what_hangs_together_over_less_than_a_kilometre(cross):
    assert cross.is_fragment.sum() == 1
    small = make_network([[(0, 0), (300, 0)], [(0, 50), (20, 50)]])
    assert not small.is_fragment.any()  # there is nothing better


def test_stairs_are_left_out_slow_or_level():
    network = make_network([[(0, 0), (100, 0)], [(100, 0), (200, 0)]], stairs=[1])
    assert len(network.stepping("avoid").steps) == 1
    assert sorted(network.stepping("slow").slowness) == [1, 2]
    assert network.stepping("slow").stepping("walk").slowness.tolist() == [1, 1]
    with pytest.raises(ParameterError, match="steps must be"):
        network.stepping("fly")


def test_without_a_line_nothing_is_on_the_network():
    stairs = make_network([[(0, 0), (100, 0)]], stairs=[0]).stepping("avoid")
    assert stairs.nodes == 0
    found = find_footholds(stairs, [116.4], [39.9])
    assert found.words.tolist() == ["too_far"]
    assert np.isnan(stairs.walk_m(116.4, 39.9, [[116.4, 39.9]])).all()


def test_a_place_steps_onto_the_nearest_point_of_a_street_not_a_node(cross):
    lon, lat = degrees([300], [-25])
    found = find_footholds(cross, lon, lat)
    placed = cross.place(found.line, found.at_m)
    assert np.concatenate(placed) == pytest.approx(np.concatenate(degrees([300], [0])), abs=1e-7)
    assert found.off_m == pytest.approx([25], abs=0.01)


def test_one_walks_from_door_to_door(cross):
    lon, lat = degrees([300, 700, 600, 4000], [-25, 20, 500, 0])
    targets = np.column_stack([lon, lat])
    walk_m = cross.walk_m(lon[0], lat[0], targets)
    assert walk_m[:3] == pytest.approx([50, 25 + 400 + 20, 25 + 300 + 500], abs=0.05)
    assert np.isnan(walk_m[3])
    assert cross.walk_m(lon[0], lat[0], targets, limit_m=500).tolist()[2] == np.inf
    assert np.isnan(cross.walk_m(float("nan"), 39.9, targets)).all()
    assert len(cross.walk_m(lon[0], lat[0], [])) == 0
