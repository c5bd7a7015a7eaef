from __future__ import annotations

import zipfile

import openpyxl
import pytest

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.data.files.table import read_in_process
from geomap.model.facility import FACILITIES


def write(folder, rows, *merges, name="a.xlsx"):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    book.save(folder / name)
    return folder / name


def read(path):
    return read_raw(path, FACILITIES)


TWO_ROWS = [
    ["机构名称", "床位", None, None, "联系电话"],
    [None, "总数", "护理型", "空床", None],
    ["甲敬老院", 10, 5, 1, "021-62581234"],
]


@pytest.mark.parametrize("merges", [("A1:A2", "B1:D1", "E1:E2"), ()])
def test_a_header_of_two_rows_is_one_header(tmp_path, merges):
    raw = read(write(tmp_path, TWO_ROWS, *merges))
    assert raw.header == ("机构名称", "床位/总数", "护理型床位", "床位/空床", "联系电话")
    assert raw.rows.tolist() == [3]
    (finding,) = raw.findings
    assert (finding.code, finding.values["came"]) == ("header_rows", "1–2")
    frame = read_in_process(tmp_path / "a.xlsx", FACILITIES).frame
    beds = frame[["beds_total", "beds_nursing", "beds_available"]]
    assert beds.to_numpy().tolist() == [[10, 5, 1]]


def test_a_header_of_two_rows_below_a_title_is_found(tmp_path):
    rows = [["静安区养老机构一览", None, None, None, None], *TWO_ROWS]
    raw = read(write(tmp_path, rows, "A1:E1", "A2:A3", "B2:D2", "E2:E3"))
    assert raw.header[1] == "床位/总数"
    assert [each.code for each in raw.findings] == ["header_row", "header_rows"]
    assert raw.rows.tolist() == [4]


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["机构名称", "床位数", None, "地址"],
            ["甲院", 1, "注", "一号"],
            ["乙院", 2, None, "二号"],
        ],
        [["机构名称", None], ["甲院", "乙"]],
        [["基本信息", None, "床位情况"], ["机构名称", "地址", "床位数"], ["甲院", "一号", 2]],
    ],
)
def test_a_row_of_data_or_of_whole_names_is_no_second_tier(tmp_path, rows):
    codes = {each.code for each in read(write(tmp_path, rows)).findings}
    assert "header_rows" not in codes


def test_merged_texts_are_repeated_downwards_but_no_numbers_and_no_names(tmp_path):
    rows = [
        ["区县", "机构名称", "床位数", "联系电话"],
        ["静安区", "甲院", 10, "021-62581234"],
        [None, "乙院", None, None],
        [None, None, 5, "021-62581235"],
    ]
    raw = read(write(tmp_path, rows, "A2:A4", "B3:B4", "C2:C3"))
    assert raw.cells[0].tolist() == ["静安区"] * 3
    assert raw.cells[1].isna().tolist() == [False, False, True]
    assert raw.cells[2].isna().tolist() == [False, True, False]
    (finding,) = raw.findings
    assert (finding.code, finding.values) == ("merged_cells", {"came": ["区县"], "count": 2})


def test_a_heading_merged_across_the_table_is_no_record(tmp_path):
    rows = [
        ["机构名称", "地址", "床位数"],
        ["一、城区"],
        ["甲院", "一号", 1],
        ["二、乡镇"],
        ["乙院"],
    ]
    raw = read(write(tmp_path, rows, "A2:C2", "A4:C4"))
    assert raw.cells[0].tolist() == ["甲院", "乙院"]
    assert raw.lost == 2
    assert [(each.code, each.row) for each in raw.findings] == [("no_record", 2), ("no_record", 4)]


def test_a_stray_value_in_the_last_corner_costs_one_row(tmp_path):
    path = write(tmp_path, [["机构名称", "床位数"], ["甲院", 1]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "x"
    book.save(path)
    raw = read(path)
    assert raw.rows.tolist() == [2, 1048576]
    assert [(each.code, each.row, each.values["came"]) for each in raw.findings] == [
        ("ragged_row", 1048576, 16384)
    ]


def test_a_header_with_a_stray_name_far_right_is_refused(tmp_path):
    path = write(tmp_path, [["机构名称", "床位数", *[None] * 600, "x"], ["甲院", 1]])
    with pytest.raises(RefusedError) as caught:
        read(path)
    assert (caught.value.finding.code, caught.value.finding.values["came"]) == (
        "too_many_columns",
        603,
    )


def test_a_part_with_a_document_type_is_refused(tmp_path):
    path = write(tmp_path, [["机构名称"], ["甲院"]])
    laughs = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    _replace(path, b"<worksheet", laughs + b"<worksheet")
    with pytest.raises(RefusedError) as caught:
        read(path)
    assert caught.value.finding.code == "unsafe_xml"


def test_merges_beyond_the_rows_are_ignored(tmp_path):
    path = write(tmp_path, [["机构名称", "区县"], ["甲院", "静安区"]], "B2:C3")
    _replace(path, b'"B2:C3"', b'"B2:XFD1048576"')
    assert read(path).cells[1].tolist() == ["静安区"]


def _replace(path, old, new):
    """Change the first sheet of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    parts[sheet] = parts[sheet].replace(old, new, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
