"""The operator's list of official platforms: read strictly, and found by division."""

from __future__ import annotations

import csv
from datetime import date
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.layers import layer_info
from geomap.data.platforms import FILE, LAYER, Platform, all_platforms, platforms_of, read_platforms
from geomap.errors import DataError
from geomap.settings import layers_dir

SHIPPED = layers_dir() / FILE
#: Under which names the governments of the provinces publish.
OFFICIAL = (".gov.cn", ".gov.hk", ".gov.mo", ".gov.tw")
PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64"),
    *("65", "71", "81", "82"),
}
PLACES = ("330203", "310106")
HEAD = "adcode,name,url,checked_on\n"


def test_without_a_list_there_are_none(tmp_path):
    assert read_platforms(tmp_path) == ()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_is_read_as_it_stands(tmp_path, mark):
    row = "330200,宁波市民政局,https://a.example/,2026-07-01\n33,浙江省民政厅,http://b.example,\n"
    (tmp_path / FILE).write_text(mark + HEAD + row, encoding="utf-8")
    city, province = read_platforms(tmp_path)
    assert city == Platform("330200", "宁波市民政局", "https://a.example/", date(2026, 7, 1))
    assert province.checked_on is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3302x0,甲,https://a.example,", "adcode must be"),
        ("330200,,https://a.example,", "name must not be empty"),
        ("330200,甲,javascript:alert(1),", "url must begin with"),
        ("330200,甲,https://,", "url must begin with"),
        ("330200,甲,https://[::1,", "url must begin with"),
        ("330200,甲,https://a.example,yesterday", "checked_on must be a date"),
        ("330200", "name must not be empty"),
    ],
)
def test_a_wrong_row_is_named_with_what_is_wrong(tmp_path, row, said):
    (tmp_path / FILE).write_text(f"{HEAD}{row}\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"line 2.*{said}"):
        read_platforms(tmp_path)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", "adcode,名\n".encode("gbk"), b"\x00\xff"])
def test_what_is_no_such_list_is_refused(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DataError, match=r"platforms\.csv"):
        read_platforms(tmp_path)


@given(
    st.lists(st.from_regex(r"[1-9][0-9](?:[0-9]{2}){0,2}", fullmatch=True), max_size=8), st.data()
)
def test_a_place_has_the_platforms_whose_code_its_own_begins_with(codes, draw):
    place = draw.draw(st.from_regex(r"[1-9][0-9]{4}[1-9]", fullmatch=True))
    platforms = [Platform(each, "甲", "https://a.example", None) for each in codes]
    found = [each.adcode for each in platforms_of(platforms, place)]
    whole = [each[: max(2, len(each.rstrip("0")) + len(each.rstrip("0")) % 2)] for each in codes]
    expected = [code for code, start in zip(codes, whole, strict=True) if place.startswith(start)]
    assert sorted(found) == sorted(expected)


def shipped_rows() -> list[dict[str, str]]:
    with SHIPPED.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_list_that_ships_names_each_province_once_and_only_official_addresses():
    rows = shipped_rows()
    codes = [each["adcode"] for each in rows]
    assert len(set(codes)) == len(codes) == layer_info(layers_dir(), LAYER).rows
    assert {code.removesuffix("0000") for code in codes} <= PROVINCES
    for each in rows:
        address = urlsplit(each["url"])
        assert address.scheme in ("http", "https")
        assert address.hostname.endswith(OFFICIAL), each["name"]
    assert all(each["name"] for each in rows)


def test_the_list_that_ships_has_a_day_and_no_address_was_checked_after_it():
    info = layer_info(layers_dir(), LAYER)
    assert date.fromisoformat(info.data_date)
    days = [date.fromisoformat(each["checked_on"]) for each in shipped_rows() if each["checked_on"]]
    assert all(each <= date.fromisoformat(info.data_date) for each in days)


def test_a_page_that_is_cited_lies_on_the_site_that_is_listed():
    for each in shipped_rows():
        if each["cited_page"] and each["adcode"] != "820000":  # Macao's is the government's portal
            assert urlsplit(each["cited_page"]).hostname == urlsplit(each["url"]).hostname


def test_what_the_operator_lists_for_a_province_stands_instead_of_what_ships():
    own = Platform("33", "浙江养老", "https://a.example/", date(2026, 7, 1))
    county = Platform("310106", "静安区民政局", "https://b.example/", None)
    listed = all_platforms([own, county])
    found = {place: [each.name for each in platforms_of(listed, place)] for place in PLACES}
    assert found == {"330203": ["浙江养老"], "310106": ["静安区民政局", "上海市民政局"]}
    assert len(all_platforms([])) == len(shipped_rows())
