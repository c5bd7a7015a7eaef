"""Writing a layer and the text that says what it is, the same bytes at every run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geomap.data.toml import to_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

COMMAND = "python layers/build_layers.py"
Counts = dict[str, int]


@dataclass(frozen=True)
class Note:
    """What a layer's text says that the file itself does not."""

    title: tuple[str, str]
    """In Chinese and in English."""
    kind: str
    source: str
    attribution: str
    licence: str
    licence_url: str
    data_date: str
    packages: Sequence[str]
    how: str
    caveats: Sequence[tuple[str, str]]
    """Each in Chinese and in English."""
    counts: Mapping[str, Counts] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)


def write_parquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a frame as GeoParquet, packed as tightly as the format allows."""
    frame.to_parquet(
        path, index=False, compression="zstd", compression_level=19, schema_version="1.1.0"
    )


def write_note(path: Path, note: Note, columns: Sequence[str], rows: int) -> None:
    """Write the <layer>.toml beside a layer."""
    document = {
        "file": path.name,
        "kind": note.kind,
        "rows": rows,
        "columns": list(columns),
        "crs": "EPSG:4326" if path.suffix == ".parquet" else "EPSG:3857",
        "source": note.source,
        "attribution": note.attribution,
        "licence": note.licence,
        "licence_url": note.licence_url,
        "data_date": note.data_date,
        "packages": list(note.packages),
        "command": COMMAND,
        "how": note.how,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "title": dict(zip(("zh", "en"), note.title, strict=True)),
        "caveats": {
            "zh": [chinese for chinese, _ in note.caveats],
            "en": [english for _, english in note.caveats],
        },
        "counts": dict(note.counts),
    } | {name: list(entries) for name, entries in note.lists.items()}
    text = f"# Written by {COMMAND}; change that, not this.\n{to_toml(document)}"
    path.with_suffix(".toml").write_text(text, encoding="utf-8")
