"""The town of the planner's pages as a report: 30 of 100 people are within 1,000 m of a home."""

from __future__ import annotations

import time
from datetime import date

import pytest
import shapely

from geomap.model.scenario import Change, Scenario
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
    from geomap.cli.report_plans import Plans
    from geomap.settings import Settings
    from geomap.web.app import create_app
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.plan_pages import desk, inputs
    from geomap.web.plan.working import work_out
    from geomap.web.report.chosen import read_site
    from geomap.web.report.comparison import compare
    from geomap.web.report.report_file import report_file

    apps = {}

    def make(folder=town_folder, *, language="zh", since=None, out_of_time=None, ask=None,
             site="", scenario=None, **more):  # fmt: skip
        app = apps.setdefault(folder, create_app(folder, Settings()))
        with app.test_request_context(f"/plan/report?lang={language}"):
            asked, own, packs = ask or Ask(), inputs(), desk().packs
            found = work_out(asked, own, packs, out_of_time=out_of_time)
            compared = None if since is None else compare(asked, own, packs, since=since)
            plans = Plans(read_site(site, asked) if site else None, scenario)
            siting, effect = plans.work_out(asked, own, time.monotonic() + 60)
            said = {"made_on": MADE_ON, "comparison": compared, "siting": siting,
                    "scenario": effect, **more}  # fmt: skip
            return report_file(asked, found, own, packs, **said), found

    return make


def scenario_of(*changes, name="方案", note=""):
    """A scenario as the store gives it."""
    day = "2025-08-01T00:00:00+00:00"
    return Scenario("s1", name, note, changes, 1, "", day, day, can_undo=False)


@pytest.fixture(scope="session")
def hostile_plans(tmp_path_factory):
    """People, candidates and homes called by one payload each; and a scenario that changes them."""
    from tests.browser.test_payloads import PAYLOADS

    def row(n, east, **more):
        at = shapely.Point(105.01 + n / 50 + east, 35.05)
        return {"id": f"r{n}", "name": PAYLOADS[n], "geometry": at, **more}

    size = range(len(PAYLOADS))
    area = {"id": "a", "name": PAYLOADS[0], "level": "county",
            "geometry": shapely.box(105, 35, 105.5, 35.1)}  # fmt: skip
    layers = {
        "areas": [area],
        "demand": [row(n, 0, aged_60=10 + n) for n in size],
        "candidates": [row(n, 0.001, cost=None if n == 0 else 100 * n) for n in size],
        "facilities": [row(n, 0.002, type="nursing_home", beds_total=5) for n in (0, 1)],
    }
    folder = tmp_path_factory.mktemp("report") / "plans"
    fill(folder, {name: [("2024-01-01", rows)] for name, rows in layers.items()})
    changes = [Change("add", f"new-{n}", name=each, type="other", lon=105.3 + n / 100, lat=35.05)
               for n, each in enumerate(PAYLOADS)]  # fmt: skip
    hostile = scenario_of(Change("close", "r0"), *changes, name=PAYLOADS[1], note=PAYLOADS[2])
    return folder, hostile


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
