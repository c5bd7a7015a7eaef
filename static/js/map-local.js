// What travels in the document itself, for maps without a server: facilities, boundaries, names.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { toWorld } = geomap.math;
    const COUNTIES_FROM = 8;

    /** Facilities that travel in the document itself, for maps without a server. */
    class LocalFacilities {
        constructor() {
            this.rows = [];
            this.columns = null;
            this.cached = null;
        }

        add(facility, lon, lat) {
            this.rows.push({ facility, world: toWorld(lon, lat) });
            this.cached = null;
        }

        remove(facility) {
            this.rows = this.rows.filter((row) => row.facility !== facility);
            this.cached = null;
        }

        /** Many facilities come as columns: names, types by number, degrees × 100,000. */
        addColumns({ lon, lat, type, name, types, kinds }) {
            this.columns = { type, name, types, kinds };
            const places = lon.map((value, i) => toWorld(value / 1e5, lat[i] / 1e5));
            this.cached = {
                x: Float64Array.from(places, (place) => place.x),
                y: Float64Array.from(places, (place) => place.y),
            };
        }

        world() {
            this.cached = this.cached || {
                x: this.rows.map((row) => row.world.x),
                y: this.rows.map((row) => row.world.y),
            };
            return this.cached;
        }

        facility(row) {
            if (!this.columns) {
                return this.rows[row].facility;
            }
            const { type, name, types, kinds } = this.columns;
            return { id: `#${row}`, name: name[row], type: types[type[row]], kind: kinds[type[row]] };
        }
    }

    /** Boundaries that travel in the document: coarse ones of provinces, then near ones of counties. */
    function drawLines(map, lines) {
        const renderer = L.canvas({ pane: "context", padding: 0.5 });
        const far = L.layerGroup();
        const near = L.layerGroup();
        for (const [kind, found] of Object.entries(lines)) {
            const own = { renderer, interactive: false, color: "#5B6670", weight: 1.6 };
            const style = kind === "county" ? { ...own, color: "#8A979E", dashArray: "4 3" } : own;
            const target = { province: far, county: near }[kind] || map;
            L.polyline(found, { ...style, smoothFactor: 0.5 }).addTo(target);
        }
        const choose = () => {
            const isNear = Boolean(lines.county) && map.getZoom() >= COUNTIES_FROM;
            far[isNear ? "removeFrom" : "addTo"](map);
            near[isNear ? "addTo" : "removeFrom"](map);
        };
        map.on("zoomend", choose);
        choose();
    }

    /** Names that travel in the document, as a source of labels. */
    function fixedLabels(map, labels) {
        return {
            points: (zoom) =>
                labels
                    .filter(([, , , from, until]) => from <= zoom && zoom <= until)
                    .map(([lon, lat, rank, , , name]) => ({
                        kind: "places", rank, name, at: map.project([lat, lon], zoom),
                    })),
        };
    }

    Object.assign(geomap, { LocalFacilities, drawLines, fixedLabels });
})(globalThis);
