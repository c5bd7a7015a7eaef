"""Memory that is not needed any more, given back: after a start, much of it is free but held."""

from __future__ import annotations

import ctypes
import gc
import os

from geomap.data.mapped import forget_texts

#: glibc's number of the setting, in malloc.h.
_M_ARENA_MAX = -8
_HEAPS = 2


def give_back() -> None:
    """Return free memory to the system, and let go of texts that were read in passing.

    glibc keeps what threads have freed, 20 to 150 MB after the indexes are built; other C
    libraries give it back by themselves.
    """
    gc.collect()
    trim()


def trim() -> None:
    """Give back what is free already: some 100 MB that answers leave behind, in milliseconds."""
    import pyarrow as pa

    forget_texts()
    pa.default_memory_pool().release_unused()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)


def keep_few_heaps() -> None:
    """Let threads share two heaps: glibc gives each its own, and keeps what each has freed.

    Eight threads that had each built something held 130 MB so. Other C libraries have no heaps
    of threads, and are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, _HEAPS)


def keep_as_it_is() -> None:
    """Give back what is free, and let the collector look no more at what is in memory now.

    It would take 0.1 s each time, and write into every object: processes forked from here share
    what nobody writes into.
    """
    give_back()
    gc.freeze()
