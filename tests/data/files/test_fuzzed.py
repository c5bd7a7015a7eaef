"""Files that fuzzing found (tests/drills/fuzz_drill.py), cut down to what matters."""

from __future__ import annotations

import struct
import zipfile

import pytest

from geomap.data.files.table import read_in_process
from geomap.model.tables import TABLES


def read(folder, name, content, table="facilities"):
    path = folder / name
    path.write_bytes(content)
    return read_in_process(path, TABLES[table])


def codes(reading):
    return [each.code for each in reading.report.findings]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e9902", "nan"])
def test_well_known_text_with_endless_numbers_is_no_place(tmp_path, number):
    content = f"name,geometry\n甲养老院,POINT ({number} 30)\n乙养老院,POINT (121 31)\n".encode()
    reading = read(tmp_path, "a.csv", content)
    assert codes(reading) == ["bad_geometry"]
    assert reading.frame.geometry.isna().tolist() == [True, False]


def test_areas_given_by_points_have_no_outline_and_it_is_said(tmp_path):
    content = "名称,经度,纬度\n上城区,120.17,30.25\n".encode()
    reading = read(tmp_path, "a.csv", content, "areas")
    assert "bad_geometry" in codes(reading)
    assert reading.frame.geometry.isna().all()
    TABLES["areas"].schema.validate(reading.frame)


def test_an_archive_member_without_a_name_is_no_fault(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "名称\n甲养老院\n")
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 28 : central + 30] = struct.pack("<H", 0)  # a name of no length
    reading = read(tmp_path, "b.zip", bytes(content))
    assert reading.report.outcome == "refused"
