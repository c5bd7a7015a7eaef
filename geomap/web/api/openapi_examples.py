"""An example of every answer of API version 1, for OpenAPI."""

from __future__ import annotations

from typing import Any, Final

from geomap.model.facility import FACILITIES
from geomap.web.media_types import GEOJSON

Document = dict[str, Any]

_ROOT: Final = "https://map.example/api/v1"
_HOME: Final = {
    "id": "a", "name": "江宁路颐养院", "type": "nursing_home", "address": "江宁路 1 号",
    "adcode": "310106", "phone": "021-6200 0000", "beds_total": 120, "beds_available": 6,
    "beds_updated": "2026-07-01", "accepts": ["self_care", "dementia"], "medical": "inhouse",
    "price_min": 3200.0, "price_max": 5600.0, "status": "open", "verified_on": "2026-03-31",
}  # fmt: skip
_STANDARD: Final[Document] = {
    "standard_m": 1000.0, "minutes": None, "speed_mps": 0.8, "weight": "aged_60", "types": [],
    "on": None, "pack": "national", "rule": None,
}  # fmt: skip
_COUNTS: Final = {"facilities": 3, "serving": 1, "not_in_service": 2, "without_place": 0}
_ASKED: Final[Document] = {"standard": _STANDARD, "cut": [], "facilities": _COUNTS}
_AREA: Final = {
    "id": "310106", "name": "静安区", "level": "county", "adcode": "310106", "people": 40.0,
    "covered": 30.0, "uncovered": 10.0, "share": 0.75, "unknown_rows": 0,
}  # fmt: skip
_GROUND: Final = {"type": "Polygon", "coordinates": [
    [[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.2]],
]}  # fmt: skip
_SCENARIO: Final = {
    "id": "s1", "name": "关一家，建一家", "note": "", "revision": 1, "changes_count": 1,
    "who": "planner", "made_at": "2026-07-01T08:00:00Z", "changed_at": "2026-07-01T08:00:00Z",
    "href": f"{_ROOT}/scenarios/s1", "effect": f"{_ROOT}/scenarios/s1/effect",
}  # fmt: skip


def _home(**more: object) -> Document:
    properties = {each: _HOME.get(each) for each in FACILITIES.names} | more
    place = {"type": "Point", "coordinates": [121.451, 31.23]}
    return {"type": "Feature", "id": "a", "geometry": place, "properties": properties}


def _page(feature: Document, query: str = "", **more: object) -> Document:
    link = {"rel": "self", "type": GEOJSON, "href": f"{_ROOT}/{query}"}
    links = {"links": [link]} if query else {}
    return {"type": "FeatureCollection", "numberMatched": 1, "numberReturned": 1, **links,
            "features": [feature], **more}  # fmt: skip


def _ground(**properties: object) -> Document:
    return {"type": "Feature", "geometry": _GROUND, "properties": properties}


def _effect() -> Document:
    before, after = (
        {"covered": covered, "uncovered": 100.0 - covered, "share": covered / 100, "gaps": gaps,
         "gap_people": 0.0, "gap_km2": 0.0, "beds": 120.0, "beds_unknown": 0,
         "beds_per_1000": 1200.0, "gini": None, "palma": None, "worst_mean": None,
         "facilities": 1, "without_place": 0}
        for covered, gaps in ((30.0, 1.0), (90.0, 0.0))
    )  # fmt: skip
    change = {"n": 1, "kind": "add", "facility_id": "new-1", "name": "新院", "newly": 60.0,
              "lost": 0.0, "beds": 80.0, "cost": None, "yuan_per_person": None}  # fmt: skip
    area = {"id": "310106", "name": "静安区", "level": "county", "adcode": "310106",
            "people": 100.0, "newly": 60.0, "lost": 0.0, "before_share": 0.3,
            "after_share": 0.9, "change_share": 0.6}  # fmt: skip
    return {
        **_SCENARIO, "standard_m": 1000.0, "method": "line", "speed_mps": 0.8, "minutes": None,
        "weight": "aged_60", "before": before, "after": after, "newly_covered": 60.0, "lost": 0.0,
        "gaps_closed": {"count": 1, "people": 60.0}, "changes": [change], "numberMatched": 1,
        "numberReturned": 1, "by_area": [area], "unknown_rows": 0, "without_place": 0.0,
        "without_place_rows": 0, "off_network": 0, "people_off_network": 0.0, "evenly": False,
        "notes": [], "cut": [],
    }  # fmt: skip


def _sites() -> Document:
    site = {"id": "s2", "rank": 1, "name": "空店二", "kind": "shop", "cost": 200.0,
            "new_people": 60.0, "yuan_per_person": 3.33, "next_best_id": "s1",
            "next_best_name": "空店一", "next_best_loses_people": 50.0}  # fmt: skip
    place = {"type": "Point", "coordinates": [121.46, 31.23]}
    feature = {"type": "Feature", "id": "s2", "geometry": place, "properties": site}
    struck = {"exclusions": 0, "small": 0, "unknown_size": 0, "exclusion_areas": 0,
              "kept_unknown": 0, "kept_small": 0, "rows": []}  # fmt: skip
    return {
        "type": "FeatureCollection", "features": [feature], "model": "mclp", "status": "optimal",
        "objective": 90.0, "bound": 90.0, "gap": 0.0, "p": 1, "standard_m": 1000.0,
        "weight": "aged_60", "people": 100.0, "covered_before": 30.0, "covered": 90.0,
        "newly_covered": 60.0, "still_uncovered": 10.0,
        "unreachable": {"people": 0.0, "rows": 0, "ids": []}, "by_type": [], "distance": None,
        "equity": 0.0, "spent": 200.0, "candidates": 2, "struck": struck, "existing": 1,
        "money": {"yuan": 200.0, "unknown": 0, "yuan_per_person": 3.33},
        "existing_without_beds": None, "curve": [{"p": 1, "value": 90.0, "proven": True}],
        "money_curve": [], "notes": [], "notes_zh": [], "seconds": 0.01,
    }  # fmt: skip


_EXAMPLES: Final[Document] = {
    "Problem": {
        "type": "about:blank", "title": "Bad Request", "status": 400,
        "detail": "lon: must be a number from -180 to 180, got '181'",
        "instance": "/api/v1/nearest",
        "errors": [{"parameter": "lon",
                    "detail": "must be a number from -180 to 180, got '181'"}],
    },
    "Facility": _home(),
    "Facilities": _page(_home(), "facilities?adcode=310106&limit=10"),
    "NearFacilities": _page(_home(distance_m=95.34), "nearest?lon=121.45&lat=31.23&k=3"),
    "Found": {"results": [{
        "kind": "place", "id": "310106", "name": "静安区", "label": "上海市静安区", "lon": 121.45,
        "lat": 31.23, "precision": "county", "score": 0.98, "matched": [[0, 2]],
    }]},
    "Coverage": {
        **_ASKED, "share": 0.75, "covered": 30.0, "uncovered": 10.0, "unknown_rows": 0,
        "without_place": 0.0, "without_place_rows": 0, "evenly": False, "numberMatched": 1,
        "numberReturned": 1, "by_area": [_AREA],
    },
    "Gaps": _page(_ground(
        area_km2=101.2, population=60.0, area_id="310106", area_name="静安区", adcode="310106",
        nearest_id="a", distance_m=9123.26,
    ), **_ASKED),
    "AreaIndicators": _page(_ground(
        **_AREA, beds_per_1000_aged_60=250.0, beds_per_1000_aged_60_base=1.0,
        beds_per_1000_aged_60_unknown=0.0,
    ), **_ASKED),
    "Job": {
        "id": "81df0f9caba1cc4b7b4f", "state": "running", "step": "gaps", "step_number": 2,
        "steps": 3, "share": 0.46, "seconds_left": 20, "message": None,
        "result": f"{_ROOT}/gaps?standard_m=1000",
    },
    "Sites": _sites(),
    "Scenarios": {"numberReturned": 1, "scenarios": [_SCENARIO]},
    "ScenarioWithChanges": {**_SCENARIO, "changes": [
        {"kind": "close", "facility_id": "a",
         **dict.fromkeys(("name", "type", "lon", "lat", "beds", "cost"))},
    ]},
    "Effect": _effect(),
}  # fmt: skip


def example(name: str) -> Document:
    """Give the example of a document, by the name of its schema."""
    found: Document = _EXAMPLES[name]
    return found
