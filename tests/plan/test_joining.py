"""Figures join areas by code only; what did not join is listed with the reason."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geomap.data.divisions import read_areas
from geomap.data.reading import read_table
from geomap.errors import ParameterError
from geomap.model.area import AREAS
from geomap.plan.indicators.answer import indicators
from geomap.plan.joining import REASONS, join_figures

COLUMNS = ["population", "aged_60", "aged_65"]


def frame(**columns):
    size = len(columns["adcode"])
    return gpd.GeoDataFrame(columns, geometry=[None] * size)


def test_each_row_joins_by_its_code_or_says_why_not():
    areas = frame(
        adcode=["410307", "410325", "410326", None],
        name=["偃师区", "嵩县", "汝阳县", "无码"],
        level=["county"] * 4,
    )
    figures = pd.DataFrame(
        {
            "adcode": ["410381", "410325", "410326", "410326", None, "410371", "410300", "419999"],
            "name": ["偃师市", "嵩县", "汝阳县", "汝阳县", "某区", "经开区", "洛阳市", "某县"],
            "level": [*["county"] * 6, "city", "county"],
            "aged_60": [1.0, 2, 3, 4, 5, 6, 7, 8],
        }
    )
    found = join_figures(areas, figures, columns=["aged_60"])
    assert found.areas["aged_60"].fillna(-1).tolist() == [-1, 2, -1, -1]
    assert found.left["reason"].tolist() == [
        "renamed", "twice", "twice", "no_code", "statistical", "other_level", "unknown_code",
    ]  # fmt: skip
    assert found.bare[["adcode", "reason", "other"]].fillna("").to_numpy().tolist() == [
        ["410307", "renamed", "410381"],
        ["410326", "no_figure", ""],
        ["", "no_figure", ""],
    ]
    assert set(found.left["reason"]) <= set(REASONS)


@pytest.mark.parametrize(
    ("area", "figure"),
    [("410325", 410325), ("410325", 410325.0), (410325, "410325.0"), ("410325", "410325000000"),
     ("410325000000", " 410325 ")],
)  # fmt: skip
def test_a_code_may_be_written_otherwise(area, figure):
    figures = pd.DataFrame({"adcode": [figure, None], "aged_60": [7.0, 8.0]})
    found = join_figures(frame(adcode=[area]), figures, columns=["aged_60"])
    assert found.areas["aged_60"].tolist() == [7]
    assert found.left["reason"].tolist() == ["no_code"]


def test_what_has_no_name_was_not_renamed():
    figures = pd.DataFrame({"adcode": ["410381"], "aged_60": [1.0]})
    found = join_figures(frame(adcode=["410307"]), figures, columns=["aged_60"])
    assert found.left["reason"].tolist() == ["unknown_code"]
    assert found.bare["reason"].tolist() == ["no_figure"]


def test_missing_columns_are_refused():
    areas = frame(adcode=["410307"])
    with pytest.raises(ParameterError, match="aged_60"):
        join_figures(areas, pd.DataFrame({"adcode": ["410307"]}), columns=["aged_60"])


@pytest.fixture(scope="module")
def census(data_folder):
    return read_table(data_folder / "census2020" / "census_county_2020_v1.xlsx", AREAS).frame


def test_the_census_joins_the_counties_of_henan_but_two_that_were_made_since(census):
    counties = read_areas("county")
    henan = counties[counties["adcode"].str.startswith("41")]
    found = join_figures(henan, census[census["adcode"].str.startswith("41", na=False)],
                         columns=COLUMNS)  # fmt: skip
    assert (len(henan), int(found.areas["aged_60"].notna().sum())) == (157, 155)
    assert found.bare.set_index("name")["other"].to_dict() == {
        "偃师区": "410381",
        "孟津区": "410322",
    }
    reasons = found.left["reason"].value_counts().to_dict()
    assert reasons == {"other_level": 18, "statistical": 18, "renamed": 2, "unknown_code": 1}
    assert found.left.loc[found.left["reason"] == "unknown_code", "name"].tolist() == ["吉利区"]


def test_county_indicators_of_a_province_stand_on_the_census(census, data_folder):
    raw = pd.read_excel(data_folder / "census2020" / "census_county_2020_v1.xlsx", dtype=str)
    old = [
        each
        for each in raw
        if each[:4] in {f"{s}_{a}" for s in "男女" for a in (60, 65, 70, 75, 80, 85)}
    ]
    assert len(old) == 12
    aged = raw[old].astype(float).sum(axis=1).set_axis(raw["区划代码"])
    counties = read_areas("county")
    henan = join_figures(counties[counties["adcode"].str.startswith("41")], census, columns=COLUMNS)
    codes = ["410102", "410102", "410325", "410307"]
    homes = frame(adcode=codes, beds_total=[100, 50, 30, 10])
    found = indicators(henan.areas, homes, frame(adcode=[]), keys=["beds_per_1000_aged_60"])
    found = found.set_index("adcode")["beds_per_1000_aged_60"]
    assert found["410102"] == pytest.approx(150 / aged["410102"] * 1000)
    assert found["410325"] == pytest.approx(30 / aged["410325"] * 1000)
    assert pd.isna(found["410307"])
    assert found["410103"] == 0
