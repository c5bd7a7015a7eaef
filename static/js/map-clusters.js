// Symbols on the map: the listed results, and all the rest as discs or single symbols.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { toWorld, group, discSize } = geomap.math;
    const SYMBOL_PX = 44;
    const SELECTED = 1.3;
    const KEPT_TILES = 400;

    /** A marker's element as a real button, so that keyboard and speech know it. */
    const ButtonIcon = L.Icon.extend({
        options: { className: "map-symbol" },
        /** The same element when a symbol changes its look: it keeps place, focus and listeners. */
        createIcon(old) {
            const node = old || geomap.element("button", { attributes: { type: "button" } });
            node.replaceChildren(...this.options.children);
            node.setAttribute("aria-label", this.options.label);
            this._setIconStyles(node, "icon");
            return node;
        },
        createShadow() {
            return null;
        },
    });

    function symbolIcon(config, facility, { selected = false } = {}) {
        const size = SYMBOL_PX * (selected ? SELECTED : 1) * (config.scale || 1);
        const className = `map-symbol${selected ? " map-symbol-selected" : ""}`;
        return new ButtonIcon({
            children: [geomap.facilityPicture(config, facility, "map-picture", { halo: selected })],
            className,
            iconSize: [size, size],
            label: geomap.facilityLabel(facility, config.words),
        });
    }

    function discIcon(config, count) {
        const size = discSize(count);
        const words = config.words;
        const label = words.homes.replace("{n}", count.toLocaleString("en"));
        return new ButtonIcon({
            children: [geomap.element("span", { text: shortCount(count, config.lang) })],
            className: "map-disc",
            iconSize: [size, size],
            label,
        });
    }

    /** A count that fits a disc: 38, 1200, 1.2万, 12k. */
    function shortCount(count, lang) {
        if (count < 10000) {
            return String(count);
        }
        const tenThousands = count / 10000;
        const digits = tenThousands < 10 ? 1 : 0;
        return lang === "en" ? `${Math.round(count / 1000)}k` : `${tenThousands.toFixed(digits)}万`;
    }

    /** A button on the map that answers click, Enter and focus, and stays in view when focused. */
    function symbolMarker(map, latlng, icon, { pane, title, onActivate, onPoint }) {
        const marker = L.marker(latlng, { icon, pane, keyboard: false, bubblingMouseEvents: false });
        marker.on("click", () => onActivate(marker));
        marker.on("add", () => {
            const node = marker.getElement();
            L.DomEvent.on(node, "keydown", L.DomEvent.stopPropagation);
            L.DomEvent.on(node, "keypress", L.DomEvent.stopPropagation);
            node.addEventListener("focus", () => {
                const shown = map.getSize();
                const at = map.latLngToContainerPoint(latlng);
                const margin = SYMBOL_PX;
                const inside =
                    at.x >= margin / 2 && at.y >= margin / 2 &&
                    at.x <= shown.x - margin / 2 && at.y <= shown.y - margin / 2;
                if (!inside && node.matches(":focus-visible")) {
                    map.panInside(latlng, { padding: [margin, margin], animate: false });
                }
            });
            if (onPoint) {
                node.addEventListener("mouseenter", () => onPoint(true));
                node.addEventListener("mouseleave", () => onPoint(false));
                node.addEventListener("focus", () => onPoint(true));
                node.addEventListener("blur", () => onPoint(false));
            }
            if (title) {
                node.title = title;
            }
        });
        return marker;
    }

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
            atlas.map.on("moveend", () => this.update());
        }

        /** Update once after several changes. */
        later() {
            root.clearTimeout(this.soon);
            this.soon = root.setTimeout(() => this.update(), 0);
        }

        /** Show what is in view now; later answers of an older view are dropped. */
        async update() {
            const turn = (this.turn += 1);
            const zoom = Math.round(this.atlas.map.getZoom());
            const found = this.atlas.config.clusters
                ? await this.fromServer(zoom)
                : this.fromPoints(zoom);
            if (turn === this.turn && found) {
                this.show(found);
            }
        }

        fromPoints(zoom) {
            const points = this.atlas.local;
            const bounds = this.atlas.map.getBounds().pad(0.1);
            const corner = toWorld(bounds.getWest(), bounds.getNorth());
            const end = toWorld(bounds.getEast(), bounds.getSouth());
            const view = { x0: corner.x, y0: corner.y, x1: end.x, y1: end.y };
            const types = this.atlas.types;
            const shown = (row) =>
                (!types.length || types.includes(points.facility(row).type)) &&
                !this.atlas.listed.has(points.facility(row).id);
            return group(points.world(), zoom, view, shown).map((each) => ({
                ...each,
                facilities: each.rows.map((row) => points.facility(row)),
            }));
        }

        async fromServer(zoom) {
            try {
                const tiles = await Promise.all(this.urls(zoom).map((url) => this.tile(url)));
                return tiles.flat();
            } catch (error) {
                this.atlas.failed(error);
                return null;
            }
        }

        /** The tiles in view; only those with a listed facility ask to leave it out. */
        urls(zoom) {
            const { map, config, types, listed } = this.atlas;
            const bounds = map.getBounds();
            const last = 2 ** zoom - 1;
            const corner = toWorld(bounds.getWest(), bounds.getNorth());
            const end = toWorld(bounds.getEast(), bounds.getSouth());
            const at = (value) => Math.max(0, Math.min(last, Math.floor(value * (last + 1))));
            const own = [...listed.values()].map(({ facility, lon, lat }) => {
                const world = toWorld(lon, lat);
                return { id: facility.id, x: at(world.x), y: at(world.y) };
            });
            const urls = [];
            for (let x = at(corner.x); x <= at(end.x); x += 1) {
                for (let y = at(corner.y); y <= at(end.y); y += 1) {
                    const query = new URLSearchParams(types.map((type) => ["type", type]));
                    own.filter((each) => each.x === x && each.y === y)
                        .map((each) => each.id)
                        .sort()
                        .forEach((id) => query.append("without", id));
                    query.append("v", config.revision);
                    urls.push(`${L.Util.template(config.clusters, { z: zoom, x, y })}?${query}`);
                }
            }
            return urls;
        }

        tile(url) {
            if (!this.tiles.has(url)) {
                if (this.tiles.size > KEPT_TILES) {
                    this.tiles.clear();
                }
                const answer = fetch(url).then((response) => {
                    if (!response.ok) {
                        throw new Error(`${url}: ${response.status}`);
                    }
                    return response.json();
                });
                answer.catch(() => this.tiles.delete(url));
                this.tiles.set(url, answer.then((tile) => tile.clusters));
            }
            return this.tiles.get(url);
        }

        /** Keep the markers that stay, so that focus does; add the new, remove the gone. */
        show(found) {
            const keyed = new Map(found.map((each) => [keyOf(each), each]));
            for (const [key, marker] of this.shown) {
                if (!keyed.has(key)) {
                    this.layer.removeLayer(marker);
                    this.shown.delete(key);
                }
            }
            for (const [key, each] of keyed) {
                if (!this.shown.has(key)) {
                    const marker = this.marker(each).addTo(this.layer);
                    this.shown.set(key, marker);
                }
            }
            this.found = found;
            this.atlas.changed();
        }

        marker(each) {
            const { map, config } = this.atlas;
            const single = each.count === 1;
            const facility = single ? each.facilities[0] : null;
            const icon = single ? symbolIcon(config, facility) : discIcon(config, each.count);
            return symbolMarker(map, [each.lat, each.lon], icon, {
                pane: "clusters",
                onActivate: (marker) =>
                    single ? this.onFacility(facility, marker) : this.open(each, marker),
                onPoint: single ? (on) => this.atlas.talk.tell("highlight", on ? facility.id : null) : null,
            });
        }

        open(each, marker) {
            if (each.zoom === null) {
                this.onPlace(each, marker);
            } else {
                this.atlas.map.setView([each.lat, each.lon], each.zoom);
            }
        }
    }

    /** What symbols, discs and the searched place cover, in pixels of the map's own plane. */
    function symbolBoxes({ map, clusters, listed, point }) {
        const at = ({ lat, lon }) => map.latLngToLayerPoint([lat, lon]);
        const { square } = geomap;
        return [
            ...(clusters.found || []).map((each) => square(at(each), discSize(each.count) / 2)),
            ...[...listed.values()].map((each) => square(at(each), 24)),
            ...(point.place ? [square(at(point.place), 20)] : []),
        ];
    }

    function keyOf(each) {
        const who = each.count === 1 ? each.facilities[0].id : each.count;
        return `${each.lon.toFixed(6)},${each.lat.toFixed(6)},${who}`;
    }

    Object.assign(geomap, { Clusters, symbolBoxes, symbolIcon, symbolMarker, shortCount });
})(globalThis);
