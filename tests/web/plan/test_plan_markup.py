"""The planner's pages are valid HTML, whatever names and numbers they show."""

from __future__ import annotations

from tests.web.test_markup import faults  # noqa: F401 (a fixture)

PATHS = ("/plan?go=1", "/plan/map?go=1", "/plan?beds=x", "/plan?area=410103&go=1")


def test_every_page_is_valid_in_both_languages(planner, faults):  # noqa: F811 (the fixture)
    pages = {
        f"{path} {language}": planner.get(f"{path}&lang={language}").data
        for language in ("zh", "en")
        for path in PATHS
    }
    assert faults(pages) == {}
