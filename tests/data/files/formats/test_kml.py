from __future__ import annotations

import zipfile

import pytest
import shapely

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.model.facility import FACILITIES

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
)
TAIL = "</Document></kml>"
LINE = "<LineString><coordinates>1,1 2,2</coordinates></LineString>"
POINT = "<Point><coordinates>121.47,31.23,7</coordinates></Point>"


def place(name, inside=POINT, **data):
    values = "".join(
        f'<Data name="{key}"><value>{value}</value></Data>' for key, value in data.items()
    )
    extended = f"<ExtendedData>{values}</ExtendedData>" if data else ""
    return f"<Placemark><name>{name}</name>{extended}{inside}</Placemark>"


def folder_of(name, *places):
    return f"<Folder><name>{name}</name>{''.join(places)}</Folder>"


def write(folder, *places, head=HEAD, tail=TAIL, encoding="utf-8"):
    path = folder / "a.kml"
    path.write_bytes((head + "".join(places) + tail).encode(encoding))
    return path


def refusal(path):
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES)
    return caught.value.finding


def test_what_a_placemark_says_becomes_columns(tmp_path):
    own = "<address>人民路1号</address><phoneNumber>tel:021-62581234</phoneNumber>" + POINT
    schema = (
        '<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="床位数">30</SimpleData>'
        "</SchemaData></ExtendedData>"
    )
    raw = read_raw(write(tmp_path, place("甲院", own), place("乙院", schema + POINT)), FACILITIES)
    assert raw.header == ("name", "address", "phone", "床位数")
    assert raw.cells.fillna("").to_numpy().tolist() == [
        ["甲院", "人民路1号", "tel:021-62581234", ""],
        ["乙院", "", "", "30"],
    ]
    assert shapely.to_wkt(raw.geometry[0]) == "POINT (121.47 31.23)"
    assert raw.crs is None


def test_polygons_holes_and_several_geometries_are_built(tmp_path):
    def ring(low, high):
        corners = [(low, low), (high, low), (high, high), (low, high), (low, low)]
        text = " ".join(f"{x},{y},0" for x, y in corners)
        return f"<LinearRing><coordinates>\n {text} </coordinates></LinearRing>"

    inner = f"<innerBoundaryIs>{ring(1, 2)}</innerBoundaryIs>"
    outer = f"<outerBoundaryIs>{ring(0, 4)}</outerBoundaryIs>"
    polygon = f"<Polygon>{inner}{outer}</Polygon>"
    several = f"<MultiGeometry>{POINT}{POINT}</MultiGeometry>"
    raw = read_raw(write(tmp_path, place("甲", polygon), place("乙", several)), FACILITIES)
    assert shapely.area(raw.geometry[0]) == 15
    assert raw.geometry[1].geom_type == "MultiPoint"


@pytest.mark.parametrize(
    "shape",
    [
        "<Point><coordinates>121</coordinates></Point>",
        "<Point><coordinates>east,north</coordinates></Point>",
        "<Point><coordinates/></Point>",
        "<LineString><coordinates>1,1</coordinates></LineString>",
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,1</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon>",
        "<Polygon/>",
        "<Model><Link><href>http://127.0.0.1:9/model</href></Link></Model>",
    ],
)
def test_a_geometry_that_cannot_be_built_is_told_and_the_row_kept(tmp_path, shape):
    raw = read_raw(write(tmp_path, place("甲院", shape), place("乙院")), FACILITIES)
    assert [each is None for each in raw.geometry] == [True, False]
    assert [(each.code, each.row) for each in raw.findings] == [("bad_geometry", 1)]


def test_folders_with_the_same_columns_are_one_list(tmp_path):
    path = write(
        tmp_path,
        folder_of("静安区", place("甲院", beds=1)),
        folder_of("路线", place("线", LINE, w=1)),
        folder_of("黄浦区", place("乙院", beds=2)),
    )  # fmt: skip
    raw = read_raw(path, FACILITIES)
    assert raw.rows.tolist() == [1, 3]
    assert raw.cells[raw.header.index("folder")].tolist() == ["静安区", "黄浦区"]
    (finding,) = raw.findings
    assert (finding.code, finding.values["expected"]) == ("sheet_chosen", ["路线"])


def test_links_to_the_network_are_told_and_never_followed(tmp_path):
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/more.kml</href></Link></NetworkLink>"
    raw = read_raw(write(tmp_path, place("甲院"), link), FACILITIES)
    assert [(each.code, each.values["came"]) for each in raw.findings] == [("network_link", 1)]
    assert refusal(write(tmp_path, link)).code == "only_network_links"


ENTITY = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "doctype", [ENTITY, LAUGHS, '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/d">']
)
def test_a_document_type_is_refused(tmp_path, doctype):
    head = HEAD.replace("<kml ", doctype + "<kml ")
    assert refusal(write(tmp_path, place("&a;"), head=head)).code == "unsafe_xml"
    long = HEAD.replace("<kml ", "<!-- " + "x" * 100_000 + " -->" + doctype + "<kml ")
    assert refusal(write(tmp_path, place("&a;"), head=long)).code in (
        "unsafe_xml",
        "format_unknown",
    )


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gbk", "GB2312"), ("gbk", "UTF-8"), ("utf-16", "UTF-16")]
)
def test_the_encoding_is_the_declared_one_or_the_one_that_reads(tmp_path, encoding, declared):
    head = HEAD.replace("UTF-8", declared)
    places = [place(name) for name in ("静安区乐颐养老院", "和睦居家养老服务中心", "三汇敬老院")]
    raw = read_raw(write(tmp_path, *places, head=head, encoding=encoding), FACILITIES)
    assert raw.cells[0].iloc[0] == "静安区乐颐养老院"


@pytest.mark.parametrize(
    ("head", "tail", "code"),
    [(HEAD, "", "invalid_file"), (HEAD, TAIL, "no_rows"), (HEAD + "<a>" * 300, "", "invalid_file")],
)
def test_what_is_cut_short_or_empty_is_refused(tmp_path, head, tail, code):
    assert refusal(write(tmp_path, head=head, tail=tail)).code == code


@pytest.mark.parametrize("name", ["a.kml", "a.geojson", "a.csv", "a.osm"])
@pytest.mark.parametrize(
    "text",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>",
        "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
        '<?xml version="1.0"?><wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs"/>',
    ],
)
def test_a_disguised_driver_file_is_refused_by_its_content(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    assert refusal(path).code == "format_unknown"


def test_of_a_kmz_the_document_at_its_root_is_read(tmp_path):
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("files/other.kml", HEAD + place("丙院") + TAIL)
        archive.writestr("doc.kml", HEAD + place("甲院") + TAIL)
    raw = read_raw(path, FACILITIES)
    assert raw.cells[0].tolist() == ["甲院"]
    assert [each.values["expected"] for each in raw.findings] == [["files/other.kml"]]
