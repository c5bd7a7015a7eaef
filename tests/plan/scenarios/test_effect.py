"""What a scenario changes: a street by hand, laws, and Taipei beside a recomputation of its own.

::

    1---A-------2-------B---3       people 1, 2, 3 (10, 20, 70); homes A, B
    0  500     2000    3500 4000 m east along the equator; 1 degree is 111,319.49 m
"""

from __future__ import annotations

from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import geomap as gm
from geomap.errors import ParameterError
from geomap.model.scenario import Change
from tests.plan.conftest import degrees, make_network, make_places

GEOD = Geod(ellps="WGS84")
M = 1 / 111_319.490793


def along(metres, **columns):
    """Points on the equator, so many metres east."""
    at = gpd.points_from_xy(np.array(metres, dtype=float) * M, np.zeros(len(metres)))
    return gpd.GeoDataFrame(columns, geometry=at, crs="EPSG:4326")


@pytest.fixture
def people():
    return along([0, 2000, 4000], population=[10.0, 20.0, 70.0]).set_axis(list("xyz"))


@pytest.fixture
def homes():
    return along([500, 3500], id=["A", "B"], name=["甲", "乙"], type=["nursing_home", "other"],
                 beds_total=[10.0, 40.0])  # fmt: skip


@pytest.fixture
def street():
    """Two areas that meet at 2500 m, 200 m wide."""
    west, east = (
        shapely.box(a * M, -100 * M, b * M, 100 * M) for a, b in ((-100, 2500), (2500, 5000))
    )
    return gpd.GeoDataFrame(
        {"id": ["w", "e"], "name": ["西", "东"]}, geometry=[west, east], crs="EPSG:4326",
        index=[4, 2],
    )  # fmt: skip


def close(name):
    return {"kind": "close", "facility_id": name}


def move(name, metres):
    return {"kind": "move", "facility_id": name, "lon": metres * M, "lat": 0}


def add(name, metres, **more):
    place = {"lon": metres * M, "lat": 0, "type": "nursing_home"}
    return {"kind": "add", "facility_id": name, **place, **more}


def test_a_move_covers_some_and_loses_others(people, homes, street):
    found = gm.scenario_effect(homes, [move("B", 2500)], people, standard_m=600, areas=street)
    assert (found.newly_covered, found.lost) == (20, 70)
    assert (found.before.covered, found.after.covered, found.after.uncovered) == (80, 30, 70)
    assert (found.before.share, found.after.share) == (0.8, 0.3)
    assert found.demand[["people", "before", "after"]].to_numpy().tolist() == [
        [10, 1, 1], [20, 0, 1], [70, 1, 0]
    ]  # fmt: skip
    areas = found.by_area
    assert areas.index.tolist() == [4, 2]
    assert areas[["id", "people", "newly", "lost"]].to_numpy().tolist() == [
        ["w", 30, 20, 0], ["e", 70, 0, 70]
    ]  # fmt: skip
    assert areas["change_covered"].tolist() == [20, -70]
    assert areas["before_beds"].tolist() == [10, 40]


def test_beds_follow_what_is_added_enlarged_moved_and_closed(people, homes, street):
    changes = [
        {"kind": "enlarge", "facility_id": "A", "beds": 25}, move("B", 1000),
        add("n", 4100, beds=5), add("m", 4200),
    ]  # fmt: skip
    found = gm.scenario_effect(homes, changes, people, standard_m=600, areas=street)
    assert (found.before.beds, found.after.beds) == (50, 70)
    assert (found.before.beds_per_1000, found.after.beds_per_1000) == (500, 700)
    assert (found.before.beds_unknown, found.after.beds_unknown) == (0, 1)
    assert (found.before.facilities, found.after.facilities) == (2, 4)
    assert found.by_area["after_beds"].tolist() == [65, 5]
    assert found.changes["beds"].fillna(-1).tolist() == [15, 0, 5, -1]
    assert "1 added facilities state no beds" in found.notes[0].en
    shut = gm.scenario_effect(homes, [close("A")], people, standard_m=600, areas=street)
    assert (shut.after.beds, shut.changes["beds"].tolist()) == (40, [-10])
    assert shut.after.worst_mean <= shut.before.worst_mean


def test_each_change_is_told_with_what_it_does_alone_given_the_others(people, homes):
    """Two sites for z: neither alone adds anybody; the one for y does, and what it costs."""
    changes = [
        add("n", 4400, cost=700), add("m", 4500, cost=5), add("k", 2000, cost=100),
        add("l", 2100), close("B"),
    ]  # fmt: skip
    found = gm.scenario_effect(homes, changes, people, standard_m=600)
    assert found.changes["n"].tolist() == [1, 2, 3, 4, 5]
    assert found.changes["kind"].tolist() == ["add", "add", "add", "add", "close"]
    assert found.changes["newly"].tolist() == [0, 0, 0, 0, 0]
    alone = gm.scenario_effect(homes, [*changes[1:3], changes[4]], people, standard_m=600)
    assert alone.changes["newly"].tolist() == [70, 20, 0]
    assert alone.changes["lost"].tolist() == [0, 0, 0]
    assert alone.changes["yuan_per_person"].fillna(-1).tolist() == [5 / 70, 5, -1]
    assert alone.changes["name"].tolist() == ["m", "k", "乙"]


def test_several_changes_to_one_facility_are_told_apart(people, homes):
    both = [move("B", 2000), close("B")]
    found = gm.scenario_effect(homes, both, people, standard_m=600)
    assert found.changes[["newly", "lost"]].to_numpy().tolist() == [[0, 0], [0, 20]]
    twice = gm.scenario_effect(homes, [move("B", 2000), move("B", 2100)], people, standard_m=600)
    assert twice.changes[["newly", "lost"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert (twice.newly_covered, twice.lost) == (20, 70)


def test_gaps_close_where_all_their_ground_is_covered(people, homes, street):
    found = gm.scenario_effect(
        homes, [add("n", 1500), add("m", 2300)], people, standard_m=600, areas=street
    )
    # Of the gap before B slivers are left at both sides of the street: listed no more, not closed.
    assert (found.before.gaps, found.after.gaps) == (3, 1)
    assert found.gaps_closed["area_id"].tolist() == ["w"]
    assert found.closed_people == 20
    assert found.before.gap_people == 20
    kept = gm.scenario_effect(homes, [add("n", 1500)], people, standard_m=600, areas=street)
    assert kept.gaps_closed.empty
    assert kept.by_area["change_gap_km2"].iloc[0] < 0
    assert kept.by_area["change_gap_km2"].iloc[1] == 0


def test_only_the_types_asked_about_count(people, homes):
    found = gm.scenario_effect(
        homes, [close("B"), add("n", 2000)], people, standard_m=600, types=["nursing_home"]
    )
    assert (found.before.covered, found.newly_covered, found.lost) == (10, 20, 0)
    assert found.changes["newly"].tolist() == [0, 20]
    assert (found.before.facilities, found.after.facilities) == (1, 2)
    assert "1 changes are to types not asked about" in found.notes[0].en


def test_what_is_unknown_stays_unknown_and_is_counted(homes, street):
    people = along([0, 2000, 2000, 4000], population=[10.0, None, 5.0, 7.0])
    people.loc[3, "geometry"] = None
    found = gm.scenario_effect(homes, [close("A")], people, standard_m=600, areas=street)
    assert (found.lost, found.before.covered, found.before.uncovered) == (10, 10, 5)
    assert (found.unknown_rows, found.without_place, found.without_place_rows) == (1, 7, 1)
    assert found.demand["after"].isna().tolist() == [False, False, False, True]
    silent = gm.scenario_effect(homes.drop(columns="beds_total"), [close("A")], people,
                                standard_m=600, areas=street)  # fmt: skip
    assert np.isnan([silent.before.beds, silent.after.beds, silent.after.gini]).all()
    assert (silent.before.beds_unknown, silent.after.beds_unknown) == (2, 1)


def test_without_demand_people_live_evenly_over_the_areas(homes, street):
    told = street.assign(population=[26.0, 25.0])
    found = gm.scenario_effect(homes, [close("A")], None, standard_m=600, areas=told)
    assert found.evenly
    assert found.lost == pytest.approx(12, rel=1e-2)
    nobody = gm.scenario_effect(homes, [close("A")], None, standard_m=600, areas=street)
    assert np.isnan([nobody.lost, nobody.before.covered]).all()
    assert nobody.after.gap_km2 > nobody.before.gap_km2
    with pytest.raises(ParameterError, match="demand or from areas"):
        gm.scenario_effect(homes, [], None, standard_m=600)


def test_the_whole_is_what_the_figures_are_of(people, homes, street):
    whole = street.iloc[:1]
    found = gm.scenario_effect(
        homes, [close("A"), close("B")], people, standard_m=600, areas=whole, whole=whole
    )
    assert (found.before.covered, found.before.uncovered, found.lost) == (10, 20, 10)
    assert (found.before.beds, found.after.beds) == (10, 0)
    assert found.changes["lost"].tolist() == [10, 0]
    assert (found.before.facilities, found.after.facilities) == (1, 0)


def test_a_question_that_cannot_be_asked_is_refused(people, homes, street):
    for wrong in ({}, {"standard_m": 5, "minutes": 5}, {"minutes": 5}, {"standard_m": -1},
                  {"standard_m": 500, "weight": "aged_80"},
                  {"standard_m": 500, "types": ["hotel"]},
                  {"standard_m": 500, "areas": street[:0]}):  # fmt: skip
        with pytest.raises(ParameterError):
            gm.scenario_effect(homes, [], people, **wrong)


def test_when_the_time_is_up_what_is_left_out_is_named(people, homes, street):
    heard = []
    found = gm.scenario_effect(
        homes, [close("A")], people, standard_m=600, areas=street,
        tell=lambda *each: heard.append(each), out_of_time=lambda: ("beds", 1, 1) in heard,
    )  # fmt: skip
    assert [each.step for each in found.cut] == ["gaps", "access"]
    assert found.lost == 10
    assert np.isnan([found.before.gap_km2, found.after.gini]).all()
    assert [each[0] for each in heard if each[1] == 0][:2] == ["coverage", "changes"]
    late = gm.scenario_effect(homes, [close("A")], people, standard_m=600,
                              out_of_time=lambda: True)  # fmt: skip
    assert np.isnan([late.lost, late.before.covered, late.changes["lost"][0]]).all()


# On foot: a street of 1 km from west to east, and a house 300 m north of it that no street reaches.
def test_on_foot_only_ground_along_streets_counts():
    network = make_network([[(0, 0), (500, 0), (1000, 0)]])
    people = make_places([(0, 0), (1000, 0), (500, 300)], population=[5.0, 7.0, 9.0])
    homes = make_places([(0, 0)], id=["A"], type=["other"], beds_total=[8.0])
    lon, lat = (float(each[0]) for each in degrees(990, 0))
    new = {"kind": "add", "facility_id": "n", "type": "other", "lon": lon, "lat": lat, "beds": 4}
    asked = {"minutes": 5, "speed_mps": 0.8, "network": network}
    found = gm.scenario_effect(homes, [new], people, **asked)
    assert (found.before.covered, found.newly_covered, found.lost) == (5, 7, 0)
    assert (found.off_network, found.people_off_network) == (1, 9)
    assert (found.after.beds, found.before.worst_mean) == (12, 0)
    assert found.after.worst_mean == pytest.approx(4 / 7)
    back = gm.scenario_effect(homes, [close("A"), new | {"lon": homes.geometry.x.iloc[0],
                              "lat": homes.geometry.y.iloc[0]}], people, **asked)  # fmt: skip
    assert (back.newly_covered, back.lost) == (0, 0)


# ---- laws, on towns of points and cells

POINT = st.tuples(st.integers(0, 12), st.integers(0, 12))


@st.composite
def towns(draw):
    """Demand of points and cells, homes, changes, on a grid of 250 m."""
    spots = draw(st.lists(POINT, min_size=1, max_size=8))
    cells = draw(st.lists(POINT, max_size=3))
    weights = draw(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=11, max_size=11))
    sites = draw(st.lists(POINT, min_size=1, max_size=5))
    shut = draw(st.lists(st.integers(0, len(sites) - 1), unique=True, max_size=3))
    moved = draw(st.lists(st.integers(0, len(sites) - 1), unique=True, max_size=2))
    news = draw(st.lists(POINT, max_size=3))
    changes = [close(f"s{j}") for j in shut]
    changes += [
        {"kind": "move", "facility_id": f"s{j}", **lonlat(draw(POINT))}
        for j in moved if j not in shut
    ]  # fmt: skip
    changes += [
        {"kind": "add", "facility_id": f"n{j}", "type": "other", **lonlat(each), "beds": 3}
        for j, each in enumerate(news)
    ]
    return demand_of(spots, cells, weights), homes_of(sites), draw(st.permutations(changes))


def lonlat(cell):
    return {"lon": 116.4 + cell[0] * 250 * M, "lat": 39.9 + cell[1] * 250 * M}


def demand_of(spots, cells, weights):
    at = [shapely.Point(*lonlat(each).values()) for each in spots]
    side = 400 * M
    for each in cells:
        lon, lat = lonlat(each).values()
        at.append(shapely.box(lon, lat, lon + side, lat + side))
    values = np.array(
        [np.nan if each is None else each for each in weights[: len(at)]], dtype=float
    )
    return gpd.GeoDataFrame({"population": values}, geometry=at, crs="EPSG:4326")


def homes_of(sites):
    at = gpd.points_from_xy(*np.array([list(lonlat(each).values()) for each in sites]).T)
    rows = {"id": [f"s{j}" for j in range(len(sites))], "type": "other", "beds_total": 5.0}
    return gpd.GeoDataFrame(rows, geometry=at, crs="EPSG:4326")


def stood(homes, changes):
    """Where each home stands after some changes: by hand."""
    at = {name: (spot.x, spot.y) for name, spot in zip(homes["id"], homes.geometry, strict=True)}
    for each in changes:
        if each["kind"] == "close":
            at.pop(each["facility_id"])
        elif each["kind"] in ("move", "add"):
            at[each["facility_id"]] = (each["lon"], each["lat"])
    return at


def near(demand, at, standard_m):
    """Which points have a home within the standard, pair by pair."""
    found = np.zeros(len(demand), dtype=bool)
    for row, spot in enumerate(demand.geometry):
        for lon, lat in at.values():
            found[row] |= GEOD.inv(spot.x, spot.y, lon, lat)[2] <= standard_m
    return found


@settings(max_examples=40, derandomize=True)
@given(town=towns())
def test_points_are_covered_newly_and_lost_as_pair_by_pair(town):
    demand, homes, changes = town
    points = demand[demand.geom_type == "Point"]
    found = gm.scenario_effect(homes, changes, points, standard_m=600)
    was, now = near(points, stood(homes, []), 600), near(points, stood(homes, changes), 600)
    people = points["population"].fillna(0).to_numpy()
    assert found.newly_covered == people[now & ~was].sum()
    assert found.lost == people[was & ~now].sum()
    assert found.demand["before"].tolist() == was.astype(float).tolist()
    assert found.demand["after"].tolist() == now.astype(float).tolist()
    for row, nth in zip(found.changes.itertuples(), range(len(changes)), strict=True):
        others = [each for n, each in enumerate(changes) if n != nth]
        alone = near(points, stood(homes, others), 600)
        assert (row.newly, row.lost) == (people[now & ~alone].sum(), people[alone & ~now].sum())


@settings(max_examples=30, derandomize=True)
@given(town=towns())
def test_what_is_looked_at_again_is_what_a_fresh_look_gives(town):
    demand, homes, changes = town
    found = gm.scenario_effect(homes, changes, demand, standard_m=600)
    for frame, column, figures in (
        (homes, "before", found.before), (gm.apply_changes(homes, changes), "after", found.after)
    ):  # fmt: skip
        fresh = gm.coverage(demand, frame, standard_m=600)
        np.testing.assert_allclose(found.demand[column], fresh.fraction, atol=1e-8)
        assert figures.covered == pytest.approx(fresh.covered, abs=1e-6)
    change = found.after.covered - found.before.covered
    assert found.newly_covered - found.lost == pytest.approx(change, abs=1e-9)
    assert min(found.newly_covered, found.lost) >= 0
    known = demand["population"].notna()
    assert found.unknown_rows == (~known).sum()


@settings(max_examples=15, derandomize=True)
@given(town=towns(), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(town, seed):
    demand, homes, changes = town
    found = gm.scenario_effect(homes, changes, demand, standard_m=600)
    mixed = gm.scenario_effect(
        homes.sample(frac=1, random_state=seed), changes, demand.sample(frac=1, random_state=seed),
        standard_m=600,
    )  # fmt: skip
    assert mixed.newly_covered == pytest.approx(found.newly_covered, abs=1e-6)
    assert mixed.lost == pytest.approx(found.lost, abs=1e-6)
    columns = ["newly", "lost", "beds"]
    np.testing.assert_allclose(mixed.changes[columns], found.changes[columns], atol=1e-6)
    np.testing.assert_allclose(
        mixed.demand["after"].reindex(demand.index), found.demand["after"], atol=1e-8
    )


@settings(max_examples=15, derandomize=True)
@given(town=towns())
def test_closing_and_adding_again_at_the_same_place_changes_nothing(town):
    demand, homes, _ = town
    again = [
        Change("add", f"n-{name}", type="other", lon=spot.x, lat=spot.y, beds=5)
        for name, spot in zip(homes["id"], homes.geometry, strict=True)
    ]
    changes = [*(close(name) for name in homes["id"]), *again]
    found = gm.scenario_effect(homes, changes, demand, standard_m=600)
    assert (found.newly_covered, found.lost) == (0, 0)
    assert found.demand["before"].equals(found.demand["after"].rename("before"))
    pd.testing.assert_series_equal(pd.Series(vars(found.before)), pd.Series(vars(found.after)))
    nothing = gm.scenario_effect(homes, [], demand, standard_m=600)
    pd.testing.assert_series_equal(pd.Series(vars(nothing.before)), pd.Series(vars(nothing.after)))
    assert nothing.changes.empty


# ---- Taipei, all real: the 505 community stations, the people of 65 and over, village by village

S = 500.0


@pytest.fixture(scope="module")
def taipei(data_folder):
    folder = data_folder / "taipei"
    stations = gm.read_facilities(folder / "community_stations.csv")
    raw = gpd.read_file(folder / "villages_population.geojson")
    villages = raw.set_geometry(raw.geometry.make_valid())[["geometry"]].assign(
        aged_65=raw["A65UP_CNT"].astype(float)
    )
    districts = gpd.read_file(folder / "districts.geojson")
    return stations, villages, districts[[districts.columns[0], "geometry"]]


def reached(at, sites):
    """Who has a site within the standard, pair by pair."""
    x, y = np.meshgrid(at.x, sites.x, indexing="ij"), np.meshgrid(at.y, sites.y, indexing="ij")
    return (GEOD.inv(x[0], y[0], x[1], y[1])[2] <= S).any(axis=1)


def test_closing_a_tenth_of_taipeis_stations_loses_what_a_recount_says(taipei):
    stations, villages, _ = taipei
    shut = stations["id"].iloc[::10].tolist()
    at = villages.geometry.representative_point()
    people = villages.set_geometry(at)
    found = gm.scenario_effect(
        stations, [close(name) for name in shut], people, standard_m=S, weight="aged_65"
    )
    placed = stations[stations.geometry.notna()]
    kept = placed[~placed["id"].isin(shut)]
    was, now = reached(at, placed.geometry), reached(at, kept.geometry)
    aged = villages["aged_65"]
    assert found.lost == aged[was & ~now].sum() > 1000
    assert (found.newly_covered, found.before.covered) == (0, aged[was].sum())
    assert found.after.covered == aged[now].sum()
    for row in found.changes.iloc[::10].itertuples():
        without = reached(at, placed[placed["id"].isin([*kept["id"], row.facility_id])].geometry)
        assert row.lost == aged[without & ~now].sum()
    assert (found.before.facilities, found.after.facilities) == (505, 505 - len(shut))


def test_closing_and_adding_in_taipei_is_by_ground_what_plain_geopandas_says(taipei):
    stations, villages, districts = taipei
    shut = stations["id"].iloc[::25].tolist()
    news = [{"kind": "add", "type": "community_center", "lon": lon, "lat": lat, "facility_id": ""}
            for lon, lat in product((121.50, 121.55), (25.02, 25.09))]  # fmt: skip
    found = gm.scenario_effect(
        stations, [*(close(name) for name in shut), *news], villages, areas=districts,
        standard_m=S, weight="aged_65",
    )  # fmt: skip
    plane = "EPSG:3826"
    placed = stations[stations.geometry.notna()]
    kept = placed[~placed["id"].isin(shut)]
    new = gpd.GeoSeries(gpd.points_from_xy(*zip(*((n["lon"], n["lat"]) for n in news), strict=True),
                                           crs="EPSG:4326"))  # fmt: skip
    flat = villages.to_crs(plane)
    was = fractions(flat, placed.geometry.to_crs(plane))
    now = fractions(flat, pd.concat([kept.geometry, new]).to_crs(plane))
    aged = villages["aged_65"].to_numpy()
    # A circle in the city's own plane: scale to 1e-4, discs as polygons.
    np.testing.assert_allclose(found.demand["before"], was, atol=2e-3)
    np.testing.assert_allclose(found.demand["after"], now, atol=2e-3)
    assert found.newly_covered == pytest.approx((aged * np.maximum(now - was, 0)).sum(), rel=5e-3)
    assert found.lost == pytest.approx((aged * np.maximum(was - now, 0)).sum(), rel=5e-3)
    assert found.by_area["newly"].sum() == pytest.approx(found.newly_covered, rel=2e-2)
    change = found.by_area[["change_covered", "newly", "lost"]].sum()
    assert change["newly"] - change["lost"] == pytest.approx(change["change_covered"])
    fresh = gm.gaps(districts, gm.apply_changes(stations, [*(close(n) for n in shut), *news]),
                    standard_m=S, demand=villages, weight="aged_65")  # fmt: skip
    assert len(fresh) == found.after.gaps
    assert fresh["area_km2"].sum() == pytest.approx(found.gaps_after["area_km2"].sum())


def fractions(flat, sites):
    """The share of each village's ground within the standard, by one union of circles."""
    served = shapely.union_all(sites.buffer(S, quad_segs=32).to_numpy())
    return shapely.area(shapely.intersection(flat.geometry.to_numpy(), served)) / flat.area
