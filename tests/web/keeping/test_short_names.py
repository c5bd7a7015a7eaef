"""Short names for homes that are compared."""

from __future__ import annotations

import csv

from hypothesis import given
from hypothesis import strategies as st

from geomap.web.keeping.short_names import short_names


def test_what_homes_have_in_common_and_what_they_are_is_left_out():
    taipei = ["臺北市私立上美老人長期照顧中心(養護型)", "臺北市至善老人安養護中心"]
    assert short_names(taipei) == ["上美", "至善"]
    assert short_names(["双清路颐养之家", "清华园养老院"]) == ["双清路", "清华园"]


def test_a_name_that_is_nothing_else_stays():
    assert short_names(["养老院", "幸福院"]) == ["养老院", "幸福院"]
    assert short_names(["敬老院"]) == ["敬老院"]


def test_latin_names_end_between_words():
    assert short_names(["Sunny Hill Nursing Home", "Oak House"]) == ["Sunny Hill…", "Oak House"]


@given(st.lists(st.text(min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=4))
def test_a_short_name_is_short_and_never_empty(names):
    short = short_names(names)
    assert all(0 < len(each) <= 13 for each in short)


def test_most_homes_of_a_city_are_told_apart(data_folder):
    with (data_folder / "taipei" / "homes.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    key = next(each for each in rows[0] if each in ("name", "機構名稱") or "名" in each)
    names = [each[key] for each in rows]
    fours = [names[n : n + 4] for n in range(0, len(names) - 3, 4)]
    apart = [len(set(short_names(each))) == 4 for each in fours]
    assert sum(apart) >= 0.9 * len(apart)
