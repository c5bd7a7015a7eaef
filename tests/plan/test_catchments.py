"""Catchments: streets divided between facilities, without a rest and without a doubling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

import geomap as gm
from geomap.plan.catchments import catchments
from tests.plan.conftest import make_network, make_places
from tests.plan.street_graphs import distances
from tests.plan.test_isochrones import cities, graph_of, put_places


def test_a_street_between_two_facilities_is_divided_in_the_middle(street):
    found = catchments(make_places([(300, 0), (900, 0)]), street)
    assert found["street_m"].tolist() == pytest.approx([600, 1400], abs=1e-4)
    one, other = found.geometry
    assert one.bounds[2] == pytest.approx(other.bounds[0], abs=1e-12)


def test_the_way_from_the_door_moves_the_middle(street):
    found = catchments(make_places([(300, 100), (900, 0)]), street)
    assert found["street_m"].iloc[0] == pytest.approx(600 - 50, abs=0.01)


def test_slow_stairs_move_the_middle_too():
    stairs = make_network([[(0, 0), (500, 0)], [(500, 0), (700, 0)]], stairs=[1]).stepping("slow")
    found = catchments(make_places([(0, 0), (700, 0)]), stairs)
    # 500 m on the level and x of stairs are as far as the other 200 - x: 2 x = 400 - 500 - 2 x < 0
    assert found["street_m"].tolist() == pytest.approx([450, 250], abs=1e-4)


def test_where_both_are_equally_far_the_first_facility_has_the_street():
    cross = make_network([[(-500, 0), (0, 0), (500, 0)], [(0, 0), (0, 800)]])
    places = make_places([(500, 0), (-500, 0)])
    found = catchments(places, cross)
    assert found["street_m"].tolist() == pytest.approx([500 + 800, 500], abs=1e-4)
    assert catchments(places[::-1], cross)["street_m"].tolist() == pytest.approx(
        [500 + 800, 500], abs=1e-4
    )
    same = catchments(make_places([(0, 300), (0, 300)]), cross)
    assert same["street_m"].tolist() == pytest.approx([1800, 0], abs=1e-4)
    assert same.geometry.isna().tolist() == [False, True]


def test_streets_beyond_the_limit_belong_to_nobody(street):
    found = catchments(make_places([(300, 0), (900, 0)]), street, limit_m=400)
    assert found["street_m"].tolist() == pytest.approx([300 + 300, 300 + 400], abs=1e-4)


def test_without_facilities_there_are_no_catchments(street):
    assert len(catchments(make_places([(0, 0)])[:0], street)) == 0
    nowhere = catchments(make_places([None]), street)
    assert (nowhere["network"].tolist(), nowhere["street_m"].tolist()) == (["no_location"], [0])


@settings(max_examples=20)
@given(cities())
def test_catchments_share_out_all_streets_that_hang_together_with_a_facility(city):
    lines, spots = city
    network, graph = make_network(lines), graph_of(lines)
    names, places = put_places(graph, lines, spots)
    found = catchments(places, network)
    far = [distances(graph, name) for name in names]
    total = sum(
        metres for a, _, metres in graph.edges(data="metres") if any(a in each for each in far)
    )
    on = found["network"].ne("passed_fragment")
    if on.all():
        assert found["street_m"].sum() == pytest.approx(total, abs=1e-3)
        nodes = list(graph.nodes)
        least = [[each.get(node, math.inf) for each in far] for node in nodes]
        owner = np.argmin(np.array(least) + 1e-9 * np.arange(len(far)), axis=1)
        # Streets of the facility that is nearest touch the node.
        from shapely import Point

        for node, who, ways in zip(nodes, owner, least, strict=True):
            if min(ways) < math.inf and sorted(ways)[:2][-1] - min(ways) > 1e-3:
                point = Point(graph.nodes[node]["x"], graph.nodes[node]["y"])
                assert found.geometry.iloc[who].distance(point) < 1e-8


def test_catchments_of_real_streets_leave_no_rest(data_folder):
    network = gm.read_network(data_folder / "osm" / "liechtenstein.osm.pbf")
    lon, lat = network.node_place
    from geopandas import GeoDataFrame, points_from_xy

    chosen = np.random.default_rng(4).choice(network.nodes, 60, replace=False)
    places = GeoDataFrame(geometry=points_from_xy(lon[chosen], lat[chosen]), crs=4326)
    found = catchments(places, network)
    from geomap.model.footholds import find_footholds

    held = np.unique(network.component[find_footholds(network, lon[chosen], lat[chosen]).line])
    assert found["street_m"].sum() == pytest.approx(network.component_m[held].sum(), rel=1e-9)
    assert found.geometry.notna().all()
