"""Data that lies in a file that the kernel can drop, shared by all workers.

Texts are most of a table, and most of them are never asked for. They are unpacked column by
column into a temporary file that has no name any more, and mapped: what nobody reads takes no
memory, and processes forked later share the rest. The same goes for arrays of numbers, and for
what is written of each row.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.generic)

#: Linux maps as many pages at once as were written at once: small pieces keep single rows cheap.
_PIECE = 1 << 16
#: Arrays begin at multiples of so many bytes, as numpy and Arrow like it.
_ALIGNED = 64
_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def forget_texts() -> None:
    """Tell the kernel that what was read so far of such files will hardly be read again soon.

    They stay in its cache of files, but no more in this process: worth it after a pass over all.
    """
    for each in _mapped:
        each.madvise(mmap.MADV_DONTNEED)


def read_mapped(path: Path, schema: pa.Schema) -> pa.Table:
    """Read a Parquet file, its texts into a file without a name.

    Parameters
    ----------
    path : the Parquet file.
    schema : the columns to give; those that the file lacks are left out.

    Returns
    -------
    (n,) table, every column in one piece; texts as pandas keeps them, with large offsets.

    Raises
    ------
    pyarrow.ArrowException, OSError, ValueError : if the file is damaged or a column does not fit.
    """
    import pyarrow as pa

    columns, texts = {}, {}
    with _file() as file:
        for name, column in _columns(path, schema):
            columns[name] = column.column(0)  # keeps its place
            if pa.types.is_large_string(columns[name].type):
                columns[name], texts[name] = None, _written(file, column)
        if texts:
            whole = pa.py_buffer(_map(file))
    for name, (start, size) in texts.items():
        columns[name] = pa.ipc.open_stream(whole.slice(start, size)).read_all().column(0)
    pa.default_memory_pool().release_unused()
    return pa.table(columns)


def kept_in_file(arrays: Sequence[NDArray[_Number]]) -> list[NDArray[_Number]]:
    """Write arrays of numbers into a file without a name.

    Parameters
    ----------
    arrays : of any shapes and kinds of numbers.

    Returns
    -------
    The same arrays, read-only, in the file.
    """
    if not any(each.nbytes for each in arrays):
        return [*arrays]
    with _file() as file:
        starts = []
        for each in arrays:
            file.write(bytes(-file.tell() % _ALIGNED))
            starts.append(file.tell())
            _write(file, np.ascontiguousarray(each).reshape(-1).view(np.uint8).data)
        mapped = _map(file)
    return [
        np.frombuffer(mapped, each.dtype, each.size, start).reshape(each.shape)
        for each, start in zip(arrays, starts, strict=True)
    ]


def written_in_file(blocks: Iterable[Sequence[bytes]]) -> tuple[NDArray[np.int64], memoryview]:
    """Write pieces one behind another into a file without a name.

    Parameters
    ----------
    blocks : the pieces, some at a time; (n,) in all.

    Returns
    -------
    (n + 1,) where each piece begins and the last one ends; and all of them, read-only.

    Raises
    ------
    OSError : if the disk is full.
    """
    lengths = [np.zeros(1, dtype=np.int64)]
    with _file() as file:
        for block in blocks:
            lengths.append(np.fromiter(map(len, block), dtype=np.int64, count=len(block)))
            _write(file, memoryview(b"".join(block)))
        starts = np.concatenate(lengths).cumsum()
        return starts, memoryview(_map(file) if starts[-1] else b"")


def room_bytes() -> int:
    """Tell how much room is left where such files lie."""
    return shutil.disk_usage(tempfile.gettempdir()).free


def _file() -> IO[bytes]:
    """Open a file that is gone when nobody uses it."""
    return tempfile.TemporaryFile(prefix="geomap-", buffering=0)


def _map(file: IO[bytes]) -> mmap.mmap:
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    mapped.madvise(mmap.MADV_RANDOM)
    _mapped.add(mapped)
    return mapped


def _columns(path: Path, schema: pa.Schema) -> Iterator[tuple[str, pa.Table]]:
    """Unpack the columns of a file, a few at a time."""
    import pyarrow as pa
    import pyarrow.parquet

    def read(name: str) -> pa.Table:
        wanted = schema.field(name).type
        text = pa.types.is_string(wanted)
        kind = pa.large_string() if text else wanted
        with pyarrow.parquet.ParquetFile(path, memory_map=True) as own:
            column = own.read(columns=[name], use_threads=False)
        return column.cast(pa.schema([(name, kind)])).combine_chunks()

    with pyarrow.parquet.ParquetFile(path) as file:
        names = [each for each in schema.names if each in file.schema_arrow.names]
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting = []
        for name in names:
            waiting.append((name, pool.submit(read, name)))
            if len(waiting) > workers:
                first, column = waiting.pop(0)
                yield first, column.result()
        for first, column in waiting:
            yield first, column.result()


def _written(file: IO[bytes], column: pa.Table) -> tuple[int, int]:
    """Write a column, and tell where it begins and how long it is."""
    import pyarrow as pa

    start = file.tell()
    with pa.BufferOutputStream() as whole:
        with pa.ipc.new_stream(whole, column.schema) as stream:
            stream.write_table(column)
        content = memoryview(whole.getvalue())
    _write(file, content)
    return start, len(content)


def _write(file: IO[bytes], content: memoryview) -> None:
    """Write all; a disk that is nearly full takes a part, and refuses only the next."""
    while content:
        content = content[file.write(content[:_PIECE]) :]
