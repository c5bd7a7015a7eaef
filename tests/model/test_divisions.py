"""Reading divisions off the start of a text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geomap.model.divisions import Divisions
from geomap.model.text import normalise

PROVINCE, CITY, COUNTY, TOWNSHIP = range(4)
KNOWN = [
    ("浙江省 浙江 zhejiang", PROVINCE, "330000"),
    ("杭州市 杭州 hangzhou", CITY, "330100"),
    ("西湖区 西湖", COUNTY, "330106"),
    ("西湖街道 西湖", TOWNSHIP, "330106009"),
    ("江西省 江西", PROVINCE, "360000"),
    ("南昌市 南昌", CITY, "360100"),
    ("西湖区 西湖", COUNTY, "360103"),
    ("北京市 北京", PROVINCE, "110000"),
    ("朝阳区 朝阳", COUNTY, "110105"),
    ("建国门外街道 建国门外", TOWNSHIP, "110105001"),
    ("河南省 河南", PROVINCE, "410000"),
    ("郑州市 郑州", CITY, "410100"),
    ("二七区 二七", COUNTY, "410103"),
    ("金水区 金水", COUNTY, "410105"),
    ("文化路街道 文化路", TOWNSHIP, "410105010"),
]


@pytest.fixture(scope="module")
def divisions():
    names, levels, codes = zip(*KNOWN, strict=True)
    pairs = [(name, row) for row, each in enumerate(names) for name in each.split()]
    return Divisions.of(pairs, levels=np.array(levels), adcodes=pd.Series(codes, dtype="str"))


def read(divisions, text):
    """The codes of the readings that go furthest, and how far they go."""
    readings = divisions.readings(normalise(text))
    if not readings:
        return set(), 0
    furthest = readings[0].length
    codes = divisions.adcodes
    ends = {codes[each.rows[-1]] for each in readings if each.length == furthest}
    return ends, furthest


@pytest.mark.parametrize(
    ("text", "ends", "length"),
    [
        ("浙江杭州西湖", {"330106", "330106009"}, 6),
        ("浙江省杭州市西湖区", {"330106"}, 9),
        ("江西西湖", {"360103"}, 4),
        ("西湖区", {"330106", "360103"}, 3),
        ("西湖", {"330106", "360103", "330106009"}, 2),
        ("浙江西湖区西湖街道文三路", {"330106009"}, 9),
        ("Hangzhou 西湖区", {"330106"}, 11),
        ("杭州西湖风景区", {"330106", "330106009"}, 4),
        ("没有这样的地方", set(), 0),
        ("", set(), 0),
    ],
)
def test_divisions_are_read_within_one_another(divisions, text, ends, length):
    assert read(divisions, text) == (ends, length)


@pytest.mark.parametrize(
    ("text", "ends"),
    [("金水县", {"410105"}), ("河南金水市文化路", {"410105"}), ("杭州市市区", {"330100"})],
)
def test_a_unit_is_found_by_the_kind_it_may_have_been(divisions, text, ends):
    assert read(divisions, text)[0] == ends


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("河南省郑州市金水区文化路97号", {"410105"}),
        ("河南省郑州市金水区文化路街道97号", {"410105010"}),
        ("北京市朝阳区建国门外大街1号", {"110105"}),
        ("北京市朝阳区建国门外街道", {"110105001"}),
        ("北京东路100号", set()),
        ("郑州二七路", {"410100"}),
        ("北京路", set()),
    ],
)
def test_what_names_a_street_is_no_division(divisions, text, ends):
    assert read(divisions, text)[0] == ends
