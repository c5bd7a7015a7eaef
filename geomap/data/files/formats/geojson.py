"""Read GeoJSON with a JSON parser and shapely; no driver that could follow a name elsewhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from geomap.data.files.findings.report import Finding, RefusedError
from geomap.data.files.formats.raw import RawTable, text_frame, undecodable
from geomap.data.files.formats.sniff import MOST_COLUMNS
from geomap.data.files.formats.typed import cell_text
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.data.files.formats.encoding import Decoded

_GEOMETRY = Label("GeoJSON 的几何对象", "a GeoJSON geometry")
#: Any escape in a JSON string; the group is half of a character beyond 16 bits, standing alone.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
#: A whole number with more digits is read as a decimal one: Python reads no more than 4,300.
_MOST_DIGITS = 300


class _Repeated(NamedTuple):
    """An object in which keys stand more than once, as it was read."""

    made: dict[str, object]
    keys: tuple[str, ...]


def read_geojson(decoded: Decoded, findings: Sequence[Finding]) -> RawTable:
    """Read a FeatureCollection or a Feature; a row's number is its feature's, from 1.

    Nested properties become columns named ``outer.inner``, lists become text. The ``crs``
    member is passed on as it is written; one that is a link is marked ``link:``.

    Raises
    ------
    RefusedError : if the text is not JSON, or the JSON not GeoJSON.
    """
    try:
        return _read(_whole_characters(decoded.text), decoded.name, findings)
    except RecursionError as error:
        raise RefusedError("invalid_json", line=1, came="…[[[[…") from error


def _read(text: str, encoding: str, findings: Sequence[Finding]) -> RawTable:
    """Turn the text into a table."""
    document, repeated = _parse(text)
    features, kind = _features(document)
    records: list[dict[str, object]] = []
    places: list[object] = []
    rows: list[int] = []
    found = list(findings)
    lost = 0
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            came = json.dumps(feature, ensure_ascii=False)
            found.append(Finding("bad_feature", number, values={"came": came}))
            lost += 1
            continue
        records.append(_flat(feature))
        if not repeated:  # a large file is not held twice
            features[number - 1] = None
        places.append(feature.get("geometry"))
        rows.append(number)
    if not rows and not lost:
        raise RefusedError("no_rows")
    header = _header(records)
    cells = text_frame([[record.get(name) for record in records] for name in header], len(rows))
    numbers = np.array(rows, dtype=np.int64)
    if "\ufffd" in text:
        found.extend(undecodable(cells, numbers))
    geometry, bad = _geometries(places, numbers)
    details = {"format": "geojson", "encoding": encoding, "kind": kind}
    crs = _crs(document)
    found += _repeated_keys(features, repeated)
    return RawTable(header, cells, numbers, geometry, crs, lost, (*found, *bad), details)


def _whole_characters(text: str) -> str:
    r"""Put the replacement character where an escape gives half a character, as in "\ud83d"."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPE.sub(lambda escape: "\ufffd" if escape[1] else escape[0], text)


def _parse(text: str) -> tuple[object, list[_Repeated]]:
    """Parse JSON; ``NaN`` and numbers beyond all bounds are read and reported later.

    JSON leaves open what a key means that stands twice; parsers take the last. Written again, the
    document has fewer colons after quotation marks if one did: only then is it read slowly.
    """
    try:
        document = orjson.loads(text)
        if text.count('":') == orjson.dumps(document).count(b'":'):
            return document, []
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # the parser of Python takes NaN, and names the line of a fault
    repeated: list[_Repeated] = []

    def gather(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            twice = [key for key, count in counts.items() if count > 1]
            repeated.append(_Repeated(made, tuple(twice)))
        return made

    try:
        return json.loads(text, parse_int=_integer, object_pairs_hook=gather), repeated
    except json.JSONDecodeError as error:
        raise RefusedError("invalid_json", line=error.lineno, came=error.msg) from error


def _repeated_keys(features: Sequence[object], repeated: Sequence[_Repeated]) -> list[Finding]:
    """Say which keys stand more than once in one object, and in which feature."""
    owner: dict[int, int] = {}
    for number, feature in enumerate(features if repeated else (), 1):
        if isinstance(feature, dict):
            parts = (feature, *feature.values())
            inner = feature.get("properties")
            deeper = inner.values() if isinstance(inner, dict) else ()
            owner.update({id(part): number for part in (*parts, *deeper)})
    return [
        Finding(
            "duplicate_key",
            owner.get(id(each.made)),
            values={"came": key, "expected": _text(each.made[key])},
        )
        for each in repeated
        for key in each.keys
    ]


def _integer(digits: str) -> float:
    """Read a whole number, however long."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _features(document: object) -> tuple[list[object], str]:
    """Give the features of a collection, or the one feature."""
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    if isinstance(document, dict) and kind == "Feature":
        return [document], "Feature"
    features = document.get("features") if isinstance(document, dict) else None
    if kind != "FeatureCollection" or not isinstance(features, list):
        raise RefusedError("not_geojson", came=kind or "object")
    return features, "FeatureCollection"


def _flat(feature: Mapping[str, Any]) -> dict[str, object]:
    """Write the properties as text, one level of nesting unfolded, the feature's id among them."""
    properties = feature.get("properties")
    record: dict[str, object] = {}
    for key, value in (properties if isinstance(properties, dict) else {}).items():
        inner = value.items() if isinstance(value, dict) else [(None, value)]
        for part, single in inner:
            text = _text(single)
            if text:
                record[key if part is None else f"{key}.{part}"] = text
    own = feature.get("id")
    if isinstance(own, str | int) and not any(key.lower() == "id" for key in record):
        record["id"] = _text(own)
    return record


def _text(value: object) -> str:
    """Write one property as a cell."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "、".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return cell_text(value)


def _header(records: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Give every property name in the order of appearance."""
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record))
        if len(names) > MOST_COLUMNS:
            raise RefusedError("too_many_columns", came=len(names), expected=MOST_COLUMNS)
    return tuple(names)


def _geometries(
    places: Sequence[object], rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], list[Finding]]:
    """Build the geometries; one that cannot be built is unknown, and said so."""
    import shapely

    texts = np.array(
        [_geometry_text(place) if isinstance(place, dict) else None for place in places],
        dtype=object,
    )
    geometry: NDArray[np.object_] = np.full(len(places), None, dtype=object)
    if len(places):
        geometry = shapely.from_geojson(texts, on_invalid="ignore")
    findings = [
        Finding(
            "bad_geometry",
            int(row),
            "geometry",
            {"came": text or json.dumps(place, ensure_ascii=False), "expected": _GEOMETRY},
        )
        for row, place, text, built in zip(rows, places, texts, geometry, strict=True)
        if place is not None and built is None
    ]
    return geometry, findings


def _geometry_text(place: Mapping[str, object]) -> str | None:
    """Write a geometry as JSON; None where it holds numbers or depths that no geometry has."""
    try:
        return orjson.dumps(place).decode()
    except orjson.JSONEncodeError:
        return None


def _crs(document: object) -> str | None:
    """Give the coordinate system that the old ``crs`` member states, if it has one."""
    member = document.get("crs") if isinstance(document, dict) else None
    if not isinstance(member, dict):
        return None
    properties = member.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if member.get("type") == "name":
        return str(properties.get("name"))
    if member.get("type") == "EPSG":
        return f"EPSG:{properties.get('code')}"
    return f"link:{properties.get('href', member.get('type'))}"
