"""A report opened from the disk: hostile names run nowhere, nothing is fetched, it fits."""

from __future__ import annotations

import pytest

from tests.browser.test_payloads import PAYLOADS
from tests.web.report.conftest import (  # noqa: F401 (fixtures)
    hostile_folder,
    hostile_plans,
    town_folder,
    write,
)


@pytest.fixture(scope="module")
def reports(write, hostile_folder, hostile_plans, tmp_path_factory):  # noqa: F811 (fixtures)
    from datetime import date

    folder, scenario = hostile_plans
    asked = {
        "changes": (hostile_folder, {"since": date(2024, 6, 1), "by": PAYLOADS[0]}),
        "plans": (folder, {"site": "p=3", "scenario": scenario}),
    }
    place, found = tmp_path_factory.mktemp("report"), {}
    for name, (data, more) in asked.items():
        found[name] = place / f"{name}.html"
        found[name].write_text(write(data, **more)[0], encoding="utf-8")
    return found


@pytest.mark.parametrize("name", ["changes", "plans"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_hostile_report_opened_from_the_disk_is_inert_and_fits(chromium, reports, name, width):
    report = reports[name]
    page = chromium.new_page(viewport={"width": width, "height": 900})
    ran, asked, complaints = [], [], []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.as_uri())
    for link in page.locator(".contents a").all():
        link.click()
    page.mouse.move(width / 2, 400)
    shown = page.locator("body").inner_text()
    fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawn = page.evaluate("[...document.images].every(each => each.naturalWidth > 0)")
    page.close()
    assert ran == []
    assert complaints == []
    assert [each for each in asked if not each.startswith(("file:", "data:"))] == []
    assert all(each in shown for each in PAYLOADS if "  " not in each)
    assert fits
    assert drawn
