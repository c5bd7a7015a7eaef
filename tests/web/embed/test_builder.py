"""The page that builds an embed: form, preview and code, without scripts too."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict


def page_of(answer):
    return BeautifulSoup(answer.data, "html.parser")


def code_of(page, name):
    return page.select_one(f"#copy-{name}").get_text()


def chosen_in(page):
    return parse_qs(urlsplit(page.select_one("#preview")["src"]).query)


def filled(page):
    """Fill the form in as a browser does that touches nothing."""
    fields = [(each["name"], each.get("value", "")) for each in page.select("#choose input")
              if each["type"] != "checkbox" or each.has_attr("checked")]  # fmt: skip
    picked = page.select("#choose select [selected]")
    return MultiDict([*fields, *((each.parent["name"], each["value"]) for each in picked)])


def test_what_is_chosen_is_in_preview_and_code(client):
    form = {"place": "静安区", "type": ["nursing_home"], "list": "1", "show_lang": "en",
            "layers": ["gaps", "coverage"], "elder": "bigger", "height": "500"}  # fmt: skip
    page = page_of(client.post("/embed/new", data=form))
    preview = page.select_one("#preview")["src"]
    assert parse_qs(urlsplit(preview).query) == {
        "adcode": ["310106"], "type": ["nursing_home"], "list": ["1"],
        "layers": ["gaps,coverage"], "lang": ["en"], "elder": ["bigger-white"],
    }  # fmt: skip
    frame = BeautifulSoup(code_of(page, "frame"), "html.parser").iframe
    assert frame["src"] == f"http://localhost{preview}" == code_of(page, "link")
    assert frame["height"] == "500"
    element = BeautifulSoup(code_of(page, "element"), "html.parser")
    assert element.script["src"] == "http://localhost/embed.js"
    assert element.find("geomap-embed")["src"] == frame["src"] == element.a["href"]
    assert "style" not in code_of(page, "frame") + code_of(page, "element")
    assert client.get(preview).status_code == 200


def test_the_form_keeps_what_was_chosen(client):
    first = page_of(client.post("/embed/new", data={"place": "静安区", "medical": "inhouse"}))
    form = {each["name"]: each.get("value", "") for each in first.select("#choose input") if
            each.get("type") not in ("checkbox",) or each.has_attr("checked")}  # fmt: skip
    assert (form["place"], form["adcode"], form["medical"]) == ("静安区", "310106", "inhouse")
    form |= {"lon": "121.46", "lat": "31.23", "zoom": "13"}
    second = page_of(client.post("/embed/new", data=form))
    asked = parse_qs(urlsplit(code_of(second, "link")).query)
    assert (asked["adcode"], asked["zoom"]) == (["310106"], ["13"])
    cleared = page_of(
        client.post("/embed/new", data=form | {"place": "", "lon": "", "lat": "", "zoom": ""})
    )
    assert "adcode" not in code_of(cleared, "link")


def test_it_says_that_no_portal_is_allowed_unless_the_operator_lists_some(
    client, make_client, town
):
    made = page_of(client.get("/embed/new")).select_one("#made")
    assert "12345" in made.select_one(".note").get_text()  # first what an editor can do
    assert "portals" in made.select_one(".note + p").get_text()
    other = make_client(town, portals=["https://www.county.gov.cn"])
    page = page_of(other.get("/embed/new"))
    assert [each.get_text() for each in page.select(".embed-portals li")] == [
        "https://www.county.gov.cn"
    ]


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ({"place": "没有这种地方"}, "place"),
        ({"height": "10"}, "height"),
        ({"lon": "1", "lat": "1", "zoom": "99"}, "zoom"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, form, name):
    answer = client.post("/embed/new", data=form)
    page = page_of(answer)
    assert page.select_one(f"#{name}-fault")
    assert f"{name}-fault" in page.select_one(f"#choose #{name}")["aria-describedby"]
    assert page.select_one("#preview")


def test_a_typed_address_stands_in_no_address(client):
    answer = client.post("/embed/new", data={"place": "江宁路 1 号"})
    page = page_of(answer)
    assert "江宁路" not in code_of(page, "link")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_builder_itself_may_not_be_framed(make_client, town):
    other = make_client(town, portals=["https://www.county.gov.cn"])
    assert "county" not in other.get("/embed/new").headers["Content-Security-Policy"]


def test_one_facility_is_embedded_until_its_link_is_dropped(client):
    page = page_of(client.get("/embed/new?facility=a&list=1"))
    named = page.select_one(".embed-only")
    name = page_of(client.get("/facilities/a")).h1.get_text()
    assert named.strong.get_text() == f"只放这一家：{name}"
    assert parse_qs(urlsplit(code_of(page, "link")).query)["facility"] == ["a"]
    all_of_them = page_of(client.get(named.a["href"]))
    assert not all_of_them.select_one(".embed-only")
    assert parse_qs(urlsplit(code_of(all_of_them, "link")).query) == {"list": ["1"]}


def test_the_groups_are_folded_until_one_of_them_is_chosen(client):
    folded = page_of(client.get("/embed/new")).select_one("#choose details:has([name=beds])")
    assert not folded.has_attr("open")
    chosen = page_of(client.get("/embed/new?beds=free"))
    assert chosen.select_one("#choose details:has([name=beds])").has_attr("open")


@pytest.mark.parametrize("query", ["facility=a", "adcode=310106&type=nursing_home"])
def test_the_code_and_the_sheet_are_of_the_same_choice(client, query):
    page = page_of(client.get(f"/embed/new?{query}"))
    code, sheet = (each["href"] for each in page.select("#on-paper a"))
    assert client.get(code).mimetype == "image/svg+xml"
    said = page_of(client.get(sheet)).get_text()
    assert page_of(client.get("/facilities/a")).h1.get_text() in said or "静安区" in said


@pytest.mark.parametrize(
    "query",
    [
        "lon=121.47&lat=31.23&list=1",
        "lon=121.47&lat=31.23&located=township",
        "q=静安寺&lon=121.45&lat=31.22&zoom=14",
        "price=3000&rating=unrated&within=2000&walk=30&sort=price&unsure=1&list=1",
        "type=nursing_home&medical=unknown&medical=inhouse&layers=gaps,coverage",
        "adcode=310106&elder=bigger-black",
        "facility=a",
    ],
)
def test_a_form_in_which_nothing_is_touched_changes_nothing(client, query):
    first = page_of(client.get(f"/embed/new?{query}"))
    assert chosen_in(first).keys() >= parse_qs(query).keys()
    second = page_of(client.post("/embed/new", data=filled(first)))
    assert chosen_in(second) == chosen_in(first)
    assert not second.select("[id$=-fault], .fault-summary")


@pytest.mark.parametrize("place", ["静安区", "上海市静安区北京西路 1 号"])
def test_an_emptied_field_forgets_the_place_that_it_named(client, place):
    named = page_of(client.post("/embed/new", data={"place": place, "list": "1"}))
    assert chosen_in(named).keys() > {"list"}
    emptied = filled(named)
    emptied["place"] = ""
    assert chosen_in(page_of(client.post("/embed/new", data=emptied))) == {"list": ["1"]}


@pytest.mark.parametrize(("query", "is_open"), [("lon=121.47&lat=31.23", True), ("list=1", False)])
def test_the_view_is_unfolded_where_one_is_chosen(client, query, is_open):
    view = page_of(client.get(f"/embed/new?{query}")).select_one("details:has(#lon)")
    assert view.has_attr("open") == is_open


def test_one_wrong_field_leaves_the_others_as_they_are(client):
    form = {"type": "nursing_home", "list": "1", "search": "1", "height": "10",
            "lon": "121.4", "lat": "31", "zoom": "99"}  # fmt: skip
    page = page_of(client.post("/embed/new", data=form))
    assert chosen_in(page) == {"type": ["nursing_home"], "list": ["1"], "search": ["1"],
                               "lon": ["121.4"], "lat": ["31.0"]}  # fmt: skip
    assert filled(page).to_dict().items() >= {"zoom": "99", "height": "10", "list": "1"}.items()


@pytest.mark.parametrize(
    ("lon", "lat", "wrong"), [("999", "31", "lon"), ("121", "x", "lat"), ("", "31", "lon")]
)
def test_half_a_position_is_typed_again_whole(client, lon, lat, wrong):
    form = {"lon": lon, "lat": lat, "zoom": "13", "list": "1"}
    page = page_of(client.post("/embed/new", data=form))
    assert [each["id"] for each in page.select("[id$=-fault]")] == [f"{wrong}-fault"]
    assert chosen_in(page) == {"list": ["1"]}
    assert filled(page).to_dict().items() >= form.items()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ("elder", "select"),
        ("beds", "fieldset"),
        ("layers", "fieldset"),
        ("sort", "span"),
        ("within", "span"),
    ],
)
def test_what_is_wrong_where_nothing_is_typed_is_said_above_the_form(client, wrong, place):
    page = page_of(client.get(f"/embed/new?{wrong}=nope&list=1&type=nursing_home"))
    said = page.select_one(".fault-summary a")
    assert said.get_text()
    assert [each.name for each in page.select(said["href"])] == [place]
    assert chosen_in(page) == {"list": ["1"], "type": ["nursing_home"]}
    assert not page_of(client.post("/embed/new", data=filled(page))).select(".fault-summary")


@pytest.mark.parametrize("name", ["adcode", "area", "q"])
def test_a_place_that_cannot_be_read_is_said_at_the_place(client, name):
    page = page_of(client.get("/embed/new", query_string={name: "x" * 201, "list": "1"}))
    assert page.select_one("#place-fault")
    assert chosen_in(page) == {"list": ["1"]}
