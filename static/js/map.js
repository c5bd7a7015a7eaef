// The map: starts on every folium map that carries our options.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { element } = geomap;
    const CHINA = L.latLngBounds([18.2, 73.6], [53.6, 134.8]);
    const EDGE_PX = 56;
    const CAPTION_FROM = 9;
    const MOST_REFITS = 2;
    const GROUND_MS = 5000;
    const calm = root.matchMedia?.("(prefers-reduced-motion: reduce)").matches;

    L.Map.mergeOptions({ fadeAnimation: false });
    if (calm) {
        L.Map.mergeOptions({ zoomAnimation: false, inertia: false });
        const panBy = L.Map.prototype.panBy;
        L.Map.include({
            panBy(offset, options) {
                return panBy.call(this, offset, { ...options, animate: false });
            },
        });
    }

    L.Map.addInitHook(function start() {
        if (this.options.geomap) {
            this.geomap = new Atlas(this, JSON.parse(this.options.geomap));
        }
    });

    class Atlas {
        constructor(map, config) {
            Object.assign(this, { map, config, types: config.selected || [], refits: MOST_REFITS });
            this.filters = config.filters || "";
            this.listed = new Map();
            this.talk = new geomap.Talk(this);
            this.local = new geomap.LocalFacilities(config.types);
            this.highlighted = null;
            this.context = null;
            this.online = null;
            this.prepareMap();
            this.prepareAround();
            this.prepareLayers();
            root.setTimeout(() => this.begin(), 0);
        }

        prepareMap() {
            const { map, config } = this;
            const panes = [["context", 250], ["labels", 450], ["point", 590], ["ring", 640]];
            for (const [name, z] of [...panes, ["listed", 620], ["clusters", 610]]) {
                map.createPane(name).style.zIndex = String(z);
            }
            map.getPane("labels").classList.add("leaflet-zoom-hide");
            map.getPane("labels").setAttribute("aria-hidden", "true");
            map.attributionControl?.remove();
            map.doubleClickZoom.disable();
            if (config.emptyImage) {
                geomap.useEmptyImage(config.emptyImage);
            }
            if (config.page === "part" && L.Browser.touch && L.Browser.mobile) {
                map.dragging.disable();
                map.getContainer().classList.add("map-two-fingers");
            }
            const node = map.getContainer();
            node.setAttribute("role", "application");
            node.setAttribute("aria-label", config.words.map);
            node.addEventListener("wheel", leaveToPage, { capture: true, passive: true });
            node.addEventListener("keydown", (event) => this.onKey(event));
            map.on("click", (event) => this.talk.pick(event.latlng));
        }

        prepareAround() {
            const { map, config } = this;
            const node = map.getContainer();
            const box = element("div", { className: `geomap${config.fill ? " geomap-fill" : ""}` });
            node.replaceWith(box);
            this.details = new geomap.Details(this);
            this.legend = new geomap.Legend(this);
            this.caption = element("p", {
                className: "map-caption",
                text: config.words.noStreets,
                attributes: { hidden: "" },
            });
            this.note = element("p", { className: "map-note", attributes: { role: "status" } });
            this.note.textContent = config.note || (root.parent === root && config.aloneNote) || "";
            this.attribution = element("p", { className: "map-attribution" });
            this.attribution.textContent = config.attribution;
            const frame = element("div", { className: "map-frame-inner" }, [node, this.attribution]);
            const help = element("p", { className: "map-help", text: config.words.help });
            box.append(
                geomap.toolbar(this), frame, this.caption, this.note, this.details.panel,
                this.legend.node, help,
            );
            geomap.scale(config.words).addTo(map);
        }

        /** What folium's layers join when its script adds them. */
        prepareLayers() {
            if (this.config.columns) {
                this.local.addColumns(this.config.columns);
            }
            this.clusters = new geomap.Clusters(this, {
                onFacility: (facility, marker) => this.choose(facility, marker),
                onPlace: (cluster, marker) => this.openPlace(cluster, marker),
            });
            this.point = new geomap.SearchedPoint(this.map, this.config);
        }

        /** Ground and names, once the first view is known: no tile is asked for in vain. */
        addGround() {
            const { map, config } = this;
            if (config.background) {
                const { url, until, bounds } = config.background;
                const options = { url, bounds: L.latLngBounds(bounds), maxZoom: until };
                this.background = new geomap.BackgroundLayer(options).addTo(map);
            }
            if (config.context) {
                const { url, bounds } = config.context;
                this.streets = config.streetTiles && new geomap.Streets(config.streetTiles);
                const options = { url, bounds: L.latLngBounds(bounds), minZoom: 3, streets: this.streets };
                this.context = new geomap.ContextLayer(options);
                this.context.addTo(map);
                map.getContainer().classList.add("map-beyond");
            }
            if (config.lines) {
                geomap.drawLines(map, config.lines);
            }
            const fixed = config.labels && geomap.fixedLabels(map, config.labels);
            const names = this.streets && new geomap.StreetNames(this.context, config.lang);
            const sources = [this.context, names, fixed];
            this.labels = new geomap.Labels(this, sources.filter(Boolean));
            this.context?.on("load", () => this.changed());
            this.ground = groundDrawn([this.background, this.context].filter(Boolean));
            map.on("moveend", () => this.changed());
        }

        /** After folium's script has run: show the first view, then listen to the finder. */
        begin() {
            this.map.invalidateSize({ animate: false });
            if (!this.config.keepView) {
                this.home();
            }
            this.arrange();
            this.map.on("zoomend", () => this.arrange());
            this.addGround();
            const { focus } = this.config;
            if (focus && this.listed.has(focus)) {
                this.highlight(focus);
            }
            this.clusters.update();
            this.changed();
            this.keepFitting();
            this.talk.listen();
        }

        /** Follow the box's size; until the reader moves the map, with the first view in it. */
        keepFitting() {
            const box = this.map.getContainer().closest(".geomap");
            for (const type of ["pointerdown", "keydown", "wheel"]) {
                box.addEventListener(type, () => (this.touched = true), { passive: true });
            }
            new root.ResizeObserver(() => {
                this.map.invalidateSize({ animate: false });
                if (this.refits > 0 && !this.touched && !this.config.keepView) {
                    this.refits -= 1; // the legend follows the view: let them settle, not chase
                    this.home();
                }
            }).observe(this.map.getContainer());
        }

        /** Back to the first view: the point and its rings, else the results, else all. */
        home() {
            const { map, config } = this;
            const places = [...this.listed.values()].map(({ lon, lat }) => [lat, lon]);
            const size = map.getSize();
            const edge = Math.min(EDGE_PX, size.x / 10, size.y / 10);
            const below = Math.max(edge, this.attribution.offsetHeight + 8);
            const options = {
                paddingTopLeft: [edge, edge],
                paddingBottomRight: [edge, below],
                maxZoom: 16,
                animate: false,
            };
            const { place, ringBounds } = this.point;
            if (config.view) {
                map.setView([config.view.lat, config.view.lon], config.view.zoom, { animate: false });
                return;
            }
            if (place) {
                places.push([place.lat, place.lon], ...(ringBounds || []));
                map.fitBounds(L.latLngBounds(places), options);
            } else if (places.length) {
                map.fitBounds(L.latLngBounds(places), { ...options, maxZoom: 14 });
            } else {
                map.fitBounds(config.bounds || CHINA, { ...options, paddingTopLeft: [16, 16] });
            }
            if (config.elder) {
                geomap.comeCloser(this);
            }
        }

        /** A listed result, drawn by itself whatever the zoom. */
        list(facility, lon, lat) {
            this.unlist(facility.id);
            const icon = geomap.symbolIcon(this.config, facility);
            const marker = geomap.symbolMarker(this.map, [lat, lon], icon, {
                pane: "listed",
                onActivate: (each) => this.choose(facility, each),
                onPoint: (on) => this.talk.tell("highlight", on ? facility.id : null),
            });
            this.listed.set(facility.id, { facility, lon, lat, marker, away: { x: 0, y: 0 } });
            return marker;
        }

        /** Listed results that lie close together are drawn side by side, each joined to its place. */
        arrange() {
            const { map, config } = this;
            const zoom = map.getZoom();
            const all = [...this.listed.values()];
            const places = all.map(({ lat, lon }) => map.project([lat, lon], zoom));
            const spots = geomap.math.spreadOut(places, geomap.symbolSize(config) + 2);
            all.forEach((each, i) => {
                const away = { x: places[i].x - spots[i].x, y: places[i].y - spots[i].y };
                each.marker.setLatLng(map.unproject([spots[i].x, spots[i].y], zoom));
                if (away.x !== each.away.x || away.y !== each.away.y) {
                    each.away = away;
                    this.redraw(each);
                }
            });
        }

        redraw({ facility, marker, away }) {
            const selected = facility.id === this.highlighted;
            marker.setIcon(geomap.symbolIcon(this.config, facility, { selected, away }));
            marker.setZIndexOffset(selected ? 1000 : 0);
        }

        unlist(id) {
            this.listed.get(id)?.marker.remove();
            this.listed.delete(id);
        }

        highlight(id) {
            if (id === this.highlighted) {
                return;
            }
            const changed = [this.highlighted, id].map((each) => this.listed.get(each));
            this.highlighted = id;
            changed.filter(Boolean).forEach((each) => this.redraw(each));
        }

        async choose(facility, marker) {
            this.talk.tell("highlight", facility.id);
            const latlng = marker.getLatLng();
            const whole = facility.beds || facility.details || !this.config.features
                ? facility
                : (await this.fetchFeatures([facility.id]))[0]?.properties;
            if (whole) {
                this.details.show(geomap.facilityCard(this.config, whole), latlng, marker);
                this.map.fire("facilitychosen", { facility: whole });
            }
        }

        openPlace(cluster, marker) {
            const shown = cluster.facilities.map((each) => ({ ...each, href: this.hrefOf(each) }));
            const latlng = marker.getLatLng();
            this.details.show(geomap.facilityList(this.config, shown, cluster.count), latlng, marker);
        }

        hrefOf({ id }) {
            return this.config.facility?.replace("__id__", encodeURIComponent(id));
        }

        async fetchFeatures(ids, point = this.point.place) {
            const query = new URLSearchParams(ids.map((id) => ["id", id]));
            if (point) {
                query.set("lon", point.lon);
                query.set("lat", point.lat);
            }
            query.set("lang", this.config.lang);
            try {
                const response = await fetch(`${this.config.features}?${query}`);
                if (!response.ok) {
                    throw new Error(String(response.status));
                }
                return (await response.json()).features;
            } catch (error) {
                this.failed(error);
                return [];
            }
        }

        /** The finder shows other results: fetch what they are, draw them, show the view. */
        async show({ point, ids, types, filters, outcome, first = 1 }) {
            const turn = (this.turn = (this.turn || 0) + 1);
            const drawn = outcome === "all" ? [] : ids;
            const found = drawn.length ? await this.fetchFeatures(drawn, point) : [];
            if (turn !== this.turn) {
                return; // something else was asked for meanwhile
            }
            this.details.close({ refocus: false });
            Object.assign(this, { types: types || [], filters: filters || "" });
            Object.assign(this, { touched: false, refits: MOST_REFITS });
            [...this.listed.keys()].forEach((id) => this.unlist(id));
            for (const { properties, geometry } of found) {
                const facility = { ...properties, number: first + drawn.indexOf(properties.id) };
                this.list(facility, ...geometry.coordinates).addTo(this.map);
            }
            this.point.set(point);
            this.point.drawRings(Math.max(0, ...found.map((each) => each.properties.metres || 0)));
            this.home();
            this.arrange();
            this.clusters.update();
            this.changed();
        }

        onKey(event) {
            if (event.target === this.map.getContainer() && event.key === "Enter") {
                this.talk.pick(this.map.getCenter());
            } else if (event.key === "Escape") {
                this.details.close();
            }
        }

        useBase(online) {
            this.online?.remove();
            this.online = online ? geomap.onlineLayer(online).addTo(this.map) : null;
            for (const layer of [this.background, this.context]) {
                if (layer && online) {
                    layer.remove();
                } else if (layer) {
                    layer.addTo(this.map);
                }
            }
            this.changed();
        }

        /** Whose data is in view. */
        credit() {
            const { map, config, online, streets } = this;
            const seen = streets && !online ? streets.seen(map.getZoom(), map.getBounds()) : [];
            const whose = [config.attribution, online?.attribution, ...seen.map((each) => each.attribution)];
            this.attribution.textContent = [...new Set(whose)].filter(Boolean).join(" · ");
        }

        failed() {
            this.note.textContent = this.config.words.failed;
        }

        /** Something drawn has changed: legend, caption, names. */
        changed() {
            if (!this.labels) {
                return;
            }
            const zoom = this.map.getZoom();
            const offline = !this.online && this.context;
            const streets = this.online || this.config.streets || (offline && offline.hasStreets());
            this.credit();
            const seen = this.map.getBounds();
            const found = (this.clusters.found || []).filter(({ lat, lon }) => seen.contains([lat, lon]));
            const listed = [...this.listed.values()].filter(({ lat, lon }) => seen.contains([lat, lon]));
            const singles = found.filter((each) => each.count === 1).map((each) => each.facilities[0]);
            const shown = [...singles, ...listed.map((each) => each.facility)];
            const kinds = this.online || !this.context ? new Set() : this.context.kinds(zoom);
            this.caption.hidden = Boolean(streets) || zoom < CAPTION_FROM;
            this.legend.show({
                types: [...new Set(shown.map((each) => each.type))],
                clusters: found.some((each) => each.count > 1),
                closed: shown.some((each) => each.closed),
                point: Boolean(this.point.place),
                rings: Boolean(this.point.ringBounds),
                hospitals: kinds.has("hospitals"),
                residential: kinds.has("residential"),
                lines:
                    Boolean(this.config.lines) ||
                    ["province", "city", "county"].some((kind) => kinds.has(kind)),
                beyond: kinds.has("beyond"),
            });
            if (this.point.labels.length) {
                this.point.placeLabels([...geomap.symbolBoxes(this), ...geomap.cornerBoxes(this)]);
            }
            this.labels.later();
        }

        /** What names must not cover, in pixels of the map's own plane. */
        obstacles() {
            return [...geomap.symbolBoxes(this), ...geomap.cornerBoxes(this), ...this.point.labelBoxes];
        }
    }

    /** When all layers are drawn for the first time, or that takes too long. */
    function groundDrawn(layers) {
        const late = new Promise((done) => root.setTimeout(done, GROUND_MS));
        const drawn = layers.map((layer) => new Promise((done) => layer.once("load", done)));
        return Promise.race([late, Promise.all(drawn)]);
    }

    /** The wheel scrolls the page; with Ctrl it zooms the map. */
    function leaveToPage(event) {
        if (!event.ctrlKey && !event.metaKey) {
            event.stopPropagation();
        }
    }
})(globalThis);
