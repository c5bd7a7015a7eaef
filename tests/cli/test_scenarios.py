"""``geomap scenario`` as people and scripts use it, on the homes and villages of Taipei."""

from __future__ import annotations

import csv
import json
import shutil

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from openpyxl import Workbook
from typer.testing import CliRunner

from geomap.cli import app
from geomap.errors import ConflictError, DataError, GeomapError, NotFoundError, ParameterError

STANDARD_M = 1000
COLUMNS = ("kind", "facility_id", "name", "type", "lon", "lat", "beds", "cost")
#: Homes 24 and 25 stand apart from others; 121.57 E, 25.03 N is in a gap.
ROWS = [
    ("add", "", "信义新苑", "养老院", 121.57, 25.03, 60, "12,000,000"),
    ("关停", "24", "", "", "", "", "", ""),
    ("move", "25", "", "", 121.60, 25.07, "", 3000000),
    ("enlarge", "21", "", "", "", "", 120, ""),
]


def run(*arguments, language="en"):
    command = ["scenario", *map(str, arguments), "--lang", language]
    return CliRunner().invoke(app, command, env={"COLUMNS": "160", "LC_ALL": "C.UTF-8"})


def done(*arguments, language="en"):
    answer = run(*arguments, language=language)
    assert answer.exit_code == 0, answer.output + repr(answer.exception)
    return answer.output


def refused(kind, *arguments):
    answer = run(*arguments)
    assert isinstance(answer.exception, kind), answer.output + repr(answer.exception)
    assert answer.exception.zh is not None
    return str(answer.exception)


def told(*arguments):
    return json.loads(done(*arguments, "--json"))


@pytest.fixture(scope="module")
def imported(data_folder, tmp_path_factory):
    made = tmp_path_factory.mktemp("scenarios") / "taipei"
    files = {"facilities": "homes.csv", "demand": "villages_population.geojson",
             "areas": "districts.geojson"}  # fmt: skip
    for name, file in files.items():
        path = data_folder / "taipei" / file
        command = ["import", str(path), "--into", str(made), "--as", name, "--yes"]
        answer = CliRunner().invoke(app, command)
        assert answer.exit_code in {0, 1}, answer.output
    return made


@pytest.fixture
def folder(imported, tmp_path):
    return shutil.copytree(imported, tmp_path / "w")


@pytest.fixture
def plan(tmp_path):
    return write(tmp_path / "plan.csv", ROWS)


def write(path, rows, columns=COLUMNS):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def test_a_plan_is_kept_changed_undone_copied_removed_and_brought_back(folder, plan):
    assert "There are no scenarios yet" in done("list", folder)
    said = done("new", folder, "关一家，建一家", "--note", "试试", "--changes", plan)
    assert "Scenario s1 made" in said
    assert "new-1 信义新苑" in said
    done("change", folder, "s1", "--kind", "close", "--facility", "23")
    done("change", folder, "s1", "--drop", 1, "--drop", 4)
    kept = told("show", folder, "s1")
    assert [each["facility_id"] for each in kept["changes"]] == ["24", "25", "23"]
    assert "s2  二 (3 changes)" in done("copy", folder, "s1", "二")
    done("undo", folder, "s1")
    last = told("undo", folder, "s1")
    assert [each["kind"] for each in last["changes"]] == ["add", "close", "move", "enlarge"]
    assert "nothing to take back" in refused(ConflictError, "undo", folder, "s1")
    done("rename", folder, "s1", "改名")
    listed = told("list", folder)["scenarios"]
    assert [(each["id"], each["name"], each["note"]) for each in listed] == [
        ("s1", "改名", "试试"), ("s2", "二", "试试"),
    ]  # fmt: skip
    assert "geomap scenario restore" in done("remove", folder, "s2")
    assert "was removed; restore it" in refused(NotFoundError, "show", folder, "s2")
    assert "s2" not in done("list", folder, language="zh")
    done("restore", folder, "s2")
    assert len(told("list", folder)["scenarios"]) == 2


def exported(folder, name):
    path = folder.parent / f"{name}.geojson"
    CliRunner().invoke(app, ["export", str(folder), "--as", name, "--out", str(path)])
    return path


def test_what_closing_loses_is_what_a_direct_reckoning_says(folder):
    planar = "EPSG:3826"
    homes = gpd.read_file(exported(folder, "facilities")).to_crs(planar)
    villages = gpd.read_file(exported(folder, "demand")).to_crs(planar)
    done("new", folder, "关一家")
    done("change", folder, "s1", "--kind", "close", "--facility", "24")
    effect = told("show", folder, "s1", "--standard-m", STANDARD_M, "--weight", "aged_65")["effect"]
    served = [
        shapely.union_all(some.geometry.buffer(STANDARD_M, quad_segs=64).to_numpy())
        for some in (homes, homes[homes["id"] != "24"])
    ]
    before, after = (
        (villages["aged_65"] * villages.geometry.intersection(each).area / villages.area).sum()
        for each in served
    )
    assert effect["lost"] == pytest.approx(before - after, rel=0.01)
    assert effect["before"]["covered"] == pytest.approx(before, rel=0.01)
    assert effect["newly_covered"] == 0
    assert effect["changes"][0]["lost"] == pytest.approx(effect["lost"])


def test_before_and_after_are_said_and_written_area_by_area(folder, plan, tmp_path):
    done("new", folder, "一", "--changes", plan)
    out, again = tmp_path / "areas.geojson", tmp_path / "again.csv"
    asked = ("show", folder, "s1", "--standard-m", STANDARD_M, "--weight", "aged_65")
    said = done(*asked, "--out", out, "--changes-out", again)
    assert "people newly covered" in said
    assert "12 rows written" in said
    effect = told(*asked)["effect"]
    assert effect["newly_covered"] - effect["lost"] == pytest.approx(
        effect["after"]["covered"] - effect["before"]["covered"]
    )
    areas = gpd.read_file(out)
    assert areas["newly"].sum() == pytest.approx(effect["newly_covered"], rel=0.01)
    assert areas["change_beds"].sum() == effect["after"]["beds"] - effect["before"]["beds"]
    assert "变得够不到" in done(*asked, language="zh")
    copied = told("new", folder, "又一", "--changes", again)
    assert copied["changes"] == told("show", folder, "s1")["changes"]


def test_several_are_held_against_today_in_one_table(folder, plan, tmp_path):
    done("new", folder, "一", "--changes", plan)
    done("new", folder, "二")
    out = tmp_path / "compared.csv"
    said = done("compare", folder, "s1", "s2", "--weight", "aged_65", "--out", out)
    assert "15,000,000 or more" in said  # two costs are not known
    table = pd.read_csv(out).set_index("id")
    assert table.index.tolist() == ["today", "s1", "s2"]
    assert table.loc["s2", "covered"] == table.loc["today", "covered"]
    assert table.loc["s2", ["newly_covered", "lost"]].tolist() == [0, 0]
    shown = told("compare", folder, "s1", "s2", "--weight", "aged_65")
    assert [each["id"] for each in shown["scenarios"]] == ["today", "s1", "s2"]
    assert shown["scenarios"][1]["covered"] == pytest.approx(table.loc["s1", "covered"])


def test_a_workbook_and_geojson_say_the_same_as_csv(folder, plan, tmp_path):
    book = Workbook()
    for row in (COLUMNS, *ROWS):
        book.active.append([None if each == "" else each for each in row])
    book.save(tmp_path / "plan.xlsx")
    features = [
        {"type": "Feature", "properties": {k: v for k, v in zip(COLUMNS, row, strict=True)
                                           if v != "" and k not in {"lon", "lat"}},
         "geometry": {"type": "Point", "coordinates": row[4:6]} if row[4] else None}
        for row in ROWS
    ]  # fmt: skip
    document = {"type": "FeatureCollection", "features": features}
    (tmp_path / "plan.geojson").write_text(json.dumps(document), encoding="utf-8")
    made = [
        told("new", folder, path.suffix, "--changes", path)["changes"]
        for path in (plan, tmp_path / "plan.xlsx", tmp_path / "plan.geojson")
    ]
    assert made[0] == made[1] == made[2]
    assert made[0][0]["cost"] == 12_000_000


def test_every_fault_of_a_table_is_told_with_its_row_and_nothing_is_kept(folder, tmp_path):
    rows = [
        ("add", "", "甲", "hotel", 121.5, 25.03, 60, ""),
        ("close", "no-such", "", "", "", "", "", ""),
        ("move", "25", "", "", 121.51, "", "", ""),
        ("demolish", "24", "", "", "", "", "", ""),
        ("close", "24", "", "", "", "", "", ""),
        ("enlarge", "24", "", "", "", "", 5, ""),
        ("enlarge", "21", "", "", "", "", "nan", ""),
        ("add", "25", "乙", "other", 121.5, 25.0, "", ""),
        ("close", "23", "", "", "", "", "", "", "stray", "cells"),
    ]
    path = write(tmp_path / "bad.csv", rows)
    said = refused(DataError, "new", folder, "坏", "--changes", path)
    for fault in (
        "row 2: type must be one of", "row 3: no facility has the id 'no-such'",
        "row 4: a change of kind move needs lat", "row 5: kind must be one of",
        "row 7: '24' is closed before", "row 8: beds must be a number",
        "row 9: the id '25' is taken", "row 10: This row has 10 cells",
    ):  # fmt: skip
        assert fault in said
    assert told("list", folder) == {"scenarios": []}
    done("new", folder, "空")
    refused(DataError, "change", folder, "s1", "--changes", path)
    assert told("show", folder, "s1")["changes"] == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.csv", "kind,facility_id\n", "no rows"),
        ("plan.csv", "facility_id,beds\n24,5\n", "no column is kind"),
        ("plan.csv", "kind,beds,床位\nclose,1,2\n", "two columns are beds"),
        ("plan.csv", "kind,facility_id\n" + "close,24\n" * 2001, "2,001 rows"),
        ("plan.gpkg", "SQLite format 3\0", ""),
        ("plan.geojson", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
         '{"kind":"add","type":"other"},"geometry":{"type":"LineString","coordinates":'
         '[[121,25],[122,25]]}}]}', "row 1: the geometry must be a point, got a LineString"),
        ("plan.vrt", "<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", ""),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_changes_is_refused(folder, tmp_path, name, content, said):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert said in refused(GeomapError, "new", folder, "坏", "--changes", path)
    assert told("list", folder) == {"scenarios": []}


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (("new", "W", " "), ParameterError, "1 to 80 characters"),
        (("show", "W", "s9"), NotFoundError, "no scenario 's9'"),
        (("show", "W", "s1", "--out", "x.doc"), ParameterError, "--out must end in one of"),
        (("show", "W", "s1", "--minutes", 15), ParameterError, "no walking network"),
        (("show", "W", "s1", "--minutes", 15, "--standard-m", 9), ParameterError, "not both"),
        (("show", "W", "s1", "--weight", "wealth"), ParameterError, "weight must be one of"),
        (("change", "W", "s1"), ParameterError, "give one of --kind"),
        (("change", "W", "s1", "--kind", "close", "--drop", 1), ParameterError, "give one of"),
        (("change", "W", "s1", "--drop", 7), ParameterError, "there is no 7"),
        (("change", "W", "s1", "--kind", "close", "--facility", "zz"), ParameterError, "id zz"),
        (("change", "W", "s1", "--kind", "move", "--facility", "24"), ParameterError, "needs lon"),
        (("compare", "W", "s1", "s9"), NotFoundError, "no scenario 's9'"),
        (("list", "nowhere"), NotFoundError, "not a workspace"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(folder, arguments, kind, said):
    done("new", folder, "一")
    given = [folder if each == "W" else each for each in arguments]
    assert said in refused(kind, *given)
    assert [each["changes"] for each in told("list", folder)["scenarios"]] == [[]]
