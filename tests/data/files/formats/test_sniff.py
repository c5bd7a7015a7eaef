from __future__ import annotations

import zipfile

import pytest

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats.sniff import sniff


def refusal(path):
    with pytest.raises(RefusedError) as caught:
        sniff(path)
    return caught.value.finding.code


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"name,lat\nx,1\n", "csv"),
        ("a.TSV", b"name\tlat\nx\t1\n", "csv"),
        ("a.txt", "名称\n甲".encode("utf-16"), "csv"),
        ("a.geojson", b'\xef\xbb\xbf {"type": "FeatureCollection"}', "geojson"),
        ("a.json", b"[]", "geojson"),
    ],
)
def test_content_and_name_together_tell_the_format(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    assert sniff(path).format == expected


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "file_empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "file_empty"),
        ("a.csv", b'{"type": "FeatureCollection"}', "format_mismatch"),
        ("a.geojson", b"name,lat\nx,1\n", "format_mismatch"),
        ("a.xlsx", b"name,lat\nx,1\n", "format_mismatch"),
        ("a.xyz", b"name,lat\nx,1\n", "format_unknown"),
        ("a", b"name,lat\nx,1\n", "format_unknown"),
        ("a.csv", bytes(range(256)) * 9, "format_unknown"),
        ("a.xls", b"\xd0\xcf\x11\xe0 old", "format_unknown"),
        ("a.geojson", b"<OGRVRTDataSource></OGRVRTDataSource>", "format_unknown"),
        ("a.geojson", b"<?xml version='1.0'?><x/>", "format_unknown"),
        ("a.csv", b"SQLite format 3\x00", "format_mismatch"),
        ("a.xlsx", b"PK\x03\x04 cut short", "invalid_xlsx"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == code


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    assert refusal(tmp_path / "none.csv") == "file_missing"
    assert refusal(tmp_path) == "file_unreadable"


def test_an_archive_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(path) == "format_unknown"


def test_a_workbook_that_would_unpack_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("geomap.data.files.formats.archive.LARGEST_UNPACKED", 1000)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x" * 2000)
    assert refusal(path) == "too_large"


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("geomap.data.files.formats.sniff.LARGEST_BYTES", 5)
    path = tmp_path / "a.csv"
    path.write_bytes(b"name\nabc\n")
    assert refusal(path) == "too_large"
