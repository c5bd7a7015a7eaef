"""What search engines read of a facility: schema.org as JSON-LD, known values only.

Schema.org has no type for care homes: neither MedicalBusiness (a practice of health
professionals) nor LodgingBusiness (a hotel, motel or inn) fits, so it is a LocalBusiness. Official
ratings are an award there: ``aggregateRating`` means reviews by guests, of which there are none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from geomap.model.facility import FACILITIES, SERVICES, TYPES
from geomap.web.facility.contacts import web_address

if TYPE_CHECKING:
    from geomap.web.facility.facts import Says

    Record = dict[str, Any]
    Thing = dict[str, object]

#: What could end a script element or break its text, as JSON writes it otherwise.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def structured_data(says: Says, url: str) -> Markup:
    r"""Write a facility as JSON-LD, safe inside a script element.

    Parameters
    ----------
    says : puts the values of the facility into words.
    url : the absolute address of its page.

    Returns
    -------
    JSON in which no ``<``, ``>`` or ``&`` stands as itself.
    """
    return in_page(_thing(says, url))


def in_page(thing: Thing) -> Markup:
    """Write something as JSON-LD, safe inside a script element."""
    text = json.dumps(thing, ensure_ascii=False)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 (nothing in it can end the element)


def _thing(says: Says, url: str) -> Thing:
    """Say what is known of a facility in the words of schema.org."""
    record, language = says.record, says.reader.language
    thing: Thing = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": url,
        "url": url,
        "name": record["name"],
        "alternateName": record["name_en"],
        "description": TYPES[record["type"]].of(language),
        "telephone": record["phone"],
        "sameAs": web_address(record["website"]),
        "image": web_address(record["photo"]),
        "address": _address(says),
        "geo": _geo(record),
        "priceRange": says.price(),
        "award": says.rating() if record["rating"] is not None else None,
        "brand": record["brand"] and {"@type": "Brand", "name": record["brand"]},
        "parentOrganization": record["operator"]
        and {"@type": "Organization", "name": record["operator"]},
        "foundingDate": record["opened_on"] and record["opened_on"].isoformat(),
        "amenityFeature": _services(record, language),
        "additionalProperty": _beds(says),
    }
    return {name: value for name, value in thing.items() if value}


def _address(says: Says) -> Thing | None:
    """Write the postal address."""
    record = says.record
    parts = {
        "streetAddress": record["address"] or record["township"],
        "addressRegion": says.division,
    }
    known: Thing = {name: value for name, value in parts.items() if value}
    return {"@type": "PostalAddress", **known} if known else None


def _geo(record: Record) -> Thing | None:
    """Write the place in WGS-84; one known to the township or county only is not written."""
    if record["lon"] is None or record["location_precision"] in ("township", "county"):
        return None
    return {"@type": "GeoCoordinates", "latitude": record["lat"], "longitude": record["lon"]}


def _services(record: Record, language: str) -> list[Thing]:
    """List the services."""
    return [
        {
            "@type": "LocationFeatureSpecification",
            "name": SERVICES[each].of(language),
            "value": True,
        }
        for each in record["services"] or ()
        if each in SERVICES
    ]


def _beds(says: Says) -> list[Thing]:
    """Write the beds; free ones only with their day."""
    record, language = says.record, says.reader.language
    found: list[Thing] = []
    if record["beds_total"] is not None:
        found.append(_property("beds_total", record["beds_total"], language))
    if record["beds_available"] is not None and record["beds_updated"] is not None:
        free = _property("beds_available", record["beds_available"], language)
        found.append(free | {"description": record["beds_updated"].isoformat()})
    return found


def _property(column: str, value: object, language: str) -> Thing:
    label = FACILITIES.by_name[column].label.of(language)
    return {"@type": "PropertyValue", "propertyID": column, "name": label, "value": value}
