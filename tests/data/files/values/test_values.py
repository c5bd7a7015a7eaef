from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.files.values.prices import parse_prices
from geomap.data.files.values.values import parse, to_numbers
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES

TODAY = date(2026, 1, 1)


def read(field, *cells, table=FACILITIES, **options):
    texts = pd.Series(cells, dtype="str")
    return parse(table.by_name[field], texts, today=TODAY, **options)


def faults(parsed):
    return {
        each.code: np.flatnonzero(each.mask).tolist()
        for each in parsed.faults
        if each.mask is not None
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("120", 120), ("１２０", 120), ("120张", 120), ("1,200", 1200), ("1 200", 1200)],
        *[("1.2万", 12000), ("120.0", 120), ("约120", None), ("一百二十", None), ("٣", None)],
        *[("0x10", None), ("1_000", 1000), ("12;5", None), ("1e2", 100), ("120 beds", 120)],
        *[("=1+1", None), ("__import__('os')", None), ("", None), ("不详", None), ("N/A", None)],
    ],
)
def test_numbers_are_read_as_people_write_them_and_nothing_else(text, number):
    values = read("beds_total", text or None).values
    assert values.isna().item() if number is None else values.item() == number


def test_unknown_is_no_fault_but_nonsense_is():
    assert faults(read("beds_total", "不详", "-", None, "N/A", "abc")) == {"bad_number": [4]}


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-Infinity", "1e999", "∞"])
def test_numbers_without_end_are_faults(text):
    parsed = read("land_m2", text)
    assert parsed.values.isna().all()
    assert set(faults(parsed)) == {"not_finite"}


def test_beds_cannot_be_negative_and_zero_is_kept_and_told():
    parsed = read("beds_total", "-3", "0", "5")
    assert parsed.values.tolist() == [pd.NA, 0, 5] or parsed.values.isna().tolist() == [1, 0, 0]
    assert faults(parsed) == {"negative_value": [0], "zero_capacity": [1]}


def test_halves_are_rounded_up_and_said_so():
    parsed = read("residents", "51.4", "36.5", "109.0")
    assert parsed.values.tolist() == [51, 37, 109]
    assert faults(parsed) == {"rounded": [0, 1]}


def test_people_of_a_census_need_not_be_whole():
    assert read("population", "1234.5", table=DEMAND).values.item() == 1234.5


@pytest.mark.parametrize(
    ("text", "stars"),
    [("五星", 5), ("3星级", 3), ("★★★★", 4), ("二级", 2), ("5", 5), ("未评级", None), ("6", None)],
)
def test_ratings_are_read_as_stars_levels_or_digits(text, stars):
    values = read("rating", text).values
    assert values.isna().item() if stars is None else values.item() == stars


def test_a_column_is_read_with_decimal_commas_only_if_it_must():
    assert to_numbers(pd.Series(["31,2304", "121,47"]))[0].tolist() == [31.2304, 121.47]
    assert to_numbers(pd.Series(["1,234", "12,345"]))[0].tolist() == [1234.0, 12345.0]
    assert to_numbers(pd.Series(["1.234,5", "2,5"]))[0].tolist() == [1234.5, 2.5]
    mixed, told = to_numbers(pd.Series(["1,234,567", "1,5"]))
    assert mixed.isna().tolist() == [False, True]
    assert "decimal_comma" not in [each.code for each in told]


@given(st.lists(st.integers(0, 10**5), min_size=1, max_size=30))
@settings(deadline=None)
def test_whole_numbers_survive_writing_in_every_way(numbers):
    for form in ("{}", "{:,}", "{} 张", "{}.0"):
        values = read("beds_total", *(form.format(each) for each in numbers)).values
        assert values.tolist() == numbers


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30))
@settings(deadline=None)
def test_numbers_survive_writing(numbers):
    found, _ = to_numbers(pd.Series([repr(each) for each in numbers], dtype="str"))
    assert found.tolist() == numbers


@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
@settings(deadline=None, max_examples=10)
@pytest.mark.parametrize("field", FACILITIES.names)
def test_any_text_is_a_value_or_a_fault_and_never_a_crash(field, texts):
    cells = [text.strip() or None for text in texts]
    parsed = read(field, *cells)
    assert len(parsed.values) == len(cells)
    assert parsed.values.dtype == FACILITIES.by_name[field].dtype


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, True) for word in ("是", "有", "○", "Y", "TRUE", "已取得", "あり")],
        *[(word, False) for word in ("否", "无", "無", "×", "no", "未取得", "なし")],
        *[(word, None) for word in ("不详", "maybe", "2")],
    ],
)
def test_yes_and_no_are_understood_and_unknown_is_neither(text, value):
    found = read("fire_cert", text).values.item()
    assert found is pd.NA if value is None else found == value


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        *[("ownership", text, "private") for text in ("私立", "民办", "For profit - Partnership")],
        *[("ownership", text, "public") for text in ("公立", "公办", "Government - County")],
        *[("ownership", text, "public_private") for text in ("公設民營", "公建民营", "公办民营")],
        *[("ownership", text, "nonprofit") for text in ("民办非企业", "Non profit - Other")],
        *[("medical", text, "none") for text in ("无", "没有", "none")],
        *[("medical", text, "inhouse") for text in ("内设医务室", "inhouse", "自建护理站")],
        *[("medical", text, "partner") for text in ("与社区卫生服务中心签约", "协议合作")],
        ("medical", "内设医务室，另与医院签约", "both"),
        *[("status", text, "closed") for text in ("停业", "暂停营业", "注销")],
        *[("status", text, "open") for text in ("正常运营", "营业", "open")],
        ("status", "在建", "building"),
    ],
)
def test_choices_are_read_from_the_words_of_offices(field, text, value):
    assert read(field, text).values.item() == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("養護", ["partly_disabled"]),
        ("安養養護長照", ["self_care", "partly_disabled", "disabled"]),
        ("自理、半自理、不能自理", ["self_care", "partly_disabled", "disabled"]),
        ("失能失智老人", ["disabled", "dementia"]),
        ("特困人员", ["extreme_poverty"]),
        ("self_care, dementia", ["self_care", "dementia"]),
    ],
)
def test_whom_a_home_accepts_is_read_without_taking_half_for_whole(text, value):
    parsed = read("accepts", text)
    assert parsed.values.item() == value
    assert parsed.faults == ()


def test_words_that_mean_no_service_are_told_and_the_rest_is_kept():
    parsed = read("services", "助餐、助浴、算命")
    assert parsed.values.item() == ["meals", "bathing"]
    assert parsed.faults[0].values["came"].item() == "算命"


def test_lists_of_rows_are_their_own():
    values = read("services", "助餐", "助餐").values
    assert values[0] is not values[1]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3000-5000元", 3000, 5000),
        ("3,000～5,000元/月", 3000, 5000),
        ("2800元起", 2800, None),
        ("4000以内", None, 4000),
        ("4000", 4000, 4000),
        ("100元/天", None, None),
        ("面议", None, None),
        ("5000-3000", None, None),
    ],
)
def test_prices_are_ranges_a_month(text, low, high):
    least, most = parse_prices(pd.Series([text], dtype="str"))
    found = [None if np.isnan(each) else each for each in (least.values[0], most.values[0])]
    assert found == [low, high]
    assert bool(least.faults) == (low is None and high is None)


def test_formulas_are_text():
    text = "=cmd|' /C calc'!A0"
    assert read("name", text).values.item() == text
