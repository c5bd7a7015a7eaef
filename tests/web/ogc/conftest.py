"""Three hundred homes here and there, some on both sides of 180° east, some without a place."""

from __future__ import annotations

import random

import pytest

TYPES = ("nursing_home", "community_center", "other")
NAMES = ("颐养院", "Sunrise Villa", "a,b", '"x"', "</script>", "100%")


KNOWN = {
    "verified_on": lambda draw: f"2025-0{draw.randint(1, 3)}-{draw.randint(1, 28):02}",
    "beds_total": lambda draw: draw.randint(0, 3),
    "price_min": lambda draw: draw.choice([0.0, 1500.5, 3200.0]),
    "admits_private": lambda draw: draw.random() < 0.5,
    "services": lambda draw: draw.sample(["meals", "bathing", "culture"], draw.randint(0, 3)),
    "adcode": lambda draw: draw.choice(["310106", "310115"]),
}


def rows_of(number: int) -> list[dict]:
    draw = random.Random(7)  # noqa: S311 (always the same rows)
    rows = []
    for n in range(number):
        row = {"id": f"r{n:03}", "name": draw.choice(NAMES), "type": draw.choice(TYPES)}
        if draw.random() < 0.9:
            west, east = draw.choice([(-180, -170), (170, 180), (115, 118), (-180, 180)])
            lon, lat = draw.uniform(west, east), draw.uniform(-80, 80)
            row |= {"lon": round(lon, 1), "lat": round(lat, 1)}  # many on the edge of a box
        row |= {name: make(draw) for name, make in KNOWN.items() if draw.random() < 0.6}
        rows.append(row)
    return rows


@pytest.fixture(scope="session")
def scattered():
    return rows_of(300)


@pytest.fixture(scope="session")
def reader(make_client, facilities_of, scattered):
    """A client of the scattered homes."""
    return make_client(facilities_of(scattered))


@pytest.fixture(scope="session")
def found(reader):
    """Give the ids that a question finds, in order, and check what the answer says of them."""

    def find(**asked) -> list[str]:
        answer = reader.get(
            "/ogc/collections/facilities/items", query_string={"limit": 999} | asked
        )
        assert answer.status_code == 200, answer.json
        ids = [each["id"] for each in answer.json["features"]]
        assert answer.json["numberMatched"] == answer.json["numberReturned"] == len(ids)
        return ids

    return find
