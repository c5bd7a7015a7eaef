from __future__ import annotations

import pandas as pd
import pytest

from geomap.data.files.values.contacts import parse_codes, parse_phones, parse_urls


def one(parser, text, **options):
    parsed = parser(pd.Series([text], dtype="str"), **options)
    value = parsed.values.item()
    return (value if isinstance(value, str) else None), [each.code for each in parsed.faults]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        *[("021-62581234", None), ("13812345678", None), ("12345", None), ("95598", None)],
        *[("02-28369493", None), ("02-28381571#253", None), ("02-87878787轉846", None)],
        *[("02-82281628分機56", None), ("02-2331-7158#18/ 0908410883", None)],
        *[("02-23943265~6", None), ("2563324110", None), ("(256) 332-4110", None)],
        *[("+86 21 6258 1234", None), ("400-820-8820", None), ("0852-2345 6789", None)],
        *[("010-12345678、13812345678", None), ("13812345678 13912345678", None)],
        ("０２１－６２５８１２３４", "021-62581234"),
        ("03ｰ6379ｰ0427", "03-6379-0427"),
        ("053-475-7331(", "053-475-7331"),
    ],
)
def test_plausible_numbers_are_kept_as_written_with_plain_digits_and_dashes(text, kept):
    assert one(parse_phones, text) == (kept or text, [])


@pytest.mark.parametrize(
    "text", ["123", "休止中", "02-2598230102-25982401", "1.38E+10", "٠٢١٦٢٥٨١٢٣٤", "abc1234567"]
)
def test_what_is_no_number_is_a_fault(text):
    assert one(parse_phones, text) == (None, ["bad_phone"])


def test_a_dash_alone_is_unknown_and_no_fault():
    assert one(parse_phones, "－") == (None, [])


@pytest.mark.parametrize(
    "text",
    [
        *(
            "javascript:alert(1)",
            "data:text/html,x",
            "a@example.org",
            "http:/example.org",
            "ftp://a.b",
        ),
        *(
            "https://a b.org",
            'https://a.b/"onload=1',
            "file:///etc/passwd",
            "//example.org",
            "无网站",
        ),
    ],
)
def test_anything_but_a_web_address_is_a_fault(text):
    assert one(parse_urls, text) == (None, ["bad_url"])


def test_a_web_address_without_http_gets_it_and_says_so():
    assert one(parse_urls, "www.example.org") == ("http://www.example.org", ["url_completed"])
    assert one(parse_urls, "HTTPS://Example.org/Ä") == ("HTTPS://Example.org/Ä", [])


@pytest.mark.parametrize(
    ("text", "code"),
    [("11", "110000"), ("3101", "310100"), ("310106", "310106"), ("310106012", "310106012")],
)
def test_short_division_codes_are_filled_up(text, code):
    assert one(parse_codes, text, digits=True) == (code, [])


def test_leading_zeros_of_other_codes_stay():
    assert one(parse_codes, "015009", digits=False) == ("015009", [])
