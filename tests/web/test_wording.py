"""How values read, against what people write."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.model.facility import ACCEPTS
from geomap.web import wording

TODAY = date(2025, 7, 20)
metres = st.floats(0, 20_100_000, allow_nan=False)


@pytest.mark.parametrize(
    ("metres", "zh", "en"),
    [
        (0, "不到 10 米", "less than 10 m"),
        (5, "10 米", "10 m"),
        (320, "320 米", "320 m"),
        (994.9, "990 米", "990 m"),
        (995, "1 公里", "1 km"),
        (1249, "1.2 公里", "1.2 km"),
        (1250, "1.3 公里", "1.3 km"),
        (19_949, "19.9 公里", "19.9 km"),
        (19_950, "20 公里", "20 km"),
        (20_499, "20 公里", "20 km"),
        (1_234_567, "1,235 公里", "1,235 km"),
    ],
)
def test_distances_are_rounded_as_people_say_them(metres, zh, en):
    assert wording.distance(metres, "zh") == zh
    assert wording.distance(metres, "en") == en


@given(metres)
def test_a_written_distance_is_within_its_rounding(value):
    text = wording.distance(value, "en")
    if text.startswith("less"):
        assert value < 5
        return
    number, unit = text.replace(",", "").split()
    written = float(number) * {"m": 1, "km": 1000}[unit]
    tolerance = 5 if unit == "m" else 50 if value < 19_950 else 500
    assert abs(written - value) <= tolerance + 1e-6


@given(metres)
def test_a_rough_distance_says_so_and_is_never_zero(value):
    text = wording.distance(value, "zh", rough=True)
    assert re.fullmatch(r"约 [1-9][\d,]* 公里", text)


@given(
    st.one_of(st.none(), st.integers(0, 5000)),
    st.one_of(st.none(), st.dates(date(2000, 1, 1), TODAY)),
)
def test_every_bed_number_has_a_day_or_says_that_it_has_none(available, updated):
    chip = wording.beds(available, updated, "zh", today=TODAY)
    assert (chip.state == "unknown") == (available is None)
    if available is not None:
        assert "更新" in chip.day
    if available is None:
        assert "0" not in chip.text


def test_beds_older_than_thirty_days_may_be_out_of_date():
    at_the_limit = wording.beds(3, TODAY - timedelta(days=30), "zh", today=TODAY)
    a_day_later = wording.beds(3, TODAY - timedelta(days=31), "zh", today=TODAY)
    assert (at_the_limit.state, a_day_later.state) == ("free", "stale")
    assert a_day_later.text == "空床 3 张，可能已过时"
    assert a_day_later.day == "6月19日更新，已过 31 天"


def test_a_date_of_another_year_names_the_year():
    assert wording.day(date(2024, 12, 31), "zh", today=TODAY) == "2024年12月31日"
    assert wording.day(date(2025, 1, 1), "en", today=TODAY) == "1 January"


@pytest.mark.parametrize(
    ("low", "high", "zh"),
    [
        (3200, 5600, "3,200–5,600 元"),
        (3200, 3200, "3,200 元"),
        (None, 5600, "最高 5,600 元"),
        (0, 0, "0 元"),
        (None, None, "未知"),
    ],
)
def test_a_price_is_a_range_or_what_is_known_of_it(low, high, zh):
    assert wording.price(low, high, "zh") == zh


def test_numbers_from_ten_thousand_are_short_on_cards_only():
    assert wording.price(12_345, 23_000, "zh", short=True) == "1.2 万–2.3 万 元"
    assert wording.price(4_700, 10_000, "zh", short=True) == "4,700–10,000 元"
    assert wording.price(12_345, 23_000, "zh") == "12,345–23,000 元"


def test_ratings_of_different_schemes_are_told_apart():
    schemes = ["国标", "北京星级", "重庆", None]
    said = [wording.rating(3, scheme, "zh") for scheme in schemes]
    assert said == [
        "国标三级（共五级）",
        "北京三星（共五星）",
        "重庆三叶（共五叶）",
        "三级（标准未知）",
    ]
    assert wording.rating(None, "国标", "zh") == "未参评"
    assert wording.rating(None, None, "zh") == "未知"


def test_unknown_is_never_no():
    assert wording.yes_no(None, "en") != wording.yes_no(value=False, language="en")
    assert wording.medical(None, "zh") != wording.medical("none", "zh")
    assert wording.accepts([], "zh") == "未知"


@given(st.sets(st.sampled_from(sorted(ACCEPTS))))
def test_choices_are_listed_in_the_order_of_the_table(kinds):
    said = wording.accepts(kinds, "en").split(", ") if kinds else []
    assert said == [label.en for kind, label in ACCEPTS.items() if kind in kinds]
