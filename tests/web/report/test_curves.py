"""The trade-off as a picture: round marks, a point each, the own one told apart."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from geomap.web.report.curves import Step, ticks, trade_off

numbers = st.floats(0, 1e12).map(lambda x: round(x, 3))


@given(numbers, numbers, st.booleans())
def test_an_axis_holds_its_values_with_few_round_marks(a, b, whole):
    low, high = sorted((a, b))
    found = ticks(low, high, whole=whole)
    assert found[0] <= low + 1e-6 * max(1, low)
    assert found[-1] >= high - 1e-6 * max(1, high)
    assert 2 <= len(found) <= 8
    assert found == sorted(set(found))


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=12, unique_by=lambda p: p[0]))
def test_every_point_is_drawn_within_the_picture(points):
    steps = [Step(x, y, n == 0) for n, (x, y) in enumerate(sorted(points))]
    root = ET.fromstring(trade_off(steps, title="<b>", across="处", up="人"))
    wide, high = (float(each) for each in root.get("viewBox").split()[2:])
    dots = [each for each in root.iter() if each.tag.endswith("circle")]
    assert len(dots) == len(steps)
    assert all(0 <= float(d.get("cx")) <= wide and 0 <= float(d.get("cy")) <= high for d in dots)
    assert len({each.get("fill") for each in dots}) == 2
