"""The whole task on real Taipei: five new centres at 500 m beside the community stations."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Geod

from tests.web.siting.conftest import answered, solved

STANDARD_M = 500


@pytest.fixture(scope="module")
def taipei(make_planner, taipei_folder):
    return make_planner(taipei_folder)


@pytest.fixture(scope="module")
def plain(taipei_folder):
    """Who lives where and which stations stand, as they were imported; distances by pyproj."""
    from geomap.data.published import read_published

    published = read_published(taipei_folder)
    villages, stations = published.read("demand"), published.read("facilities")
    inside = gpd.GeoSeries(villages.geometry.to_numpy()).map(
        lambda shape: shape if shape.geom_type == "Point" else shape.point_on_surface()
    )
    homes = np.column_stack([inside.x, inside.y])
    there = stations[stations.geometry.notna()].geometry
    return villages["aged_65"].to_numpy(float), homes, np.column_stack([there.x, there.y])


def reached(homes, spots):
    """Which homes have a spot within the standard."""
    geod, found = Geod(ellps="WGS84"), np.zeros(len(homes), dtype=bool)
    for lon, lat in spots:
        near = np.flatnonzero((abs(homes[:, 0] - lon) < 0.01) & (abs(homes[:, 1] - lat) < 0.01))
        metres = geod.inv(homes[near, 0], homes[near, 1], np.full(len(near), lon),
                          np.full(len(near), lat))[2]  # fmt: skip
        found[near[metres <= STANDARD_M]] = True
    return found


def test_five_centres_reach_what_a_recomputation_from_them_says(taipei, plain):
    told, found = solved(taipei, f"/api/v1/site?p=5&standard_m={STANDARD_M}&weight=aged_65")
    assert told[-1]["state"] == "done"
    assert found["status"] == "optimal"
    assert found["gap"] == 0
    people, homes, stations = plain
    before = reached(homes, stations)
    sites = [each["geometry"]["coordinates"] for each in found["features"]]
    after = before | reached(homes, sites)
    assert len(sites) == 5
    assert found["covered_before"] == people[before].sum()
    assert found["objective"] == people[after].sum()
    new = [each["properties"]["new_people"] for each in found["features"]]
    assert sum(new) == people[after & ~before].sum()
    assert new == sorted(new, reverse=True)
    assert found["still_uncovered"] == pytest.approx(people[~after].sum())
    gains = np.diff([each["value"] for each in found["curve"]])
    assert (gains >= 0).all()


def test_the_page_tells_the_planner_the_same(taipei):
    page = answered(taipei, f"/plan/site?lang=zh&go=1&p=5&standard_m={STANDARD_M}&weight=aged_65")
    found = solved(taipei, f"/api/v1/site?p=5&standard_m={STANDARD_M}&weight=aged_65")[1]
    said = page.select_one(".plan-figure").get_text(" ", strip=True)
    assert f"+{found['newly_covered']:,.0f} 人够得到：新建 5 处" in said
    assert "已证明是最好的" in said
    names = [each["properties"]["name"] for each in found["features"]]
    assert [each.text for each in page.select(".site-why tbody th")] == names
    assert len(page.select("#curve tbody tr")) == 11
