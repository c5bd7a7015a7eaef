"""Areas joined to the divisions above them."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import box

from geomap.web.plan.joined import joined_by_code


@pytest.fixture
def areas():
    """Two counties of one city, one of another, and one without a code."""
    table = {
        "id": ["a", "b", "c", "d"], "name": ["甲", "乙", "丙", "丁"],
        "adcode": ["410102", "410103", "410202", None],
        "people": [100.0, 300, float("nan"), 10], "covered": [50.0, 150, float("nan"), 0],
        "uncovered": [50.0, 150, float("nan"), 10],
    }  # fmt: skip
    shapes = [box(x, 0, x + 1, 1) for x in range(4)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def test_people_add_up_and_shares_are_of_the_sums(areas):
    found = joined_by_code(areas, 4, {"410100": "河南省郑州市"}).set_index("adcode")
    assert found.loc["410100", "name"] == "河南省郑州市"
    assert found.loc["410100", ["people", "covered", "share"]].tolist() == [400, 200, 0.5]
    assert found.loc["410100"].geometry.area == pytest.approx(2)


def test_where_nobody_is_known_the_share_is_not_known_either(areas):
    found = joined_by_code(areas, 4, {}).set_index("adcode")
    assert found["share"].isna().to_dict() == {"410100": False, "410200": True, "d": False}
    assert found.loc["410200", "name"] == "丙"


def test_provinces_hold_all_their_cities_and_what_has_no_code_stays_alone(areas):
    found = joined_by_code(areas.drop(columns=["people", "covered", "uncovered"]), 2, {})
    assert found["adcode"].tolist() == ["410000", "d"]
    assert found.total_bounds.tolist() == [0, 0, 4, 1]
