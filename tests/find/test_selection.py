"""Selection against a slow judge that reads row by row, and laws about what is unknown."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geomap.errors import ParameterError
from geomap.find import selection
from geomap.find.selection import Columns, Selection

CODES = ["310106", "310000", "320106", "330100", "330106", "310106012", "810000", None]
TYPES = ["nursing_home", "rural_welfare_home", "other", None]


def facilities(rows):
    """Facilities of (type, adcode, lon and lat, name) rows."""
    kinds, codes, spots, names = zip(*rows, strict=True) if rows else ([],) * 4
    return gpd.GeoDataFrame(
        {
            "id": [f"h{row}" for row in range(len(rows))],
            "type": pd.Series(kinds, dtype="str"),
            "adcode": pd.Series(codes, dtype="str"),
            "name": pd.Series(names, dtype="str"),
        },
        geometry=[None if spot is None else Point(spot) for spot in spots],
        crs="EPSG:4326",
    )


TOWN = facilities(
    [
        ("nursing_home", "310106", (121.45, 31.23), "静安区社会福利院"),
        ("rural_welfare_home", "330106", (120.13, 30.26), "西湖区敬老院"),
        ("other", "310000", None, "上海某养老中心"),
        ("nursing_home", None, (179.5, -17.0), "Fiji Home 静安"),
        (None, "310115", (-179.5, -16.0), "臺北市私立愛心養護所"),
    ]
)
TOWN.loc[1, "address"] = "杭州市静安路 5 号"
TOWN.loc[0, "name_en"] = "Jing’an Welfare Institution"


def chosen(**criteria):
    return Selection(**criteria).mask(Columns(TOWN)).tolist()


def open_(**criteria):
    return Selection(**criteria).maybe(Columns(TOWN)).tolist()


def test_no_criterion_wants_every_row():
    assert chosen() == [True] * 5
    assert open_() == [False] * 5


def test_a_row_of_unknown_type_is_neither_chosen_nor_refused():
    assert chosen(types=("nursing_home", "other")) == [True, False, True, True, False]
    assert open_(types=("nursing_home", "other")) == [False, False, False, False, True]


def test_a_box_includes_its_edges_and_leaves_unlocated_rows_open():
    assert chosen(bbox=(120.13, 30.26, 121.45, 31.23)) == [True, True, False, False, False]
    assert open_(bbox=(120.13, 30.26, 121.45, 31.23)) == [False, False, True, False, False]


def test_a_box_whose_west_is_greater_than_its_east_crosses_the_date_line():
    assert chosen(bbox=(179.0, -20.0, -179.0, -10.0)) == [False, False, False, True, True]


def test_a_division_holds_the_divisions_in_it():
    assert chosen(adcode="310000") == [True, False, True, False, True]
    assert chosen(adcode="31") == [True, False, True, False, True]
    assert chosen(adcode="310106") == [True, False, False, False, False]
    assert chosen(adcode="330100") == [False, True, False, False, False]


def test_a_row_known_to_lie_in_the_division_above_is_left_open():
    assert open_(adcode="310106") == [False, False, True, True, False]


def test_every_word_of_a_text_must_stand_in_name_or_address():
    assert chosen(text="静安") == [True, True, False, True, False]
    assert chosen(text="静安 福利") == [True, False, False, False, False]
    assert chosen(text="jing'an welfare") == [True, False, False, False, False]
    assert chosen(text="台北 养护") == [False, False, False, False, True]


def test_a_word_does_not_reach_from_the_name_into_the_address():
    assert not any(chosen(text="敬老院杭州"))


def test_text_of_marks_alone_stands_in_no_name():
    assert chosen(text="！ ，") == [False] * 5
    assert chosen(text="%") == [False] * 5


def test_columns_that_a_frame_lacks_are_unknown():
    bare = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs="EPSG:4326")
    wanted = Selection(types=("other",), adcode="310000")
    assert wanted.maybe(Columns(bare)).tolist() == [True]


rows = st.tuples(
    st.sampled_from(TYPES),
    st.sampled_from(CODES),
    st.none() | st.tuples(st.integers(-180, 180), st.integers(-90, 90)),
    st.sampled_from(["静安养老院", "靜安敬老院", "Home", "西湖 养老 院"]),
)
latitudes = st.tuples(st.integers(-90, 90), st.integers(-90, 90)).map(sorted)
criteria = st.fixed_dictionaries(
    {
        "types": st.lists(st.sampled_from(TYPES[:3]), max_size=2).map(tuple),
        "bbox": st.none()
        | st.builds(
            lambda west, east, lat: (west, lat[0], east, lat[1]),
            st.integers(-180, 180),
            st.integers(-180, 180),
            latitudes,
        ),
        "adcode": st.none() | st.sampled_from(["310000", "31", "3301", "330106", "310106012"]),
        "text": st.none() | st.sampled_from(["静安", "养老院", "安 院", "ＨＯＭＥ"]),
    }
)


def judged(row, wanted):
    """Judge one row as a person would: True, False, or None where it cannot be told."""
    kind, code, spot, name = row
    verdicts = []
    if wanted["types"]:
        verdicts.append(None if kind is None else kind in wanted["types"])
    if wanted["bbox"] is not None:
        west, south, east, north = wanted["bbox"]
        if spot is None:
            verdicts.append(None)
        else:
            lon, lat = spot
            across = west <= lon <= east if west <= east else lon >= west or lon <= east
            verdicts.append(across and south <= lat <= north)
    if wanted["adcode"]:
        asked, own = (stem(each) for each in (wanted["adcode"], code))
        inside = own is not None and own.startswith(asked)
        verdicts.append(True if inside else None if own is None or asked.startswith(own) else False)
    if wanted["text"]:
        plain = name.replace("靜", "静").replace(" ", "").lower()
        verdicts.append(all(w in plain for w in wanted["text"].replace("ＨＯＭＥ", "home").split()))
    return False if False in verdicts else None if None in verdicts else True


def stem(code):
    if code is None:
        return None
    for length, zeros in ((6, "000"), (4, "00"), (2, "00")):
        if len(code) > length and code.endswith(zeros):
            code = code[:length]
    return code


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(rows, max_size=12), wanted=criteria)
def test_every_row_is_judged_as_a_person_would(rows, wanted):
    columns, selection = Columns(facilities(rows)), Selection(**wanted)
    expected = [judged(row, wanted) for row in rows]
    assert selection.mask(columns).tolist() == [each is True for each in expected]
    assert selection.maybe(columns).tolist() == [each is None for each in expected]


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(rows, max_size=12), wanted=criteria)
def test_all_criteria_together_choose_what_each_alone_does(rows, wanted):
    columns = Columns(facilities(rows))
    alone = [Selection(**{name: each}).mask(columns) for name, each in wanted.items() if each]
    together = np.logical_and.reduce([np.full(len(rows), fill_value=True), *alone])
    assert Selection(**wanted).mask(columns).tolist() == together.tolist()
    assert Selection(**wanted).rows(columns).tolist() == np.flatnonzero(together).tolist()


#: Few enough that points lie on the edges of boxes, and on the antimeridian.
longitudes = st.sampled_from([-180.0, -179.5, -0.1, 0.0, 0.1, 116.4, 179.5, 180.0])
spots = st.tuples(longitudes, st.sampled_from([-90.0, -0.1, 0.0, 39.9, 40.0, 90.0]))
unknown = st.just((np.nan, np.nan))
corners = st.tuples(spots, spots).map(lambda two: (two[0][0], *sorted((two[0][1], two[1][1])),
                                                   two[1][0]))  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    places=st.lists(spots | unknown, max_size=40),
    corners=corners,
    share=st.sampled_from([0, 32, 10**6]),
)
def test_a_box_holds_the_places_that_lie_in_it_or_on_its_edge(places, corners, share):
    west, south, north, east = corners
    lon, lat = np.array(places, dtype=float).reshape(-1, 2).T
    across = (west <= lon) & (lon <= east) if west <= east else (west <= lon) | (lon <= east)
    expected = np.flatnonzero(across & (south <= lat) & (lat <= north))
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat)).where(np.isfinite(lon), None)
    columns = Columns(gpd.GeoDataFrame(geometry=points, crs="EPSG:4326"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "_SORTED_ONE_IN", share)
        assert columns.within((west, south, east, north)).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({"types": ("hotel",)}, r"type must be among nursing_home.*got hotel"),
        ({"bbox": (0, 10, 1, 9)}, "south first"),
        ({"bbox": (0, 0, 181, 1)}, "longitudes from -180 to 180"),
        ({"bbox": (0, 0, 1)}, "bbox must be west,south,east,north"),
        ({"bbox": (0, 0, float("nan"), 1)}, "bbox must be west,south,east,north"),
        ({"adcode": "31010"}, "adcode must be a division code"),
        ({"adcode": "上海"}, "adcode must be a division code"),
        ({"adcode": "٣١"}, "adcode must be a division code"),
    ],
)
def test_a_bad_criterion_is_refused_with_what_was_expected_and_what_came(criteria, message):
    with pytest.raises(ParameterError, match=message):
        Selection(**criteria)


def test_every_criterion_has_its_judge():
    from geomap.find import selection

    fields = {each.name for each in dataclasses.fields(Selection)}
    assert fields == {*selection._CRITERIA, "types", "filters"}
