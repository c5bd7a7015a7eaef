from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geomap.data.history import DatedState
from geomap.web.report.periods import Period, report_name, start_of, state_of

STATES = [DatedState(9, "2025-07-01", 3), DatedState(5, "2025-01-01", 2)]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(list(Period)))
def test_a_period_begins_as_long_before_as_its_name_says(day, period):
    lengths = {"daily": (1, 1), "weekly": (7, 7), "monthly": (28, 31), "bimonthly": (59, 62)}
    least, most = (timedelta(days=n) for n in lengths[period.value])
    assert least <= day - start_of(period, day) <= most


def test_the_state_of_a_day_is_the_newest_that_was_published_by_then():
    assert state_of(STATES, date(2025, 7, 1)).revision == 9
    assert state_of(STATES, date(2025, 6, 30)).revision == 5
    assert state_of(STATES, date(2024, 1, 1)).revision == 5
    assert state_of([], date(2024, 1, 1)) is None


@given(st.text(max_size=200))
def test_a_files_name_never_leaves_its_folder(area):
    name = report_name(area, date(2025, 7, 1))
    assert "/" not in name
    assert "\0" not in name
    assert not name.startswith(".")
    assert name.endswith("-2025-07-01.html")
    assert len(name.encode()) <= 255
