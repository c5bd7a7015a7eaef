"""Isochrones: by hand, by law on random streets, and beside networkx on real extracts."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

import geomap as gm
from geomap.errors import CRSError, DataError, ParameterError
from tests.plan.conftest import degrees, make_network, make_places
from tests.plan.street_graphs import GEOD, add_edge, put_place, street_graph, walked_m

METRIC = "EPSG:32650"
CAP_M2 = np.pi * 30**2


def areas_m2(frame):
    return frame.to_crs(METRIC).area / 0.9996**2


def test_a_walk_goes_as_far_along_the_street_as_the_minutes_allow(street):
    found = gm.isochrones(make_places([(1000, 0)]), street, minutes=10, speed_mps=0.8)
    assert found["street_m"].tolist() == pytest.approx([960], abs=1e-4)
    assert found["snap_m"].tolist() == pytest.approx([0], abs=0.001)
    west, _, east, _ = found.total_bounds
    ends, _ = degrees([1000 - 480 - 30, 1000 + 480 + 30], [0, 0])
    assert [west, east] == pytest.approx(ends, abs=1e-7)
    assert areas_m2(found).iloc[0] == pytest.approx(960 * 60 + CAP_M2, rel=0.002)


def test_the_way_from_the_door_to_the_street_counts(street):
    found = gm.isochrones(make_places([(1000, 80)]), street, minutes=10)
    assert found["snap_m"].tolist() == pytest.approx([80], abs=0.01)
    assert found["street_m"].tolist() == pytest.approx([2 * (480 - 80)], abs=0.02)


def test_a_block_that_the_streets_go_round_is_a_hole():
    block = make_network([[(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)], [(0, 0), (-900, 0)]])
    (shape,) = gm.isochrones(make_places([(100, 0)]), block).geometry
    (hole,) = shapely.polygons(np.array(shape.interiors, dtype=object))
    assert hole.contains(shapely.Point(*(each[0] for each in degrees(100, 100))))
    inner = gpd.GeoSeries([hole], crs=4326).to_crs(METRIC).area[0]
    assert inner == pytest.approx(140**2, rel=0.002)


def test_streets_that_cross_without_a_node_are_not_changed_between():
    bridge = make_network([[(-800, 0), (800, 0)], [(0, -800), (0, 800)]])
    found = gm.isochrones(make_places([(-300, 0)]), bridge, minutes=15)
    assert found["street_m"].tolist() == pytest.approx([500 + 720], abs=1e-4)


def test_fragments_are_passed_over_and_what_cannot_be_reached_is_told():
    network = make_network([[(0, 0), (3000, 0)], [(500, 60), (600, 60)], [(0, 900), (90, 900)]])
    places = [(550, 70), (50, 910), (1500, 5000), None, (1000, 10)]
    status = ["open", None, "open", "open", "planned"]
    found = gm.isochrones(make_places(places, status=status), network)
    assert found["network"].tolist() == [
        "passed_fragment", "on_fragment", "too_far", "no_location", "not_in_service",
    ]  # fmt: skip
    assert found.geometry.isna().tolist() == [False, False, True, True, True]
    assert found["street_m"].tolist() == pytest.approx([550 + 650, 90, 0, 0, 0], abs=0.1)
    assert 4_090 <= found["snap_m"].iloc[2] <= 4_100 * 1.31  # about: nearest in degrees


def test_a_street_beyond_the_whole_walk_is_too_far(street):
    found = gm.isochrones(make_places([(1000, 80)]), street, minutes=1)
    assert found["network"].tolist() == ["too_far"]
    assert found.geometry.isna().all()


@pytest.mark.parametrize(
    ("steps", "street_m"), [("avoid", 720), ("slow", 720 + 320 / 2), ("walk", 720 + 320)]
)
def test_stairs_are_avoided_taken_slowly_or_walked(steps, street_m):
    network = make_network([[(0, 0), (2000, 0)], [(2000, 0), (2000, 400)]], stairs=[1])
    place = make_places([(1600, 0)])
    found = gm.isochrones(place, network.stepping(steps))
    assert found["street_m"].tolist() == pytest.approx([400 + street_m], abs=1e-4)


def test_the_callers_index_is_kept_and_no_facility_is_no_row(street):
    places = make_places([(10, 0), (20, 0)]).set_axis([7, 3])
    assert gm.isochrones(places, street).index.tolist() == [7, 3]
    none = gm.isochrones(places[:0], street)
    assert (len(none), none.crs.to_epsg()) == (0, 4326)


def test_merged_ground_is_counted_once_and_by_type_where_asked(street):
    places = make_places([(500, 0), (900, 0), (1500, 0), None], type=["a", "b", "a", "a"])
    apart = gm.isochrones(places, street, minutes=5)
    (whole,) = gm.isochrones(places, street, minutes=5, merged=True).itertuples()
    assert (whole.facilities, whole.method) == (3, "walking_network")
    union = shapely.union_all(apart.geometry.dropna().to_numpy())
    assert shapely.area(whole.geometry) == pytest.approx(union.area, rel=1e-9)
    kinds = gm.isochrones(places, street, minutes=5, merged=True, by_type=True)
    assert kinds["facilities"].to_dict() == {"a": 2, "b": 1}
    assert len(kinds.geometry["a"].geoms) == 2
    assert len(gm.isochrones(places[3:], street, merged=True)) == 0
    with pytest.raises(ParameterError, match="by_type"):
        gm.isochrones(places, street, by_type=True)


def test_those_without_a_type_are_one_more_of_a_missing_label(street):
    places = make_places([(500, 0), (900, 0), (1500, 0)], type=["a", None, None])
    kinds = gm.isochrones(places, street, minutes=2, merged=True, by_type=True)
    assert kinds["facilities"].tolist() == [1, 2]
    assert kinds.index.isna().tolist() == [False, True]


def test_it_tells_how_many_of_those_on_a_street_are_drawn_and_can_be_stopped(street):
    at = [(10.0 * number, 0) for number in range(1, 60)]
    places, told = make_places([*at, None, (0, 5000)]), []
    gm.isochrones(places, street, progress=lambda *each: told.append(each))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {of for _, of in told} == {59}
    assert told[-1] == (59, 59)

    def stop(*_told):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        gm.isochrones(places, street, progress=stop)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["minutes", "speed_mps", "half_width_m", "most_off_m"])
def test_a_number_that_is_no_length_is_refused(street, name, value):
    with pytest.raises(ParameterError, match=name):
        gm.isochrones(make_places([(0, 0)]), street, **{name: value})


def test_facilities_must_be_points_in_a_stated_system(street):
    with pytest.raises(CRSError):
        gm.isochrones(make_places([(0, 0)]).set_crs(None, allow_override=True), street)
    with pytest.raises(ParameterError, match=r"network must be what .* gives, got NoneType"):
        gm.isochrones(make_places([(0, 0)]), None)
    with pytest.raises(DataError, match="Point"):
        gm.isochrones(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4326), street)


@st.composite
def cities(draw):
    """Crooked streets between the corners of a grid, and places in the middle of streets."""
    side = draw(st.integers(2, 5))
    jitter = st.integers(-40, 40)
    corners = {
        (i, j): (i * 150 + draw(jitter), j * 150 + draw(jitter))
        for i in range(side)
        for j in range(side)
    }
    edges = [((i, j), (i + 1, j)) for i, j in corners if (i + 1, j) in corners]
    edges += [((i, j), (i, j + 1)) for i, j in corners if (i, j + 1) in corners]
    edges = draw(st.lists(st.sampled_from(edges), min_size=2, unique=True))
    lines = [[corners[a], corners[b]] for a, b in edges]
    if draw(st.booleans()):
        lines = [
            [line[0], (line[0][0] + 33 + nth, line[0][1] + 71), line[1]]
            for nth, line in enumerate(lines)
        ]
    spots = st.tuples(st.integers(0, len(lines) - 1), st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
    return lines, draw(st.lists(spots, min_size=1, max_size=6))


def graph_of(lines):
    """The same streets as a networkx graph."""
    graph = nx.Graph()
    for line in lines:
        for one, two in pairwise(line):
            for name in (one, two):
                lon, lat = degrees(*name)
                graph.add_node(name, x=lon[0], y=lat[0])
            ends = [(graph.nodes[name]["x"], graph.nodes[name]["y"]) for name in (one, two)]
            add_edge(graph, one, two, GEOD.inv(*ends[0], *ends[1])[2])
    return graph


def put_places(graph, lines, spots):
    """Places on the first segments of lines; the nth is a node of its own, or one that is there."""
    places = {}
    for nth, (number, share) in enumerate(spots):
        one, two = lines[number][:2]
        first = (number, share) not in places
        if share in (0.0, 1.0):
            places[number, share] = one if share == 0.0 else two
        elif first:
            on = sorted(s for n, s in places if n == number and 0 < s < 1)
            before = max((s for s in on if s < share), default=0.0)
            after = min((s for s in on if s > share), default=1.0)
            a, b = places.get((number, before), one), places.get((number, after), two)
            a, b = (one if before == 0 else a), (two if after == 1 else b)
            put_place(graph, ("place", nth), a, b, (share - before) / (after - before))
            places[number, share] = ("place", nth)
    names = [places[spot] for spot in spots]
    lon, lat = zip(
        *((graph.nodes[name]["x"], graph.nodes[name]["y"]) for name in names), strict=True
    )
    return names, gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)


#: A corner of a fragment, from which the other streets are further than the walk is long.
BESIDE = (
    [
        [(0, 0), (150, 0)], [(150, 0), (300, 0)], [(0, 150), (150, 150)], [(150, 150), (300, 150)],
        [(300, 150), (450, 150)], [(0, 150), (0, 300)], [(0, 300), (150, 300)],
        [(150, 300), (300, 300)], [(300, 300), (450, 300)],
    ],
    [(0, 0.0)],
)  # fmt: skip


@settings(max_examples=30)
@example(BESIDE, 2.0)
@given(cities(), st.sampled_from([2.0, 5.0, 12.0]))
def test_what_is_walked_is_what_networkx_walks(city, minutes):
    lines, spots = city
    network, graph = make_network(lines), graph_of(lines)
    names, places = put_places(graph, lines, spots)
    found = gm.isochrones(places, network, minutes=minutes)
    moved = found["snap_m"] > 1  # past a fragment, to a street that leads somewhere
    expected = [walked_m(graph, name, minutes * 48) for name in names]
    assert found["street_m"][~moved].to_numpy() == pytest.approx(
        np.array(expected)[~moved], abs=1e-4
    )


@settings(max_examples=15)
@given(cities(), st.floats(1, 14), st.floats(0.5, 6))
def test_ground_grows_with_the_minutes_and_is_no_wider_than_the_streets(city, minutes, more):
    lines, spots = city
    network, graph = make_network(lines), graph_of(lines)
    _, places = put_places(graph, lines, spots)
    less = gm.isochrones(places, network, minutes=minutes)
    much = gm.isochrones(places, network, minutes=minutes + more)
    assert (much["street_m"] >= less["street_m"] - 1e-6).all()
    some = less.geometry.notna()
    for one, other in zip(less.geometry[some], much.geometry[some], strict=True):
        assert one.is_valid
        # A point of the round end may lie 0.2 m outside of the straight side.
        assert shapely.buffer(other, 0.3 / 85_000).contains(one)
    ends = 2 * len(lines) + len(spots) * 4
    assert (areas_m2(less)[some] <= less["street_m"][some] * 60 * 1.001 + ends * CAP_M2).all()


@pytest.mark.parametrize(
    ("name", "stairs"),
    [
        ("osm/beijing_tsinghua.osm", False),
        ("osm/beijing_tsinghua.osm", True),
        ("osm/liechtenstein.osm.pbf", False),
        ("saopaulo/spo_osm.pbf", True),
    ],
)
def test_real_streets_are_walked_as_networkx_walks_them(data_folder, name, stairs):
    graph = street_graph(data_folder / name, stairs=stairs)
    network = gm.read_network(data_folder / name, steps="walk" if stairs else "avoid")
    assert network.length_m.sum() == pytest.approx(graph.size("metres"), rel=1e-12)
    parts = sorted(nx.connected_components(graph), key=len)
    assert len(network.component_m) == len(parts)
    edges = sorted(graph.subgraph(parts[-1]).edges, key=str)
    rng = np.random.default_rng(5)
    chosen = [edges[number] for number in rng.choice(len(edges), 6, replace=False)]
    spots = [
        put_place(graph, ("place", nth), *edge, rng.random()) for nth, edge in enumerate(chosen)
    ]
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*zip(*spots, strict=True)), crs=4326)
    found = gm.isochrones(places, network)
    expected = [walked_m(graph, ("place", nth), 720) for nth in range(len(chosen))]
    assert found["street_m"].tolist() == pytest.approx(expected, rel=1e-9)
    assert found.geometry.is_valid.all()
    assert (found["network"] == "on_street").all()


def test_a_circle_would_claim_far_more_ground_than_a_walk_covers():
    grid = [[(0, n * 100), (2000, n * 100)] for n in range(21)]
    grid += [[(n * 100, 0), (n * 100, 2000)] for n in range(21)]
    lines = [[(x, y) for x, y in _stops(line)] for line in grid]
    found = gm.isochrones(make_places([(1000, 1000)]), make_network(lines))
    hull = found.geometry.convex_hull.to_crs(METRIC).area.iloc[0]
    assert np.pi * 720**2 / hull > 1.4


def _stops(line):
    (x1, y1), (x2, y2) = line
    return [(x1 + (x2 - x1) * n // 20, y1 + (y2 - y1) * n // 20) for n in range(21)]
