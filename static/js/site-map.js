// The map of siting: chosen sites by number, and the people newly reached and still out of reach.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { element } = geomap;
    const SVG = "http://www.w3.org/2000/svg";
    const REACH = "#0B5C80";
    const GAP = "#7A1350";
    const INK = "#14212B";
    const LARGEST_PX = 14;
    const SITE_PX = 44; // the target; the square in it is 28
    const MANY_FACILITIES = 40; // then their symbols would hide the people: they wait for a press
    // Told apart by fill and edge, not by colour alone.
    const LOOKS = {
        newly: { color: REACH, weight: 3, fillColor: "#86CDFA", fillOpacity: 0.85 },
        beyond: { color: GAP, weight: 1.5, fillColor: GAP, fillOpacity: 0.45 },
        before: { color: "#5B6670", weight: 1, fillColor: "#FFFFFF", fillOpacity: 0.4 },
    };

    L.Map.addInitHook(function start() {
        if (this.geomap && this.geomap.config.siting) {
            this.geomap.siting = new SiteLayers(this.geomap, this.geomap.config.siting);
        }
    });

    // Leaflet takes the focus on a press; in a frame that is partly out of view the page would then
    // scroll between press and release, and the press be lost.
    L.Map.Keyboard.include({
        _onMouseDown() {
            if (!this._focused) {
                this._map.getContainer().focus({ preventScroll: true });
            }
        },
    });

    /** A chosen site as a real button: keyboard and speech know it. */
    const SiteIcon = L.Icon.extend({
        createIcon() {
            const node = element("button", { attributes: { type: "button" } });
            node.append(element("span", { className: "site-mark", text: this.options.rank }));
            node.setAttribute("aria-label", this.options.label);
            this._setIconStyles(node, "icon");
            return node;
        },
        createShadow() {
            return null;
        },
    });

    class SiteLayers {
        constructor(atlas, siting) {
            Object.assign(this, { atlas, siting, map: atlas.map });
            this.map.options.zoomSnap = 0.25;
            for (const [name, z] of Object.entries({ siteReach: 320, sitePeople: 330 })) {
                this.map.createPane(name).style.zIndex = String(z);
            }
            this.map.createPane("siteMarks").style.zIndex = "650"; // over the facilities' symbols
            this.shown = new Set(["newly", "beyond"].filter((name) => siting.spots[name].length));
            if (siting.existing && siting.existing <= MANY_FACILITIES) {
                this.shown.add("facilities");
            }
            this.legend = element("ul", { className: "map-legend plan-legend" });
            this.place();
            atlas.home = () => this.fill();
            root.setTimeout(() => this.draw(), 0);
        }

        /** The first view: everybody who is asked about, as large as they go. */
        fill() {
            const { bounds } = this.atlas.config;
            if (bounds) {
                const below = this.atlas.attribution.offsetHeight + 8;
                const padding = { paddingTopLeft: [8, 8], paddingBottomRight: [8, below] };
                this.map.fitBounds(L.latLngBounds(bounds), { ...padding, animate: false });
            }
        }

        /** Boxes that switch layers before the map, the legend after it. */
        place() {
            const { siting } = this;
            const box = this.map.getContainer().closest(".geomap");
            const names = ["newly", "beyond", "before"].filter((name) => siting.spots[name].length);
            if (siting.existing) {
                names.push("facilities");
            }
            const ticks = names.map((name) => this.tick(name));
            const legend = element("legend", { text: siting.words.layers });
            const group = element("fieldset", { className: "plan-layers" }, [legend, ...ticks]);
            box.querySelector(".map-tools").after(group);
            box.querySelector(".map-legend").before(this.legend);
        }

        tick(name) {
            const input = element("input", { attributes: { type: "checkbox" } });
            input.checked = this.shown.has(name);
            input.addEventListener("change", () => {
                this.shown[input.checked ? "add" : "delete"](name);
                this.draw();
            });
            return element("label", {}, [input, element("span", { text: this.siting.words[name] })]);
        }

        draw() {
            this.layers?.forEach((layer) => layer.remove());
            this.showFacilities(this.shown.has("facilities"));
            const people = ["before", "beyond", "newly"].filter((name) => this.shown.has(name));
            this.layers = [...people.flatMap((name) => this.people(name)), ...this.circles(), ...this.marks()];
            this.layers.forEach((layer) => layer.addTo(this.map));
            this.legend.replaceChildren(...this.legendItems());
        }

        /** Facilities are drawn by the map itself, their legend with them. */
        showFacilities(on) {
            ["clusters", "listed"].forEach((name) => {
                this.map.getPane(name).style.display = on ? "" : "none";
            });
            this.atlas.legend.node.hidden = !on;
        }

        people(name) {
            const renderer = (this.canvas = this.canvas || L.canvas({ pane: "sitePeople", padding: 0.3 }));
            const all = Object.values(this.siting.spots).flat();
            const most = all.reduce((top, [, , people]) => Math.max(top, people), 1);
            return this.siting.spots[name].map(([lon, lat, people]) =>
                L.circleMarker([lat, lon], {
                    ...LOOKS[name],
                    renderer,
                    interactive: false,
                    radius: Math.max(2, LARGEST_PX * Math.sqrt(people / most)),
                }),
            );
        }

        circles() {
            const { radius, sites } = this.siting;
            if (!radius) {
                return [];
            }
            const renderer = (this.lines = this.lines || L.svg({ pane: "siteReach", padding: 0.5 }));
            const look = { renderer, radius, color: REACH, weight: 2, dashArray: "6 4", fill: false, interactive: false };
            return sites.map(({ at: [lon, lat] }) => L.circle([lat, lon], look));
        }

        marks() {
            return this.siting.sites.map((site) => {
                const [lon, lat] = site.at;
                const label = `${site.rank} ${site.name}, ${site.lines.join(", ")}`;
                const icon = new SiteIcon({ rank: site.rank, label, iconSize: [SITE_PX, SITE_PX], className: "site-button" });
                const first = -Number(site.rank); // over the later ones
                const marker = L.marker([lat, lon], { icon, pane: "siteMarks", keyboard: false, zIndexOffset: 10_000 * first });
                return marker.on("click", (event) => this.tell(site, event, marker));
            });
        }

        tell({ rank, name, lines }, event, marker) {
            const title = element("strong", { text: `${rank} ${name}`, className: "map-name", attributes: { tabindex: "-1" } });
            const paragraphs = lines.map((text) => element("p", { text }));
            L.DomEvent.stopPropagation(event);
            this.atlas.details.show(element("div", { className: "map-card" }, [title, ...paragraphs]), marker.getLatLng(), marker);
        }

        legendItems() {
            const { siting, shown } = this;
            const { words } = siting;
            const items = siting.sites.length ? [keyed(swatch("site"), words.chosen)] : [];
            if (siting.radius && siting.sites.length) {
                items.push(keyed(swatch("circle"), words.circle), element("li", { text: words.straight }));
            }
            const people = ["newly", "beyond", "before"].filter((name) => shown.has(name));
            people.forEach((name) => items.push(keyed(swatch(name), words[name])));
            if (people.length) {
                items.push(element("li", { text: words.size }));
            }
            return items;
        }
    }

    function svg(tag, attributes, children = []) {
        const node = document.createElementNS(SVG, tag);
        Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
        node.append(...children);
        return node;
    }

    /** A legend's key: a numbered square, a dashed line, a circle. */
    function swatch(look) {
        const box = { class: "plan-swatch", viewBox: "0 0 34 24", "aria-hidden": "true" };
        if (look === "site") {
            const square = svg("rect", { x: 6, y: 1, width: 22, height: 22, fill: INK });
            const digit = svg("text", { x: 17, y: 17, fill: "#FFFFFF", "text-anchor": "middle", "font-size": 15, "font-weight": 700 });
            digit.textContent = "1";
            return svg("svg", box, [square, digit]);
        }
        if (look === "circle") {
            const line = { x: 1, y: 1, width: 32, height: 22, fill: "none", stroke: REACH, "stroke-width": 2, "stroke-dasharray": "6 4" };
            return svg("svg", box, [svg("rect", line)]);
        }
        const { color, weight, fillColor, fillOpacity } = LOOKS[look];
        const circle = { cx: 17, cy: 12, r: 9, fill: fillColor, "fill-opacity": fillOpacity, stroke: color, "stroke-width": weight };
        return svg("svg", box, [svg("circle", circle)]);
    }

    function keyed(key, text) {
        return element("li", {}, [key, element("span", { text })]);
    }
})(globalThis);
