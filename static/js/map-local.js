// What the document itself brings: folium's hooks, and for maps without a server facilities and lines.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { PointSet } = geomap;
    const { toWorld } = geomap.math;
    const OTHER = 255; // a type that the map does not know
    const COUNTIES_FROM = 8;

    /** Facilities that travel in the document itself, for maps without a server. */
    class LocalFacilities {
        constructor(types) {
            Object.assign(this, { rows: [], columns: null, set: null, choices: new Map() });
            this.numbers = new Map(types.map(({ type }, number) => [type, number]));
        }

        add(facility, lon, lat) {
            this.rows.push({ facility, world: toWorld(lon, lat) });
            this.set = null;
        }

        remove(facility) {
            this.rows = this.rows.filter((row) => row.facility !== facility);
            this.set = null;
        }

        /** Many facilities come as columns: names, types by number, degrees × 100,000. */
        addColumns({ lon, lat, type, name, types, kinds }) {
            this.columns = { type, name, types, kinds };
            this.rows = lon.map((value, i) => ({ world: toWorld(value / 1e5, lat[i] / 1e5) }));
            this.set = null;
        }

        /** What is shown by types, ready to be grouped. */
        choice(types) {
            if (!this.set) {
                const number = (row) => this.numbers.get(this.typeOf(row)) ?? OTHER;
                const [xs, ys] = ["x", "y"].map((axis) => this.rows.map((row) => row.world[axis]));
                this.set = PointSet.of(xs, ys, this.rows.map((_, row) => number(row)));
                this.choices.clear();
            }
            const key = [...types].sort().join();
            if (!this.choices.has(key)) {
                const wanted = new Set(types.map((type) => this.numbers.get(type)));
                const isChosen = types.length ? (rank) => wanted.has(this.set.kinds[rank]) : null;
                this.choices.set(key, this.set.choose(isChosen));
            }
            return this.choices.get(key);
        }

        typeOf(row) {
            const { columns } = this;
            return columns ? columns.types[columns.type[row]] : this.rows[row].facility.type;
        }

        facility(rank) {
            const row = this.set.rows[rank];
            if (!this.columns) {
                return { ...this.rows[row].facility, at: rank };
            }
            const { type, name, kinds } = this.columns;
            const kind = kinds[type[row]];
            return { id: `#${row}`, at: rank, name: name[row], type: this.typeOf(row), kind };
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

    /** Hooks that folium's layers name: each makes one feature a layer of the map. */
    const Hook = L.Layer.extend({
        initialize(feature, latlng, kind) {
            Object.assign(this, { feature, latlng, kind });
        },
        getLatLng() {
            return this.latlng;
        },
        getBounds() {
            return L.latLngBounds([this.latlng]);
        },
        onAdd(map) {
            const { lat, lng } = this.latlng;
            const atlas = map.geomap;
            if (this.kind === "listed") {
                atlas.list(this.feature.properties, lng, lat).addTo(map);
            } else if (this.kind === "point") {
                atlas.point.set({ lon: lng, lat });
                atlas.point.drawRings(this.feature.properties.farthest);
            } else {
                atlas.local.add(this.feature.properties, lng, lat);
                atlas.clusters.later();
            }
        },
        onRemove(map) {
            if (this.kind === "listed") {
                map.geomap.unlist(this.feature.properties.id);
            } else if (this.kind === "local") {
                map.geomap.local.remove(this.feature.properties);
                map.geomap.clusters.later();
            }
        },
    });

    const hook = (kind) => (feature, latlng) => new Hook(feature, latlng, kind);
    Object.assign(geomap, {
        LocalFacilities,
        drawLines,
        fixedLabels,
        listedFacility: hook("listed"),
        localFacility: hook("local"),
        searchedPoint: hook("point"),
    });
})(globalThis);
