"""Look into zip archives: only plain members of a sane size, unpacked under names of our own.

The names in an archive are never used as paths. ``zipfile`` reads no more of a member than its
declared size, so that what is declared bounds what is unpacked; the bytes are counted all the same.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from geomap.data.files.findings.report import RefusedError
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: No archive that unpacks to more bytes is read.
LARGEST_UNPACKED = 1024 * 2**20
#: No archive with more members is read.
MOST_MEMBERS = 10_000
#: Beyond this size an archive that packs better than this is made to burst.
_SUSPECT_BYTES, _SUSPECT_RATIO = 100 * 2**20, 200
_BLOCK, _HEAD = 2**20, 2**16
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
ZIP = Label("压缩文件（.zip）", "a zip archive")
#: What the standard library raises on damaged archives.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def members(path: Path) -> list[zipfile.ZipInfo]:
    """List the files of an archive, if all of it is safe to unpack.

    Parameters
    ----------
    path : a zip archive.

    Raises
    ------
    RefusedError : if it is damaged, encrypted, too large once unpacked, or if a member leads out
        of the archive or is a link.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except DAMAGED as error:
        raise RefusedError("invalid_file", came=type(error).__name__, expected=ZIP) from error
    if len(found) > MOST_MEMBERS:
        came = Label(f"{len(found)} 个文件", f"{len(found)} files")
        raise RefusedError("unsafe_archive", came=came)
    for each in found:
        _check(each)
    unpacked = sum(each.file_size for each in found)
    packed = max(1, path.stat().st_size)
    burst = unpacked > _SUSPECT_BYTES and unpacked / packed > _SUSPECT_RATIO
    if unpacked > LARGEST_UNPACKED or burst:
        limit = _SUSPECT_BYTES if burst else LARGEST_UNPACKED
        raise RefusedError("too_large", came=megabytes(unpacked), expected=megabytes(limit))
    files = (each for each in found if not each.filename.endswith("/"))  # a name may be empty
    return [each for each in files if not _is_litter(each.filename)]


def read_member(path: Path, member: zipfile.ZipInfo, *, most: int = LARGEST_UNPACKED) -> bytes:
    """Read one member, or its first `most` bytes.

    Raises
    ------
    RefusedError : if it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as source:
            return source.read(most)
    except DAMAGED as error:
        raise RefusedError("invalid_file", came=type(error).__name__, expected=ZIP) from error


def heads(
    path: Path, found: Iterable[zipfile.ZipInfo], suffixes: tuple[str, ...]
) -> Iterator[bytes]:
    """Give the beginning of every member with one of some suffixes.

    Raises
    ------
    RefusedError : if one is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in found:
                if member.filename.lower().endswith(suffixes):
                    with archive.open(member) as source:
                        yield source.read(_HEAD)
    except DAMAGED as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError("invalid_file", came=type(error).__name__, expected=ZIP) from error


def extract(path: Path, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one member to `target`, a name of our own.

    Raises
    ------
    RefusedError : if it is damaged or unpacks to more than it says.
    """
    size = 0
    try:
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(member) as source,
            target.open("wb") as sink,
        ):
            while block := source.read(_BLOCK):
                size += len(block)
                _require_within(size, member)
                sink.write(block)
    except DAMAGED as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError("invalid_file", came=type(error).__name__, expected=ZIP) from error


def _require_within(size: int, member: zipfile.ZipInfo) -> None:
    """Refuse a member that unpacks to more than it says."""
    if size > min(member.file_size, LARGEST_UNPACKED):
        raise RefusedError("unsafe_archive", came=shown_name(member))


def shown_name(member: zipfile.ZipInfo) -> str:
    """Give a member's name as its office wrote it: GBK where the archive says nothing."""
    name = member.filename
    if member.flag_bits & _UTF8_NAME or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def megabytes(size: int) -> str:
    """Write a size.

    Examples
    --------
    >>> megabytes(512 * 2**20)
    '512 MB'
    """
    return f"{size / 2**20:.0f} MB"


def _check(member: zipfile.ZipInfo) -> None:
    """Refuse a member that is no plain file within the archive."""
    name = member.filename.replace("\\", "/")
    outside = name.startswith("/") or ".." in name.split("/") or name[1:2] == ":" or "\x00" in name
    mode = member.external_attr >> 16
    special = stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)
    if outside or special:
        raise RefusedError("unsafe_archive", came=shown_name(member))
    if member.flag_bits & _ENCRYPTED:
        raise RefusedError("unsafe_archive", came=Label("有密码", "protected by a password"))


def _is_litter(name: str) -> bool:
    """Whether a member is what macOS adds beside the real files."""
    return "__MACOSX" in name.split("/") or PurePosixPath(name).name.startswith("._")
