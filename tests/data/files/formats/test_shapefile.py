from __future__ import annotations

import struct
import warnings
import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.raw import read_raw
from geomap.data.files.formats.shapefile import companions
from geomap.model.area import AREAS
from geomap.model.facility import FACILITIES

NAMES = ["静安区乐颐养老院", "和睦居家养老服务中心", "三汇敬老院", "长宁区福利院"]


def write(folder, *, names=NAMES, encoding="gbk", parts=("shx", "dbf", "prj"), stem="homes"):
    columns = ("機構名稱", "床位數") if encoding == "big5" else ("机构名称", "床位数")
    frame = gpd.GeoDataFrame(
        {columns[0]: names, columns[1]: range(len(names))},
        geometry=gpd.points_from_xy([121.4 + nth / 10 for nth in range(len(names))], 31.0),
        crs=4326,
    )
    path = folder / f"{stem}.shp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a long name is cut
        pyogrio.write_dataframe(frame, path, encoding=encoding)
    for suffix in ("shx", "dbf", "prj", "cpg"):
        if suffix not in parts:
            path.with_suffix(f".{suffix}").unlink()
    return path


def refusal(path, **options):
    with pytest.raises(RefusedError) as caught:
        read_raw(path, FACILITIES, **options)
    return caught.value.finding


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-8"])
def test_text_without_a_code_page_is_read_by_what_it_makes_sense_as(tmp_path, encoding):
    names = ["臺北市私立上美老人長期照顧中心"] * 2 if encoding == "big5" else NAMES
    raw = read_raw(write(tmp_path, names=names, encoding=encoding), FACILITIES)
    assert raw.cells[0].tolist() == names
    assert raw.header[0] in ("机构名称", "机构名…", "機構名稱")


def test_the_encoding_that_the_office_names_is_obeyed(tmp_path):
    path = write(tmp_path)
    assert read_raw(path, FACILITIES, encoding="gbk").cells[0].tolist() == NAMES
    assert refusal(path, encoding="utf-8").code == "encoding_wrong"


def test_a_code_page_that_cannot_be_right_is_not_believed(tmp_path):
    path = write(tmp_path)
    path.with_suffix(".cpg").write_text("UTF-8")
    raw = read_raw(path, FACILITIES)
    assert raw.cells[0].tolist() == NAMES
    assert [each.code for each in raw.findings] == ["encoding_ambiguous"]


def test_a_language_driver_tells_the_encoding_where_text_does_not(tmp_path):
    path = write(tmp_path, names=["张", "李"])
    data = bytearray(path.with_suffix(".dbf").read_bytes())
    data[29] = 0x4D
    path.with_suffix(".dbf").write_bytes(data)
    raw = read_raw(path, FACILITIES)
    assert raw.details["encoding"] == "GB18030"
    assert raw.cells[0].tolist() == ["张", "李"]


def test_neighbours_are_found_whatever_the_case_of_their_names(tmp_path):
    path = write(tmp_path)
    for suffix in ("shx", "dbf", "prj"):
        path.with_suffix(f".{suffix}").rename(tmp_path / f"HOMES.{suffix.upper()}")
    assert sorted(companions(path)) == [".dbf", ".prj", ".shp", ".shx"]
    assert read_raw(path, FACILITIES).crs == "EPSG:4326"


def test_a_missing_index_is_made_anew(tmp_path):
    raw = read_raw(write(tmp_path, parts=("dbf", "prj")), FACILITIES)
    assert shapely.get_x(raw.geometry).round(1).tolist() == [121.4, 121.5, 121.6, 121.7]
    assert not (tmp_path / "homes.shx").exists()


def test_a_missing_attribute_table_is_named(tmp_path):
    finding = refusal(write(tmp_path, parts=("shx", "prj")))
    assert (finding.code, finding.values["came"]) == ("part_missing", "homes.dbf")


def test_a_system_without_code_is_told_by_its_parameters(tmp_path):
    path = write(tmp_path, parts=("shx", "dbf", "prj"))
    path.with_suffix(".prj").write_text(
        'PROJCS["CGCS2000_3_Degree_GK_Zone_39",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
        'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0'
        '],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting"'
        ',39500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],'
        'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
    assert read_raw(path, FACILITIES).crs == "EPSG:4527"


@pytest.mark.parametrize(
    "text", ["+proj=utm +zone=50 +nadgrids=/etc/passwd", 'LOCAL_CS["Site",UNIT["m",1]]', "nonsense"]
)
def test_what_a_prj_calls_itself_is_passed_on_and_never_followed(tmp_path, text):
    path = write(tmp_path)
    path.with_suffix(".prj").write_text(text)
    assert read_raw(path, FACILITIES).crs in (text, "Site")


@pytest.mark.parametrize("text", ["", " \n", 'LOCAL_CS["Undefined Cartesian SRS"]'])
def test_an_empty_prj_states_nothing(tmp_path, text):
    path = write(tmp_path)
    path.with_suffix(".prj").write_text(text)
    assert read_raw(path, FACILITIES).crs == "not stated:121.4, 31"


def test_records_marked_as_deleted_are_left_out_with_their_shapes(tmp_path):
    path = write(tmp_path)
    data = bytearray(path.with_suffix(".dbf").read_bytes())
    start, length = struct.unpack_from("<HH", data, 8)
    data[start + length] = ord("*")
    path.with_suffix(".dbf").write_bytes(data)
    raw = read_raw(path, FACILITIES)
    assert raw.cells[0].tolist() == [NAMES[0], *NAMES[2:]]
    assert shapely.get_x(raw.geometry).round(1).tolist() == [121.4, 121.6, 121.7]
    assert raw.rows.tolist() == [1, 2, 3]


def test_a_text_cut_within_a_character_is_told(tmp_path):
    path = write(tmp_path, names=["养" * 127 + "老", *NAMES[:2]])
    raw = read_raw(path, FACILITIES)
    assert raw.cells[0].iloc[0] == "养" * 127
    assert ("text_cut", 1) not in [(each.code, each.row) for each in raw.findings]
    path = write(tmp_path, names=["a" + "养" * 127, *NAMES[:2]])
    raw = read_raw(path, FACILITIES)
    assert raw.cells[0].iloc[0] == "a" + "养" * 126
    assert ("text_cut", 1) in [(each.code, each.row) for each in raw.findings]


def test_attributes_cut_short_or_of_another_shapefile_are_refused(tmp_path):
    path = write(tmp_path)
    whole = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(whole[:-80])
    assert refusal(path).code == "invalid_file"
    other = write(tmp_path, names=NAMES[:2], stem="other")
    path.with_suffix(".dbf").write_bytes(other.with_suffix(".dbf").read_bytes())
    assert refusal(path).code == "invalid_file"


def pack(folder, *stems, name="a.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for stem in stems:
            for part in sorted(folder.glob(f"{stem}.*")):
                archive.write(part, f"导出/{part.name}")
    return path


def test_of_several_shapefiles_the_one_that_names_most_fields_is_read(tmp_path):
    write(tmp_path)
    roads = gpd.GeoDataFrame(
        {"kind": [1]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326
    )
    roads.to_file(tmp_path / "roads.shp")
    raw = read_raw(pack(tmp_path, "homes", "roads"), FACILITIES)
    assert raw.cells[0].tolist() == NAMES
    assert [(each.code, each.values["expected"]) for each in raw.findings] == [
        ("sheet_chosen", ["roads"])
    ]


def test_an_archive_without_attributes_is_refused_by_name(tmp_path):
    write(tmp_path, parts=("shx", "prj"))
    assert refusal(pack(tmp_path, "homes")).code == "part_missing"


def test_outlines_with_holes_stay_outlines_with_holes(tmp_path):
    outer = shapely.box(121, 31, 122, 32)
    hole = shapely.box(121.4, 31.4, 121.6, 31.6)
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[outer - hole], crs=4326)
    frame.to_file(tmp_path / "areas.shp")
    raw = read_raw(tmp_path / "areas.shp", AREAS)
    assert shapely.area(raw.geometry).round(6).tolist() == [0.96]
