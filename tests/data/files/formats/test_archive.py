from __future__ import annotations

import stat
import struct
import zipfile

import pytest

from geomap.data.files.findings.report import RefusedError
from geomap.data.files.formats import archive
from geomap.data.files.formats.archive import extract, members, read_member
from geomap.data.files.formats.sniff import sniff


def pack(folder, *names, data=b"x", mode=0, name="a.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in names:
            info = zipfile.ZipInfo(each)
            info.external_attr = mode << 16
            packed.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path


def refusal(path):
    with pytest.raises(RefusedError) as caught:
        members(path)
    return caught.value.finding


@pytest.mark.parametrize(
    "name", ["/etc/a.shp", "../a.shp", "b/../../a.shp", "..\\a.shp", "C:\\a.shp", "\\\\host\\a.shp"]
)
def test_a_member_that_leads_out_of_the_archive_is_refused(tmp_path, name):
    assert refusal(pack(tmp_path, name)).code == "unsafe_archive"


def test_a_link_is_refused(tmp_path):
    path = pack(tmp_path, "a.shp", data=b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    assert refusal(path).code == "unsafe_archive"


def test_a_member_with_a_password_is_refused(tmp_path):
    path = pack(tmp_path, "a.shp")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refusal(path).code == "unsafe_archive"


def test_too_many_members_and_too_large_ones_are_refused(tmp_path, monkeypatch):
    path = pack(tmp_path, *(f"{nth}.shp" for nth in range(20)), data=bytes(1000))
    monkeypatch.setattr(archive, "MOST_MEMBERS", 10)
    assert refusal(path).code == "unsafe_archive"
    monkeypatch.setattr(archive, "MOST_MEMBERS", 100)
    monkeypatch.setattr(archive, "LARGEST_UNPACKED", 10_000)
    assert refusal(path).code == "too_large"


def test_an_archive_that_bursts_is_refused_long_before_the_limit(tmp_path, monkeypatch):
    path = pack(tmp_path, "a.shp", data=bytes(2_000_000))
    assert len(members(path)) == 1
    monkeypatch.setattr(archive, "_SUSPECT_BYTES", 1_000_000)
    assert refusal(path).code == "too_large"


def test_what_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path):
    path = pack(tmp_path, "a.shp", data=bytes(5000))
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 100)
    path.write_bytes(data)
    (member,) = members(path)
    target = tmp_path / "target"
    with pytest.raises(RefusedError):
        extract(path, member, target)
    assert target.stat().st_size <= 100


def test_names_are_those_that_the_office_wrote_and_litter_is_left_aside(tmp_path):
    path = pack(tmp_path, "__MACOSX/._a.shp", "b/._a.shp", "a.shp", "folder/")
    assert [each.filename for each in members(path)] == ["a.shp"]
    (member,) = members(pack(tmp_path, "plain.shp"))
    member.filename = "养老院.shp".encode("gbk").decode("cp437")
    member.flag_bits = 0
    assert archive.shown_name(member) == "养老院.shp"


def test_a_damaged_archive_is_refused_in_a_sentence(tmp_path):
    path = pack(tmp_path, "a.shp", data=bytes(range(256)) * 40)
    (member,) = members(path)
    data = bytearray(path.read_bytes())
    data[60:80] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(RefusedError) as caught:
        read_member(path, member)
    assert caught.value.finding.code == "invalid_file"
    path.write_bytes(bytes(data[:-30]))
    assert refusal(path).code == "invalid_file"


@pytest.mark.parametrize(
    ("inside", "name", "expected"),
    [
        ("a/b.SHP", "a.zip", "zip"),
        ("doc.kml", "a.kmz", "kmz"),
        ("xl/workbook.xml", "a.xlsx", "xlsx"),
    ],
)
def test_what_an_archive_holds_tells_its_format(tmp_path, inside, name, expected):
    assert sniff(pack(tmp_path, inside, name=name)).format == expected
