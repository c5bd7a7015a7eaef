"""However the same is written, the same comes out; what cannot be read is unknown."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import geomap as gm
from geomap.errors import DataError
from geomap.plan.indicators.given import fitted
from geomap.plan.indicators.study import Parameters, latest_day

ON = date(2026, 3, 31)
KEYS = ["facilities", "beds_per_1000_aged_60", "medical_coverage", "risk_listed_share",
        "inspected_share", "rating_participation", "built_rate_county", "subsidy_yuan"]  # fmt: skip


def town():
    areas = pd.DataFrame(
        {
            "name": ["洛阳市", "嵩县", "栾川县"],
            "level": ["city", "county", "county"],
            "adcode": ["410300", "410325", "410324"],
            "aged_60": [3000.0, 1000.0, 2000.0],
        }
    )
    homes = pd.DataFrame(
        {
            "adcode": ["410325", "410325", "410324", None],
            "beds_total": [40.0, np.nan, 30.0, 10.0],
            "medical": ["both", "none", None, "partner"],
            "risk_listed": [True, False, None, False],
            "inspected_on": ["2026-02-01", "2025-11-30", None, "2026-03-01"],
            "rating": [4, None, 2, None],
            "residents": [10, 5, 8, 3],
            "accepts": [["disabled"], ["self_care"], None, ["disabled"]],
            "status": ["open", "open", None, "closed"],
        }
    )
    return areas, homes


def found(areas, homes, **options):
    people = pd.DataFrame({"aged_60": []})
    return gm.indicators(areas, homes, people, on=ON, keys=KEYS, **options)


def values(frame):
    return frame.drop(columns=["geometry", "name", "adcode", "level"], errors="ignore")


@pytest.mark.parametrize(
    "written",
    [
        lambda a, h: (a.assign(adcode=a["adcode"].astype(int)), h),
        lambda a, h: (a.assign(adcode=a["adcode"].astype(float)), h),
        lambda a, h: (a, h.assign(adcode=h["adcode"].astype(float))),
        lambda a, h: (a.assign(adcode=a["adcode"] + ".0"), h.assign(adcode=" " + h["adcode"])),
        lambda a, h: (a.assign(adcode=a["adcode"] + "000000"), h),
        lambda a, h: (a.assign(level=["市", "区县", "县"]), h),
        lambda a, h: (a.drop(columns="level"), h),
        lambda a, h: (a.assign(aged_60=["3000", "1,000", 2000]), h),
        lambda a, h: (a, h.assign(beds_total=["40", None, "30", "未知"])),
        lambda a, h: (a, h.assign(beds_total=pd.array([40, None, 30, 10], dtype="Int64"))),
        lambda a, h: (a, h.assign(medical=["Both", "没有", "不详", "partner"])),
        lambda a, h: (a, h.assign(risk_listed=["是", "否", "", "否"])),
        lambda a, h: (a, h.assign(risk_listed=[1.0, 0.0, np.nan, 0.0])),
        lambda a, h: (a, h.assign(risk_listed=pd.array([1, 0, None, 0], dtype="Int64"))),
        lambda a, h: (a, h.assign(inspected_on=["2026年2月1日", "2025/11/30", "不详", None])),
        lambda a, h: (a, h.assign(inspected_on=[20260201, 20251130, None, None])),
        lambda a, h: (a, h.assign(inspected_on=[date(2026, 2, 1), date(2025, 11, 30), None, ON])),
        lambda a, h: (a, h.assign(rating=[4, 0, 2, 9])),
        lambda a, h: (a, h.assign(rating=["4", "", "2", None])),
        lambda a, h: (a, h.assign(accepts=["失能、失智", "自理", "", None])),
        lambda a, h: (a, h.assign(accepts=[("disabled",), {"self_care"}, [], None])),
        lambda a, h: (a, h.assign(status=["营业中", "Open", "?", "已停办"])),
        lambda a, h: (a, h.assign(status=pd.Categorical(["open", "open", None, "planned"]))),
        lambda a, h: (a, pd.concat([h.assign(id=range(4))] * 2)),
        lambda a, h: (a.set_index(pd.Index([7, 7, 7])), h.iloc[::-1]),
    ],
)
def test_the_same_written_otherwise_gives_the_same(written):
    areas, homes = town()
    expected = values(found(areas, homes))
    got = values(found(*written(areas, homes)))
    np.testing.assert_allclose(got.to_numpy(float), expected.to_numpy(float))


def test_what_the_town_comes_to_by_hand():
    own = found(*town()).iloc[1]
    expected = {"facilities": 2, "beds_per_1000_aged_60": 40, "medical_coverage": 50,
                "risk_listed_share": 50, "inspected_share": 50, "rating_participation": 50,
                "built_rate_county": 100, "subsidy_yuan": 10 * (3000 + 4800 * 1.1)}  # fmt: skip
    assert {key: own[key] for key in expected} == pytest.approx(expected)


def test_another_coordinate_system_gives_the_same():
    shapes = gpd.GeoSeries([box(112, 34, 113, 35), box(113, 34, 114, 35)], crs="EPSG:4326")
    areas = gpd.GeoDataFrame({"aged_60": [500.0, 100.0]}, geometry=shapes)
    at = gpd.GeoSeries([Point(112.5, 34.5), None, Point(113.5, 34.5)], crs="EPSG:4326")
    homes = gpd.GeoDataFrame({"beds_total": [5, 7, 9]}, geometry=at)
    people = gpd.GeoDataFrame({"population": [10.0]}, geometry=at[:1])
    expected = values(gm.indicators(areas, homes, people))
    for code in (4490, 4526, 3857):
        got = values(gm.indicators(areas.to_crs(code), homes.to_crs(code), people))
        np.testing.assert_allclose(got.to_numpy(float), expected.to_numpy(float))


@pytest.mark.parametrize(
    ("area", "home"),
    [("06037", "06037"), ("06037", 6037), ("06037", 6037.0), ("A-12", "A-12"), (6037, "06037")],
)
def test_codes_of_other_countries_join_where_they_are_the_same(area, home):
    areas = pd.DataFrame({"adcode": [area, "06041" if area != "A-12" else "B-1"]}, dtype=object)
    homes = pd.DataFrame({"adcode": [home], "beds_total": [3]})
    got = gm.indicators(areas, homes, homes[:0], keys=["facilities"])
    assert got["facilities"].tolist() == [1, 0]
    assert got.attrs["outside"] == 0
    assert got["adcode"].tolist()[0] in {"06037", "6037", "A-12"}


def test_demand_that_states_only_population_is_covered_by_its_population():
    areas = gpd.GeoDataFrame(geometry=[box(113, 34, 114, 35)], crs="EPSG:4326")
    at = gpd.GeoSeries([Point(113.5, 34.5), Point(113.9, 34.9)], crs="EPSG:4326")
    people = gpd.GeoDataFrame({"population": [30.0, 10.0]}, geometry=at)
    homes = gpd.GeoDataFrame(geometry=at[:1])
    got = gm.indicators(areas, homes, people)
    assert (got["covered_share"].iloc[0], got.attrs["weight"]) == (75, "population")
    both = people.assign(aged_60=[10.0, 10.0])
    got = gm.indicators(areas, homes, both)
    assert (got["covered_share"].iloc[0], got.attrs["weight"]) == (50, "aged_60")
    silent = gm.indicators(areas, homes, both.assign(aged_60=None, population=None))
    assert np.isnan(silent["covered_share"].iloc[0])


def test_people_of_whom_a_part_is_unknown_are_counted_and_give_no_floor():
    areas = pd.DataFrame({"adcode": ["410325"]})
    homes = pd.DataFrame({"adcode": ["410325"], "beds_total": [40]})
    people = pd.DataFrame({"adcode": ["410325001", "410325002"], "aged_60": [1000.0, None]})
    got = gm.indicators(areas, homes, people, keys=["beds_per_1000_aged_60"]).iloc[0]
    assert (got["beds_per_1000_aged_60"], got["beds_per_1000_aged_60_unknown"]) == (40, 1)


def test_shares_of_people_are_of_the_same_people():
    areas = pd.DataFrame({"adcode": ["410325"]})
    people = pd.DataFrame({"adcode": ["410325"] * 3, "aged_60": [20.0, 30.0, None],
                           "population": [100.0, None, 500.0]})  # fmt: skip
    got = gm.indicators(areas, areas[:0], people, keys=["aged_60_share"]).iloc[0]
    assert got["aged_60_share"] == 20
    assert (got["aged_60_share_base"], got["aged_60_share_unknown"]) == (100, 2)


@pytest.mark.parametrize(
    ("stated", "expected", "base"),
    [
        ({"aged_60": [50.0], "population": [np.nan]}, 10, 400),
        ({"aged_60": [np.nan], "population": [1000.0]}, 10, 400),
        ({"aged_60": [50.0], "population": [200.0]}, 25, 200),
    ],
)
def test_a_share_of_people_is_of_one_source(stated, expected, base):
    areas = pd.DataFrame({"adcode": ["410325"], **stated})
    people = pd.DataFrame(
        {"adcode": ["410325"] * 2, "aged_60": [30.0, 10.0], "population": [300.0, 100.0]}
    )
    got = gm.indicators(areas, areas[:0], people, keys=["aged_60_share"]).iloc[0]
    assert (got["aged_60_share"], got["aged_60_share_base"]) == (expected, base)


@pytest.mark.parametrize("column", ["beds_total", "residents", "land_m2"])
@pytest.mark.parametrize("value", [-1, float("inf")])
def test_numbers_that_there_cannot_be_are_refused(column, value):
    areas = pd.DataFrame({"adcode": ["410325"], "aged_60": [10.0], "population": [10.0]})
    homes = pd.DataFrame({"adcode": ["410325"], "beds_total": [3]} | {column: [value]})
    with pytest.raises(DataError, match=column):
        gm.indicators(areas, homes, areas[:0])


@pytest.mark.parametrize("told", ["1,200", "1200", 1200])
def test_what_programmes_state_may_be_text_too(told):
    areas = pd.DataFrame({"adcode": ["410325", "410324"]})
    programmes = pd.DataFrame(
        {"adcode": ["410325", 410324.0], "training_done": [told, "不详"], "training_target": 2400}
    )
    got = gm.indicators(areas, areas[:0], areas[:0], keys=["training_share"],
                        parameters=Parameters(programmes=programmes))  # fmt: skip
    assert got["training_share"].tolist() == pytest.approx([50, np.nan], nan_ok=True)


def test_frames_that_are_as_the_tables_want_them_come_back_as_they_are():
    from geomap.data.demos.samples import demonstration_city

    sample = demonstration_city("panjin", seed=1, today=ON)
    for given, got in zip(
        (sample.areas, sample.facilities, sample.demand),
        fitted(sample.areas, sample.facilities, sample.demand),
        strict=True,
    ):
        assert got is given


def homes_on(*days, column="verified_on"):
    return gpd.GeoDataFrame({column: pd.to_datetime(list(days))}, geometry=[None] * len(days))


def test_a_mistyped_year_does_not_move_the_day():
    days = [f"2026-0{month}-15" for month in (1, 1, 2, 2, 3)]
    assert latest_day(homes_on(*days)) == date(2026, 3, 15)
    assert latest_day(homes_on(*days, "2062-03-15")) == date(2026, 3, 15)
    assert latest_day(homes_on(*days, "2027-03-15")) == date(2026, 3, 15)
    assert latest_day(homes_on(*days, "2026-05-15")) == date(2026, 5, 15)
    many = homes_on(*days * 80, *["2099-01-01"] * 4)
    assert latest_day(many) == date(2026, 3, 15)
    assert latest_day(homes_on(*days * 4, *["2027-01-01"] * 3)) == date(2027, 1, 1)


def test_days_after_today_are_mistakes_however_many():
    days = ["2026-01-15", "2027-01-15", "2027-01-16"]
    assert latest_day(homes_on(*days), today=ON) == date(2026, 1, 15)
    assert latest_day(homes_on(*days)) == date(2027, 1, 16)
    assert latest_day(homes_on("2027-01-15"), today=ON) is None
    assert latest_day(homes_on()) is None
