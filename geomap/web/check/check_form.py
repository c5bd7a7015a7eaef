"""What an office says about its list on the form, read and refused field by field."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.data.files.columns.headers import is_provenance, targets
from geomap.data.files.columns.matching import IGNORE
from geomap.data.files.findings.asking import DATUM_CHOICES
from geomap.data.files.findings.messages import field_label, shown
from geomap.data.files.places.coordinates import stated_frame
from geomap.data.reading import Options
from geomap.errors import CRSError, ParameterError
from geomap.model.crs import parse_crs
from geomap.model.facility import TYPES
from geomap.model.table import Label
from geomap.model.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from geomap.data.files.findings.report import Report
    from geomap.model.table import Table

#: What the rows are, in the words of the form.
TABLE_CHOICES: Mapping[str, Label] = {
    "facilities": Label("养老机构", "Care facilities"),
    "demand": Label("老年人口", "Elderly people"),
    "areas": Label("行政区划或社区", "Districts or communities"),
    "candidates": Label("备选地点", "Candidate sites"),
    "exclusions": Label("禁建区", "Exclusion areas"),
}
UNKNOWN_DATUM = "unknown"
ENCODING_CHOICES: Mapping[str, Label] = {
    "": Label("自动识别", "Found automatically"),
    "utf-8": Label("UTF-8", "UTF-8"),
    "gb18030": Label("简体中文（GBK、GB18030）", "Simplified Chinese (GBK, GB18030)"),
    "big5": Label("繁体中文（Big5）", "Traditional Chinese (Big5)"),
    "utf-16": Label("Unicode（UTF-16）", "Unicode (UTF-16)"),
    "shift-jis": Label("日文（Shift-JIS）", "Japanese (Shift-JIS)"),
    "euc-kr": Label("韩文（EUC-KR）", "Korean (EUC-KR)"),
    "cp1252": Label("西欧（Windows-1252）", "Western European (Windows-1252)"),
}
_SUFFIXES = re.compile(r"(?:\.[a-z0-9]{1,8}){1,2}$")
_MOST_LINES = 200


@dataclass(frozen=True)
class CheckForm:
    """The form as it was sent; a field that was refused has its sentence in `faults`.

    Attributes
    ----------
    values : what stands in the fields, to show it again.
    options : what the reader is told; None where something was refused.
    faults : field of the form -> what is wrong with it, in the reader's language.
    """

    values: Mapping[str, str]
    options: Options | None
    faults: Mapping[str, str]

    @property
    def table(self) -> Table:
        """What the rows are read as."""
        return TABLES[self.values["as"]]


def empty_form() -> CheckForm:
    """Give the form before anybody filled it in; not knowing the datum is the safe answer."""
    values = {"as": "facilities", "datum": UNKNOWN_DATUM, "crs": "", "encoding": "", "type": ""}
    return CheckForm(values | {"map": ""}, None, {})


def read_form(form: MultiDict[str, str], language: str) -> CheckForm:
    """Read what an office says about its list.

    Parameters
    ----------
    form : the fields as sent; unknown choices count as not given.
    language : the reader's, for the names of fields in ``map``.
    """
    values = {name: form.get(name, default) for name, default in empty_form().values.items()}
    for name, choices in (
        ("as", TABLE_CHOICES), ("datum", DATUM_CHOICES), ("encoding", ENCODING_CHOICES),
        ("type", TYPES),
    ):  # fmt: skip
        if values[name] not in choices:
            values[name] = empty_form().values[name]
    datum = "wgs84" if values["datum"] == UNKNOWN_DATUM else values["datum"]
    faults: dict[str, str] = {}
    crs = _read_crs(values["crs"], datum, faults)
    columns = _read_columns(values["map"], TABLES[values["as"]], language, faults)
    options = Options(
        datum, crs, values["encoding"] or None, columns or None, values["type"] or None
    )
    return CheckForm(values, None if faults else options, faults)


def _read_crs(text: str, datum: str, faults: dict[str, str]) -> str | None:
    """Read a coordinate system: its code alone will do."""
    text = text.strip()
    if not text:
        return None
    crs = f"EPSG:{text}" if text.isascii() and text.isdigit() else text
    try:
        parse_crs(crs)
    except CRSError:
        faults["crs"] = _(
            "不认识坐标系“%(came)s”。请填它的 EPSG 代码（4 到 5 位数字），不知道就留空。",
            came=shown(text),
        )
        return None
    try:
        stated_frame(datum, crs, None)
    except ParameterError:
        faults["crs"] = _("高德、腾讯、百度的坐标是经纬度，不用填坐标系代码。请只填其中一项。")
        return None
    return crs


def _read_columns(text: str, table: Table, language: str, faults: dict[str, str]) -> dict[str, str]:
    """Read lines of COLUMN=FIELD; a field may be given by its name or by what pages call it."""
    columns: dict[str, str] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines[:_MOST_LINES]:
        column, equals, said = _pair(line)
        field = _field(said, table, language)
        if not equals or not column or not said:
            faults["map"] = _("“%(line)s”要写成：列名=内容，如：床数=床位总数。", line=shown(line))
        elif field is None:
            faults["map"] = _no_field(said, table, language)
        elif field != IGNORE and field in columns.values():
            faults["map"] = _("有两列都写成了“%(field)s”，请只留一列。", field=shown(said))
        else:
            columns[column] = field
    return columns


def _pair(line: str) -> tuple[str, str, str]:
    """Split a line at its last equals sign, of either width."""
    column, equals, said = line.replace("＝", "=").rpartition("=")
    return column.strip(), equals, said.strip()


def _field(said: str, table: Table, language: str) -> str | None:
    """Find the field that is meant."""
    allowed = (*targets(table.name), IGNORE)
    if said in allowed or is_provenance(said, table.name):
        return said
    return {label: name for name, label in _labels(table, language).items()}.get(said)


def _labels(table: Table, language: str) -> dict[str, str]:
    """Name everything that a column may be read as; what is ignored is told apart."""
    names = {name: field_label(name, language) for name in targets(table.name)}
    return names | {IGNORE: _("不用")}


def _no_field(said: str, table: Table, language: str) -> str:
    """Say that there is no such field, and what is nearest."""
    labels = [*_labels(table, language).values()]
    near = difflib.get_close_matches(said, labels, n=3, cutoff=0.3) or labels[:8]
    known = _joined(near, language)
    return str(_("没有“%(came)s”这项内容。可以写：%(known)s。", came=shown(said), known=known))


def unknown_column(form: CheckForm, report: Report, language: str) -> str:
    """Say which column named on the form is not in the file, and which ones are.

    Parameters
    ----------
    form : what was sent.
    report : of the same file read without naming columns.
    """
    given = [_pair(line)[0] for line in form.values["map"].splitlines() if line.strip()]
    missing = [name for name in given if name not in report.header]
    if not missing:
        return str(_("这几列没有办法这样读，请核对后再试。"))
    known = _joined(report.header[:30], language)
    came = shown(missing[0])
    return str(_("文件里没有“%(came)s”这一列。文件里的列：%(known)s。", came=came, known=known))


def _joined(names: Iterable[str], language: str) -> str:
    """List names."""
    return ("、" if language == "zh" else ", ").join(shown(name) for name in names)


def shown_name(filename: str | None) -> str:
    r"""Give the name of an uploaded file without folders, on one line and not too long.

    Examples
    --------
    >>> shown_name("C:\\名单\\养老院\n.xlsx"), shown_name("../../etc/passwd")
    ('养老院 .xlsx', 'passwd')
    """
    return shown(PurePosixPath((filename or "").replace("\\", "/")).name)


def safe_suffix(filename: str | None) -> str:
    """Give the end of a file's name that says its format, or nothing.

    Examples
    --------
    >>> [safe_suffix(each) for each in ("名单.XLSX", "a.shp.zip", "a.x;rm -rf", None)]
    ['.xlsx', '.shp.zip', '', '']
    """
    found = _SUFFIXES.search((filename or "").lower())
    return found[0] if found else ""
