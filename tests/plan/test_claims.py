"""Published figures recomputed: what holds, what does not and by how much, what cannot be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest

import geomap as gm
from geomap.data.claims import read_claims
from geomap.data.demos.samples import demonstration_city
from geomap.data.standards import read_packs
from geomap.errors import ParameterError
from geomap.model.claims import Claim, Figure
from geomap.model.table import Label

ON = date(2026, 3, 31)
CLAIMS, PACKS = read_claims(), read_packs()


@pytest.fixture(scope="module")
def cities():
    return {key: demonstration_city(key, seed=1, today=ON) for key in ("panjin", "ningbo", "henan")}


def check(claim, sample, **options):
    return gm.check_claim(
        claim, sample.areas, sample.facilities, sample.demand, on=ON, packs=PACKS, **options
    )


def said(checked, language="en"):
    return " | ".join(each.of(language) for each in checked.working)


EXPECTED = {
    "panjin_beds_per_1000": "holds",
    "panjin_beds_meet_demand": "does_not_hold",
    "panjin_aged_60_share": "holds",
    "ningbo_medical_coverage": "holds",
    "henan_counties_built": "holds",
    "henan_streets_built": "holds",
    "henan_communities_built": "holds",
    "henan_enrolled": "holds",
    "henan_stewards": "holds",
    "henan_top_rated": "holds",
    "henan_land": "not_checkable",
    "guangxi_inspected": "not_checkable",
    "guangxi_risk_listed": "not_checkable",
    "guangxi_rated": "not_checkable",
    "guangxi_demonstration": "not_checkable",
    "guangxi_screened": "not_checkable",
    "ningbo_medical_inhouse": "holds",
    "ningbo_medical_partner": "holds",
    "zaozhuang_subsidy": "not_checkable",
}


@pytest.mark.parametrize("key", CLAIMS)
def test_the_seed_claims_come_out_on_the_demonstration_cities(cities, key):
    city = cities.get(key.split("_")[0], cities["panjin"])
    checked = check(CLAIMS[key], city)
    assert checked.verdict == EXPECTED[key], said(checked)
    assert (checked.missing == ()) == (checked.verdict != "not_checkable")


def test_beds_that_meet_demand_are_6831_short_of_40_per_1000(cities):
    checked = check(CLAIMS["panjin_beds_meet_demand"], cities["panjin"])
    (finding,) = checked.findings
    assert finding.short == pytest.approx(6831)
    assert finding.rule.clause.en.startswith("GB 50437-2007")
    assert "6,831 short" in said(checked)
    assert "5,529 ÷ 309,000 × 1,000 = 17.89" in said(checked)
    assert "分子还缺 6,831" in said(checked, "zh")


def test_another_number_of_the_rule_turns_the_verdict(cities):
    packs = {"national": PACKS["national"].changed("beds_per_1000", 17)}
    sample = cities["panjin"]
    claim = CLAIMS["panjin_beds_meet_demand"]
    checked = gm.check_claim(claim, sample.areas, sample.facilities, sample.demand, packs=packs)
    assert checked.verdict == "holds"
    assert "changed by the user" in said(checked)


def test_30_percent_inspected_can_be_asked_of_any_place(cities):
    for key, adcode in (("panjin", "211100"), ("ningbo", "330200"), ("henan", "410000")):
        claim = replace(CLAIMS["guangxi_inspected"], adcode=adcode)
        assert check(claim, cities[key]).verdict == "holds"
        inspected = cities[key].facilities["inspected_on"]
        share = (inspected >= "2026-01-01").sum() / len(inspected)
        assert share >= 0.3


def test_one_closed_centre_breaks_a_built_rate_of_100(cities):
    sample = cities["henan"]
    homes = sample.facilities.copy()
    first = homes.index[homes["adcode"].str.len() == 12][0]
    homes.loc[first, "status"] = "closed"
    changed = replace(sample, facilities=homes)
    checked = check(CLAIMS["henan_communities_built"], changed)
    assert checked.verdict == "does_not_hold"
    assert checked.numerator == 7333
    assert checked.findings[0].off_by == pytest.approx(-100 / 7334)
    assert check(CLAIMS["henan_streets_built"], changed).verdict == "holds"


def test_one_community_less_breaks_their_number(cities):
    sample = cities["henan"]
    areas = sample.areas.drop(index=sample.areas.index[sample.areas["level"] == "community"][0])
    checked = check(CLAIMS["henan_communities_built"], replace(sample, areas=areas))
    assert [each.verdict for each in checked.findings] == ["holds", "does_not_hold"]
    assert checked.findings[1].off_by == -1


def homes_of(**columns):
    size = len(next(iter(columns.values())))
    return gpd.GeoDataFrame({"adcode": ["410102"] * size, **columns}, geometry=[None] * size)


TOWN = gpd.GeoDataFrame(
    {"id": ["a"], "name": ["甲"], "level": ["county"], "adcode": ["410102"], "aged_60": [1000.0]},
    geometry=[None],
)


def claim_of(indicator, *figures):
    return Claim(
        "a", Label("甲", "A"), Label("甲", "A"), "410102", indicator, figures, "unverified"
    )


def verdict(claim, homes, areas=TOWN):
    return gm.check_claim(claim, areas, homes, homes[:0], on=ON)


@pytest.mark.parametrize(
    ("medical", "published", "relation", "expected"),
    [
        (["both", "none"], 50.0, "equals", "holds"),
        (["both", "none"], 51.0, "equals", "does_not_hold"),
        (["both", "none", None], 50.0, "equals", "not_checkable"),
        (["both", "none", None], 80.0, "equals", "does_not_hold"),
        (["both", "both", None], 60.0, "at_least", "holds"),
        (["both", "none", None], 60.0, "at_least", "not_checkable"),
        (["none", "none", None], 60.0, "at_least", "does_not_hold"),
        ([None, None], 60.0, "at_least", "not_checkable"),
    ],
)
def test_what_the_unknown_could_turn_is_not_decided(medical, published, relation, expected):
    homes = homes_of(medical=pd.Series(medical, dtype="str"))
    checked = verdict(claim_of("medical_coverage", Figure("value", published, relation)), homes)
    assert checked.verdict == expected
    assert checked.missing == (("facilities.medical",) if expected == "not_checkable" else ())


def test_beds_that_are_enough_without_the_unknown_ones_are_enough():
    homes = homes_of(beds_total=pd.array([50, None], dtype="Int64"))
    enough = claim_of("beds_per_1000_aged_60", Figure("value", 45.0, "at_least"))
    far = claim_of("beds_per_1000_aged_60", Figure("value", 101.0, "at_least"))
    open_ = claim_of("beds_per_1000_aged_60", Figure("value", 60.0, "at_least"))
    assert verdict(enough, homes).verdict == "holds"
    assert verdict(far, homes).verdict == "does_not_hold"
    assert verdict(far, homes).findings[0].short == 51
    assert verdict(open_, homes).verdict == "not_checkable"


def test_where_the_data_have_nothing_of_the_place_nothing_is_decided():
    homes = homes_of(beds_total=[50]).assign(adcode="420100")
    checked = verdict(claim_of("beds_per_1000_aged_60", Figure("value", 1.0, "at_least")), homes)
    assert (checked.verdict, checked.missing) == ("not_checkable", ("facilities",))
    nobody = TOWN.assign(aged_60=float("nan"))
    homes = homes_of(beds_total=[50])
    checked = verdict(claim_of("beds_per_1000_aged_60", Figure("value", 1.0)), homes, nobody)
    assert (checked.verdict, checked.missing) == ("not_checkable", ("areas.aged_60",))
    assert "areas.aged_60" in said(checked)


@pytest.mark.parametrize(
    ("indicator", "columns"),
    [
        ("beds_per_1000_aged_60", {"beds_total": pd.array([50, 20, None], dtype="Int64")}),
        ("medical_coverage", {"medical": ["both", "none", None]}),
        ("top_rated_share", {"rating": pd.array([4, 3, None], dtype="Int64")}),
        ("rating_participation", {"rating": pd.array([4, 3, None], dtype="Int64")}),
        ("stewards_per_institution", {"steward_name": ["王明", None, None]}),
        ("facilities", {"status": ["open", None, None]}),
    ],
)
def test_all_homes_are_those_with_an_unknown_value_too(indicator, columns):
    for published, expected in ((3, "holds"), (2, "does_not_hold")):
        checked = verdict(claim_of(indicator, Figure("all", published)), homes_of(**columns))
        assert checked.verdict == expected


@pytest.mark.parametrize(
    ("indicator", "column"),
    [
        ("rating_participation", "rating"),
        ("stewards_per_institution", "steward_name"),
        ("demonstration_share", "demo_tag"),
    ],
)
def test_a_column_that_nobody_filled_in_refutes_nothing(indicator, column):
    claim = claim_of(indicator, Figure("numerator", 3.0))
    for homes in (homes_of(name=["a", "b"]), homes_of(**{column: [None, None]})):
        checked = verdict(claim, homes)
        assert (checked.verdict, checked.missing) == ("not_checkable", (f"facilities.{column}",))


def test_a_tolerance_takes_its_own_edge_in():
    homes = homes_of(medical=["both"] * 203 + ["none"] * 48)
    for tolerance, expected in ((0.5, "holds"), (0.1, "does_not_hold")):
        figure = Figure("value", 81.0, tolerance=tolerance)
        assert verdict(claim_of("medical_coverage", figure), homes).verdict == expected


def test_a_claim_that_names_nothing_is_refused():
    homes = homes_of(beds_total=[1])
    with pytest.raises(ParameterError, match="no indicator"):
        verdict(claim_of("happiness", Figure("value", 1.0)), homes)
    with pytest.raises(ParameterError, match="packs must have"):
        verdict(claim_of("occupancy", Figure("value", pack="x", rule="y")), homes)
    with pytest.raises(ParameterError, match="published"):
        verdict(claim_of("occupancy", Figure("value")), homes)
    with pytest.raises(ParameterError, match="adcode"):
        verdict(replace(claim_of("occupancy", Figure("value", 1.0)), adcode="甲"), homes)


def census_areas(data_folder, level, adcode):
    from geomap.data.divisions import read_areas
    from geomap.data.reading import read_table
    from geomap.model.area import AREAS
    from geomap.plan.joining import join_figures

    path = data_folder / "census2020" / "census_county_2020_v1.xlsx"
    census = read_table(path, AREAS).frame
    areas = read_areas(level)
    inside = areas[areas["adcode"].str.startswith(adcode)]
    return join_figures(inside, census, columns=["population", "aged_60"]).areas


def test_on_the_census_panjin_is_younger_than_by_its_register(data_folder):
    areas = census_areas(data_folder, "county", "2111")
    people = areas[["adcode", "population", "aged_60", "geometry"]]
    claim = CLAIMS["panjin_aged_60_share"]
    checked = gm.check_claim(claim, areas, TOWN[:0], people, packs=PACKS)
    raw = pd.read_excel(data_folder / "census2020" / "census_county_2020_v1.xlsx", dtype=str)
    raw = raw[raw["区划代码"].isin(["211102", "211103", "211104", "211122"])]
    ages = [f"{sex}_{age}" for sex in "男女" for age in (60, 65, 70, 75, 80, 85)]
    old = [each for each in raw if each[:4] in ages]
    assert checked.numerator == raw[old].astype(float).to_numpy().sum() == 315_008
    assert checked.verdict == "does_not_hold"
    assert checked.findings[0].off_by == pytest.approx(315_008 / 1_389_691 * 100 - 23.9)
    assert "registered" in said(checked)


def test_henan_has_157_counties_and_without_facilities_no_more_is_said(data_folder):
    areas = census_areas(data_folder, "county", "41")
    claim = CLAIMS["henan_counties_built"]
    one = gpd.GeoDataFrame({"adcode": ["410325"]}, geometry=[None])
    checked = gm.check_claim(claim, areas, one, TOWN[:0], packs=PACKS)
    assert [each.verdict for each in checked.findings] == ["does_not_hold", "holds"]
    assert checked.findings[1].found == 157
    none = gm.check_claim(claim, areas, one[:0], TOWN[:0], packs=PACKS)
    assert (none.verdict, none.missing) == ("not_checkable", ("facilities",))
    assert "?" in said(none)


def test_by_the_list_of_divisions_henan_has_more_than_673_streets(data_folder):
    listed = pd.read_csv(data_folder / "division" / "streets.csv", dtype=str)
    streets = listed[listed["code"].str.startswith("41") & listed["name"].str.endswith("街道")]
    areas = pd.DataFrame({"level": "township", "adcode": streets["code"]})
    homes = pd.DataFrame({"adcode": streets["code"]})
    checked = gm.check_claim(CLAIMS["henan_streets_built"], areas, homes, homes[:0], packs=PACKS)
    assert [each.verdict for each in checked.findings] == ["holds", "does_not_hold"]
    assert checked.findings[1].off_by == len(streets) - 673 == 67


def test_the_rates_of_zaozhuang_hold_of_any_homes_whose_ratings_are_known(cities):
    claim = replace(CLAIMS["zaozhuang_subsidy"], adcode="211100")
    sample = cities["panjin"]
    columns = ["accepts", "residents"]
    homes = sample.facilities.dropna(subset=columns)
    checked = check(claim, replace(sample, facilities=homes.assign(rating=5)))
    assert [each.verdict for each in checked.findings] == ["holds", "holds"]
    assert checked.findings[0].found == pytest.approx(8760)


def test_a_rated_share_is_the_least_it_can_be():
    homes = homes_of(rating=pd.array([4, 3, None, None], dtype="Int64"))
    for published, relation, expected in (
        (50.0, "at_least", "holds"), (75.0, "at_least", "not_checkable"),
        (50.0, "equals", "not_checkable"), (40.0, "at_most", "does_not_hold"),
        (100.0, "at_most", "holds"),
    ):  # fmt: skip
        figure = Figure("value", published, relation)
        assert verdict(claim_of("rating_participation", figure), homes).verdict == expected


@pytest.mark.parametrize("kind", [int, float, str])
def test_codes_may_be_numbers(kind):
    areas = TOWN.assign(adcode=TOWN["adcode"].astype(kind))
    homes = homes_of(beds_total=[50])
    homes = homes.assign(adcode=homes["adcode"].astype(kind))
    claim = claim_of("beds_per_1000_aged_60", Figure("value", 50.0))
    assert verdict(claim, homes, areas).verdict == "holds"
