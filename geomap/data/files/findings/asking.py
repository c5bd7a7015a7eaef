"""How a sentence asks for what a file does not tell: by an option, a form field or a reply.

A message holds ``{state:encoding}`` or ``{state:datum gcj02}``. Whoever reads it on the command
line is told the option, on the page the name of the field, and in the copy that is sent back to
an office, which has neither, what to write in its reply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

Voice = Literal["command", "form", "reply"]

#: What the fields of the form are called, by option.
FORM_FIELDS: Mapping[str, Label] = {
    "encoding": Label("文字编码", "Text encoding"),
    "crs": Label("坐标系代码（EPSG）", "Coordinate system code (EPSG)"),
    "datum": Label("坐标来自", "Coordinates come from"),
    "map": Label("哪一列是什么", "Which column is what"),
    "type": Label("没有写明时的机构类型", "Facility type where none is stated"),
}
#: What the form offers for the datum of coordinates.
DATUM_CHOICES: Mapping[str, Label] = {
    "wgs84": Label(
        "GPS、天地图（WGS-84、CGCS2000）", "GPS, Tianditu, most other maps (WGS-84, CGCS2000)"
    ),
    "gcj02": Label("高德、腾讯地图（GCJ-02）", "AMap, Tencent Maps (GCJ-02)"),
    "bd09": Label("百度地图（BD-09）", "Baidu Maps (BD-09)"),
}
_IN_A_REPLY: Mapping[str, Label] = {
    "encoding": Label("文件的文字编码", "the text encoding of the file"),
    "crs": Label("坐标系", "the coordinate system"),
    "datum": Label("坐标来自哪种地图", "which map the coordinates come from"),
    "map": Label("哪一列是什么", "which column is what"),
    "type": Label("机构类型", "the facility type"),
}


@dataclass(frozen=True)
class Asking:
    """Writes ``{state:OPTION VALUE}`` for one kind of reader; VALUE may be left out.

    Examples
    --------
    >>> "请{state:datum gcj02}。".format(state=Asking("zh", "command"))
    '请用 --datum gcj02 指明。'
    >>> "请{state:encoding}。".format(state=Asking("zh", "form"))
    '请在“文字编码”一栏写明。'
    >>> "Please {state:crs}.".format(state=Asking("en", "reply"))
    'Please state the coordinate system when you send the list back.'
    """

    language: str
    voice: Voice

    def __format__(self, spec: str) -> str:
        """Say how to state an option; a value that the file brought was made safe before."""
        option, _, value = spec.partition(" ")
        english = self.language == "en"
        if self.voice == "command":
            written = f"--{option} {value}".strip()
            return f"give {written}" if english else f"用 {written} 指明"
        if self.voice == "reply":
            what = _IN_A_REPLY[option].of(self.language)
            return f"state {what} when you send the list back" if english else f"在回信里写明{what}"
        return self._in_form(option, value)

    def _in_form(self, option: str, value: str) -> str:
        """Say which field to fill in with what."""
        field = FORM_FIELDS[option].of(self.language)
        english = self.language == "en"
        if value in DATUM_CHOICES:
            choice = DATUM_CHOICES[value].of(self.language)
            return f"choose “{choice}” under “{field}”" if english else f"在“{field}”选“{choice}”"
        if value:
            return f"write “{value}” in “{field}”" if english else f"在“{field}”一栏写“{value}”"
        return f"fill in “{field}”" if english else f"在“{field}”一栏写明"
