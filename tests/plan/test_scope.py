"""What a question is about: the rows to report by, what lies below, and the whole."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geomap.errors import NotFoundError
from geomap.plan.scope import scope_of, whole_of


@pytest.fixture
def areas():
    """Two counties of one city and one of another; the first has two townships without ground."""
    rows = [
        ("211102", "双台子区", "county", 100.0, shapely.box(0, 0, 1, 1)),
        ("211104", "大洼区", "county", 200.0, shapely.box(1, 0, 2, 1)),
        ("330203", "海曙区", "county", 50.0, shapely.box(9, 9, 10, 10)),
        ("211102001", "胜利街道", "township", None, None),
        ("211102002", "建设街道", "township", None, None),
    ]
    columns = ["adcode", "name", "level", "aged_60", "geometry"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="EPSG:4326")
    return frame.assign(id=frame["adcode"], population=None, aged_65=None)


def test_everything_is_reported_by_the_highest_level_with_several_drawn_areas(areas):
    scope = scope_of(areas)
    assert scope.level == "county"
    assert scope.whole is None
    assert scope.areas["adcode"].tolist() == ["211102", "211104", "330203"]
    assert scope.lower["name"].tolist() == ["胜利街道", "建设街道"]


def test_a_city_is_the_counties_in_it_joined_to_one(areas):
    scope = scope_of(areas, area="2111")
    assert scope.areas["adcode"].tolist() == ["211102", "211104"]
    assert scope.whole["adcode"].tolist() == ["211100"]
    assert scope.whole.geometry.iloc[0].area == pytest.approx(2)
    assert scope.whole["aged_60"].tolist() == [300.0]


def test_a_county_is_its_own_whole_and_may_be_named_by_its_id(areas):
    scope = scope_of(areas, area="211102", level="county")
    assert scope.areas["name"].tolist() == scope.whole["name"].tolist() == ["双台子区"]
    named = areas.assign(id=["x", *areas["id"][1:]], adcode=None)
    assert scope_of(named, area="x").areas["name"].tolist() == ["双台子区"]


def test_people_of_the_whole_are_unknown_where_those_of_one_area_are(areas):
    frame = areas[:2].assign(aged_60=[100.0, None])
    assert whole_of(frame)["aged_60"].isna().all()
    whole_numbers = frame.astype({"aged_60": "Int64"}).assign(aged_80=[3, 4])
    assert whole_of(whole_numbers)["aged_60"].isna().all()
    assert whole_of(whole_numbers)["aged_80"].tolist() == [7]


@pytest.mark.parametrize("asked", [{"area": "999999"}, {"area": "nobody"}, {"level": "nation"}])
def test_what_is_not_there_is_not_found(areas, asked):
    with pytest.raises(NotFoundError):
        scope_of(areas, **asked)
