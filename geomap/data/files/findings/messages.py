"""The sentences of reading a file, and how one is said: in either language, quoting safely."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from geomap.data.files.findings.asking import Asking, Voice
from geomap.data.files.findings.said_of_opened import OPENED
from geomap.data.files.findings.said_of_places import PLACES
from geomap.data.files.findings.said_of_rows import ROWS
from geomap.data.files.findings.said_of_unusable import UNUSABLE
from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.datum import DATUMS
from geomap.model.demand import DEMAND
from geomap.model.facility import FACILITIES
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.data.files.findings.message import Message

#: Values quoted in a message are cut to this many characters.
QUOTED = 60
#: Row numbers that a message names before it says "and so on"; the finding has them all.
ROWS_NAMED = 10
#: An unknown word is the same finding in every row: it is told once with all rows.
GROUPED_BY_VALUE = frozenset({"bad_type", "bad_choice", "bad_yes_no"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


_TABLES = (FACILITIES, DEMAND, AREAS, CANDIDATES)
#: What is read from columns but is no field of a table.
COLUMN_LABELS: Mapping[str, Label] = {
    "lon": Label("经度", "Longitude"),
    "lat": Label("纬度", "Latitude"),
    "x": Label("X 坐标", "X"),
    "y": Label("Y 坐标", "Y"),
    "lon_lat": Label("经纬度", "Longitude, latitude"),
    "lat_lon": Label("纬经度", "Latitude, longitude"),
    "geometry": Label("位置", "Location"),
    "province": Label("省", "Province"),
    "city": Label("市", "City"),
    "district": Label("区县", "District"),
    "price": Label("收费", "Price"),
}
#: What is noted about a field, in a column of its own: ``phone_source``.
_NOTED: Mapping[str, Label] = {
    "_source": Label("来源", "source"),
    "_verified_on": Label("核实日期", "verified on"),
    "_percent": Label("百分比", "percentage"),
}

#: Every finding that there is, by its code.
MESSAGES: Mapping[str, Message] = {
    **UNUSABLE,
    **OPENED,
    **ROWS,
    **PLACES,
    # One code for each datum, so that an office can look it up; the sentence is the same.
    **{f"looks_like_{datum}": PLACES["looks_like_other_datum"] for datum in DATUMS},
}


def phrase(  # noqa: PLR0913 (what is said, and to whom)
    code: str,
    field: str | None,
    values: Mapping[str, object],
    rows: Sequence[int],
    language: str,
    *,
    voice: Voice = "command",
) -> str:
    """Say one finding in `language`, quoting its values safely.

    Parameters
    ----------
    code, field, values, rows : of the finding.
    language : "zh" or "en".
    voice : to whom: someone at the command line, at the form, or an office that gets a reply.

    Examples
    --------
    >>> phrase("negative_value", "beds_total", {"came": "-3"}, (), "en")
    'Beds (beds_total) cannot be negative, got -3; kept as unknown. Correct it.'
    >>> phrase("zero_capacity", "beds_total", {}, (2, 5), "zh")
    '“床位总数（beds_total）”为 0，按 0 保留。如果 0 表示“未填”，请把单元格留空。（共 2 行：2、5）'
    >>> phrase("zero_capacity", "beds_total", {}, (), "zh", voice="form")
    '“床位总数”为 0，按 0 保留。如果 0 表示“未填”，请把单元格留空。'
    """
    texts: dict[str, object] = {key: shown(value, language) for key, value in values.items()}
    if field is not None:
        texts |= {"field": _label(field, language, voice), "name": field}
    sentence = MESSAGES[code].of(language).format_map(texts | {"state": Asking(language, voice)})
    example = texts.get("example")
    if example is not None:
        of_row = f"For example row {example}: " if language == "en" else f"如第 {example} 行："
        sentence = of_row + sentence
    return sentence + _all_rows(rows, language)


def _all_rows(rows: Sequence[int], language: str) -> str:
    """Say which rows are meant, where there are several."""
    if not rows:
        return ""
    named = (", " if language == "en" else "、").join(str(row) for row in rows[:ROWS_NAMED])
    more = " …" if len(rows) > ROWS_NAMED else ""
    if language == "en":
        return f" ({len(rows)} rows: {named}{more})"
    return f"（共 {len(rows)} 行：{named}{more}）"


def field_label(field: str, language: str) -> str:
    """Name a field, or what else is read from columns, as the reader calls it.

    Examples
    --------
    >>> field_label("beds_total", "zh"), field_label("lon", "en"), field_label("phone_source", "zh")
    ('床位总数', 'Longitude', '电话：来源')
    """
    for table in _TABLES:
        if field in table.by_name:
            return table.by_name[field].label.of(language)
    if field in COLUMN_LABELS:
        return COLUMN_LABELS[field].of(language)
    for end, label in _NOTED.items():
        if field.endswith(end):
            colon = ": " if language == "en" else "："
            return f"{field_label(field.removesuffix(end), language)}{colon}{label.of(language)}"
    return field


def shown(value: object, language: str = "zh") -> str:
    r"""Quote a value: one line, no control characters, at most ``QUOTED`` characters.

    Examples
    --------
    >>> shown("甲\x00\n乙")
    '甲 乙'
    >>> len(shown("长" * 200))
    60
    """
    if isinstance(value, Label):
        return value.of(language)
    if isinstance(value, list | tuple):
        return (", " if language == "en" else "、").join(shown(each, language) for each in value)
    text = _CONTROL.sub(" ", str(value)).strip()
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


@cache
def _label(field: str, language: str, voice: Voice) -> str:
    """Name a field as the reader calls it; whoever types commands is told its geomap name too."""
    label = field_label(field, language)
    if voice != "command" or not any(field in table.by_name for table in _TABLES):
        return label
    return f"{label} ({field})" if language == "en" else f"{label}（{field}）"
