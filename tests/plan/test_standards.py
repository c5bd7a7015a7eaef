"""Held against a pack of rules: another pack or number changes the verdict and names its clause."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geomap.data.standards import read_packs
from geomap.errors import NotFoundError, ParameterError
from geomap.model.standards import AREA_TYPES, DIRECTIONS, MEASURES, SURENESS, UNITS
from geomap.plan.indicators.answer import INDICATORS, indicators, study_of
from geomap.plan.standards import coverage_rules, judge, judge_facilities

PACKS = read_packs()
ON = date(2026, 3, 31)


def found(**columns):
    return pd.DataFrame(columns, index=["甲", "乙", "丙"])


def test_every_measure_is_an_indicator_or_is_held_against_otherwise():
    assert set(MEASURES) - set(INDICATORS) == {"walk_m", "facility_floor_m2"}
    assert set(MEASURES.values()) <= set(UNITS)


def test_the_packs_that_ship_hold_the_numbers_of_the_brief():
    national, henan, guizhou = (PACKS[key] for key in ("national", "henan", "guizhou"))
    numbers = {key: rule.number for key, rule in national.rules.items()}
    assert (numbers["living_circle_15"], numbers["living_circle_10"]) == (1000, 500)
    assert numbers["living_circle_5"] == 300
    assert numbers["beds_per_1000"] == 40
    assert numbers["land_per_inhabitant"] == 0.1
    assert (numbers["floor_per_bed"], numbers["land_per_bed"]) == (35, 18)
    assert national.rule("land_per_bed").number_to == 44
    assert (numbers["nursing_beds_2025"], numbers["nursing_beds_2030"]) == (55, 73)
    assert numbers["inspected"] == 30
    assert henan.rule("land_per_inhabitant").number == 0.2
    assert henan.rule("land_per_inhabitant_before").number == 0.1
    assert henan.rule("floor_per_100_households_new").number == 30
    assert henan.rule("floor_per_100_households_built").number == 20
    assert guizhou.rule("service_radius").direction == "below"
    assert guizhou.rule("service_radius").number == 700
    assert guizhou.rule("station_floor").number == 350


def test_every_rule_names_its_clause_its_date_and_how_sure_its_source_is():
    for pack in PACKS.values():
        assert pack.version
        for rule in pack.rules.values():
            assert rule.clause.zh
            assert rule.clause.en
            assert rule.since <= ON
            assert rule.direction in DIRECTIONS
            assert rule.area_type in AREA_TYPES
            assert rule.sureness in set(SURENESS) - {"changed"}


def test_a_value_at_the_number_meets_it_and_an_unknown_one_is_neither():
    values = found(beds_per_1000_aged_60=[40.0, 17.9, np.nan])
    rows = judge(values, PACKS["national"], on=ON)
    assert rows.index.tolist() == ["甲", "乙", "丙"]
    assert rows["met"].tolist() == [True, False, pd.NA]
    assert rows["short"].tolist()[:2] == pytest.approx([0, 22.1])
    assert np.isnan(rows["short"].iloc[2])
    assert rows["clause"].str.contains("GB 50437").all()


def test_below_is_below_and_between_has_two_ends():
    rows = judge(found(land_m2_per_bed=[18.0, 44.0, 50.0]), PACKS["national"], on=ON)
    assert rows["met"].tolist() == [True, True, False]
    assert rows["short"].tolist() == [0, 0, 6]
    rows = judge(found(walk_m=[700.0, 699.0, 710.0]), PACKS["guizhou"], on=ON)
    assert rows["met"].tolist() == [False, True, False]


def test_another_pack_asks_for_more_and_cites_its_own_clause():
    values = found(land_m2_per_inhabitant=[0.15, 0.25, 0.05])
    national = judge(values, PACKS["national"], on=ON)
    henan = judge(values, PACKS["henan"], on=ON)
    assert national["met"].tolist() == [True, True, False]
    assert henan["met"].tolist() == [False, True, False]
    assert henan["clause"].str.contains("河南省养老服务条例").all()


def test_a_rule_counts_only_while_it_is_in_force():
    values = found(land_m2_per_inhabitant=[0.15, 0.25, 0.05])
    before = judge(values, PACKS["henan"], on=date(2020, 1, 1))
    assert before["number"].unique().tolist() == [0.1]
    assert judge(values, PACKS["henan"], on=date(2010, 1, 1)).empty


def test_a_changed_number_changes_the_verdict_and_says_that_it_was_changed():
    values = found(beds_per_1000_aged_60=[38.0, 17.9, 60.0])
    pack = PACKS["national"].changed("beds_per_1000", 35)
    rows = judge(values, pack, on=ON)
    assert rows["met"].tolist() == [True, False, True]
    assert rows["sureness"].unique().tolist() == ["changed"]
    assert rows["version"].str.endswith("*").all()
    assert pack.changed("beds_per_1000", 30).rule("beds_per_1000").changed_from == 40
    assert PACKS["national"].rule("beds_per_1000").number == 40


@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf"), True])
def test_impossible_numbers_are_refused(number):
    with pytest.raises(ParameterError):
        PACKS["national"].changed("beds_per_1000", number)
    with pytest.raises(ParameterError, match="44"):
        PACKS["national"].changed("land_per_bed", 45)
    with pytest.raises(NotFoundError, match="no rule"):
        PACKS["national"].changed("nothing", 1)


def test_rules_are_chosen_by_type_of_area():
    values = found(floor_m2_per_100_households=[25.0, 15.0, 31.0])
    new = judge(values, PACKS["henan"], on=ON, area_type="new_district")
    built = judge(values, PACKS["henan"], on=ON, area_type="built_district")
    assert new["met"].tolist() == [False, False, True]
    assert built["met"].tolist() == [True, False, True]


def test_the_living_circles_are_the_coverage_standards():
    circles = coverage_rules(PACKS["national"], on=ON)
    assert [each.number for each in circles] == [1000, 500, 300]


def test_stations_are_held_against_their_own_floor_area():
    homes = gpd.GeoDataFrame(
        {
            "type": ["community_center", "community_center", "street_center", "nursing_home"],
            "floor_m2": [350.0, 200.0, None, 10.0],
        },
        geometry=[None] * 4,
    )
    rows = judge_facilities(homes, PACKS["guizhou"], on=ON)
    assert rows.index.tolist() == [0, 1, 2]
    assert rows["met"].tolist() == [True, False, pd.NA]
    assert rows["short"].iloc[1] == 150
    with pytest.raises(ParameterError, match="floor_m2"):
        judge_facilities(homes[["type", "geometry"]], PACKS["guizhou"], on=ON)
    assert judge_facilities(homes, PACKS["henan"], on=ON).empty


def town(**columns):
    areas = gpd.GeoDataFrame(
        {"adcode": ["410325", "410324"], "aged_60": [1000.0, 1000.0]}, geometry=[None] * 2
    )
    homes = gpd.GeoDataFrame(columns, geometry=[None] * len(columns["adcode"]))
    study = study_of(areas, homes, areas[:0], on=ON)
    values = indicators(areas, homes, areas[:0], on=ON)
    return study, values


def test_beds_that_unknown_homes_could_add_leave_the_verdict_open():
    study, values = town(adcode=["410325", "410325", "410324"], beds_total=[30, None, 30])
    rows = judge(values, PACKS["national"], on=ON, study=study)
    beds = rows[rows["rule"] == "beds_per_1000"]
    assert beds["value"].tolist() == [30, 30]
    assert beds["met"].tolist() == [pd.NA, False]
    assert judge(values, PACKS["national"], on=ON)["met"].iloc[0] is np.False_


def test_of_an_area_the_smallest_station_is_asked():
    study, values = town(
        adcode=["410325", "410325", "410325", "410324"],
        type=["community_center", "community_center", "nursing_home", "community_center"],
        floor_m2=[360.0, 340.0, 5.0, 400.0],
    )
    rows = judge(values, PACKS["guizhou"], on=ON, study=study)
    rows = rows[rows["rule"] == "station_floor"]
    assert rows["value"].tolist() == [340, 400]
    assert rows["met"].tolist() == [False, True]
    assert rows["short"].tolist() == [10, 0]
    study, values = town(adcode=["410325"] * 2, type=["community_center"] * 2,
                         floor_m2=[360.0, None])  # fmt: skip
    rows = judge(values, PACKS["guizhou"], on=ON, study=study, rows=np.array([0, 1]))
    assert rows[rows["rule"] == "station_floor"]["met"].tolist() == [pd.NA, pd.NA]
