"""The town of the planner's pages as a report: 30 of 100 people are within 1,000 m of a home."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from tests.web.plan.conftest import AREAS, DEMAND, STATES, fill

MADE_ON = date(2025, 9, 1)


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "town"
    fill(folder, {"areas": [("2024-01-01", AREAS)], "demand": [("2024-01-01", DEMAND)],
                  "facilities": STATES})  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def write(town_folder):
    """Give what writes a report: its HTML and the review that it is written from."""
    from geomap.settings import Settings
    from geomap.web.app import create_app
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.plan_pages import desk, inputs
    from geomap.web.plan.working import work_out
    from geomap.web.report.comparison import compare
    from geomap.web.report.report_file import report_file

    apps = {}

    def make(folder=town_folder, *, language="zh", since=None, out_of_time=None, ask=None, **more):
        app = apps.setdefault(folder, create_app(folder, Settings()))
        with app.test_request_context(f"/plan/report?lang={language}"):
            asked, own, packs = ask or Ask(), inputs(), desk().packs
            found = work_out(asked, own, packs, out_of_time=out_of_time)
            compared = None if since is None else compare(asked, own, packs, since=since)
            said = {"made_on": MADE_ON, "comparison": compared, **more}
            return report_file(asked, found, own, packs, **said), found

    return make


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory):
    """A town where areas and homes are called by one payload each."""
    from tests.browser.test_payloads import PAYLOADS

    areas = [
        {"id": f"a{n}", "name": each, "level": "county", "aged_60": 100,
         "geometry": shapely.box(105 + n / 20, 35, 105.05 + n / 20, 35.1)}
        for n, each in enumerate(PAYLOADS)
    ]  # fmt: skip
    homes = [
        {"id": f"h{n}", "name": each, "type": "nursing_home", "beds_total": 5, "source": each,
         "licence": each, "township": each, "geometry": shapely.Point(105.02 + n / 20, 35.05),
         "inspected_on": "2024-01-01", "steward_name": None}
        for n, each in enumerate(PAYLOADS)
    ]  # fmt: skip
    before = [home | {"beds_total": 4} for home in homes]
    folder = tmp_path_factory.mktemp("report") / "hostile"
    fill(folder, {"areas": [("2024-01-01", areas)],
                  "facilities": [("2024-01-01", before), ("2025-07-01", homes)]})  # fmt: skip
    return folder
