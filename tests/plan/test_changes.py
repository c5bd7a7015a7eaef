"""Between two lists: what opened, closed, changed beds, rating or place on the risk list."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geomap.plan.changes import KINDS, changes


def homes(*rows: dict) -> gpd.GeoDataFrame:
    names = ("id", "name", "type", "status", "beds_total", "rating", "risk_listed")
    table = pd.DataFrame({name: [row.get(name) for row in rows] for name in names})
    table = table.astype({"beds_total": "Int64", "rating": "Int64", "risk_listed": "boolean"})
    table["name"], table["type"] = table["id"], "nursing_home"
    points = gpd.points_from_xy(range(len(rows)), range(len(rows)))
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def told(before, after) -> list[tuple]:
    found = changes(before, after)
    return list(zip(found["id"], found["kind"], strict=True))


def test_a_home_opens_when_it_is_new_or_no_longer_being_built():
    before = homes({"id": "a", "status": "building"})
    after = homes({"id": "a", "status": "open"}, {"id": "b"}, {"id": "c", "status": "planned"})
    assert told(before, after) == [("a", "opened"), ("b", "opened")]


def test_a_home_closes_when_it_says_so_or_is_gone():
    before = homes({"id": "a"}, {"id": "b"}, {"id": "c", "status": "closed"})
    after = homes({"id": "a", "status": "closed"})
    assert told(before, after) == [("a", "closed"), ("b", "closed")]


def test_beds_that_became_known_are_no_change_of_beds_but_a_first_rating_is_a_change():
    before = homes({"id": "a"}, {"id": "b", "beds_total": 10, "rating": 3})
    after = homes(
        {"id": "a", "beds_total": 30, "rating": 2}, {"id": "b", "beds_total": 12, "rating": 3}
    )
    found = changes(before, after)
    assert found[["id", "kind", "was", "now"]].iloc[0].tolist() == ["b", "beds", 10.0, 12.0]
    assert told(before, after) == [("b", "beds"), ("a", "rating")]


def test_beds_written_as_text_are_read_and_what_is_no_number_is_unknown():
    lists = (homes({"id": "a"}, {"id": "b"}, {"id": "c"}) for _ in range(2))
    before, after = (
        each.assign(beds_total=beds)
        for each, beds in zip(lists, (["1,200", "10", "10"], ["1300", "10", "不详"]), strict=True)
    )
    found = changes(before, after)
    assert found[["id", "kind", "was", "now"]].to_numpy().tolist() == [["a", "beds", 1200, 1300]]


def test_the_risk_list_is_compared_only_where_both_lists_know():
    before = homes({"id": "a", "risk_listed": False}, {"id": "b", "risk_listed": True}, {"id": "c"})
    after = homes(
        {"id": "a", "risk_listed": True}, {"id": "b", "risk_listed": False},
        {"id": "c", "risk_listed": True},
    )  # fmt: skip
    assert told(before, after) == [("a", "listed"), ("b", "delisted")]


def test_a_column_that_one_list_lacks_is_taken_from_the_other_or_left_out():
    bare = homes({"id": "a"})[["id", "name", "geometry"]]
    found = changes(bare, homes({"id": "a", "beds_total": 3}, {"id": "b"}))
    assert found[["id", "kind", "type"]].to_numpy().tolist() == [["b", "opened", "nursing_home"]]
    assert told(homes({"id": "a"}), bare[:0]) == [("a", "closed")]


@pytest.mark.parametrize("kind", ["opened", "closed"])
def test_swapping_the_lists_swaps_opened_and_closed(kind):
    one = homes({"id": "a"}, {"id": "b", "status": "building"})
    other = homes({"id": "c"}, {"id": "b"})
    swapped = {"opened": "closed", "closed": "opened"}[kind]
    ours = {each for each, what in told(one, other) if what == kind}
    assert ours == {each for each, what in told(other, one) if what == swapped}
    assert ours


def test_a_list_does_not_differ_from_itself_in_any_order():
    some = homes({"id": "a", "beds_total": 5, "rating": 1}, {"id": "b", "risk_listed": True})
    assert told(some, some[::-1]) == []
    assert set(changes(some, some[:0])["kind"]) <= set(KINDS)
