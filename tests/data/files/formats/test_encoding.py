from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.data.files.columns.headers import is_known_header
from geomap.data.files.formats.encoding import UndecodableError, decode
from geomap.errors import ParameterError

SIMPLIFIED = "机构名称,地址,床位数\n静安区某某敬老院,上海市静安区人民路一号,120\n"
TRADITIONAL = "機構名稱,地址,床位數\n臺北市私立某某養護中心,臺北市士林區重慶北路,33\n"
JAPANESE = "事業所名,住所,定員\n介護老人保健施設　えん,札幌市中央区宮の森,80\n"

SAMPLES = [
    *((SIMPLIFIED, name) for name in ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030")),
    *((TRADITIONAL, name) for name in ("utf-8", "utf-8-sig", "utf-16", "big5", "gbk")),
    *((JAPANESE, name) for name in ("utf-8", "utf-8-sig", "utf-16", "shift_jis", "cp932")),
]


@pytest.mark.parametrize(("text", "encoding"), SAMPLES)
def test_text_is_read_in_the_encoding_in_which_it_was_written(text, encoding):
    found = decode(text.encode(encoding), is_header=is_known_header)
    assert found.text == text
    assert found.rivals == ()


REAL = [
    ("taipei/homes.csv", ("big5hkscs", "gb18030")),
    ("taipei/community_stations.csv", ("big5hkscs", "gb18030")),
    ("japan/jigyosho_520.csv", ("cp932",)),
    ("japan/jigyosho_760.csv", ("cp932",)),
    ("division/areas.csv", ("gb18030",)),
]


@pytest.mark.parametrize(("name", "encodings"), REAL)
@pytest.mark.parametrize("rows", [1, 3, None])
def test_real_files_are_recognised_whole_and_by_three_rows(data_folder, name, encodings, rows):
    lines = (data_folder / name).read_text(encoding="utf-8-sig").splitlines(keepends=True)
    dice = random.Random(20)  # noqa: S311 (a sample, no secret)
    for encoding in encodings:
        for _ in range(1 if rows is None else 25):
            some = lines[1:] if rows is None else dice.sample(lines[1:], rows)
            data = "".join([lines[0], *some]).encode(encoding, errors="ignore")
            if not data.isascii():
                found = decode(data, is_header=is_known_header)
                assert found.text == data.decode(encoding), (encoding, found.encoding)


def test_one_apostrophe_of_windows_in_nine_megabytes_is_enough(data_folder):
    data = (data_folder / "usa/NH_ProviderInfo_Aug2021.csv").read_bytes()
    found = decode(data)
    assert found.name == "Windows-1252"
    assert "GOVERNOR’S HOUS" in found.text


def test_the_mark_at_the_beginning_wins_over_what_was_said():
    found = decode(SIMPLIFIED.encode("utf-8-sig"), encoding="gbk")
    assert found.text == SIMPLIFIED
    assert found.contradicts == "utf-8"


def test_an_encoding_that_does_not_fit_says_where_and_what_it_looks_like():
    with pytest.raises(UndecodableError) as caught:
        decode(("name\n" + SIMPLIFIED).encode("gbk"), encoding="utf-8")
    assert (caught.value.line, caught.value.looks_like) == (2, "GB18030")


@pytest.mark.parametrize("name", ["rot13", "base64", "zip", "idna", "unicode_escape", ""])
def test_codecs_that_are_no_text_encodings_are_refused(name):
    with pytest.raises(ParameterError, match="encoding must be one of"):
        decode(b"a", encoding=name)


def test_a_text_cut_within_its_last_character_is_still_read():
    data = (SIMPLIFIED * 20).encode()[:-2] + "号".encode()[:2]
    assert decode(data).encoding == "utf-8"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_utf8_is_always_read_as_utf8(text):
    assert decode(("名称" + text).encode()).text == "名称" + text


@given(st.binary(max_size=300))
def test_no_bytes_whatever_crash_the_search(data):
    with contextlib.suppress(UndecodableError):
        assert isinstance(decode(data).text, str)
