"""The siting question of a report, as an address says it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from geomap.errors import ParameterError
from geomap.model.facility import TYPES
from geomap.web.plan.ask import Ask
from geomap.web.report.chosen import read_site, site_query
from geomap.web.siting.ask import OneType, SiteAsk

OTHER = Ask(rule="", standard_m=300, area="110101", weight="aged_80", types=("nursing_home",))
kinds = st.lists(st.sampled_from(sorted(TYPES)), unique=True).map(
    lambda some: tuple(each for each in TYPES if each in some)
)
questions = st.builds(
    SiteAsk, model=st.just("mclp"), p=st.integers(1, 999),
    standard_m=st.sampled_from([500.0, 1_000.0, 2_000.0]), area=st.sampled_from(["", "310106"]),
    weight=st.sampled_from(["", "aged_65"]), types=kinds,
    existing=st.sampled_from(["keep", "ignore"]), budget=st.sampled_from([None, 1e6]),
    required=st.sampled_from([(), ("a&b=c", "丁")]), equity=st.sampled_from([0.0, 5.0]),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def page(town_folder):
    """A request: the form speaks the reader's language."""
    from geomap.settings import Settings
    from geomap.web.app import create_app

    app = create_app(town_folder, Settings())
    with app.test_request_context("/plan/report"):
        yield app


@given(ask=questions)
def test_what_is_written_is_read_as_it_was_whatever_else_the_report_asks(page, ask):
    with page.test_request_context("/plan/report"):
        assert read_site(site_query(ask), OTHER) == ask


def test_several_types_are_read_as_they_were():
    both = (OneType("nursing_home", 2, 5_000.0), OneType("community_center", 3, 1_000.0))
    ask = SiteAsk(p=None, standard_m=None, by_type=both)
    assert read_site(site_query(ask), OTHER) == ask


def test_what_is_not_said_is_as_the_report_asks():
    read = read_site("p=3", OTHER)
    assert (read.p, read.standard_m, read.area, read.weight, read.types) == (
        3, 300.0, "110101", "aged_80", ("nursing_home",)
    )  # fmt: skip
    assert read_site("standard_m=800&area=", OTHER).area == ""


def test_a_whole_address_is_read_too():
    asked = "https://example.org/geomap/plan/site?lang=en&go=1&p=7&standard_m=450#why"
    assert read_site(asked, Ask()) == SiteAsk(p=7, standard_m=450.0)


def test_every_field_of_the_page_is_taken(page):
    form = BeautifulSoup(page.test_client().get("/plan/site").data, "html.parser").select_one(
        "main form"
    )
    names = {each["name"] for each in form.select("[name]")}
    assert {"p", "standard_m", "budget"} <= names
    for name in names:
        read_site(f"{name}=", Ask())


@pytest.mark.parametrize(
    "text",
    ["p", "q=5", "p=0", "p=many", "standard_m=nan", "p=5&standart_m=5", "=", "types=other",
     "&".join(["type=other"] * 200), "%%%", "x" * 10_000],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(text):
    with pytest.raises(ParameterError):
        read_site(text, Ask())
