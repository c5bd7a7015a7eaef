"""Hostile texts of an imported file run nowhere, with the content policy on and off."""

from __future__ import annotations

import csv
import json
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.browser.conftest import geomap, serving

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "`;alert(3);`",
    "${alert(4)}",
    "\" onmouseover=alert(5) x='\" autofocus onfocus='alert(5)",
    '\\";alert(6);//C:\\2024',
    "javascript:alert(7)",
    "{{7*7}}{%print(7*7)%}{{constructor.constructor('alert(8)')()}}",
    "<svg/onload=alert(9)><desc>",
)
TEXTS = (
    "name", "name_en", "address", "township", "phone", "website", "operator", "operator_model",
    "brand", "rating_scheme", "demo_tag", "inspection_result", "photo", "steward_name",
    "steward_phone", "steward_photo", "source", "source_url", "licence",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_rows(data_folder):
    """The real homes of Taipei; every text of the first nine is one of the payloads."""
    with (data_folder / "taipei" / "homes.csv").open(encoding="utf-8") as lines:
        homes = list(csv.DictReader(lines))
    rows = []
    for number, home in enumerate(homes):
        payload = PAYLOADS[number] if number < len(PAYLOADS) else home["機構名稱"]
        texts = dict.fromkeys(TEXTS, payload if number < len(PAYLOADS) else "")
        rows.append(
            texts
            | {"id": f"home-{number}", "name": payload, "type": "nursing_home", "rating": "3"}
            | {"risk_listed": "yes", "inspected_on": "2025-01-01", "beds_total": "20"}
            | {"lon": home["lon"], "lat": home["lat"]}
        )
    return rows


@pytest.fixture(scope="module")
def hostile_url(hostile_rows, tmp_path_factory):
    """The address of a server over a workspace into which the rows were imported."""
    folder = tmp_path_factory.mktemp("hostile")
    with (folder / "homes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(hostile_rows[0]))
        writer.writeheader()
        writer.writerows(hostile_rows)
    geomap("import", folder / "homes.csv", "--into", folder / "ours")
    with serving(folder / "log", folder / "ours") as address:
        yield address


@pytest.fixture(params=["policy", "no policy"])
def page(request, chromium, hostile_url):
    """A page that notes what was executed."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, base_url=hostile_url, locale="zh-CN",
        bypass_csp=request.param == "no policy",
    )  # fmt: skip
    page = context.new_page()
    ran = []

    def note(dialog):
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.on("pageerror", lambda error: ran.append(str(error)))
    yield page
    context.close()
    assert ran == []


def test_the_observer_sees_what_runs(chromium):
    page = chromium.new_page()
    ran = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.set_content(PAYLOADS[0] + PAYLOADS[8])
    page.wait_for_timeout(200)
    page.close()
    assert set(ran) == {"1", "9"}


def stir(page):
    """Do what sets off handlers: wait, and lead the mouse and the focus over everything."""
    page.evaluate("""() => {
        for (const each of document.querySelectorAll("*")) {
            each.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
            if (each.matches("a, input, button, [tabindex]")) each.focus({preventScroll: true});
        }
    }""")


@pytest.mark.parametrize("elder", [False, True])
def test_no_page_runs_what_a_file_says(page, hostile_url, elder):
    if elder:
        page.context.add_cookies(
            [{"name": "geomap_elder", "value": "big-white", "url": hostile_url}]
        )
    homes = [f"/facilities/home-{number}" for number in range(len(PAYLOADS))]
    paths = ["/", "/about", "/?q=home-1", *homes, "/facilities/home-0/print",
             "/facilities/home-1/report", "/map"]  # fmt: skip
    paths += [f"/places?q={quote(each)}" for each in PAYLOADS]
    paths += [f"/?q={quote(each)}" for each in PAYLOADS]
    for path in paths:
        page.goto(path)
        stir(page)
    for path, payload in zip(homes, PAYLOADS, strict=True):
        page.goto(path)
        assert page.locator("h1").inner_text().split() == payload.split()
        links = page.eval_on_selector_all("a[href]", "all => all.map(e => e.protocol)")
        assert set(links) <= {"http:", "https:", "tel:", "geo:"}


def test_cards_names_and_suggestions_of_the_map_stay_texts(page):
    page.goto("/map?lon=121.5&lat=25.05")
    page.locator(".map-symbol").first.wait_for()
    seen = set()
    for place in range(page.locator(".map-symbol").count()):
        symbol = page.locator(".map-symbol").nth(place)
        symbol.dispatch_event("mouseover")
        symbol.press("Enter")
        page.wait_for_timeout(60)
        seen.add(page.locator(".map-card .map-name, .map-popup .map-name").first.inner_text())
        page.keyboard.press("Escape")
    assert seen
    page.goto("/")
    for payload in PAYLOADS:
        page.locator("#q").fill(payload[:60])
        page.locator("#q").press("End")
        page.wait_for_timeout(350)
    stir(page)


def test_programs_get_each_text_as_it_stands_in_the_file(hostile_url, hostile_rows):
    with urlopen(f"{hostile_url}/api/v1/facilities?limit=100") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        features = json.load(answer)["features"]
    names = {each["id"]: each["properties"]["name"] for each in features}
    assert {names[f"home-{number}"] for number in range(len(PAYLOADS))} == set(PAYLOADS)
    assert len(names) == len(hostile_rows)
