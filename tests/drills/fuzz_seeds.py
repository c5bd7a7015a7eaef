"""What fuzzing starts from: small files of every kind, made here, and the heads of real ones."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Of a real file, so many bytes are taken.
HEAD = 3_000

TABLES = (
    "名称,类型,地址,经度,纬度,床位数,电话,星级,收费,医养结合,开业时间,服务对象\n"
    "乐颐养老院,养老院,杭州市上城区人民路1号,120.17,30.25,120张,0571-87654321,四星级,2000-3500元/月,"
    "内设医务室,2019年5月1日,自理、半失能\n"
    "第二敬老院,敬老院,,东经120°10′12″,北纬30°15′,80,13800000000,,面议,无,43586,失能\n合计,,,,,200\n",
    "編號;機構名稱;地址;lon;lat;核定床數\n1;私立安養中心;臺北市重慶北路;121,51;25,05;49\n",
    "id\tname\tlat\tlng\tbeds\n1\tGOVERNOR’S HOUSE\t40.7128 N\t74.006 W\t1.200,5\n",
    'sep=|\nname|address|lon|lat\n"a ""b"""|"x\ny"|121.5e0|NaN\n',
    '养老服务机构一览表,,,\n,,,\n名称,坐标,床位,建成日期\n甲,"120.1,30.2",1e3,2020/1/1\n'
    "乙,30.2 120.1,10-20,民国99年\n",
    "行政区划代码,名称,常住人口,60岁以上人口,65+占比,0-4岁,60-64岁\n330102,上城区,132.3万,20万,15%,3,4\n",
    "id,name,geometry\n1,甲,POINT (120 30)\n"
    '2,乙,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n3,丙,POINT (1e999 0)\n',
    "名称,X坐标,Y坐标,价格上限,价格下限,检查时间,检查结果\n甲,40512345.6,3345678.9,1,2,2020.13.1,合格\n",
)
_POINT = {"type": "Point", "coordinates": [120.1, 30.2]}
_RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
_PLACES: tuple[object, ...] = (
    _POINT,
    {"type": "Polygon", "coordinates": [_RING]},
    {"type": "MultiPolygon", "coordinates": [[_RING], [_RING]]},
    {"type": "LineString", "coordinates": _RING},
    {"type": "GeometryCollection", "geometries": [_POINT, _POINT]},
    {"type": "Point", "coordinates": []},
    None,
)
_PROPERTIES = {
    "name": "乐颐养老院",
    "addr": {"city": "杭州", "street": "人民路"},
    "tags": ["a", "b"],
    "beds": 12,
    "level": "district",
    "adcode": 330102,
    "center": [120.1, 30.2],
    "opened": "2020-01-01",
    "population": 1e5,
    "yes": True,
    "no": None,
}
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    "<Schema id='s'><SimpleField name='beds' type='int'/></Schema><Folder><name>养老</name>"
    "<Placemark id='a'><name>甲</name><description><![CDATA[<table><tr><td>床位</td><td>3</td></tr>"
    "</table>]]></description><ExtendedData><Data name='电话'><value>010-1</value></Data>"
    "<SchemaData schemaUrl='#s'><SimpleData name='beds'>3</SimpleData></SchemaData></ExtendedData>"
    "<Point><coordinates>120.1,30.2,0</coordinates></Point></Placemark><Placemark><name>乙</name>"
    "<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>"
    "</Folder></Document></kml>"
)


def seeds(reader: str) -> Iterator[bytes]:
    """Give the files that fuzzing of a reader starts from."""
    yield from _SEEDS[reader]()
    folder = os.environ.get("GEOMAP_TEST_DATA")
    for path in sorted(Path(folder).rglob("*")) if folder else []:
        if path.suffix in _ENDS[reader] and path.is_file():
            with path.open("rb") as file:
                yield file.read(HEAD)


def _delimited() -> Iterator[bytes]:
    for text in TABLES:
        yield text.encode()
    for codec in ("gb18030", "big5", "utf-16", "utf-8-sig", "utf-16-le", "shift_jis", "cp1252"):
        yield from (text.encode(codec, errors="replace") for text in TABLES[:3])


def _documents() -> Iterator[bytes]:
    features = [
        {"type": "Feature", "id": number, "properties": _PROPERTIES, "geometry": place}
        for number, place in enumerate(_PLACES)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
    whole = {"type": "FeatureCollection", "crs": crs, "features": features}
    for document in (whole, features[0], _POINT, features, {"type": "Topology"}):
        yield json.dumps(document, ensure_ascii=False).encode()
    yield json.dumps(whole).encode("utf-16")
    yield b"\n".join(json.dumps(each).encode() for each in features)


def _workbooks() -> Iterator[bytes]:
    from datetime import date, time

    import openpyxl

    for text in TABLES[:6]:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "说明"
        other = book.create_sheet("名单")
        for line in text.splitlines():
            other.append(line.split(","))
        other.append(["甲", date(2020, 1, 1), time(3), 1e300, True, "=1/0", None, "#REF!"])
        other.merge_cells("A2:B3")
        other.sheet_state = "visible"
        opened = io.BytesIO()
        book.save(opened)
        yield opened.getvalue()


def _with_driver(*drivers: str) -> Iterator[bytes]:
    """Write a few facilities by other drivers; zipped where they are several files."""
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"名称": ["甲", "乙"], "床位数": [3, 4], "开业": ["2020-01-01", None]},
        geometry=gpd.points_from_xy([120.1, 120.2], [30.2, 30.3]),
        crs=4326,
    )
    for driver in drivers:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            if driver == "parquet":
                frame.to_parquet(folder / "a.parquet")
            else:
                options = {"encoding": "utf-8"} if driver == "ESRI Shapefile" else {}
                ends = {"ESRI Shapefile": "shp", "GPKG": "gpkg", "FlatGeobuf": "fgb"}
                frame.to_file(folder / f"a.{ends[driver]}", driver=driver, **options)
            files = sorted(folder.iterdir())
            yield (
                files[0].read_bytes()
                if len(files) == 1
                else zipped({each.name: each.read_bytes() for each in files})
            )


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Put members into an archive."""
    opened = io.BytesIO()
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return opened.getvalue()


def _archives() -> Iterator[bytes]:
    yield from _workbooks()
    yield from _with_driver("ESRI Shapefile")
    yield zipped({"doc.kml": KML.encode(), "files/a.png": b"\x89PNG"})
    yield zipped({"名单.csv": TABLES[0].encode()})
    yield zipped({"a/b.geojson": next(_documents())})


_SEEDS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "csv": _delimited,
    "geojson": _documents,
    "xlsx": _workbooks,
    "zip": _archives,
    "kml": lambda: iter([KML.encode()]),
    "gpkg": lambda: _with_driver("GPKG"),
    "fgb": lambda: _with_driver("FlatGeobuf"),
    "parquet": lambda: _with_driver("parquet"),
}
_ENDS: Mapping[str, tuple[str, ...]] = dict.fromkeys(_SEEDS, ()) | {
    "csv": (".csv",),
    "geojson": (".json", ".geojson"),
}
READERS = tuple(_SEEDS)
