"""Land and floor against the rule packs that ship, counted by hand with pandas."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.reading import read_table
from geomap.data.standards import read_packs
from geomap.errors import DataError, ParameterError
from geomap.model.candidate import CANDIDATES
from geomap.plan.siting.room import room

PACKS = read_packs()
NATIONAL = PACKS["national"]  # 35 m² of floor a bed, 18 to 44 m² of land
ON = date(2026, 3, 31)


def sites(**columns):
    return pd.DataFrame(columns, index=[f"c{n}" for n in range(len(next(iter(columns.values()))))])


def test_beds_are_those_that_the_scarcer_of_land_and_floor_has_room_for():
    found = room(sites(floor_m2=[1750, 3500, 1749.9], land_m2=[900, 900, 1e6]), NATIONAL, on=ON)
    assert found.index.tolist() == ["c0", "c1", "c2"]
    assert found["beds_by_floor"].tolist() == [50, 100, 49]
    assert found["beds_by_land"].tolist() == [50, 50, 55_555]
    assert found["beds_fit"].tolist() == [50, 50, 49]
    assert found["enough"].isna().all()  # nobody said how many are planned
    assert found["floor_rule"].unique().tolist() == ["floor_per_bed"]
    assert found["land_rule"].unique().tolist() == ["land_per_bed"]


def test_unknown_land_or_floor_is_unknown_and_never_too_small():
    some = sites(floor_m2=[1750, None, None, 100, None], land_m2=[None, 900, None, None, 10])
    found = room(some, NATIONAL, on=ON, beds=50)
    assert found["beds_fit"].fillna(-1).tolist() == [50, 50, -1, 2, 0]
    assert found["enough"].tolist() == [pd.NA, pd.NA, pd.NA, False, False]


def test_exactly_enough_is_enough():
    found = room(sites(floor_m2=[1750, 1715], land_m2=[900, 900]), NATIONAL, on=ON, beds=50)
    assert found["enough"].tolist() == [True, False]


def test_columns_that_are_not_there_are_unknown():
    found = room(sites(name=["mill"]), NATIONAL, on=ON, beds=1)
    assert found["beds_fit"].isna().all()
    assert found["enough"].isna().all()


def test_another_number_or_another_day_changes_the_beds():
    mills = sites(floor_m2=[1750.0], land_m2=[1e6])
    changed = NATIONAL.changed("floor_per_bed", 25)
    assert room(mills, changed, on=ON)["beds_fit"].tolist() == [70]
    with pytest.raises(ParameterError, match="no land or floor area a bed on 2018") as caught:
        room(mills, NATIONAL, on=date(2018, 1, 1))
    assert "没有每床用地" in caught.value.said("zh")


def test_a_station_must_have_the_floor_that_guizhou_asks_of_stations():
    some = sites(floor_m2=[350.0, 349.0, None])
    found = room(some, PACKS["guizhou"], on=ON, facility_type="community_center")
    assert found["enough"].tolist() == [True, False, pd.NA]
    assert found["type_rule"].unique().tolist() == ["station_floor"]
    assert found["beds_fit"].isna().all()
    with pytest.raises(ParameterError, match="take another pack"):
        room(some, PACKS["guizhou"], on=ON, beds=50)
    with pytest.raises(ParameterError, match="take another pack"):
        room(some, PACKS["henan"], on=ON, facility_type="nursing_home")


@pytest.mark.parametrize("beds", [0, -1, 0.5, math.nan, math.inf, True])
def test_impossible_numbers_of_beds_are_refused(beds):
    with pytest.raises(ParameterError, match="beds must be 1 or more") as caught:
        room(sites(floor_m2=[1.0]), NATIONAL, on=ON, beds=beds)
    assert "1 以上" in caught.value.said("zh")


def test_impossible_areas_are_refused():
    with pytest.raises(DataError, match="floor_m2 must be 0 or more"):
        room(sites(floor_m2=[-1.0]), NATIONAL, on=ON)
    with pytest.raises(DataError, match="land_m2 must be 0 or more"):
        room(sites(land_m2=[math.inf]), NATIONAL, on=ON)


areas = st.lists(st.one_of(st.none(), st.floats(0, 1e5)), min_size=6, max_size=6)


@settings(max_examples=40)
@given(floor=areas, land=areas, beds=st.integers(1, 400))
def test_more_ground_never_holds_fewer_beds_and_more_beds_never_need_less(floor, land, beds):
    some = sites(floor_m2=floor, land_m2=land).astype("float64")
    found = room(some, NATIONAL, on=ON, beds=beds)
    wider = room(some + 40, NATIONAL, on=ON, beds=beds)
    known = found["beds_fit"].notna()
    assert (wider["beds_fit"][known] >= found["beds_fit"][known]).all()
    asked = room(some, NATIONAL, on=ON, beds=beds + 1)["enough"]
    assert not (asked.fillna(value=False) & ~found["enough"].fillna(value=False)).any()
    by_floor = (some["floor_m2"] / 35 + 1e-9) // 1
    by_land = (some["land_m2"] / 18 + 1e-9) // 1
    wanted = pd.concat([by_floor, by_land], axis=1).min(axis=1)
    pd.testing.assert_series_equal(found["beds_fit"], wanted, check_names=False)
    no = (by_floor < beds) | (by_land < beds)
    yes = (by_floor >= beds) & (by_land >= beds)
    assert found["enough"].isna().tolist() == (~no & ~yes).tolist()
    assert found["enough"].fillna(value=True).tolist() == (~no).tolist()


def test_a_list_of_real_homes_is_held_as_a_list_of_sites(data_folder):
    read = read_table(data_folder / "taipei" / "homes.csv", CANDIDATES)
    places = read.frame.assign(floor_m2=np.linspace(100, 10_000, len(read.frame)))
    found = room(places, NATIONAL, on=ON, beds=49)
    assert found.index.equals(places.index)
    assert found["enough"].eq(other=False).sum() == (places["floor_m2"] < 49 * 35).sum()
    assert found["enough"].isna().sum() == (places["floor_m2"] >= 49 * 35).sum()  # land unknown
