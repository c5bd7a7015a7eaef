from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.files.values.dates import parse_dates

TODAY = date(2026, 1, 1)


def read(*cells, **options):
    return parse_dates(pd.Series(cells, dtype="str"), today=TODAY, **options)


@pytest.mark.parametrize(
    "text",
    [
        *("2025-07-01", "2025/7/1", "2025.07.01", "2025年7月1日", "20250701", "２０２５－７－１"),
        *("2025-07-01 08:30:00", "2025-07-01T00:00:00Z", "45839", "114年7月1日", "114/07/01"),
        *("1140701", "民國114年7月1日", "令和7年7月1日", "R7.7.1", "1 July 2025", "Jul 1, 2025"),
    ],
)
def test_one_day_is_read_from_every_form(text):
    parsed = read(text)
    assert parsed.values.dt.date.item() == date(2025, 7, 1)
    assert parsed.faults == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *[("2025-07", date(2025, 7, 1)), ("2015年", date(2015, 1, 1))],
        *[("113Y12M", date(2024, 12, 1)), ("113年12月", date(2024, 12, 1))],
    ],
)
def test_a_month_or_year_is_its_first_day_and_said_so(text, day):
    parsed = read(text)
    assert parsed.values.dt.date.item() == day
    assert [each.code for each in parsed.faults] == ["date_incomplete"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *[("2025-02-30", "there is no such day"), ("2025-13-01", "there is no such day")],
        *[("2026-01-02", "in the future"), ("1700-01-01", "before 1800")],
        *[("someday", "form not understood"), ("٢٠٢٥-٠٧-٠١", "form not understood")],
        *[("12", "form not understood"), ("1e5", "form not understood")],
        ("01/02/2025", "day or month first?"),
    ],
)
def test_what_is_no_date_says_why(text, why):
    parsed = read(text)
    assert parsed.values.isna().all()
    (fault,) = parsed.faults
    assert (fault.code, fault.values["why"].en) == ("bad_date", why)


def test_another_cell_of_the_column_tells_whether_the_day_stands_first():
    assert read("01/02/2025", "13/02/2025").values.dt.month.tolist() == [2, 2]
    assert read("01/02/2025", "01/13/2025").values.dt.month.tolist() == [1, 1]
    assert read("01/02/2025", "01/13/2025", "13/01/2025").values.isna().all()


def test_what_is_planned_may_lie_ahead():
    assert read("2030-01-01", planned=True).values.dt.year.item() == 2030


@given(st.dates(date(1912, 1, 1), TODAY))
@settings(deadline=None)
def test_every_day_survives_every_form(day):
    iso = day.isoformat()
    minguo = f"民國{day.year - 1911}年{day.month}月{day.day}日"
    chinese = f"{day.year}年{day.month}月{day.day}日"
    assert read(iso, minguo, chinese).values.dt.date.tolist() == [day] * 3


@given(st.dates(date(1955, 1, 1), TODAY))
@settings(deadline=None)
def test_serials_are_days_after_the_turn_of_1900(day):
    serial = (day - date(1899, 12, 30)) / timedelta(days=1)
    assert read(f"{serial:.0f}").values.dt.date.item() == day
