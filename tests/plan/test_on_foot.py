"""Walks between demand and facilities, beside networkx; São Paulo's cells on foot."""

from __future__ import annotations

import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from pyproj import Transformer

import geomap as gm
from geomap.errors import ParameterError
from geomap.plan.on_foot import nearest_on_foot, walks_within
from tests.plan.conftest import make_network, make_places
from tests.plan.street_graphs import distances, put_place, street_graph
from tests.plan.test_isochrones import cities, graph_of, put_places


def test_the_nearest_on_foot_is_not_the_nearest_in_a_straight_line():
    river = make_network([[(0, 0), (0, 900)], [(0, 900), (100, 900)], [(100, 900), (100, 0)]])
    demand, facilities = make_places([(0, 0)]), make_places([(100, 0), (0, 700)])
    found = nearest_on_foot(demand, facilities, river)
    assert found["facility"].tolist() == ["f1"]
    assert found["walk_m"].tolist() == pytest.approx([700], abs=1e-3)


def test_both_ends_of_one_street_piece_are_walked_between_directly(street):
    demand, facilities = make_places([(300, 20), (310, 0)]), make_places([(340, 10)])
    found = nearest_on_foot(demand, facilities, street)
    assert found["walk_m"].tolist() == pytest.approx([20 + 40 + 10, 30 + 10], abs=0.02)


def test_who_has_no_way_is_infinitely_far_and_who_has_no_street_is_unknown():
    apart = make_network([[(0, 0), (1200, 0)], [(0, 500), (1200, 500)]])
    demand = make_places([(10, 500), (10, 0), (0, 5000), None])
    found = nearest_on_foot(demand, make_places([(100, 0)]), apart)
    assert found["facility"].fillna("").tolist() == ["", "f0", "", ""]
    assert found["walk_m"].tolist() == pytest.approx(
        [np.inf, 90, np.nan, np.nan], abs=0.01, nan_ok=True
    )
    assert found["network"].tolist() == ["on_street", "on_street", "too_far", "no_location"]
    assert found.index.tolist() == demand.index.tolist()


def test_labels_of_facilities_stay_whole_numbers(street):
    demand = make_places([(10, 0), (0, 5000)])
    found = nearest_on_foot(demand, make_places([(100, 0)]).set_axis([41]), street)
    assert found["facility"].tolist() == [41, pd.NA]


def test_a_walk_of_exactly_the_limit_is_within_it(street):
    demand, facilities = make_places([(0, 0), (500, 0)]), make_places([(500, 0)])
    walk_m = float(nearest_on_foot(demand, facilities, street)["walk_m"].iloc[0])
    matrix = walks_within(demand, facilities, street, limit_m=walk_m)
    assert (matrix.nnz, matrix.shape) == (2, (2, 1))
    assert matrix.toarray().tolist()[1] == pytest.approx([0], abs=1e-3)
    assert nearest_on_foot(demand, facilities, street, limit_m=walk_m * (1 - 1e-9))[
        "facility"
    ].isna().tolist() == [True, False]


def test_people_in_a_polygon_live_at_a_point_inside(street):
    square = gpd.GeoSeries([shapely.box(*make_places([(0, -10), (20, 10)]).total_bounds)], crs=4326)
    demand = gpd.GeoDataFrame(geometry=square)
    found = nearest_on_foot(demand, make_places([(110, 0)]), street)
    assert found["walk_m"].tolist() == pytest.approx([100], abs=0.1)


def test_facilities_not_in_service_and_none_at_all_serve_nobody(street):
    demand = make_places([(0, 0)])
    shut = make_places([(10, 0)], status=["closed"])
    for facilities in (shut, shut[:0]):
        found = nearest_on_foot(demand, facilities, street)
        assert found["facility"].isna().all()
        assert found["walk_m"].tolist() == [np.inf]


@pytest.mark.parametrize("limit_m", [0, -5, float("nan")])
def test_a_limit_that_is_no_length_is_refused(street, limit_m):
    places = make_places([(0, 0)])
    with pytest.raises(ParameterError, match="limit_m"):
        walks_within(places, places, street, limit_m=limit_m)


@settings(max_examples=30)
@given(cities())
def test_all_walks_are_those_of_networkx(city):
    lines, spots = city
    network, graph = make_network(lines), graph_of(lines)
    names, places = put_places(graph, lines, spots)
    if (gm.isochrones(places, network)["network"] == "passed_fragment").any():
        return
    expected = np.array(
        [[distances(graph, a).get(b, math.inf) for a in names] for b in names], dtype=float
    )
    matrix = walks_within(places, places, network, limit_m=5_000).toarray()
    off = ~np.eye(len(names), dtype=bool) & np.isfinite(expected) & (expected > 0)
    assert matrix[off] == pytest.approx(expected[off], abs=1e-4)
    assert not matrix[np.isinf(expected)].any()
    nearest = nearest_on_foot(places, places, network)
    assert nearest["walk_m"].to_numpy() == pytest.approx(expected.min(axis=1), abs=1e-4)
    first = np.argmax(expected <= expected.min(axis=1, keepdims=True) + 1e-7, axis=1)
    assert nearest["facility"].tolist() == first.tolist()


def test_sao_paulos_people_covered_on_foot_as_an_oracle_counts_them(data_folder):
    cells = pd.read_csv(data_folder / "saopaulo" / "spo_hexgrid.csv")
    demand = gpd.GeoDataFrame(
        cells, geometry=gpd.points_from_xy(cells["lon"], cells["lat"]), crs=4326
    )
    facilities = demand[demand["healthcare"] > 0]
    network = gm.read_network(data_folder / "saopaulo" / "spo_osm.pbf")
    found = nearest_on_foot(demand, facilities, network)
    walk_m = _oracle(data_folder / "saopaulo" / "spo_osm.pbf", demand, facilities)
    assert found["walk_m"].to_numpy() == pytest.approx(walk_m, abs=0.05, nan_ok=True)
    people = demand["population"].to_numpy()
    covered = people[found["walk_m"] <= 720].sum()
    assert covered == people[walk_m <= 720].sum()
    straight = (
        gpd.GeoSeries(facilities.geometry).to_crs(31983).buffer(720, quad_segs=64).union_all()
    )
    circle = people[demand.to_crs(31983).intersects(straight)].sum()
    assert 0.7 < covered / circle < 0.8  # circles claim far more than can be walked


def _oracle(path, demand, facilities):
    """The walk from each cell to the nearest facility: networkx, nearest segments in UTM."""
    graph = street_graph(path)
    for part in list(nx.connected_components(graph)):
        if graph.subgraph(part).size("metres") < 1000:
            graph.remove_nodes_from(part)
    utm = Transformer.from_crs(4326, 31983, always_xy=True)
    edges = list(graph.edges)
    ends = np.array([[[graph.nodes[end][axis] for axis in "xy"] for end in edge] for edge in edges])
    x, y = utm.transform(ends[..., 0], ends[..., 1])
    lines = shapely.linestrings(np.stack([x, y], axis=-1))
    points = shapely.points(*utm.transform(demand.geometry.x, demand.geometry.y))
    near = shapely.STRtree(lines).nearest(points)
    off_m = shapely.distance(points, lines[near]) / 0.99964
    share = shapely.line_locate_point(lines[near], points, normalized=True)
    by_edge = {}
    for place, (edge, at) in enumerate(zip(near, share, strict=True)):
        by_edge.setdefault(int(edge), []).append((float(at), place))
    for edge, places in by_edge.items():
        (a, b), begin = edges[edge], 0.0
        for at, place in sorted(places):
            put_place(
                graph, ("place", place), a, b, 0 if begin == 1 else (at - begin) / (1 - begin)
            )
            a, begin = ("place", place), at
    doors = np.flatnonzero(demand.index.isin(facilities.index) & (off_m <= 200))
    graph.add_edges_from(("all", ("place", int(door)), {"metres": off_m[door]}) for door in doors)
    far = distances(graph, "all")
    walk_m = np.array([far.get(("place", n), math.inf) for n in range(len(demand))]) + off_m
    walk_m[off_m > 200] = np.nan
    return walk_m
