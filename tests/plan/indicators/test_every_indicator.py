"""Every indicator beside plain Python, whatever is missing: a value, a column, all of it."""

from __future__ import annotations

import math
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

import geomap as gm
from geomap.plan.indicators.answer import INDICATORS
from geomap.plan.indicators.study import Parameters

ON = date(2026, 3, 31)
YEAR = date(2026, 1, 1)
COUNTY, SPOT = box(113, 34, 113.2, 34.2), Point(113.1, 34.1)
PROGRAMMES = pd.DataFrame({"adcode": ["410102"], "demo_target": [4], "training_done": [30.0],
                           "training_target": [40.0], "retrofit_done": [None],
                           "retrofit_target": [9.0], "funding_yuan": [1e6]})  # fmt: skip
COLUMNS = {
    "beds_total": st.integers(0, 300),
    "beds_nursing": st.integers(0, 300),
    "residents": st.integers(0, 300),
    "land_m2": st.floats(0, 9e4),
    "floor_m2": st.floats(0, 9e4),
    "rating": st.integers(1, 5),
    "medical": st.sampled_from(["inhouse", "partner", "both", "none"]),
    "risk_listed": st.booleans(),
    "inspected_on": st.dates(date(2025, 6, 1), date(2026, 9, 30)),
    "opened_on": st.dates(date(2025, 6, 1), date(2026, 9, 30)),
    "accepts": st.sampled_from([["disabled"], ["self_care"], ["self_care", "partly_disabled"]]),
    "steward_name": st.sampled_from(["王明", "王明、李丽"]),
    "demo_tag": st.just("省级示范"),
    "status": st.sampled_from(["open", "open", "closed", "planned", "building"]),
}  # fmt: skip
HOMES = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, values in COLUMNS.items()}),
    max_size=6,
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {each: st.none() | st.integers(0, 500)
         for each in ("population", "aged_60", "households", "enrolled")}
    ),
    max_size=4,
)  # fmt: skip
ABSENT = st.sets(st.sampled_from(sorted(COLUMNS)))


def frame(rows, columns, absent=()):
    table = pd.DataFrame({each: [row[each] for row in rows] for each in columns}, dtype=object)
    table = table.drop(columns=[each for each in absent if each in table])
    at = gpd.GeoSeries([SPOT] * len(rows), crs="EPSG:4326")
    return gpd.GeoDataFrame(table, geometry=at)


def ratio(over, under):
    return over / under if under and not math.isnan(over) else math.nan


class Plain:
    """Expected values of one county, from lists of rows: value, base, unknown."""

    def __init__(self, rows, people):
        self.rows = [r for r in rows if r.get("status") in (None, "open")]
        self.people = people

    def having(self, *columns):
        return [r for r in self.rows if all(r.get(each) is not None for each in columns)]

    def some(self, *columns):
        """Rows that state all columns, where the last is not 0."""
        return [r for r in self.having(*columns) if r[columns[-1]] > 0]

    def share(self, column, yes):
        known = self.having(column)
        part = sum(yes(r[column]) for r in known)
        return 100 * ratio(part, len(known)), len(known), len(self.rows) - len(known)

    def over(self, rows, over, under, scale=1):
        value = ratio(sum(r[over] for r in rows), sum(r[under] for r in rows))
        return scale * value, len(rows), len(self.rows) - len(rows)

    def head(self, column):
        known = [p[column] for p in self.people if p[column] is not None]
        silent = len(self.people) - len(known)
        return (sum(known), silent) if known else (math.nan, max(silent, 1))

    def sum(self, column, people, scale=1):
        known = self.having(column)
        total = math.nan if self.rows and not known else sum(r[column] for r in known)
        heads, silent = self.head(people)
        return (scale * ratio(total, heads), len(known), len(self.rows) - len(known) + silent)

    def stated(self, column, each=lambda _: 1):
        known = self.having(column)
        total = math.nan if self.rows and not known else sum(each(r[column]) for r in known)
        return total, len(self.rows), len(self.rows) - len(known)

    def yuan(self):
        """Rows of (yuan, resident-years) of the homes of which it is known."""
        for row in self.rows:
            takes = row.get("accepts")
            if takes is None or ("self_care" not in takes and row.get("residents") is None):
                continue
            if takes == ["self_care"]:
                yield 0.0, 0.0
            elif row.get("residents") is not None:
                years = row["residents"]
                factor = {None: 0.8, 1: 0.8, 2: 0.9, 3: 1.0, 4: 1.1, 5: 1.2}[row.get("rating")]
                yield years * (3000 + 4800 * factor), years

    def all(self):
        homes, rated = len(self.rows), self.having("rating")
        aged, no_aged = self.head("aged_60")
        both = [p for p in self.people if None not in (p["aged_60"], p["population"])]
        heads = [sum(p[each] for p in both) for each in ("aged_60", "population")]
        lost = max(len(self.people) - len(both), int(not both))
        online = [p for p in self.people if None not in (p["aged_60"], p["enrolled"])]
        filled = [r["residents"] / r["beds_total"] for r in self.some("residents", "beds_total")]
        idle = homes - len(filled)
        years = list(self.yuan())
        yuan = math.nan if homes and not years else sum(each[0] for each in years)
        dated = [r for r in self.having("inspected_on") if r["inspected_on"] <= ON]
        new = [r for r in self.having("opened_on") if YEAR <= r["opened_on"] <= ON]
        new_beds = [r["beds_total"] for r in new if r.get("beds_total") is not None]
        beds = self.sum("beds_total", "aged_60", 1000)
        stating = self.having("beds_total")
        total = sum(r["beds_total"] for r in stating) if stating or not homes else math.nan
        titles, officials = self.stated("demo_tag"), self.stated("steward_name", self.names)
        none = 0 if filled or not homes else math.nan
        return {
            "facilities": (homes, homes, homes - len(self.having("status"))),
            "aged_60_share": (100 * ratio(*heads), heads[1] if both else 0, lost),
            "beds_per_1000_aged_60": beds,
            "beds_short": (np.maximum(0, aged * 0.04 - total), *beds[1:]),
            "nursing_bed_share": self.over(self.having("beds_nursing", "beds_total"),
                                           "beds_nursing", "beds_total", 100),
            "medical_coverage": self.share("medical", lambda each: each != "none"),
            "medical_inhouse_share": self.share("medical", lambda m: m in ("inhouse", "both")),
            "medical_partner_share": self.share("medical", lambda m: m in ("partner", "both")),
            "occupancy": self.over(self.some("residents", "beds_total"), "residents",
                                   "beds_total", 100),
            "homes_over_95": (none + sum(each > 0.95 for each in filled), len(filled), idle),
            "homes_under_50": (none + sum(each < 0.5 for each in filled), len(filled), idle),
            "rating_participation": self.of_all(self.stated("rating"), 100),
            "top_rated_share": (100 * ratio(sum(r["rating"] >= 4 for r in rated), len(rated)),
                                len(rated), homes - len(rated)),
            "inspected_share": (
                100 * ratio(sum(r["inspected_on"] >= YEAR for r in dated), len(dated)),
                len(dated), homes - len(dated)),
            "risk_listed_share": self.share("risk_listed", bool),
            "land_m2_per_inhabitant": self.sum("land_m2", "population"),
            "floor_m2_per_inhabitant": self.sum("floor_m2", "population"),
            "land_m2_per_bed": self.over(self.some("land_m2", "beds_total"), "land_m2",
                                         "beds_total"),
            "floor_m2_per_bed": self.over(self.some("floor_m2", "beds_total"), "floor_m2",
                                          "beds_total"),
            "land_m2_per_resident": self.over(self.some("land_m2", "residents"), "land_m2",
                                              "residents"),
            "floor_m2_per_resident": self.over(self.some("floor_m2", "residents"), "floor_m2",
                                               "residents"),
            "floor_m2_per_100_households": self.sum("floor_m2", "households", 100),
            "online_rate": (
                100 * ratio(sum(p["enrolled"] for p in online),
                            sum(p["aged_60"] for p in online)),
                len(online), len(self.people) - len(online)),
            "seniors_per_institution": (ratio(aged, homes), homes, no_aged),
            "stewards_per_institution": self.of_all(officials),
            "subsidy_yuan": (yuan, len(years), homes - len(years)),
            "subsidy_per_resident_year": (ratio(yuan, sum(each[1] for each in years)),
                                          len(years), homes - len(years)),
            "demonstration_share": (100 * ratio(titles[0], 4), *titles[1:]),
            "training_share": (75, 1, 0),
            "retrofit_share": (math.nan, 0, 1),
            "funding_per_new_bed": (
                ratio(1e6, sum(new_beds)), len(new_beds),
                sum(r.get("opened_on") is None or (r in new and r.get("beds_total") is None)
                    for r in self.rows)),
        }  # fmt: skip

    @staticmethod
    def names(text):
        return len(text.split("、"))

    def of_all(self, stated, scale=1):
        total, base, unknown = stated
        return scale * ratio(total, len(self.rows)), base, unknown


TIERS = {"built_rate_county", "built_rate_township", "built_rate_community", "covered_share"}


@settings(max_examples=15, deadline=None)
@given(HOMES, PEOPLE, ABSENT)
def test_each_is_what_plain_python_gives_with_what_is_known(rows, people, absent):
    areas = gpd.GeoDataFrame({"id": ["a"], "name": ["甲"], "adcode": ["410102"]},
                             geometry=[COUNTY], crs="EPSG:4326")  # fmt: skip
    homes = frame(rows, COLUMNS, absent)
    who = frame(people, ("population", "aged_60", "households", "enrolled"))
    given_ = Parameters(programmes=PROGRAMMES)
    keys = set(INDICATORS) - TIERS
    found = gm.indicators(areas, homes, who, on=ON, parameters=given_, keys=keys)
    expected = Plain([{k: v for k, v in r.items() if k not in absent} for r in rows], people).all()
    assert set(expected) == keys
    for key, values in expected.items():
        got = [found[key + each].iloc[0] for each in ("", "_base", "_unknown")]
        assert got == pytest.approx(values, rel=1e-9, nan_ok=True), key


@pytest.mark.parametrize("written", ["missing", "null"])
@pytest.mark.parametrize("column", sorted(set(COLUMNS) - {"status"}))
def test_a_column_that_is_not_there_and_one_that_nobody_filled_in_say_nothing(column, written):
    row = {"beds_total": 10, "beds_nursing": 5, "residents": 8, "land_m2": 90.0, "floor_m2": 80.0,
           "rating": 4, "medical": "both", "risk_listed": True, "inspected_on": ON,
           "opened_on": ON, "accepts": ["disabled"], "steward_name": "王明",
           "demo_tag": "示范"}  # fmt: skip
    homes = frame([row] * 3, row)
    homes = homes.drop(columns=column) if written == "missing" else homes.assign(**{column: None})
    who = frame([dict.fromkeys(("population", "aged_60", "households", "enrolled"), 100)],
                ("population", "aged_60", "households", "enrolled"))  # fmt: skip
    areas = gpd.GeoDataFrame({"adcode": [410102]}, geometry=[COUNTY], crs="EPSG:4326")
    found = gm.indicators(areas, homes, who, on=ON, parameters=Parameters(programmes=PROGRAMMES))
    own = found.iloc[0]
    for key, each in INDICATORS.items():
        if f"facilities.{column}" in each.needs and (key, column) not in {
            ("subsidy_yuan", "rating"), ("subsidy_per_resident_year", "rating"),
        }:  # fmt: skip
            assert np.isnan(own[key]), key
            assert own[f"{key}_unknown"] >= 3 - 3 * (key == "funding_per_new_bed"), key
