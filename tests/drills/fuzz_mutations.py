"""Change a file as no office would, but by its own grammar: cells, JSON values, archive members."""

from __future__ import annotations

import copy
import io
import json
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Plain = Callable[[bytes], bytes]

#: What has broken readers of tables before, theirs and others'.
CELLS = (
    "", "0", "-1", "1e999", "-1e999", "NaN", "inf", "1e-400", "9" * 40, "1.7976931348623157e308",
    "0x10", "1,5", "1.234,5", "1,234.5", "٣", "１２", "万", "12万人", "3.5千", "1/0", "=1+1",
    "@SUM(A1)", "#REF!", "#N/A", "是", "否", "无", "不详", "null", "None", "合计",
    "东经120°60′60″", "120°10'12.5\"E", "N 91 0 0", "-0", "181", "-91", "1e5", "40512345.6",
    "120.1,30.2", "30.2;120.1", "POINT (120 30)", "POINT EMPTY", "POLYGON ((0 0, 1 0, 1 1))",
    "POINT (nan nan)", "MULTIPOINT ((0 0), EMPTY)", "SRID=4326;POINT(1 2)",
    "GEOMETRYCOLLECTION (POINT (1 2))", "CURVEPOLYGON EMPTY", "0001-01-01", "9999-12-31",
    "10000-01-01", "2020-02-30", "2020年13月", "民国99年", "昭和64年1月7日", "令和元年", "43586",
    "99999999", "-43586", "1900-02-29", "010-12345678", "+86 138 0000 0000", "tel:" + "1" * 50,
    "javascript:alert(1)", "http://[::1", "//x", "a@b", "http://x/%", "330102", "330102000000",
    "000000", "3301", "𠀀", "\u202e", "\u200b", "\ufeff", "\x00", "\x03end\x03", "e\u0301", "😀",
    "a" * 3000, "(" * 300, "、" * 50, "；" * 50, "-" * 200, "1-" * 100, "100%", "1000%",
    "2000-1000", "2000-", "面议", "５０００元／月", "\"", "'", "|", "\t", "\r", "\n", ",", ";",
    "sep=;",
)  # fmt: skip
HEADS = (
    "名称", "类型", "地址", "经度", "纬度", "坐标", "床位数", "电话", "邮编", "星级", "收费",
    "价格下限", "价格上限", "省", "市", "区县", "街道", "行政区划代码", "开业时间", "核实日期",
    "医养结合", "服务", "服务对象", "负责人", "网址", "照片", "来源", "上级", "人口", "60岁以上",
    "65+占比", "0-4岁", "80岁及以上(%)", "X", "Y", "lon", "lat", "lng", "geometry", "wkt", "geom",
    "id", "name", "level", "parent_adcode", "编号", "状态", "土地面积(亩)", "建筑面积(万平方米)",
    "检查时间", "价格(万元/年)", "location", "WGS84经度", "gcj02_lng", "bd_lat", "X坐标",
    "provenance",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -0.0, 1e308, 10**30, -1, 3.5, "", "x", [], {}, [[]], [None],
    {"type": None}, {"": ""}, "\ud800", "\x00", {"type": "Point", "coordinates": [1e308, -1e308]},
    {"type": "Point", "coordinates": ["1", None]}, {"type": "Point", "coordinates": [[1, 2]]},
    {"type": "Polygon", "coordinates": [[[0, 0]]]}, {"type": "Curve"},
    {"type": "Polygon", "coordinates": []}, {"type": "MultiPolygon", "coordinates": [[]]},
    {"type": "GeometryCollection", "geometries": [None]},
    {"type": "name", "properties": {"name": "EPSG:4490"}},
    {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    {"type": "link", "properties": {"href": "http://x"}},
    {"type": "Feature", "properties": None, "geometry": None}, "Feature", "FeatureCollection",
    "Topology",
)  # fmt: skip
_MARKUP = (
    '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]>', "&b;", "&#0;",
    "&#xD800;", "<a", "]]>", "<![CDATA[", ' t="s"', ' t="b"', ' t="e"', ' t="d"',
    ' t="inlineStr"', ' r="XFD1048576"', ' r="A0"', ' r="1A"', ' s="99999"', "<v>-1</v>",
    "<v>1e999</v>", "<v>NaN</v>", "<f>A1</f>", "<c/>", "<row/>", '<row r="1048577">', "<v></v>",
    ' ref="A1:XFD1048576"', "<coordinates>nan,nan</coordinates>", "<coordinates>1</coordinates>",
    "<Point/>", "<Placemark/>", ' xmlns="x"', ' count="999999999"',
)  # fmt: skip
_NAMES = (
    "../a.csv",
    "/etc/a.csv",
    "a\\b.shp",
    "A.SHP",
    "名单.csv",
    "a/",
    "xl/workbook.xml",
    "doc.kml",
    "a.prj",
    "a.cpg",
    "a.dbf",
    "",
    "\x00",
)
_CODECS = (
    "utf-8",
    "gb18030",
    "big5",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-8-sig",
    "shift_jis",
    "cp1252",
    "euc_jp",
    "utf-7",
)
#: Of the changes, the share that knows nothing of the format.
_BLIND = 0.25


def mutate(reader: str, data: bytes, rng: random.Random, plain: Plain) -> bytes:
    """Change a file once or a few times.

    Parameters
    ----------
    plain : changes bytes without knowing what they are.
    """
    change = _CHANGES.get(reader, _plainly)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        is_blind = rng.random() < _BLIND
        data = plain(data) if is_blind else change(data, rng, plain)
    return data


def blind(rng: random.Random) -> Plain:
    """Give what changes bytes where no fuzzing engine does: by flips, cuts and repetitions."""

    def change(data: bytes) -> bytes:
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 1, 2, 4, 16, 200)))
        middle = rng.choice(
            (b"", bytes([rng.randrange(256)]), data[start:end] * 2, rng.randbytes(4), b"\xff" * 4)
        )
        return data[:start] + middle + data[end:]

    return change


def _plainly(data: bytes, _: random.Random, plain: Plain) -> bytes:
    return plain(data)


def _delimited(data: bytes, rng: random.Random, plain: Plain) -> bytes:
    """Change cells, rows, the delimiter, the line ends or the encoding."""
    codec = rng.choice(("utf-8", "utf-8", "gb18030", "utf-16"))
    text = data.decode(codec, errors="replace")
    delimiter = max(",\t;|", key=text.count)
    rows = [line.split(delimiter) for line in text.split("\n")]
    row = rng.choice(rows)
    action = rng.randrange(9)
    if action < 4:
        row[rng.randrange(len(row))] = rng.choice(CELLS)
    elif action == 4:
        rows[0][rng.randrange(len(rows[0]))] = rng.choice(HEADS)
    elif action == 5:
        rows[0].append(rng.choice(HEADS))
        for each in rows[1:]:
            each.append(rng.choice(CELLS))
    elif action == 6:
        rows.insert(rng.randrange(len(rows)), list(rng.choice(rows)) * rng.choice((1, 1, 60)))
    elif action == 7:
        rows.remove(row)
    else:
        delimiter = rng.choice(",\t;|，")
        codec = rng.choice(_CODECS)
    ends = "\r\n" if rng.random() < 0.1 else "\n"
    changed = ends.join(delimiter.join(each) for each in rows)
    return changed.encode(codec, errors="replace") if rng.random() < 0.95 else plain(data)


def _document(data: bytes, rng: random.Random, plain: Plain) -> bytes:
    """Change one value of a document, or its text where it is none."""
    try:
        root = [json.loads(data)]
        _change_one(root, rng)
        text = json.dumps(root[0])
    except (ValueError, RecursionError):
        return plain(data)
    if rng.random() < 0.1:
        text = text.replace("0", rng.choice(("NaN", "1e999", "-Infinity", "1" * 400, "0.")), 1)
    return text.encode(rng.choice(("utf-8", "utf-8", "utf-8", "utf-16")), errors="replace")


def _change_one(root: list[Any], rng: random.Random) -> None:
    """Change one value somewhere in a document, or add some."""
    holder: Any = root
    key: Any = 0
    while isinstance(holder[key], dict | list) and holder[key] and rng.random() < 0.85:
        holder = holder[key]
        key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
    action = rng.randrange(6)
    value = copy.deepcopy(rng.choice(VALUES))
    if action == 0 and isinstance(holder, dict):
        holder[rng.choice((*HEADS, "type", "coordinates", "id", ""))] = value
    elif action == 1 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder[:5] * rng.choice((1, 40))))
    elif action == 2:
        holder[key] = rng.choice(CELLS)
    elif action == 3:
        holder[key] = [holder[key]]
    else:
        holder[key] = value


def markup(data: bytes, rng: random.Random, plain: Plain) -> bytes:
    """Change a value, a mark or an element of XML."""
    pieces = re.split(rb"(<[^>]*>)", data)
    place = rng.randrange(len(pieces))
    action = rng.randrange(5)
    if action == 0:
        pieces[place] = rng.choice(CELLS).encode()
    elif action == 1:
        piece = pieces[place]
        cut = rng.randrange(len(piece) + 1)
        pieces[place] = piece[:cut] + rng.choice(_MARKUP).encode() + piece[cut:]
    elif action == 2:
        pieces[place] = re.sub(
            rb"[0-9]+", rng.choice(CELLS).encode().replace(b"\\", b""), pieces[place]
        )
    elif action == 3:
        end = place + rng.choice((1, 3, 9))
        pieces[place:place] = pieces[place:end] * rng.choice((1, 30))
    else:
        del pieces[place : place + rng.choice((1, 2, 5))]
    return b"".join(pieces) if rng.random() < 0.8 else plain(data)


def _archive(data: bytes, rng: random.Random, plain: Plain) -> bytes:
    """Change a member, its name, or what the archive says of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(each.filename, archive.read(each)) for each in archive.infolist()]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, *_ODD):
        return plain(data)
    if not members:
        return plain(data)
    place = rng.randrange(len(members))
    name, content = members[place]
    action = rng.randrange(8)
    if action == 0:
        members[place] = (rng.choice(_NAMES), content)
    elif action == 1:
        members.append((rng.choice((name, *_NAMES)), content))
    elif action == 2:
        del members[place]
    else:
        members[place] = (name, _member(name, content, rng, plain))
    return _lied_about(_packed(members, rng), rng)


_ODD = (struct.error, ValueError, RuntimeError, EOFError, IndexError)


def _member(name: str, content: bytes, rng: random.Random, plain: Plain) -> bytes:
    """Change a member by what its name says it is."""
    end = name.rpartition(".")[2].lower()
    change = _BY_END.get(end, _plainly)
    return change(content, rng, plain)


def _packed(members: list[tuple[str, bytes]], rng: random.Random) -> bytes:
    """Put members into an archive, stored or deflated."""
    import warnings

    opened = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(opened, "w") as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in members:
            archive.writestr(
                name.replace("\x00", "") or "a",
                content,
                rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)),
            )
    return opened.getvalue()


def _lied_about(data: bytes, rng: random.Random) -> bytes:
    """State another size, method, flag or checksum in one of the headers, now and then."""
    headers = [match.start() for match in re.finditer(rb"PK\x01\x02|PK\x03\x04|PK\x05\x06", data)]
    if rng.random() < 0.8 or not headers:
        return data
    start = rng.choice(headers) + 4 + 2 * rng.randrange(18)
    value = struct.pack("<I", rng.choice((0, 1, 2, 8, 12, 99, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF)))
    return data[:start] + value[: rng.choice((2, 4))] + data[start + 4 :]


_BY_END = dict.fromkeys(("xml", "rels", "kml"), markup) | {
    "csv": _delimited,
    "geojson": _document,
    "json": _document,
}
_CHANGES: dict[str, Callable[[bytes, random.Random, Plain], bytes]] = {
    "csv": _delimited,
    "geojson": _document,
    "xlsx": _archive,
    "zip": _archive,
    "kml": markup,
}
