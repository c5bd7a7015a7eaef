"""The note beside the files of open data: source, date and licence, in Chinese and in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geomap.data.dump import Dump


def note_of(dump: Dump) -> str:
    """Write what whoever uses the files must know, in Chinese and in English."""
    licence = f"{dump.licence} {dump.licence_url}".strip()
    lines = [
        f"养老机构，{dump.rows:,} 家，{dump.made_on} 写出",
        f"数据日期：{dump.data_date}",
        f"来源：{dump.source or '未说明'}",
        f"署名：{dump.attribution or dump.source or '未说明'}",
        f"许可：{licence or '发布者没有说明；使用前请先询问'}",
        *(["演示数据：机构均为虚构。"] if dump.synthetic else []),
        "",
        f"Care facilities, {dump.rows:,}, written on {dump.made_on}",
        f"Date of the data: {dump.data_date}",
        f"Source: {dump.source or 'not stated'}",
        f"Credit: {dump.attribution or dump.source or 'not stated'}",
        f"Licence: {licence or 'the publisher states none; ask before you use it'}",
        *(["Demonstration data: the facilities are invented."] if dump.synthetic else []),
    ]
    return "\n".join(lines) + "\n"
