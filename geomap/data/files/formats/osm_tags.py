"""What the tags of OpenStreetMap mean in each of geomap's tables.

Care homes are ``amenity=nursing_home`` and ``amenity=social_facility`` for older people, as the
wiki of OpenStreetMap defines them; and, as half of those in China carry a name and a building
only, whatever is named as one and is no stop, road or shop.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geomap.model.facility import infer_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_LIVING = ("nursing_home", "assisted_living")
_SENIOR = re.compile(r"senior|elderly")
_BY_NAME = re.compile(
    r"养老院|養老院|敬老院|护老院|護老院|安老院|老人院|养护院|養護院|护养院|护理院|護理之家|护理之家"
    r"|老年公寓|老人公寓|养老公寓|安养中心|安養中心|安養院|养老服务|养老中心|养老驿站|老年养护|颐养院"
    r"|社会福利院|社會福利院|幸福院|互助养老|日间照料|日間照顧|长者服务|長者"
)
#: An object with one of these is on the way to a care home, or beside it.
_NO_HOME = frozenset(
    {"highway", "public_transport", "railway", "route", "shop", "barrier", "waterway", "boundary"}
)
_PLACES = frozenset(
    {"village", "hamlet", "isolated_dwelling", "neighbourhood", "quarter", "city_block"}
)
_VACANT = ("disused:amenity", "abandoned:amenity", "disused:building", "abandoned:building")
_VACANT_LAND = frozenset({"brownfield", "greenfield"})
#: Ground on which no home may be built, by key: water, what is dangerous, what is protected.
_NO_GROUND: Mapping[str, frozenset[str]] = {
    "natural": frozenset({"water", "wetland", "glacier", "bay"}),
    "landuse": frozenset({
        "military", "cemetery", "landfill", "quarry", "reservoir", "basin", "railway",
    }),
    "leisure": frozenset({"nature_reserve"}),
    "boundary": frozenset({"protected_area", "national_park"}),
    "aeroway": frozenset({"aerodrome"}),
    "waterway": frozenset({"riverbank", "dock"}),
    "amenity": frozenset({"grave_yard"}),
}  # fmt: skip
#: Levels of boundaries; those between have no counterpart.
_LEVELS = {"2": "nation", "4": "province", "5": "city", "6": "county"} | {
    "8": "township", "9": "community", "10": "community",
}  # fmt: skip
_OPERATORS = {
    "public": "public", "government": "public", "private": "private", "business": "private",
    "private_for_profit": "private", "private_non_profit": "nonprofit", "ngo": "nonprofit",
    "non_profit": "nonprofit", "charitable": "nonprofit", "religious": "nonprofit",
}  # fmt: skip
_KINDS = {"n": "node", "w": "way", "r": "relation"}

#: Keys without which an object is no row of a table: most objects are left aside by them.
KEYS: Mapping[str, tuple[str, ...]] = {
    "facilities": (
        "name", "amenity", "social_facility", "social_facility:for", "community_centre:for",
        "social_centre:for", "residential",
    ),
    "areas": ("boundary",),
    "demand": ("name",),
    "candidates": (*_VACANT, "disused", "abandoned", "vacant", "landuse"),
    "exclusions": tuple(_NO_GROUND),
}  # fmt: skip


def is_meant(tags: Mapping[str, str], kind: str, table: str) -> bool:
    """Whether an object is a row of a table.

    Examples
    --------
    >>> is_meant({"amenity": "social_facility", "social_facility:for": "senior"}, "n", "facilities")
    True
    >>> is_meant({"highway": "bus_stop", "name": "敬老院"}, "n", "facilities")
    False
    """
    if table == "facilities":
        return is_care_home(tags) or is_named_only(tags)
    if table == "areas":
        return kind != "n" and tags.get("boundary") == "administrative" and "name" in tags
    if table == "demand":
        living = tags.get("place") in _PLACES or tags.get("landuse") == "residential"
        return "name" in tags and living
    if table == "exclusions":
        return kind != "n" and any(tags.get(key) in values for key, values in _NO_GROUND.items())
    empty = any(tags.get(key) == "yes" for key in ("disused", "abandoned", "vacant"))
    return (
        any(key in tags for key in _VACANT)
        or (empty and "building" in tags)
        or tags.get("landuse") in _VACANT_LAND
    )


def is_care_home(tags: Mapping[str, str]) -> bool:
    """Whether the tags say that an object cares for older people."""
    amenity, what = tags.get("amenity"), tags.get("social_facility", "")
    for_whom = tags.get("social_facility:for", "")
    if amenity in ("nursing_home", "retirement_home"):
        return True
    if what in _LIVING:
        return not for_whom or bool(_SENIOR.search(for_whom))
    if amenity == "social_facility" or what:
        return bool(_SENIOR.search(for_whom))
    centre = tags.get("community_centre:for", "") + tags.get("social_centre:for", "")
    return amenity in ("community_centre", "social_centre") and bool(_SENIOR.search(centre))


def is_named_only(tags: Mapping[str, str]) -> bool:
    """Whether only the name says that an object is a care home."""
    if is_care_home(tags) or any(key in tags for key in _NO_HOME):
        return False
    return bool(_BY_NAME.search(tags.get("name", "")))


def _type(tags: Mapping[str, str]) -> str:
    """Tell the type: by the name where it says one, else by the tags; "" where neither does."""
    import pandas as pd

    named = str(infer_types(pd.Series([tags.get("name", "")], dtype="str")).iloc[0])
    if named != "other":
        return named
    amenity, what = tags.get("amenity"), tags.get("social_facility", "")
    if amenity in ("community_centre", "social_centre") or what in ("day_care", "outreach"):
        return "community_center"
    home = amenity in ("nursing_home", "retirement_home") or what in (*_LIVING, "group_home")
    return "nursing_home" if home else "other"


def _first(tags: Mapping[str, str], *keys: str) -> str:
    """Give the first of several tags that there is; of several values the first."""
    value = next((tags[key] for key in keys if key in tags), "")
    return value.split(";")[0].strip()


def _address(tags: Mapping[str, str]) -> str:
    """Write the address in one line: in Chinese from the province down, else the street first."""
    if "addr:full" in tags:
        return tags["addr:full"]
    wide = ("addr:province", "addr:city", "addr:district", "addr:subdistrict", "addr:suburb")
    parts = [tags[key] for key in (*wide, "addr:place", "addr:street") if key in tags]
    number = tags.get("addr:housenumber", "")
    if any(re.search(r"[\u3400-\u9fff]", part) for part in parts):
        return "".join(parts) + (f"{number}号" if number.isdigit() else number)
    street = " ".join(filter(None, (tags.get("addr:street") or tags.get("addr:place"), number)))
    town = " ".join(filter(None, (tags.get("addr:postcode"), tags.get("addr:city"))))
    return ", ".join(filter(None, (street, town)))


def _common(tags: Mapping[str, str], kind: str, number: int) -> dict[str, str]:
    """Give the cells that rows of every table have."""
    return {"id": f"osm-{kind}{number}", "name": _first(tags, "name", "name:zh", "official_name")}


def _facility(tags: Mapping[str, str], kind: str, number: int) -> dict[str, str]:
    """Give the cells of a facility."""
    beds = _first(tags, "capacity:beds", "beds", "capacity")
    return _common(tags, kind, number) | {
        "name_en": _first(tags, "name:en"),
        "type": _type(tags),
        "address": _address(tags),
        "province": tags.get("addr:province", ""),
        "city": tags.get("addr:city", ""),
        "district": tags.get("addr:district", ""),
        "phone": _first(tags, "phone", "contact:phone", "contact:mobile", "mobile"),
        "website": _first(tags, "website", "contact:website", "url"),
        "operator": _first(tags, "operator"),
        "brand": _first(tags, "brand"),
        "ownership": _OPERATORS.get(tags.get("operator:type", ""), ""),
        "beds_total": beds if beds.isdigit() else "",
        "opened_on": _first(tags, "start_date"),
        "source": "OpenStreetMap",
        "source_url": f"https://www.openstreetmap.org/{_KINDS[kind]}/{number}",
        "verified_on": _first(tags, "check_date", "survey:date"),
        "licence": "ODbL-1.0",
    }


def _area(tags: Mapping[str, str], kind: str, number: int) -> dict[str, str]:
    """Give the cells of an administrative area."""
    return _common(tags, kind, number) | {
        "level": _LEVELS.get(tags.get("admin_level", ""), ""),
        "adcode": _first(tags, "adcode", "ref:adcode"),
        "population": _first(tags, "population"),
    }


def _demand(tags: Mapping[str, str], kind: str, number: int) -> dict[str, str]:
    """Give the cells of a place where people live."""
    return _common(tags, kind, number) | {"population": _first(tags, "population")}


def _candidate(tags: Mapping[str, str], kind: str, number: int) -> dict[str, str]:
    """Give the cells of a site that may be free."""
    keys = (*_VACANT, "building", "landuse", "disused", "abandoned", "vacant")
    kinds = [f"{key}={tags[key]}" for key in keys if key in tags]
    return _common(tags, kind, number) | {"kind": kinds[0] if kinds else ""}


def _exclusion(tags: Mapping[str, str], kind: str, number: int) -> dict[str, str]:
    """Give the cells of ground on which nothing may be built."""
    kinds = [f"{key}={tags[key]}" for key, values in _NO_GROUND.items() if tags.get(key) in values]
    return _common(tags, kind, number) | {"kind": kinds[0]}


#: The cells of an object, by table: tags, kind (n, w or r) and number to text by column name.
CELLS: Mapping[str, Callable[[Mapping[str, str], str, int], dict[str, str]]] = {
    "facilities": _facility,
    "areas": _area,
    "demand": _demand,
    "candidates": _candidate,
    "exclusions": _exclusion,
}
