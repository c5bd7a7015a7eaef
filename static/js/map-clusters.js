// Symbols on the map: the listed results, and all the rest as discs or single symbols.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { discIcon, symbolIcon, symbolMarker } = geomap;
    const { besideOthers, CELL_PX, discSize, stepAside, toWorld } = geomap.math;
    const KEPT_TILES = 400;

    /**
     * Everything that is not listed, grouped by the server's tiles or, without one, here.
     * @param {Object} atlas the map's state
     * @param {{tiles?: function, points?: Object}} source
     */
    class Clusters {
        constructor(atlas, { onFacility, onPlace }) {
            Object.assign(this, { atlas, onFacility, onPlace });
            this.layer = L.layerGroup([], { pane: "clusters" }).addTo(atlas.map);
            this.shown = new Map();
            this.tiles = new Map();
            this.turn = 0;
            this.points = new geomap.Points(atlas.config, {
                onReady: () => this.update(),
                onNames: (number) => this.name(number),
            });
            this.kinds = new Map(atlas.config.types.map(({ type, kind }) => [type, kind]));
            atlas.map.on("moveend", () => this.update());
            atlas.map.on("move", () => this.follow());
        }

        /** Update once after several changes. */
        later() {
            root.clearTimeout(this.soon);
            this.soon = root.setTimeout(() => this.update(), 0);
        }

        /** Show what is in view now; later answers of an older view are dropped. */
        async update() {
            const turn = (this.turn += 1);
            root.cancelAnimationFrame(this.following);
            this.following = null;
            const zoom = Math.round(this.atlas.map.getZoom());
            const choice = this.choice();
            if (choice) {
                this.show(this.grouped(choice, zoom), zoom);
                this.atlas.changed();
                this.wantNames();
                return;
            }
            const found = await this.fromServer(zoom);
            if (turn === this.turn && found) {
                this.show(found, zoom);
                this.atlas.changed();
                this.prepare();
            }
        }

        /** While the map is dragged, show what comes into view; nothing is asked for. */
        follow() {
            const { map } = this.atlas;
            if (!this.following && !map._animatingZoom && Number.isInteger(map.getZoom())) {
                this.following = root.requestAnimationFrame(() => {
                    this.following = null;
                    const choice = this.choice();
                    if (choice && !map._animatingZoom) {
                        this.show(this.grouped(choice, map.getZoom()), map.getZoom());
                    }
                });
            }
        }

        /** The points of the browser's own that are to be shown; null where the tiles serve. */
        choice() {
            const { config, local, types, filters } = this.atlas;
            return config.clusters ? this.points.choice(types, filters) : local.choice(types);
        }

        /** The tiles have answered: now the points, or which of them fit, may come. */
        async prepare() {
            const { filters } = this.atlas;
            try {
                if (!this.points.set) {
                    this.points.load(this.atlas.ground);
                } else if (filters) {
                    await this.points.fetchChoice(filters);
                    if (filters === this.atlas.filters) {
                        this.update();
                    }
                }
            } catch {
                // the tiles go on
            }
        }

        grouped(choice, zoom) {
            const { map, listed, config, local } = this.atlas;
            const without = new Set([...listed.values()].map(({ facility }) => facility.at ?? -1));
            const source = config.clusters ? this.points : local;
            return choice.group(zoom, worldView(map), without).map((each) => ({
                ...each,
                facilities: each.ranks.map((rank) => source.facility(rank)),
            }));
        }

        async fromServer(zoom) {
            try {
                const tiles = await Promise.all(this.keys(zoom).map((key) => this.tile(key)));
                return tiles.flat();
            } catch (error) {
                this.atlas.failed(error);
                return null;
            }
        }

        /** The tiles in view; only those with a listed facility ask to leave it out. */
        keys(zoom) {
            const { map, types, filters, listed } = this.atlas;
            const last = 2 ** zoom - 1;
            const at = (value) => Math.max(0, Math.min(last, Math.floor(value * (last + 1))));
            const view = worldView(map);
            const own = [...listed.values()].map(({ facility, lon, lat }) => {
                const world = toWorld(lon, lat);
                return { id: facility.id, x: at(world.x), y: at(world.y) };
            });
            const found = [];
            for (let x = at(view.x0); x <= at(view.x1); x += 1) {
                for (let y = at(view.y0); y <= at(view.y1); y += 1) {
                    const ids = own.filter((each) => each.x === x && each.y === y);
                    const without = ids.map(({ id }) => id).sort();
                    const name = JSON.stringify([zoom, x, y, types, filters, without]);
                    found.push({ name, zoom, x, y, without });
                }
            }
            this.fetchMissing(found.filter(({ name }) => !this.tiles.has(name)));
            return found;
        }

        tile({ name }) {
            return this.tiles.get(name);
        }

        /** Ask for all tiles that are missing at once: for the least block that holds them. */
        fetchMissing(missing) {
            if (!missing.length) {
                return;
            }
            if (this.tiles.size > KEPT_TILES) {
                this.tiles.clear();
            }
            const answer = this.fetchBlock(missing);
            for (const { name, x, y } of missing) {
                const tile = answer.then(({ tiles }) => tiles[`${x}/${y}`] || []);
                tile.catch(() => this.tiles.delete(name));
                this.tiles.set(name, tile);
            }
        }

        async fetchBlock(tiles) {
            const { config, types, filters } = this.atlas;
            const query = new URLSearchParams(filters);
            types.forEach((type) => query.append("type", type));
            const without = tiles.flatMap((each) => each.without);
            without.forEach((id) => query.append("without", id));
            query.append("v", config.revision);
            const block = { z: tiles[0].zoom, x: span(tiles, "x"), y: span(tiles, "y") };
            const response = await fetch(`${L.Util.template(config.clusters, block)}?${query}`);
            if (!response.ok) {
                throw new Error(`clusters: ${response.status}`);
            }
            const found = await response.json();
            for (const { facilities } of Object.values(found.tiles).flat()) {
                facilities.forEach((each) => (each.kind = this.kinds.get(each.type)));
            }
            return found;
        }

        /** Keep the markers that stay, so that focus does; the gone ones become the new ones. */
        show(found, zoom) {
            this.arrange(found, zoom);
            const keyed = new Map(found.map((each) => [keyOf(each, zoom), each]));
            const spare = { single: [], disc: [] };
            for (const [key, shown] of this.shown) {
                if (!keyed.has(key)) {
                    this.shown.delete(key);
                    spare[kindOf(shown.each)].push(shown);
                }
            }
            for (const [key, each] of keyed) {
                const shown = this.shown.get(key);
                if (!shown) {
                    this.shown.set(key, this.add(each, spare[kindOf(each)]));
                } else if (shown.each.drawn !== each.drawn) {
                    this.replace(shown, each);
                }
            }
            [...spare.single, ...spare.disc].forEach(({ marker }) => this.layer.removeLayer(marker));
            this.found = found;
        }

        /** A marker for what was not shown, made of a spare one: never of that which has focus. */
        add(each, spare) {
            const last = spare[spare.length - 1];
            if (!last || last.marker.getElement() === document.activeElement) {
                const shown = { each };
                shown.marker = this.marker(shown).addTo(this.layer);
                return shown;
            }
            spare.pop();
            last.each = each;
            last.marker.setLatLng(each.spot);
            if (each.count > 1) {
                geomap.renumber(last.marker, this.atlas.config, each.count);
            } else {
                last.marker.setIcon(this.icon(each));
            }
            return last;
        }

        /** Draw each so that none covers another: single ones may lie beside their places. */
        arrange(found, zoom) {
            const { map, config, listed } = this.atlas;
            const places = found.map(({ lat, lon }) => map.project([lat, lon], zoom));
            const cells = new Set(places.map(({ x, y }) => cellKey(x / CELL_PX, y / CELL_PX)));
            const isOccupied = (x, y) => cells.has(cellKey(x, y));
            const spots = found.map(({ count }, i) =>
                besideOthers(places[i], geomap.symbolSize(config, count), isOccupied),
            );
            const fixed = [...listed.values()].map(({ marker }) => map.project(marker.getLatLng(), zoom));
            stepAside(spots, fixed, geomap.symbolSize(config));
            found.forEach((each, i) => {
                const spot = spots[i];
                each.away = { x: places[i].x - spot.x, y: places[i].y - spot.y };
                each.spot = map.unproject([spot.x, spot.y], zoom);
                each.drawn = `${spot.x.toFixed(1)},${spot.y.toFixed(1)},${zoom}`;
            });
        }

        /** The same facility at another zoom: its button stays, and with it the focus. */
        replace(shown, each) {
            const { away } = shown.each;
            shown.marker.setLatLng(each.spot);
            if (each.count === 1 && (away.x !== each.away.x || away.y !== each.away.y)) {
                shown.marker.setIcon(this.icon(each));
            }
            shown.each = each;
        }

        icon(each) {
            const { config } = this.atlas;
            return each.count === 1
                ? symbolIcon(config, each.facilities[0], { away: each.away })
                : discIcon(config, each.count);
        }

        marker(shown) {
            const single = shown.each.count === 1;
            const tell = (on) => this.atlas.talk.tell("highlight", on ? this.idOf(shown.each) : null);
            return symbolMarker(this.atlas.map, shown.each.spot, this.icon(shown.each), {
                pane: "clusters",
                onActivate: (marker) => this.activate(shown.each, marker),
                onPoint: single ? tell : null,
            });
        }

        idOf({ facilities: [facility] }) {
            return facility.id ?? this.points.facility(facility.at).id;
        }

        async activate(each, marker) {
            if (each.count > 1 && each.zoom !== null) {
                this.atlas.map.setView([each.lat, each.lon], each.zoom);
                return;
            }
            try {
                const named = (facility) => (facility.id ? facility : this.points.named(facility));
                const facilities = await Promise.all(each.facilities.map(named));
                if (each.count === 1) {
                    this.onFacility(facilities[0], marker);
                } else {
                    this.onPlace({ ...each, facilities }, marker);
                }
            } catch (error) {
                this.atlas.failed(error);
            }
        }

        /** See that the names of what is in view come before all others. */
        wantNames() {
            const nameless = this.found
                .flatMap(({ facilities }) => facilities)
                .filter(({ name }) => name === null);
            if (nameless.length) {
                this.points.want(nameless.map(({ at }) => at));
            }
        }

        /** Names have come: tell the buttons that wait for them. */
        name(number) {
            const { inFile } = this.atlas.config.points;
            for (const { each, marker } of this.shown.values()) {
                const [facility] = each.facilities;
                if (each.count === 1 && facility.name === null && Math.floor(facility.at / inFile) === number) {
                    Object.assign(facility, this.points.facility(facility.at));
                    const label = geomap.facilityLabel(facility, this.atlas.config.words);
                    marker.getElement().setAttribute("aria-label", label);
                }
            }
        }
    }

    function span(tiles, axis) {
        const values = tiles.map((each) => each[axis]);
        return `${Math.min(...values)}-${Math.max(...values)}`;
    }

    /** What is in view, in world coordinates. */
    function worldView(map) {
        const bounds = map.getBounds();
        const corner = toWorld(bounds.getWest(), bounds.getNorth());
        const end = toWorld(bounds.getEast(), bounds.getSouth());
        return { x0: corner.x, y0: corner.y, x1: end.x, y1: end.y };
    }

    /** What symbols, discs and the searched place cover, in pixels of the map's own plane. */
    function symbolBoxes({ map, clusters, listed, point }) {
        const at = (place) => map.latLngToLayerPoint(place);
        const { square } = geomap;
        return [
            ...(clusters.found || []).map((each) => square(at(each.spot), discSize(each.count) / 2)),
            ...[...listed.values()].map(({ marker }) => square(at(marker.getLatLng()), 24)),
            ...(point.place ? [square(at(point.place), 20)] : []),
        ];
    }

    /** A whole number for a cell: at most 2^20 of them lie side by side. */
    function cellKey(x, y) {
        return Math.floor(x) * 2 ** 21 + Math.floor(y);
    }

    function kindOf(each) {
        return each.count === 1 ? "single" : "disc";
    }

    /** A facility is the same at any zoom, a disc while its cell holds as many. */
    function keyOf(each, zoom) {
        if (each.count === 1) {
            const { at, id } = each.facilities[0];
            return `facility ${at ?? id}`;
        }
        const world = toWorld(each.lon, each.lat);
        const cell = [world.x, world.y].map((axis) => Math.floor(axis * 2 ** (zoom + 2)));
        return `disc ${zoom}/${cell.join("/")}: ${each.count}`;
    }

    Object.assign(geomap, { Clusters, symbolBoxes });
})(globalThis);
