"""The changes of a scenario one after the other: each stands on what the earlier ones left."""

from __future__ import annotations

import pytest

from geomap.model.scenario import Change
from geomap.web.scenarios.listed import listed
from geomap.web.scenarios.rows import change_rows
from geomap.web.state import snapshot


@pytest.fixture
def in_town(planner):
    with planner.application.test_request_context("/?lang=zh"):
        yield snapshot()


def test_each_change_stands_on_the_earlier_ones(in_town):
    found = listed([
        Change("add", "new-1", name="新", type="other", lon=105.1, lat=35.0, beds=20),
        Change("move", "new-1", lon=105.2, lat=35.0),
        Change("enlarge", "new-1", beds=30),
        Change("close", "h"),
        Change("enlarge", "gone", beds=5),
    ], in_town)  # fmt: skip
    assert [each.is_there for each in found] == [True, True, True, True, False]
    assert [each.is_own for each in found] == [False, True, True, False, False]
    assert (found[1].was, found[1].at) == ((105.1, 35.0), (105.2, 35.0))
    assert (found[2].beds_were, found[2].beds) == (20, 30)
    assert (found[3].name, found[3].at) == ("h养老院", (105.05, 35.05))
    assert found[4].name == "gone"


def test_what_was_not_worked_out_is_not_told_as_nothing(in_town):
    changes = [Change("close", "h", cost=5), Change("enlarge", "n", beds=60)]
    rows = change_rows(listed(changes, in_town), None, "zh")
    assert [row["newly"] for row in rows] == ["没有算", "没有算"]
    told = [{"newly": None, "lost": 3.0, "yuan_per_person": None},
            {"newly": 2.0, "lost": 0.0, "yuan_per_person": None}]  # fmt: skip
    rows = change_rows(listed(changes, in_town), told, "zh")
    assert [(row["newly"], row["loses"], row["yuan"]) for row in rows] == [
        ("未知", "−3", "未知"), ("+2", "0", "未知")]  # fmt: skip
    assert [row["cost"] for row in rows] == ["5", "未知"]
