"""The copy that goes back to an office: its own table, row for row, and what is wrong beside it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from geomap.data.files.findings import annotated
from geomap.data.files.findings.annotated import annotate
from geomap.data.files.options import Options
from geomap.data.files.table import read_in_process
from geomap.errors import TooLargeError
from geomap.model.tables import TABLES

WORDS = {"error": "【错误】", "warning": "【请核对】", "note": "【说明】"}


@pytest.fixture
def copied(tmp_path):
    """Write a file, read it, annotate it: the report and the two sheets of the copy."""

    def go(content: bytes, suffix: str = ".csv", table: str = "facilities", **options):
        source, out = tmp_path / f"list{suffix}", tmp_path / "copy.xlsx"
        source.write_bytes(content)
        stated = Options(encoding=options.get("encoding"))
        report = read_in_process(source, TABLES[table], stated).report
        annotate(source, report, out, **options)
        return report, *openpyxl.load_workbook(out).worksheets

    return go


def own(text) -> str:
    """A cell as its text; a workbook knows one kind of line end and no empty text."""
    return str("" if text is None else text).replace("\r\n", "\n").replace("\r", "\n")


def rows_of(report) -> set[int]:
    return {row for each in report.findings for row in (each.rows or (each.row,)) if row}


def result_of(sheet, row: int) -> str | None:
    return sheet.cell(row, sheet.max_column).value


GBK = """盘锦市养老机构一览,,,,
,,,,
编号,机构名称,联系电话,床位数,月收费
0001,甲敬老院,0427-2810001,040,2000-3000
0002,,0427-2810002,41,

0004,丁敬老院,二八零,-3,面议吧
""".encode("gbk")  # fmt: skip


def test_rows_keep_their_numbers_and_cells_their_text(copied):
    report, sheet, _ = copied(GBK)
    lines = GBK.decode("gbk").splitlines()
    for number, cells in enumerate(csv.reader(lines), 1):
        copy = [own(cell.value) for cell in sheet[number][:5]]
        assert copy == (cells or [""] * 5)
    assert sheet["A4"].value == "0001"
    assert sheet["A4"].number_format == "@", "edited, it stays a text with its zeros"
    assert sheet.cell(3, 6).value == "核对结果"
    assert sheet.freeze_panes == "A4"
    assert report.details["header_row"] == 3


def test_each_row_says_what_was_found_there_the_worst_first(copied):
    report, sheet, _ = copied(GBK)
    said = {n: result_of(sheet, n) for n in range(4, 8) if result_of(sheet, n)}
    assert set(said) == rows_of(report) == {5, 7}
    assert said[5].startswith("【错误】没有名称")
    for row in (5, 7):
        of_row = [each for each in report.findings if each.row == row]
        assert len(said[row].split("\n")) == len(of_row) > 0
        for each in of_row:
            assert WORDS[each.level] + each.message("zh", voice="reply") in said[row]


def test_the_cells_meant_are_coloured_and_say_why(copied):
    _, sheet, _ = copied(GBK)
    for place, why in {"B5": "没有名称", "C7": "二八零", "D7": "不能为负", "E7": "面议"}.items():
        assert sheet[place].fill.fgColor.rgb != "00000000", place
        assert why in sheet[place].comment.text
        assert sheet[place].comment.text.startswith("【"), "never by colour alone"
    for place in ("A4", "C4", "D4", "A7", "B7"):
        assert sheet[place].fill.fill_type is None
        assert sheet[place].comment is None


def test_the_second_sheet_says_what_to_do_in_the_language_asked_for(copied):
    for language, title, totals in (
        ("zh", "说明", "可用的行"),
        ("en", "Summary", "Rows that can be used"),
    ):
        report, sheet, summary = copied(GBK, language=language)
        assert summary.title == title
        table = {row[0]: row[1] for row in summary.iter_rows(values_only=True)}
        assert table[totals] == str(report.accepted)
        assert table["机构名称"] == ("名称" if language == "zh" else "Name")
        text = " ".join(own(cell) for row in summary.iter_rows(values_only=True) for cell in row)
        assert "--" not in text
        assert sheet.title in text
        linked = [cell for row in summary.iter_rows() for cell in row if cell.hyperlink]
        assert linked[0].hyperlink.location == f"'{sheet.title}'!A5"
        assert linked[0].value.startswith(("第 5 行", "row 5"))


def test_a_workbook_keeps_its_sheet_its_numbers_and_its_dates(copied):
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active["A1"] = "不是名单"
    sheet = book.create_sheet("2025 名单")
    sheet["B1"] = "养老机构一览"
    sheet.append([])
    sheet.append(["编号", "机构名称", "床位数", "开业日期", "经度", "纬度", "营业", "合计"])
    sheet.append(
        ["007", "甲敬老院", 40, dt.datetime(2025, 7, 1), 121.45123456789, 31.2, True, "=C4"]
    )
    sheet.append(["008", "=HYPERLINK(1)", 0.5, dt.date(2024, 2, 29), 121.5, 31.2, None, 10**17])
    sheet["B5"].data_type = "s"
    source = io.BytesIO()
    book.save(source)
    _, copy, _ = copied(source.getvalue(), ".xlsx")
    assert copy.title == "2025 名单"
    assert [cell.value for cell in copy[1][:2]] == [None, "养老机构一览"]
    first = [cell.value for cell in copy[4][:7]]
    assert first == ["007", "甲敬老院", 40, dt.datetime(2025, 7, 1), 121.45123456789, 31.2, True]
    assert copy["H4"].value is None, "a formula that was never computed has no value"
    second = [cell.value for cell in copy[5][:8]]
    assert second[1] == "=HYPERLINK(1)"
    assert copy["B5"].data_type == "s"
    assert second[3] == dt.datetime(2024, 2, 29)
    assert int(second[7]) == 10**17


def test_features_are_copied_as_a_table_with_their_numbers(copied):
    features = [
        {"type": "Feature", "geometry": None, "properties": {"name": f"第{n}敬老院", "beds": beds}}
        for n, beds in enumerate(["05", "很多"], 1)
    ]
    document = {"type": "FeatureCollection", "features": features}
    _, sheet, summary = copied(json.dumps(document).encode(), ".geojson")
    cells = [[cell.value for cell in row[:3]] for row in sheet.iter_rows()]
    assert cells == [["No.", "name", "beds"], ["1", "第1敬老院", "05"], ["2", "第2敬老院", "很多"]]
    assert "很多" in result_of(sheet, 3)
    assert "重新导出" in " ".join(own(row[1].value) for row in summary.iter_rows())


def test_what_differs_in_many_rows_is_told_by_the_second_sheet(copied):
    lines = ["名称,床位数", *(f"第{n}敬老院,{n}.4" for n in range(1, 41))]
    report, sheet, summary = copied("\n".join(lines).encode())
    assert [each.code for each in report.findings] == ["rounded"]
    assert result_of(sheet, 41) == "【说明】见“说明”表第 1 条"
    (said,) = [row[1].value for row in summary.iter_rows() if own(row[0].value) == "1 说明"]
    assert "如第 2 行" in said


def test_reading_the_copy_finds_the_same_in_the_same_rows(copied, tmp_path):
    report, *_ = copied(GBK)
    again = read_in_process(tmp_path / "copy.xlsx", TABLES["facilities"]).report
    assert (again.rows, again.accepted) == (report.rows, report.accepted)
    rows = [(each.code, each.row, each.field) for each in report.findings if each.row]
    assert [(each.code, each.row, each.field) for each in again.findings if each.row] == rows
    second = tmp_path / "second.xlsx"
    annotate(tmp_path / "copy.xlsx", again, second)
    header = [cell.value for cell in openpyxl.load_workbook(second).worksheets[0][3]]
    assert header.count("核对结果") == 1


def test_more_rows_than_a_sheet_holds_are_refused(copied, monkeypatch):
    monkeypatch.setattr(annotated, "MOST_ROWS", 5)
    with pytest.raises(TooLargeError, match="at most 5 rows"):
        copied(GBK)


def test_a_cell_too_long_for_a_workbook_is_cut_and_told(copied):
    _, sheet, summary = copied(f"名称,备注\n甲敬老院,{'长' * 40_000}\n".encode())
    assert len(sheet["B2"].value) == 32_767
    assert "1 格太长" in " ".join(own(row[0].value) for row in summary.iter_rows())


def test_rows_with_more_cells_than_names_keep_them(copied):
    report, sheet, _ = copied("名称,床位数\n甲敬老院,5\n乙敬老院,6,多,出\n".encode())
    assert [cell.value for cell in sheet[3][:4]] == ["乙敬老院", "6", "多", "出"]
    assert "ragged_row" in report.codes
    assert sheet.max_column == 5
    assert "4 格" in result_of(sheet, 3)


NASTY = st.one_of(
    st.sampled_from(
        ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "=HYPERLINK(1)", "{=1}", "1/2",
         "http://example.org/", "mailto:a@b", "internal:A1", "_x0041_", "<b>&amp;", "00120", "1e5",
         "TRUE", " 首尾 ", "a\nb", "\ufffe", "𠮷", "'; --", "#REF"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)  # fmt: skip


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(NASTY, min_size=3, max_size=3), min_size=1, max_size=6))
def test_whatever_stands_in_a_cell_stays_a_text_and_the_same(copied, grid):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["名称", "地址", "备注"], ["甲敬老院", "江宁路", "无"], *grid])
    report, sheet, _ = copied(buffer.getvalue().encode("utf-8-sig"))
    text = io.StringIO(buffer.getvalue(), newline="")
    lines = csv.reader(text, delimiter=report.details["delimiter"])
    for number, cells in enumerate(lines, 1):
        for place, came in enumerate(cells, 1):
            cell = sheet.cell(number, place)
            assert cell.data_type != "f"
            assert cell.hyperlink is None
            stated = own(came).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
            assert unescape(own(cell.value)) == stated  # openpyxl leaves that to us


def test_no_part_of_the_copy_holds_a_formula(copied, tmp_path):
    text = "=HYPERLINK(1)"
    content = f"{text},名称,床位数\n{text},{text},{text}\n{text},甲敬老院,{text}\n"
    copied(content.encode())
    with zipfile.ZipFile(tmp_path / "copy.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not any("<f>" in part or "externalLink" in name for name, part in parts.items())
    assert 'TargetMode="External"' not in "".join(parts.values())


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("taipei/homes.csv", "facilities"),
        ("messy/derived_gbk_areas.csv", "areas"),
        ("japan/jigyosho_760.csv", "facilities"),
    ],
)
def test_a_real_list_comes_back_cell_for_cell(data_folder, tmp_path, name, table):
    source, out = data_folder / name, tmp_path / "copy.xlsx"
    report = read_in_process(source, TABLES[table]).report
    annotate(source, report, out)
    encoding = {"UTF-8": "utf-8-sig", "GB18030": "gb18030"}[report.details["encoding"]]
    with source.open(encoding=encoding, newline="") as lines:
        stated = [[own(cell) for cell in record] for record in csv.reader(lines)]
    sheet = openpyxl.load_workbook(out).worksheets[0]
    width = len(stated[0])
    marked = set()
    for number, (cells, record) in enumerate(
        zip(sheet.iter_rows(values_only=True), stated, strict=True), 1
    ):
        assert [own(cell) for cell in cells[:width]] == record
        if number > 1 and len(cells) > width and cells[width]:
            marked.add(number)
    assert marked == rows_of(report)
