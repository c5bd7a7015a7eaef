"""Reviews as files: frames as GeoParquet, the rest as JSON. No pickles: a folder may be shared."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from geomap.errors import NotFoundError
from geomap.plan.pace import Cut
from geomap.plan.review import PlanReview, Question

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

_PLAIN: Final = "review.json"
_READ_AT_ONCE: Final = 1 << 20
_DATES: Final = ("inspected_on",)


def write_review(folder: Path, found: PlanReview) -> None:
    """Write a review; it is there when its JSON is, which comes last."""
    plain: dict[str, Any] = {}
    for each in fields(found):
        value = getattr(found, each.name)
        if hasattr(value, "to_parquet"):
            value.to_parquet(folder / f"{each.name}.parquet")
        elif value is not None:
            plain[each.name] = value
    plain |= {"question": asdict(found.question), "cut": [asdict(each) for each in found.cut]}
    text = json.dumps(plain, ensure_ascii=False, default=_as_text)
    fresh = folder / f".{_PLAIN}"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(folder / _PLAIN)


def read_review(folder: Path, *, most_gaps: int | None = None) -> PlanReview:
    """Read a review.

    Parameters
    ----------
    most_gaps : only so many of its gaps, the first; of 400,000 facilities all are 500 MB.

    Raises
    ------
    NotFoundError : if it is not there.
    """
    if not (folder / _PLAIN).is_file():
        raise NotFoundError(
            "the result is no longer kept: ask again", zh="结果已不再保留，请重新计算"
        )
    plain = json.loads((folder / _PLAIN).read_text(encoding="utf-8"))
    asked = plain["question"]
    asked |= {"types": tuple(asked["types"]), "on": _day(asked["on"])}
    plain |= {
        "question": Question(**asked),
        "cut": tuple(Cut(**each) for each in plain["cut"]),
        "on": _day(plain.get("on")),
    }
    most = {"gaps": most_gaps}
    frames = {path.stem: _frame(path, most.get(path.stem)) for path in folder.glob("*.parquet")}
    return PlanReview(**plain | frames)


def _frame(path: Path, most: int | None = None) -> Any:  # noqa: ANN401 (a frame, with or without geometry)
    import geopandas as gpd
    import pandas as pd

    if most is not None:
        return _first_rows(path, most)
    try:
        return gpd.read_parquet(path)
    except ValueError:  # no geometry in it
        return pd.read_parquet(path)


def _first_rows(path: Path, most: int) -> gpd.GeoDataFrame:
    """Read the first rows of a frame with geometry, and no more of its file than they take."""
    import geopandas as gpd
    import pyarrow as pa
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path, buffer_size=_READ_AT_ONCE) as file:
        some = next(file.iter_batches(batch_size=most, use_threads=False), None)
        table = file.schema_arrow.empty_table() if some is None else pa.table(some)
        known = json.loads(file.schema_arrow.metadata[b"geo"])["columns"]["geometry"]["crs"]
    rows = table.drop_columns(["geometry"]).to_pandas()
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries.from_wkb(
        table["geometry"].to_pandas(), index=rows.index, crs=known))  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _as_text(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return float(value)  # type: ignore[arg-type]  # a number of numpy's
