"""Sites among places: a street checked by hand, then the 505 community stations of Taipei.

::

    A---1-------2-------3---B       demand 1, 2, 3 (10, 20, 30 people); candidates A, B
    at 0  500     2000    3500 4000 m east along the equator; 1 degree is 111,319.49 m
"""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

import geomap as gm
from geomap.errors import ParameterError

GEOD = Geod(ellps="WGS84")
M = 1 / 111_319.490793


def along(metres, **columns):
    """Points on the equator, so many metres east."""
    at = gpd.points_from_xy(np.array(metres, dtype=float) * M, np.zeros(len(metres)))
    return gpd.GeoDataFrame(columns, geometry=at, crs="EPSG:4326")


@pytest.fixture
def people():
    return along([500, 2000, 3500], population=[10, 20, 30]).set_index(np.array([1, 2, 3]))


@pytest.fixture
def idle():
    return along([0, 4000], cost=[5, 9], beds=[10, 40]).set_index(np.array(["A", "B"]))


def test_most_people_with_one_site(people, idle):
    found = gm.site(people, idle, p=1, standard_m=1000)
    assert (found.chosen, found.objective, found.gap) == (["B"], 30.0, 0.0)
    assert found.new_weight.tolist() == [30.0]
    assert found.unreachable == [2]
    assert found.unreachable_weight == 20


def test_a_row_exactly_at_the_standard_is_covered(people, idle):
    assert gm.site(people, idle, p=1, standard_m=2000).objective == 50
    assert gm.site(people, idle, p=1, standard_m=1999.9).objective == 30


def test_existing_facilities_serve_for_free_and_closed_ones_do_not(people, idle):
    there = along([3400], status=["open"])
    found = gm.site(people, idle, p=1, standard_m=1000, existing=there)
    assert (found.chosen, found.objective, found.covered_before) == (["A"], 40.0, 30.0)
    shut = there.assign(status="closed")
    assert gm.site(people, idle, p=1, standard_m=1000, existing=shut).chosen == ["B"]


def test_the_other_models_by_hand(people, idle):
    assert gm.site(people, idle, model="lscp", standard_m=2000).objective == 2
    median = gm.site(people, idle, model="p_median", p=1)
    assert median.chosen == ["B"]
    assert median.objective == pytest.approx(10 * 3500 + 20 * 2000 + 30 * 500, abs=0.5)
    center = gm.site(people, idle, model="p-center", p=2)
    assert center.objective == pytest.approx(2000, abs=0.01)


def test_rows_without_people_need_no_site(people, idle):
    empty = people.assign(population=[10, 0, np.nan])
    found = gm.site(empty, idle, model="lscp", standard_m=1000)
    assert found.chosen == ["A"]
    assert found.unreachable == []
    assert "1 处需求点不知道人数，没有算。" in [each.zh for each in found.notes]


def test_beds_and_money_and_labels(people, idle):
    found = gm.site(people, idle, p=1, standard_m=1000, budget=5)
    assert (found.chosen, found.spent) == (["A"], 5.0)
    full = gm.site(people, idle, p=2, standard_m=2000, capacity="beds")
    assert full.objective == 10 + 40
    assert gm.site(people, idle, p=1, standard_m=1000, required=["A"]).chosen == ["A"]
    assert gm.site(people, idle, p=1, standard_m=1000, excluded=["B"]).chosen == ["A"]


def test_candidates_at_one_place_are_allowed_and_told(people, idle):
    twice = idle.iloc[[1, 1]].reset_index(drop=True)
    found = gm.site(people, twice, p=1, standard_m=1000)
    assert (found.chosen, found.objective) == ([0], 30.0)
    assert [each.en for each in found.notes] == ["1 candidates stand where another one does."]


def test_candidates_may_be_polygons_and_those_without_a_place_are_left_out(people, idle):
    mills = idle.set_geometry([None, shapely.Point(4000 * M, 0).buffer(20 * M)])
    found = gm.site(people, mills, p=1, standard_m=1000)
    assert found.chosen == ["B"]
    with pytest.raises(ParameterError, match="at most the 1 candidates"):
        gm.site(people, mills, p=2, standard_m=1000)


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("needs standard_m", {"standard_m": None}),
        ("standard_m must be more than 0", {"standard_m": -5}),
        ("weight must name a column", {"weight": "aged_80"}),
        ("site_cost must name a column", {"budget": 1, "site_cost": "yuan"}),
        ("labels of the candidates' index", {"required": ["C"]}),
        ("at most the 2 candidates", {"p": 3}),
        ("4 more than the budget of 1", {"budget": 1}),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_words(people, idle, said, change):
    with pytest.raises(ParameterError, match=said):
        gm.site(people, idle, **({"p": 1, "standard_m": 1000} | change))


def villages(data_folder):
    """Taipei's villages with those of 65 and over."""
    read = gpd.read_file(data_folder / "taipei" / "villages_population.geojson")
    return read.assign(aged_65=read["A65UP_CNT"].astype(float))


def test_five_new_centres_for_taipei_are_what_a_recount_says(data_folder):
    people = villages(data_folder)
    stations = gm.read_facilities(data_folder / "taipei" / "community_stations.csv")
    at = people.geometry.representative_point()  # inside of each village
    idle = gpd.GeoDataFrame(geometry=at, crs=people.crs)
    question = {"p": 5, "standard_m": 500, "weight": "aged_65"}
    found = gm.site(people, idle, existing=stations, **question)
    assert (found.status, found.gap, len(found.chosen)) == ("optimal", 0.0, 5)

    placed = stations.geometry[stations.geometry.notna()]
    covered = recount(at, placed) | recount(at, at.loc[found.chosen])
    assert found.objective == pytest.approx(people.loc[covered, "aged_65"].sum())
    before = people.loc[recount(at, placed), "aged_65"].sum()
    assert found.covered_before == pytest.approx(before)
    assert found.new_weight.sum() == pytest.approx(found.objective - before)
    assert (found.new_weight > 0).all()


def test_among_the_stations_of_taipei_three_cover_what_no_other_three_do(data_folder):
    people = villages(data_folder)
    stations = gm.read_facilities(data_folder / "taipei" / "community_stations.csv")
    some = stations[stations.geometry.notna()].iloc[::60]
    found = gm.site(people, some, p=3, standard_m=500, weight="aged_65")
    at = people.geometry.representative_point()
    near = np.array([recount(at, some.geometry.iloc[[j]]) for j in range(len(some))])
    aged = people["aged_65"].to_numpy()
    best = max(
        aged[near[list(three)].any(axis=0)].sum() for three in combinations(range(len(some)), 3)
    )
    assert found.objective == pytest.approx(best)


def recount(at, sites):
    """Who has a site within 500 geodesic metres, pair by pair."""
    x, y = np.meshgrid(at.x, sites.x, indexing="ij"), np.meshgrid(at.y, sites.y, indexing="ij")
    metres = GEOD.inv(x[0], y[0], x[1], y[1])[2]
    return (metres <= 500).any(axis=1)
