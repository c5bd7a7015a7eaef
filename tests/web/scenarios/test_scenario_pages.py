"""The pages of scenarios: forms that say what is wrong, figures before and after, no scripts."""

from __future__ import annotations

import io

import geopandas as gpd
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from tests.web.scenarios.conftest import MARKUP, answered, changed, made, revision, said, table
from tests.web.test_language import HAN, foreign_runs

NEW = {"kind": "add", "type": "community_center", "lon": "105.15", "lat": "35.05"}
FORM = {"kind": "", "facility_id": "", "name": "", "type": "", "lon": "", "lat": "", "beds": "",
        "cost": ""}  # fmt: skip


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def test_a_planner_makes_a_scenario_and_sees_how_it_is_now(make_planner, untouched):
    planner = make_planner(untouched)
    page = soup(planner.get("/plan/scenarios?lang=zh"))
    assert "还没有方案" in page.main.text
    path = made(planner, "关停旧院", note="请局长看", who="王")
    page = answered(planner, f"{path}?lang=zh")
    assert said(page, "h1") == "方案： 关停旧院"
    assert "请局长看" in page.main.text
    assert "还没有改动，下面是现在的情况" in said(page, ".plan-figure")
    assert ["够得到的人", "30", "30", "0"] in table(page, ".scenario-both")
    page = soup(planner.get("/plan/scenarios?lang=zh"))
    assert "0 项改动" in said(page, ".scenario-cards")
    assert "王" in said(page, ".scenario-cards")


def test_opening_where_people_live_reaches_them_and_closing_loses_them(planner, at):
    page = changed(planner, at, **NEW, cost="1,200,000", name="新中心")
    assert "+60 人变得够得到，没有人变得够不到。" in said(page, ".plan-figure")
    assert "够得到的人从 30.0% 到 90.0%" in said(page, ".plan-figure")
    page = changed(planner, at, kind="close", facility_id="h")
    assert "+60 人新够得到，30 人变得够不到。" in said(page, ".plan-figure")
    first, second = table(page, ".scenario-changes")
    assert first[1].startswith("新建 新中心")
    assert first[2:6] == ["+60", "0", "1,200,000", "20,000"]
    assert second[1].startswith("关停 h养老院")
    assert second[2:6] == ["0", "−30", "未知", "—"]
    rows = {row[0]: row[1:] for row in table(page, ".scenario-both")}
    assert rows["够得到的人"] == ["30", "60", "+30 变好"]
    assert rows["够得到的人占比"] == ["30.0%", "60.0%", "+30.0 个百分点 变好"]
    assert rows["在营机构（家）"] == ["1", "1", "0"]
    assert rows["床位（张，只算已知的）"][:2] == ["10", "未知"]


def test_areas_stand_most_changed_first_and_sort_by_a_press(planner, at):
    page = changed(planner, at, **NEW)
    rows = table(page, "#areas")
    assert [row[0] for row in rows] == ["乙区", MARKUP]
    assert rows[0][1:6] == ["60", "60", "0", "0.0%", "100.0%"]
    link = next(each["href"] for each in page.select("#areas thead a") if "60 岁" in each.text)
    up = soup(planner.get(link.replace("order=desc", "order=asc")))
    assert [row[0] for row in table(up, "#areas")] == [MARKUP, "乙区"]
    assert up.select_one("#areas th[aria-sort=ascending]")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": ""}, "kind", "请选要做什么"),
        ({"kind": "sell"}, "kind", "请选要做什么"),
        ({"kind": "close"}, "facility_id", "请写是哪一家"),
        ({"kind": "close", "facility_id": "没有这家"}, "facility_id", "没有找到“没有这家”"),
        ({**NEW, "type": ""}, "type", "请选新机构的类型"),
        ({**NEW, "lon": "", "lat": ""}, "lon", "请填位置"),
        ({**NEW, "lon": "181"}, "lon", "请填 -180 到 180 之间的数"),
        ({**NEW, "lat": "nan"}, "lat", "请填 -90 到 90 之间的数"),
        ({**NEW, "lat": ""}, "lat", "请填 -90 到 90 之间的数"),
        ({**NEW, "beds": "1.5"}, "beds", "之间的整数"),
        ({**NEW, "beds": "-1"}, "beds", "之间的整数"),
        ({**NEW, "cost": "x"}, "cost", "请填 0 到"),
        ({**NEW, "name": "甲" * 81}, "name", "最多 80 个字"),
        ({"kind": "enlarge", "facility_id": "h"}, "beds", "请填改完以后一共有几张床位"),
        ({"kind": "move", "facility_id": "h"}, "lon", "请填位置"),
        ({"kind": "close", "facility_id": "x"}, "facility_id", "x 已关停"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_the_input_is_kept(
    planner, at, change, field, words
):
    given = FORM | change
    answer = planner.post(f"{at}/changes?lang=zh", data=given)
    assert answer.status_code == 400
    page = soup(answer)
    assert words in page.find(id=f"{field}-fault").text
    assert page.select_one(f".fault-summary a[href='#{field}']")
    for name in ("facility_id", "name", "lon", "lat", "beds", "cost"):
        assert page.select_one(f"#change-form [name={name}]")["value"] == given[name]
    chosen = page.select_one("#change-form select option[selected]")
    assert (chosen["value"] if chosen else "") == given["type"]
    assert "0 项改动" in said(page, ".plan-head")


def test_a_facility_is_found_by_a_part_of_its_name(planner, at):
    answer = planner.post(
        f"{at}/changes?lang=zh", data=FORM | {"kind": "close", "facility_id": "养老院"}
    )
    page = soup(answer)
    names = {each["value"] for each in page.select("input[name=pick]")}
    assert {"h", "n"} <= names
    again = changed(planner, at, kind="close", facility_id="养老院", pick="h")
    assert "h养老院" in said(again, ".scenario-changes")
    whole = changed(planner, at, kind="enlarge", facility_id="n养老院", beds="60")
    assert "床位 50 → 60（+10 张）" in said(whole, ".scenario-changes")


def test_a_place_is_found_by_its_name(planner, at):
    answer = planner.post(
        f"{at}/changes?lang=zh", data=NEW | {"lon": "", "lat": "", "place": "北京市"}
    )
    page = soup(answer)
    spots = page.select("input[name=spot]")
    assert spots
    again = planner.post(f"{at}/changes?lang=zh", data=NEW | {
        "lon": "", "lat": "", "place": "北京市", "spot": spots[0]["value"]})  # fmt: skip
    assert again.status_code == 303
    bad = planner.post(f"{at}/changes", data=NEW | {"lon": "", "lat": "", "spot": "1,x"})
    assert bad.status_code == 400


def test_any_change_may_be_taken_out_and_the_last_step_undone(planner, at):
    changed(planner, at, **NEW, name="甲")
    page = changed(planner, at, kind="close", facility_id="h")
    out = planner.post(f"{at}/drop", data={"n": "1", "revision": revision(page)})
    page = answered(planner, out.headers["Location"].split("#")[0])
    assert [row[1].split()[0] for row in table(page, ".scenario-changes")] == ["关停"]
    back = planner.post(f"{at}/undo", data={"revision": revision(page)})
    page = answered(planner, back.headers["Location"].split("#")[0])
    assert len(table(page, ".scenario-changes")) == 2
    assert planner.post(f"{at}/drop", data={"n": "9"}).status_code == 404
    for _ in range(2):
        planner.post(f"{at}/undo")
    assert "撤销最后一步" not in answered(planner, f"{at}?lang=zh").text
    assert planner.post(f"{at}/undo").status_code == 409


def test_when_somebody_else_was_first_both_versions_are_told(planner, at):
    page = answered(planner, f"{at}?lang=zh")
    mine = revision(page)
    changed(planner, at, kind="close", facility_id="h", who="李")
    answer = planner.post(f"{at}/changes?lang=zh", data=FORM | NEW | {
        "revision": mine, "name": "我的", "who": "王"})  # fmt: skip
    assert answer.status_code == 409
    page = soup(answer)
    told = said(page, ".fault-summary")
    assert "1 项改动" in told
    assert "李" in told
    assert "关停 h养老院" in told
    assert "新建 · 我的" in told
    assert page.select_one("#change-form [name=name]")["value"] == "我的"
    again = planner.post(f"{at}/changes", data=FORM | NEW | {"revision": revision(page)})
    assert again.status_code == 303
    for act in ("undo", "drop"):
        late = planner.post(f"{at}/{act}?lang=zh", data={"revision": mine, "n": "1"})
        assert late.status_code == 409
        assert "别人改过" in late.text


def test_a_new_facility_is_not_taken_out_from_under_a_later_change(planner, at):
    changed(planner, at, **NEW, name="新中心")
    page = changed(planner, at, kind="enlarge", facility_id="new-1", beds="70")
    refused = planner.post(f"{at}/drop?lang=zh", data={"revision": revision(page), "n": "1"})
    assert refused.status_code == 409
    assert "第 1 项新建的机构还用在第 2 项改动里" in refused.text
    page = answered(planner, f"{at}?lang=zh&standard_m=1000")
    assert "+60 人变得够得到" in said(page, ".plan-figure")


def test_everything_is_still_there_after_a_restart(make_planner, planner, town_folder, at):
    changed(planner, at, **NEW, name="新中心")
    page = answered(make_planner(town_folder), f"{at}?lang=zh&standard_m=1000")
    assert "+60 人变得够得到" in said(page, ".plan-figure")
    assert "新中心" in said(page, ".scenario-changes")


def test_it_is_renamed_copied_removed_and_put_back(planner, at):
    changed(planner, at, **NEW)
    assert planner.post(f"{at}/rename", data={"name": "二号", "note": "改"}).status_code == 303
    refused = planner.post(f"{at}/rename?lang=zh", data={"name": "", "note": "别丢"})
    assert refused.status_code == 400
    assert soup(refused).select_one("#new-name-fault")
    assert "别丢" in soup(refused).select_one("#note").text
    page = answered(planner, f"{at}?lang=zh")
    form = next(each for each in page.select(".scenario-press") if "另存" in each.text)
    copy = planner.post(form["action"]).headers["Location"].split("?")[0]
    assert "二号（副本）" in planner.get(f"{copy}?lang=zh").text
    gone = planner.post(f"{at}/remove")
    assert planner.get(at).status_code == 404
    page = soup(planner.get(gone.headers["Location"]))
    back = planner.post(page.select_one(".scenario-press")["action"])
    assert back.headers["Location"].split("?")[0] == at
    assert planner.get(f"{at}?lang=zh").status_code == 200


def test_tables_are_given_as_files(planner, at):
    page = changed(planner, at, **NEW, name="新")
    links = {(each.find_parent("section")["id"], each.text): each["href"]
             for each in page.select(".plan-files a")}  # fmt: skip
    assert {kind for _table, kind in links} == {"CSV", "XLSX", "GPKG", "GEOJSON"}
    changes = pd.read_csv(io.BytesIO(planner.get(links["changes", "CSV"]).data))
    assert changes[["n", "kind", "name", "newly", "lost"]].to_numpy().tolist() == [
        [1, "add", "新", 60, 0]]  # fmt: skip
    areas = gpd.read_file(io.BytesIO(planner.get(links["areas", "GEOJSON"]).data))
    assert areas.set_index("adcode")["after_covered"].to_dict() == {"410102": 30, "410103": 60}
    assert areas.geom_type.eq("Polygon").all()
    for link in links.values():
        assert planner.get(link).status_code == 200
    assert planner.get(links["areas", "CSV"].replace(".csv", ".doc")).status_code == 404
    assert planner.get(links["areas", "CSV"].replace("areas.", "gaps.")).status_code == 404


def test_the_map_has_both_states_and_the_changes(planner, at):
    page = changed(planner, at, **NEW, name=MARKUP)
    document = soup(planner.get(page.select_one(".plan-map iframe")["src"]))
    script = next(each["src"] for each in document.select("script[src]")
                  if "script.js" in each["src"])  # fmt: skip
    text = planner.get(script).text.replace("\\", "")
    assert '"before":{"spots":[[105.15,35.05,60.0,0.0]' in text
    assert '"after":{"spots":[[105.15,35.05,60.0,1.0]' in text
    assert '"at":[105.15,35.05]' in text
    assert '"edit":true' in text
    assert "<b>甲" not in str(document)


def test_hostile_names_are_text_everywhere(planner):
    path = made(planner, MARKUP, note=MARKUP, who="<i>王</i>")
    page = changed(planner, path, **NEW, name=MARKUP)
    assert page.main.find(["b", "i"]) is None
    assert MARKUP in said(page, "h1")
    assert MARKUP in said(page, ".scenario-changes")
    listed = soup(planner.get("/plan/scenarios?lang=zh"))
    assert listed.main.find(["b", "i"]) is None
    both = answered(planner, f"/plan/scenarios/compare?lang=zh&go=1&id={path.rsplit('/', 1)[1]}")
    assert both.main.find(["b", "i"]) is None


def test_scenarios_stand_side_by_side_with_today(planner):
    near, far = made(planner, "近"), made(planner, "远")
    changed(planner, near, **NEW, cost="600")
    changed(planner, far, kind="close", facility_id="h")
    ids = "&".join(f"id={each.rsplit('/', 1)[1]}" for each in (near, far))
    page = answered(planner, f"/plan/scenarios/compare?lang=zh&go=1&standard_m=1000&{ids}")
    heads = [each.get_text(strip=True) for each in page.select(".scenario-compared thead th")]
    assert heads == ["指标", "现在", "近", "远"]
    rows = {row[0]: row[1:] for row in table(page, ".scenario-compared")}
    assert rows["够得到的人"] == ["30", "90（+60） （最好）", "0（−30）"]
    assert rows["变得够不到的人"] == ["—", "0 （最好）", "30"]
    assert rows["费用（元）"] == ["—", "600", "未知"]
    assert rows["每新够得到一个人（元）"] == ["—", "10", "未知"]
    assert "“近”够得到的人增加最多：+60 人。" in page.main.text
    empty = soup(planner.get("/plan/scenarios/compare?lang=zh&id=gone"))
    assert "请选要比较的方案" in empty.main.text


def test_other_sites_cannot_change_anything(planner, at):
    from_there = {"Sec-Fetch-Site": "cross-site"}
    acts = {"/changes": NEW, "/undo": {}, "/drop": {"n": "1"}, "/rename": {"name": "x"},
            "/remove": {}, "/copy": {}}  # fmt: skip
    posts = {"/plan/scenarios": {"name": "x"}} | {at + each: data for each, data in acts.items()}
    for path, data in posts.items():
        assert planner.post(path, data=data, headers=from_there).status_code == 403
    assert "0 项改动" in said(answered(planner, f"{at}?lang=zh"), ".plan-head")


def test_where_the_operator_closed_it_scenarios_are_only_read(
    make_planner, planner, town_folder, at
):
    changed(planner, at, **NEW)
    reader = make_planner(town_folder, scenarios=False)
    page = answered(reader, f"{at}?lang=zh&standard_m=1000")
    assert "只能看，不能改" in page.main.text
    assert "+60 人变得够得到" in said(page, ".plan-figure")
    assert not page.select("form[method=post][action*=scenarios]")
    script = reader.get(f"{at}/map/script.js?standard_m=1000").text.replace("\\", "")
    assert '"edit":false' in script
    refused = reader.post(f"{at}/changes", data=NEW)
    assert refused.status_code == 403
    assert not soup(reader.get("/plan/scenarios?lang=zh")).select(
        "form[method=post][action*=scenarios]"
    )


def test_without_a_workspace_the_page_says_how_to_make_one(client):
    page = soup(client.get("/plan/scenarios?lang=zh"))
    assert "方案保存在工作区里" in page.main.text
    assert "geomap import" in page.main.text
    assert not page.select("form[action*=scenarios]")
    assert client.get("/plan/scenarios/s1").status_code == 404
    assert client.post("/plan/scenarios", data={"name": "x"}).status_code == 404


def test_what_is_gone_from_the_data_is_told_and_can_be_taken_out(planner, town_folder, at):
    from datetime import UTC, datetime

    from geomap.data.store.scenarios import Scenarios
    from geomap.model.scenario import Change

    kept = Scenarios(town_folder)
    kept.change(at.rsplit("/", 1)[1], [Change("close", "gone")], who="", at=datetime.now(tz=UTC))
    page = soup(planner.get(f"{at}?lang=zh&go=1"))
    assert "没有编号为 gone 的机构" in said(page, ".fault-summary")
    assert "数据里已经没有这一家" in said(page, ".scenario-changes")
    changed_page = planner.post(f"{at}/drop", data={"n": "1"})
    assert (
        "还没有改动" in answered(planner, changed_page.headers["Location"].split("#")[0]).main.text
    )


@pytest.mark.parametrize("query", ["standard_m=-1", "standard_m=x", "method=walk", "area=999999"])
def test_a_question_that_cannot_be_asked_is_told(planner, at, query):
    page = soup(planner.get(f"{at}?lang=zh&go=1&{query}"))
    assert page.select_one(".fault-summary li")


def test_english_pages_are_english_but_for_names(planner, at):
    changed(planner, at, **NEW, name="新中心", beds="20")
    changed(planner, at, kind="move", facility_id="h", lon="105.06", lat="35.05")
    changed(planner, at, kind="enlarge", facility_id="n", beds="60", who="王")
    other = made(planner, "另一个")
    ids = "&".join(f"id={each.rsplit('/', 1)[1]}" for each in (at, other))
    pages = [answered(planner, f"{each}lang=en&go=1") for each in (
        f"{at}?", "/plan/scenarios?", f"/plan/scenarios/compare?{ids}&")]  # fmt: skip
    typed = FORM | {"kind": "close", "facility_id": "养老院"}
    pages.append(soup(planner.post(f"{at}/changes?lang=en", data=typed)))
    pages.append(soup(planner.post(f"{at}/undo?lang=en", data={"revision": "1"})))
    for page in pages:
        page.title.extract()
        assert foreign_runs(page, "en") == []
        for element in page.select("[title], [aria-label], [placeholder]"):
            words = [element.get(name, "") for name in ("title", "aria-label", "placeholder")]
            assert not HAN.search(" ".join(words)), element


def test_every_page_is_valid_html(planner, at, faults):
    changed(planner, at, **NEW, name=MARKUP)
    pages = {}
    for language in ("zh", "en"):
        for path in ("/plan/scenarios", at, f"/plan/scenarios/compare?id={at.rsplit('/', 1)[1]}"):
            answer = planner.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
            pages[f"{path} {language}"] = answer.data
        bad = planner.post(
            f"{at}/changes?lang={language}", data={"kind": "close", "facility_id": "养老院"}
        )
        pages[f"refused {language}"] = bad.data
    assert faults(pages) == {}
