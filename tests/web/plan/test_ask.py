"""A question written as an address asks the same again, whatever it leaves out as usual."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from geomap.data.standards import read_packs
from geomap.errors import ParameterError
from geomap.web.plan.ask import WALK, Ask, settled
from geomap.web.plan.form import read_form


@pytest.mark.parametrize(
    "ask",
    [
        Ask(),
        Ask(rule="", standard_m=1_000.0),
        Ask(rule="", standard_m=333.25, types=("nursing_home",), area="310106"),
        Ask(method=WALK, rule="", standard_m=600.0, speed_mps=1.0),
        Ask(weight="disabled", beds=40.0),
    ],
)
def test_an_address_asks_the_same_again(ask):
    packs = read_packs()
    ask = settled(ask, packs)
    # Links leave empty values out, as geomap.web.language.page_url does.
    kept = {name: value for name, value in ask.parameters().items() if value not in ("", None, [])}
    assert read_form(MultiDict(kept), packs).ask == ask


def test_a_level_that_is_none_is_told_with_what_came():
    with pytest.raises(ParameterError, match=r"level must be one of nation, .*got 'planet'"):
        Ask(level="planet")
