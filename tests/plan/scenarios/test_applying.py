"""Changes put to facilities, by hand; then what would stand, whatever the rows' order."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

import geomap as gm
from geomap.errors import CRSError, ParameterError
from geomap.model.facility import FACILITIES


def homes(**columns):
    rows = {
        "id": ["a", "b", "c"], "name": ["甲", "乙", "丙"], "type": ["nursing_home"] * 3,
        "beds_total": [10, 20, None], "status": ["open", None, "closed"],
        "address": ["甲路", "乙路", "丙路"], "adcode": ["310101"] * 3, "source": ["list"] * 3,
    }  # fmt: skip
    at = gpd.points_from_xy([121.0, 121.1, 121.2], [31.0] * 3, crs="EPSG:4326")
    return gpd.GeoDataFrame(rows | columns, geometry=at, index=[5, 7, 9])


def close(name):
    return {"kind": "close", "facility_id": name}


def test_each_kind_changes_its_own_and_nothing_else():
    before = homes()
    after = gm.apply_changes(
        before,
        [
            close("a"),
            {"kind": "move", "facility_id": "b", "lon": 121.5, "lat": 31.5},
            {"kind": "enlarge", "facility_id": "b", "beds": 60},
            {"kind": "add", "facility_id": "n", "name": "新", "type": "street_center",
             "lon": 121.3, "lat": 31.3, "beds": 30},
        ],
    )  # fmt: skip
    assert after.index.tolist() == [5, 7, 9, 10]
    assert after["id"].tolist() == ["a", "b", "c", "n"]
    assert after["status"].fillna("").tolist() == ["closed", "", "closed", ""]
    assert after["beds_total"].fillna(-1).tolist() == [10, 60, -1, 30]
    assert after.geometry.tolist()[1:] == [Point(121.5, 31.5), Point(121.2, 31), Point(121.3, 31.3)]
    assert after["address"].fillna("").tolist() == ["甲路", "", "丙路", ""]
    assert after["adcode"].fillna("").tolist() == ["310101", "", "310101", ""]
    assert after["source"].tolist() == ["list", "list", "list", "scenario"]
    assert before.equals(homes())


def test_no_changes_change_nothing():
    before = homes()
    assert gm.apply_changes(before, []).equals(before)


def test_the_columns_keep_their_kinds():
    before = FACILITIES.conform(homes())
    added = {"kind": "add", "facility_id": "n", "type": "other", "lon": 1, "lat": 2, "beds": 3}
    after = gm.apply_changes(before, [added, close("b")])
    assert after.dtypes.to_dict() == before.dtypes.to_dict()
    assert FACILITIES.schema.validate(after.assign(status=after["status"])) is not None


def test_what_is_added_without_an_id_gets_one_that_is_free():
    new = {"kind": "add", "type": "other", "lon": 1, "lat": 2}
    after = gm.apply_changes(homes(), [new, new | {"facility_id": "new-1"}, new])
    assert after["id"].tolist()[3:] == ["new-2", "new-1", "new-3"]
    assert after["beds_total"].isna().tolist()[3:] == [True] * 3


def test_later_changes_may_be_of_what_was_added():
    new = {"kind": "add", "facility_id": "n", "type": "other", "lon": 1, "lat": 2, "beds": 5}
    more = [{"kind": "move", "facility_id": "n", "lon": 3, "lat": 4},
            {"kind": "enlarge", "facility_id": "n", "beds": 9}, close("n")]  # fmt: skip
    last = gm.apply_changes(homes(), [new, *more]).iloc[-1]
    assert (last.geometry, last["beds_total"], last["status"]) == (Point(3, 4), 9, "closed")


def test_a_move_to_where_it_stands_keeps_its_address():
    after = gm.apply_changes(
        homes(), [{"kind": "move", "facility_id": "a", "lon": 121.0, "lat": 31.0}]
    )
    assert after["address"].tolist()[0] == "甲路"


def test_frames_may_lack_columns_and_be_in_another_system():
    at = gpd.points_from_xy([832591.32], [820351.389], crs="EPSG:2326")
    bare = gpd.GeoDataFrame(geometry=at, index=["x"])
    new = {"kind": "add", "facility_id": "n", "type": "other", "lon": 114, "lat": 22}
    after = gm.apply_changes(bare, [close("x"), new])
    assert after.crs.to_epsg() == 4326
    assert after.geometry.iloc[0].x == pytest.approx(114.1412, abs=1e-4)
    assert after["id"].tolist() == ["x", "n"]
    assert after.index.tolist() == ["x", "n"]
    assert after["status"].fillna("").tolist() == ["closed", ""]


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("no facility has the id x, y", [close("x"), close("y")]),
        ("c is closed", [{"kind": "enlarge", "facility_id": "c", "beds": 3}]),
        ("a is closed", [close("a"), {"kind": "move", "facility_id": "a", "lon": 1, "lat": 1}]),
        ("has the id a already",
         [{"kind": "add", "facility_id": "a", "type": "other", "lon": 1, "lat": 1}]),
        ("has the id n already",
         [{"kind": "add", "facility_id": "n", "type": "other", "lon": 1, "lat": 1}] * 2),
        ("kind must be one of", [{"kind": "burn", "facility_id": "a"}]),
        ("needs lat", [{"kind": "move", "facility_id": "a", "lon": 1}]),
        ("must be a Change or a mapping", ["close a"]),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(said, changes):
    with pytest.raises(ParameterError, match=said) as caught:
        gm.apply_changes(homes(), changes)
    assert said.startswith("must be") or caught.value.zh


def test_an_id_of_several_rows_and_a_layer_without_a_system_are_refused():
    with pytest.raises(ParameterError, match="several facilities have the id a"):
        gm.apply_changes(homes(id=["a", "a", "b"]), [close("a")])
    assert len(gm.apply_changes(homes(id=["a", "b", "a"]), [close("b")])) == 3
    with pytest.raises(CRSError):
        gm.apply_changes(homes().set_crs(None, allow_override=True), [])


@settings(max_examples=20, derandomize=True)
@given(order=st.permutations(range(3)), picks=st.lists(st.sampled_from("ab"), unique=True))
def test_the_order_of_rows_does_not_matter(order, picks):
    changes = [close(name) for name in picks]
    changes.append({"kind": "add", "facility_id": "n", "type": "other", "lon": 1, "lat": 2})
    plain = gm.apply_changes(homes(), changes).set_index("id").sort_index()
    mixed = gm.apply_changes(homes().iloc[list(order)], changes).set_index("id").sort_index()
    pd.testing.assert_frame_equal(pd.DataFrame(plain), pd.DataFrame(mixed[plain.columns]))
    assert np.array_equal(plain.geometry.to_wkb(), mixed.geometry.to_wkb())
