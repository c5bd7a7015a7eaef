"""Memory that is not needed any more, given back: after a start, much of it is free but held."""

from __future__ import annotations

import ctypes
import gc

from geomap.data.mapped import forget_texts


def give_back() -> None:
    """Return free memory to the system, and let go of texts that were read in passing.

    glibc keeps what threads have freed, 20 to 150 MB after the indexes are built; other C
    libraries give it back by themselves.
    """
    import pyarrow as pa

    gc.collect()
    forget_texts()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_with_children() -> None:
    """Keep what is in memory where it is, so that processes forked from here share it.

    The collector would write into every object that it looks at, and so copy its page.
    """
    give_back()
    gc.freeze()
