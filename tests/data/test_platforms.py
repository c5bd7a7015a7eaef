"""The operator's list of official platforms: read strictly, and found by division."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.platforms import FILE, Platform, platforms_of, read_platforms
from geomap.errors import DataError

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
