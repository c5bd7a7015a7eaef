"""What a change to a facility may say, kind by kind."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.errors import ParameterError
from geomap.model.scenario import KIND_LABELS, KINDS, Change

ADDED = {"kind": "add", "facility_id": "new-1", "type": "nursing_home", "lon": 121.5, "lat": 25.0}
MOVED = {"kind": "move", "facility_id": "n1", "lon": 121.5, "lat": 25.0}


@pytest.mark.parametrize(
    "told",
    [
        ADDED,
        {**ADDED, "facility_id": "", "name": "新苑", "beds": 60, "cost": 1.5e6},
        MOVED,
        {**MOVED, "cost": 0},
        {"kind": "close", "facility_id": "n1"},
        {"kind": "enlarge", "facility_id": "n1", "beds": 0},
    ],
)
def test_a_change_that_says_what_its_kind_needs_is_kept_through_json(told):
    change = Change.from_dict(told)
    assert Change.from_dict(json.loads(json.dumps(change.as_dict()))) == change
    assert {name: getattr(change, name) for name in told} == told


def test_every_kind_is_named_in_both_languages():
    assert tuple(KIND_LABELS) == KINDS


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"kind": "demolish", "facility_id": "n1"}, "kind must be one of add, move"),
        ({}, "kind must be one of"),
        ({"kind": "close"}, "needs facility_id"),
        ({"kind": "close", "facility_id": "  "}, "needs facility_id"),
        ({"kind": "close", "facility_id": 7}, "facility_id must be text"),
        ({"kind": "close", "facility_id": "n\n1"}, "one line"),
        ({"kind": "close", "facility_id": "\ud800"}, "one line"),
        ({**ADDED, "name": "院\u2066老养"}, "one line"),
        ({"kind": "close", "facility_id": "n" * 201}, "at most 200"),
        ({"kind": "close", "facility_id": "n1", "beds": 5}, "takes no beds"),
        ({**MOVED, "beds": 5}, "takes no beds"),
        ({"kind": "enlarge", "facility_id": "n1"}, "needs beds"),
        ({"kind": "enlarge", "facility_id": "n1", "beds": 5, "lon": 1.0}, "takes no lon"),
        ({**MOVED, "lat": None}, "needs lat"),
        ({**MOVED, "lat": ""}, "needs lat"),
        ({"kind": "add"}, "needs type, lon, lat"),
        ({**ADDED, "type": "hotel"}, "type must be one of nursing_home"),
        ({**ADDED, "lon": 181}, "lon must be from -180 to 180"),
        ({**ADDED, "lon": 25.0, "lat": 121.5}, "lat must be from -90 to 90"),
        ({**ADDED, "lon": math.nan}, "lon must be from"),
        ({**ADDED, "lon": math.inf}, "lon must be from"),
        ({**ADDED, "lon": "nan"}, "lon must be a number"),
        ({**ADDED, "lon": "١٢"}, "lon must be a number"),
        ({**ADDED, "lon": True}, "lon must be a number"),
        ({**ADDED, "lon": [1]}, "lon must be a number"),
        ({**ADDED, "beds": -1}, "beds must be from 0"),
        ({**ADDED, "beds": 10**400}, "beds must be from 0"),
        ({**ADDED, "beds": 1.5}, "whole number"),
        ({**ADDED, "cost": -0.01}, "cost must be from 0"),
        ({**ADDED, "cost": "1_000"}, "cost must be a number"),
        ({**ADDED, "colour": "red"}, "has no colour"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_both_languages(told, said):
    with pytest.raises(ParameterError, match=said) as refused:
        Change.from_dict(told)
    assert refused.value.zh is not None


def test_numbers_come_from_forms_as_text_and_from_frames_as_numpys():
    told = {"lon": " 121.5 ", "lat": np.float64(25), "beds": np.int64(60), "cost": ""}
    change = Change.from_dict({**ADDED, **told})
    assert (change.lon, change.lat, change.beds, change.cost) == (121.5, 25.0, 60, None)


def test_the_name_and_type_of_what_stands_are_told_by_its_id():
    change = Change.from_dict({**MOVED, "name": "和睦", "type": "other"})
    assert (change.name, change.type) == (None, None)


def test_an_added_one_without_a_name_goes_by_its_id():
    assert Change.from_dict(ADDED).name == "new-1"
    assert Change.from_dict({**ADDED, "facility_id": ""}).name is None


_VALUES = st.none() | st.text() | st.floats() | st.integers() | st.sampled_from([*KINDS, "other"])


@given(st.dictionaries(st.sampled_from([*ADDED, "name", "beds", "cost"]), _VALUES))
def test_whatever_is_told_is_kept_as_it_is_or_refused(told):
    try:
        change = Change.from_dict(told)
    except ParameterError:
        return
    assert change.checked() == change
    json.dumps(change.as_dict(), allow_nan=False).encode()
