"""Laws of finding addresses, on a few divisions."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.model.gazetteer import Gazetteer, Usual

# kind, code, path, name, aliases, lon, lat, precision
DIVISIONS = """
province 410000 河南省 河南省 河南 113.7 34.8 province
city 410100 河南省郑州市 郑州市 郑州 113.6 34.7 city
county 410105 河南省郑州市金水区 金水区 金水 113.66 34.8 county
township 410105010 河南省郑州市金水区文化路街道 文化路街道 - 113.67 34.79 township
township 410105011 河南省郑州市金水区柳林镇 柳林镇 - 113.66 34.8 county
county 410103 河南省郑州市二七区 二七区 二七 113.64 34.72 county
city 410300 河南省洛阳市 洛阳市 洛阳 112.4 34.6 city
county 410307 河南省洛阳市偃师区 偃师区 偃师|偃师市 112.78 34.72 county
province 320000 江苏省 江苏省 江苏 118.8 32 province
city 320100 江苏省南京市 南京市 南京 118.8 32 city
county 320106 江苏省南京市鼓楼区 鼓楼区 鼓楼 118.77 32.06 county
city 320300 江苏省徐州市 徐州市 徐州 117.2 34.2 city
county 320302 江苏省徐州市鼓楼区 鼓楼区 鼓楼 117.19 34.28 county
city 441900 广东省东莞市 东莞市 东莞 113.7 23 city
"""


@pytest.fixture(scope="module")
def gazetteer():
    lines = [line.split() for line in DIVISIONS.strip().split("\n")]
    names = ["kind", "adcode", "path", "name", "aliases", "lon", "lat", "precision"]
    places = pd.DataFrame(lines, columns=names).replace("-", None)
    places = places.astype({"lon": float, "lat": float})
    named = pd.DataFrame(
        [
            ("阳光小区", "410105", 113.67, 34.81),
            ("幸福家园", "410105", 113.60, 34.80),
            ("幸福家园", "410105", 113.70, 34.80),
        ],
        columns=["name", "adcode", "lon", "lat"],
    )
    streets = named.head(0).assign(number=pd.array([], dtype="Int64"))
    return Gazetteer.of(places, named, streets)


def told(gazetteer, text, **options):
    answer = gazetteer.answer(text, **options)
    path = None if answer.row is None else gazetteer.label(answer.row)
    return path, answer.precision, answer.by


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("河南省郑州市金水区文化路97号", ("河南省郑州市金水区", "county", "county")),
        ("金水区文化路街道97号", ("河南省郑州市金水区文化路街道", "township", "township")),
        ("金水区文化路办事处97号", ("河南省郑州市金水区文化路街道", "township", "township")),
        ("金水区柳林乡", ("河南省郑州市金水区柳林镇", "county", "county")),
        ("金水区某某路8号阳光小区3号楼", ("河南省郑州市金水区", "address", "name")),
        ("金水区某某路8号阳光小区门口的店", ("河南省郑州市金水区", "address", "name")),
        ("金水区幸福家园", ("河南省郑州市金水区", "county", "county")),
        ("东莞市某某路", ("广东省东莞市", "county", "county")),
        ("河南省郑州市", ("河南省郑州市", None, None)),
        ("鼓楼区中山路", (None, None, None)),
        ("柳林镇", ("河南省郑州市金水区柳林镇", "county", "county")),
    ],
)
def test_an_address_is_found_as_far_as_it_goes(gazetteer, text, expected):
    assert told(gazetteer, text) == expected


def test_what_is_usual_decides_and_is_said(gazetteer):
    usual = Usual.of(["320302"] * 3 + ["320303"] * 3)
    answer = gazetteer.answer("鼓楼区中山路", usual=usual)
    assert gazetteer.code(answer.row) == "320302"
    assert answer.assumed == "usual"


def test_a_few_rows_make_nothing_usual():
    assert Usual.of(["320302"] * 3).areas == ()


words = st.lists(
    st.sampled_from([*"河南省郑州市金水区文化路街道鼓楼97号院（）-  甲", "阳光小区", "偃师市"]),
    max_size=12,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=words)
def test_any_text_has_a_place_or_a_reason(gazetteer, text):
    answer = gazetteer.answer(text)
    assert (answer.precision is None) == (answer.reason is not None)
    assert (answer.lon is None) == (answer.precision is None)
    assert answer.precision is None or answer.row is not None


@settings(max_examples=300, deadline=None)
@given(text=words)
def test_the_province_before_an_address_never_moves_it(gazetteer, text):
    alone = gazetteer.answer(text)
    if alone.precision is not None:
        path = gazetteer.label(alone.row)
        there = gazetteer.answer(path[: path.index("省") + 1] + text)
        if there.precision is not None:
            assert gazetteer.code(there.row)[:6] == gazetteer.code(alone.row)[:6]
