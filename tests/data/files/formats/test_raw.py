from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.model.facility import FACILITIES


def write(folder, text, name="a.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path):
    return read_raw(path, FACILITIES)


def codes(raw):
    return [(each.code, each.row) for each in raw.findings]


def refusal(path):
    with pytest.raises(RefusedError) as caught:
        read(path)
    return caught.value.finding


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "a.csv"), ("\t", "a.tsv"), (";", "a.csv"), ("|", "a.txt")]
)
def test_every_delimiter_gives_the_same_cells(tmp_path, delimiter, name):
    lines = [["名称", "地址", "床位数"], ["甲敬老院", "一号，二楼", "10"], ["乙敬老院", "", "20"]]
    text = "\n".join(delimiter.join(line) for line in lines)
    raw = read(write(tmp_path, text, name))
    assert raw.header == ("名称", "地址", "床位数")
    assert raw.cells[1].isna().tolist() == [False, True]
    assert raw.details["delimiter"] == delimiter


def test_row_numbers_are_those_that_a_spreadsheet_shows(tmp_path):
    text = '名称,地址\n甲敬老院,"一号\n二楼"\n\n , \n乙敬老院,三号\n'
    raw = read(write(tmp_path, text))
    assert raw.rows.tolist() == [2, 5]


def test_rows_with_too_many_or_too_few_cells_are_kept_and_told(tmp_path):
    text = "名称,地址,床位\n甲敬老院,一号,1,多\n乙敬老院\n丙敬老院,三号,3,,\n"
    raw = read(write(tmp_path, text))
    assert codes(raw) == [("ragged_row", 2), ("short_row", 3)]
    assert len(raw.cells) == 3


def test_a_quote_that_is_never_closed_is_refused_with_its_row(tmp_path):
    text = '名称,地址\n甲敬老院,"一号\n二楼"\n乙敬老院,"没有关上\n丙敬老院,三号\n'
    finding = refusal(write(tmp_path, text))
    assert (finding.code, finding.values["line"]) == ("unclosed_quote", 3)


def test_a_header_below_a_title_is_found_and_told(tmp_path):
    text = "静安区养老机构一览,,\n2025 年 7 月,,\n机构名称,床位数,地址\n甲敬老院,10,一号\n"
    raw = read(write(tmp_path, text))
    assert raw.header == ("机构名称", "床位数", "地址")
    assert codes(raw) == [("header_row", None)]
    assert raw.rows.tolist() == [4]


def test_the_line_that_declares_the_separator_is_row_one(tmp_path):
    raw = read(write(tmp_path, "sep=;\n名称;床位\n甲敬老院;1\n"))
    assert raw.rows.tolist() == [3]


def test_nul_characters_are_taken_out_and_told(tmp_path):
    raw = read(write(tmp_path, "name,address\nabc\x00 home,x\n"))
    assert codes(raw) == [("nul_bytes", None)]
    assert raw.cells[0].tolist() == ["abc home"]


def test_characters_that_cannot_be_read_are_told_row_by_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(("名称,地址\n" + "甲敬老院,一号\n" * 99).encode() + b"\xe4\xb8\xff,x\n")
    raw = read(path)
    assert codes(raw) == [("undecodable", 101)]


@pytest.mark.parametrize("text", ["名称,地址\n", "名称,地址\n\n,\n"])
def test_a_header_alone_is_refused(tmp_path, text):
    assert refusal(write(tmp_path, text)).code == "no_rows"


def test_more_columns_than_the_limit_are_refused(tmp_path):
    text = ",".join(f"c{nth}" for nth in range(501)) + "\n" + ",".join("1" * 501)
    assert refusal(write(tmp_path, text)).code == "too_many_columns"


def test_a_cell_of_a_million_characters_is_read(tmp_path):
    raw = read(write(tmp_path, "名称,边界\n甲敬老院," + "x" * 1_000_000 + "\n"))
    assert raw.cells[1].str.len().item() == 1_000_000


CELLS = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=9,
)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows):
    text = io.StringIO()
    csv.writer(text).writerows([("名称", "地址", "备注"), *rows])
    raw = read(write(tmp_path_factory.mktemp("csv"), text.getvalue()))
    found = list(zip(*(raw.cells[place].tolist() for place in range(3)), strict=True))
    assert found == [tuple(cell.replace("\ufeff", "\ufeff") for cell in row) for row in rows]


def workbook(folder, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / "a.xlsx"
    book.save(path)
    return path


def test_the_sheet_with_most_known_columns_is_read_and_the_others_named(tmp_path):
    sheets = {
        "说明": [["本表由民政局填写"]],
        "机构": [
            ["一览表"],
            ["机构名称", "床位数", "开业时间"],
            ["甲敬老院", 10, date(2020, 5, 1)],
        ],
        "空": [],
    }
    raw = read(workbook(tmp_path, sheets))
    assert raw.details["sheet"] == "机构"
    assert raw.rows.tolist() == [3]
    (chosen, header) = raw.findings
    assert (chosen.code, chosen.values["expected"]) == ("sheet_chosen", ["说明"])
    assert header.code == "header_row"


def test_workbook_cells_become_the_text_that_the_spreadsheet_shows(tmp_path):
    values = [12.0, 0.5, True, datetime(2025, 7, 1, 8, 30), date(2025, 7, 1), "=1+1", None, 10**11]
    rows = [["名称", *"abcdefg"], ["甲敬老院", *values[:7]], ["乙", *values[1:]]]
    raw = read(workbook(tmp_path, {"表": rows}))
    shown = raw.cells.iloc[0].tolist()
    assert shown[1:6] == ["12", "0.5", "true", "2025-07-01 08:30:00", "2025-07-01"]
    assert raw.cells.iloc[1].tolist()[-1] == "100000000000"


def test_a_damaged_workbook_is_refused_in_a_sentence(tmp_path):
    path = workbook(tmp_path, {"表": [["名称"], ["甲"]]})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert refusal(path).code == "invalid_xlsx"


def geojson(folder, *features, **members):
    document = {"type": "FeatureCollection", "features": features, **members}
    return write(folder, json.dumps(document), "a.geojson")


def feature(geometry=None, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_features_are_numbered_from_one_and_properties_unfolded(tmp_path):
    path = geojson(
        tmp_path,
        feature(name="甲", parent={"adcode": 110000}, services=["meals", "day_care"]),
        {**feature({"type": "Point", "coordinates": [121, 31]}, name="乙"), "id": 7},
    )
    raw = read(path)
    assert raw.rows.tolist() == [1, 2]
    assert raw.header == ("name", "parent.adcode", "services", "id")
    assert raw.cells[2].iloc[0] == "meals、day_care"
    assert [each is None for each in raw.geometry] == [True, False]


def test_what_is_no_feature_or_no_geometry_is_told(tmp_path):
    bad = [
        feature({"type": "Point", "coordinates": ["x", 1]}, name="甲"),
        feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1]]]}, name="乙"),
        feature("POINT(1 1)", name="丙"),
        5,
    ]
    raw = read(geojson(tmp_path, *bad))
    assert codes(raw) == [("bad_feature", 4), *(("bad_geometry", row) for row in (1, 2, 3))]
    assert raw.lost == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "FeatureCollection", "features": [{"type"', "invalid_json"),
        ('{"type": "FeatureCollection", "features": []}', "no_rows"),
        ('{"type": "Topology"}', "not_geojson"),
        ("[1, 2]", "not_geojson"),
        ("[" * 100_000, "invalid_json"),
    ],
)
def test_other_json_is_refused(tmp_path, text, code):
    assert refusal(write(tmp_path, text, "a.geojson")).code == code


def test_json_with_half_characters_or_endless_numbers_is_read(tmp_path):
    point = '"geometry": {"type": "Point", "coordinates": [%s, 31]}'
    first = point % "121" + r', "properties": {"name": "\ud800 \\ud83d \ud83d\ude00"}'
    second = point % ("9" * 400) + ', "properties": {"name": "乙", "beds": %s}' % ("9" * 5000)
    deep = '"geometry": {{"type": "Point", "coordinates": {}{}}}'.format("[" * 600, "]" * 600)
    third = deep + ', "properties": {"name": "丙"}'
    features = ", ".join(f'{{"type": "Feature", {each}}}' for each in (first, second, third))
    text = f'{{"type": "FeatureCollection", "features": [{features}]}}'
    raw = read(write(tmp_path, text, "a.geojson"))
    assert raw.cells[0].iloc[0] == "\ufffd \\ud83d \U0001f600"
    assert codes(raw) == [("undecodable", 1), ("bad_geometry", 2), ("bad_geometry", 3)]


def test_formula_errors_are_unknown_and_told(tmp_path):
    raw = read(write(tmp_path, "名称,地址,床位\n甲院,#REF!,#DIV/0!\n乙院,路,3\n", "a.csv"))
    assert codes(raw) == [("cell_error", 2)]
    assert raw.cells.iloc[0].isna().tolist() == [False, True, True]


def test_formulas_that_were_never_computed_are_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (["名称", "床位"], ["甲院", "=10+20"], ["乙院", 3]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    raw = read(tmp_path / "a.xlsx")
    assert [(each.code, each.values["came"]) for each in raw.findings] == [("not_computed", 1)]


def test_a_linked_coordinate_system_is_marked_and_never_followed(tmp_path):
    crs = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}
    assert read(geojson(tmp_path, feature(name="甲"), crs=crs)).crs == "link:http://127.0.0.1:9/crs"


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=150)
@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.xlsx"])
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes((b"{" if name == "a.geojson" else b"") + data)
    try:
        told = len(read(path).rows)
    except RefusedError as error:
        told = len(error.finding.message("zh"))
    assert told
