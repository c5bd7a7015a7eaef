// The searched place, and rings of straight-line distance around it.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { destination, firstFree, lengthText, ringPoints, ringRadii } = geomap.math;
    const INK = "#14212B";
    const STILL = { interactive: false, keyboard: false };
    // Where a ring's label may stand, in degrees from north: south-west first, then ever farther;
    // if nothing is free on the outermost ring, so many pixels outside it.
    const TURNS = Array.from({ length: 24 }, (_, i) => 225 + (i % 2 ? -1 : 1) * 15 * Math.ceil(i / 2));
    const OUTSIDE = [0, 14, 28];

    class SearchedPoint {
        constructor(map, config) {
            Object.assign(this, { map, config, place: null, ringBounds: null, labels: [], labelBoxes: [] });
            this.layer = L.layerGroup().addTo(map);
        }

        /** Mark a place, or none. */
        set(place) {
            this.place = place;
            this.layer.clearLayers();
            Object.assign(this, { ringBounds: null, labels: [], labelBoxes: [] });
            if (place) {
                this.mark(geomap.picture(this.config.sprite, "point", "map-picture"), "point");
                this.mark(geomap.openPoint("map-picture"), "ring");
            }
        }

        /** Lay a picture on the place: whole below the symbols, without its ground above them. */
        mark(html, pane) {
            const icon = L.divIcon({ className: "map-point", html, iconSize: [44, 44] });
            const { lon, lat } = this.place;
            this.layer.addLayer(L.marker([lat, lon], { icon, pane, ...STILL }));
        }

        /** Draw rings as far as the results lie. */
        drawRings(farthest) {
            if (!this.place || !farthest) {
                return;
            }
            const { lon, lat } = this.place;
            const radii = ringRadii(farthest);
            for (const radius of radii) {
                const line = ringPoints(lon, lat, radius);
                const casing = { color: "#FFFFFF", weight: 5, opacity: 0.7, interactive: false };
                const dots = { color: INK, weight: 1.5, dashArray: "2 6", interactive: false };
                this.layer.addLayer(L.polyline(line, casing));
                this.layer.addLayer(L.polyline(line, dots));
                this.labels.push({ radius, marker: this.ringLabel(radius).addTo(this.layer) });
            }
            const outer = radii[radii.length - 1];
            this.ringBounds = [0, 1, 2, 3].map((turn) =>
                destination(lon, lat, outer, (turn * Math.PI) / 2),
            );
        }

        ringLabel(radius) {
            const text = geomap.element("span", { text: lengthText(radius, this.config.words) });
            const icon = L.divIcon({ className: "map-ring-label", html: text, iconSize: [0, 0] });
            return L.marker(this.place, { icon, pane: "point", ...STILL });
        }

        /** Where a ring's label may stand, the best first, in pixels of the map's own plane. */
        spots(radius) {
            const { lon, lat } = this.place;
            const centre = this.map.latLngToLayerPoint(this.place);
            const onRing = TURNS.map((turn) =>
                this.map.latLngToLayerPoint(destination(lon, lat, radius, (turn * Math.PI) / 180)),
            );
            const outermost = radius === this.labels[this.labels.length - 1].radius;
            return (outermost ? OUTSIDE : [0]).flatMap((away) =>
                onRing.map((spot) => {
                    const out = spot.subtract(centre);
                    return spot.add(out.multiplyBy(away / Math.max(out.distanceTo([0, 0]), 1)));
                }),
            );
        }

        /** Put each ring's label at its ring where nothing is covered; where there is no room, hide it. */
        placeLabels(taken) {
            const { map } = this;
            const start = map.containerPointToLayerPoint([4, 4]);
            const end = map.containerPointToLayerPoint(map.getSize().subtract([4, 4]));
            const view = { x0: start.x, y0: start.y, x1: end.x, y1: end.y };
            this.labelBoxes = [];
            for (const { radius, marker } of this.labels) {
                const text = marker.getElement().firstChild;
                const spots = this.spots(radius);
                const boxes = spots.map((spot) => boxAround(spot, text));
                const found = firstFree(boxes, [...taken, ...this.labelBoxes], view);
                marker.setLatLng(map.layerPointToLatLng(spots[Math.max(found, 0)]));
                text.classList.toggle("map-no-room", found < 0);
                if (found >= 0) {
                    this.labelBoxes.push(boxes[found]);
                }
            }
        }
    }

    function boxAround({ x, y }, { offsetWidth, offsetHeight }) {
        const [across, down] = [offsetWidth / 2 + 2, offsetHeight / 2 + 2];
        return { x0: x - across, x1: x + across, y0: y - down, y1: y + down };
    }

    Object.assign(geomap, { SearchedPoint });
})(globalThis);
