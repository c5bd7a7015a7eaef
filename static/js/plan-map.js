// The planner's map: areas by a measure, gaps, service areas and demand, over the facilities' map.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { element } = geomap;
    const SVG = "http://www.w3.org/2000/svg";
    const GAP = "#7A1350";
    const REACH = "#0B5C80";
    const LARGEST_PX = 16;
    const MANY_AREAS = 60; // then lines and symbols would hide the colours: they wait for a press
    const MANY_FACILITIES = 40;
    const INK = "#14212B";
    const SITE_PX = 8; // half the side of a candidate's square

    L.Map.addInitHook(function start() {
        if (this.geomap && this.geomap.config.plan) {
            this.geomap.plan = new PlanLayers(this.geomap, this.geomap.config.plan);
        }
    });

    /** A hollow square around a place, as large at any zoom. */
    const Square = L.CircleMarker.extend({
        _updatePath() {
            const { _point: at, _radius: half } = this;
            const side = 2 * half;
            this._renderer._setPath(this, `M${at.x - half} ${at.y - half}h${side}v${side}h${-side}z`);
        },
    });

    class PlanLayers {
        constructor(atlas, plan) {
            Object.assign(this, { atlas, plan, map: atlas.map });
            this.map.options.zoomSnap = 0.25; // the areas fill the map
            const panes = { planAreas: 300, planService: 310, planGaps: 320, planDemand: 330, planSites: 340 };
            for (const [name, z] of Object.entries(panes)) {
                this.map.createPane(name).style.zIndex = String(z);
            }
            this.shown = new Set(["areas", "gaps", "service"].filter((name) => plan[name].length));
            const coloured = plan.ramp.classes.length > 0;
            if (!coloured || plan.areas.length === 1) {
                this.shown.delete("areas"); // one colour says nothing that the figure does not
                if (plan.demand.length) {
                    this.shown.delete("gaps"); // the circles out of reach say where they matter
                    this.shown.add("demand");
                }
            } else if (plan.areas.length > MANY_AREAS) {
                ["gaps", "service"].forEach((name) => this.shown.delete(name));
            }
            if (plan.facilities <= MANY_FACILITIES) {
                this.shown.add("facilities");
            }
            this.legend = element("ul", { className: "map-legend plan-legend" });
            this.place();
            atlas.home = () => this.fill();
            root.setTimeout(() => this.draw(), 0);
        }

        /** The first view: the asked areas, as large as they go. */
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
            const { plan } = this;
            const box = this.map.getContainer().closest(".geomap");
            const ticks = ["areas", "gaps", "service", "demand", "candidates"]
                .filter((name) => plan[name].length && (name !== "areas" || plan.ramp.classes.length))
                .concat("facilities")
                .map((name) => this.tick(name));
            const group = element(
                "fieldset",
                { className: "plan-layers" },
                [element("legend", { text: plan.words.layers }), ...ticks],
            );
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
            return element("label", {}, [input, element("span", { text: this.plan.words[name] })]);
        }

        draw() {
            this.layers?.forEach((layer) => layer.remove());
            const drawn = { areas: () => this.areas(), gaps: () => this.gaps() };
            drawn.service = () => this.service();
            drawn.demand = () => this.demand();
            drawn.candidates = () => this.candidates();
            drawn.facilities = () => [];
            this.showFacilities(this.shown.has("facilities"));
            this.layers = [this.outlines(), ...[...this.shown].flatMap((name) => drawn[name]())];
            this.layers.forEach((layer) => layer.addTo(this.map));
            this.hatch();
            this.legend.replaceChildren(...this.legendItems());
        }

        /** Facilities are drawn by the map itself, their legend with them. */
        showFacilities(on) {
            ["clusters", "listed"].forEach((name) => {
                this.map.getPane(name).style.display = on ? "" : "none";
            });
            this.atlas.legend.node.hidden = !on;
        }

        renderer(pane) {
            this.renderers = this.renderers || {};
            this.renderers[pane] = this.renderers[pane] || L.svg({ pane, padding: 0.5 });
            return this.renderers[pane];
        }

        shapes(features, pane, style, onClick) {
            const collection = { type: "FeatureCollection", features };
            return L.geoJSON(collection, {
                pane,
                renderer: this.renderer(pane),
                interactive: Boolean(onClick),
                style,
                onEachFeature: (feature, layer) => {
                    if (onClick) {
                        layer.on("click", (event) => onClick(feature.properties, event));
                    }
                },
            });
        }

        /** The edges of the areas, always there; pressing inside tells of the area. */
        outlines() {
            const style = { color: "#5B6670", weight: 0.7, fill: true, fillOpacity: 0 };
            return this.shapes(this.plan.areas, "planAreas", style, (area, event) => this.tell(area, event));
        }

        areas() {
            const { colours } = this.plan.ramp;
            const style = ({ properties }) => ({
                color: "#5B6670",
                weight: 0.7,
                fillColor: properties.class === null ? "url(#plan-nodata)" : colours[properties.class],
                fillOpacity: properties.class === null ? 1 : 0.85,
            });
            return [this.shapes(this.plan.areas, "planAreas", style, (area, event) => this.tell(area, event))];
        }

        /** Hatched on white ground; only lines, with a white casing, on a coloured one. */
        gaps() {
            const coloured = this.shown.has("areas");
            const tell = (gap, event) => this.tell(gap, event);
            const casing = { color: "#FFFFFF", weight: 5, fill: false };
            const line = { color: GAP, weight: 2, fillColor: "url(#plan-gap)", fillOpacity: coloured ? 0 : 1 };
            return [
                this.shapes(this.plan.gaps, "planGaps", casing),
                this.shapes(this.plan.gaps, "planGaps", line, tell),
            ];
        }

        service() {
            const style = this.plan.walk
                ? { color: REACH, weight: 2, fillColor: "#2A7FB0", fillOpacity: 0.14 }
                : { color: REACH, weight: 2, dashArray: "6 4", fill: false };
            return [this.shapes(this.plan.service, "planService", style)];
        }

        demand() {
            const { demand } = this.plan;
            const renderer = L.canvas({ pane: "planDemand", padding: 0.3 });
            const most = Math.max(...demand.map(([, , people]) => people));
            const circles = demand.map(([lon, lat, people, covered]) =>
                L.circleMarker([lat, lon], {
                    renderer,
                    interactive: false,
                    radius: Math.max(2, LARGEST_PX * Math.sqrt(people / most)),
                    color: covered < 0.5 ? GAP : REACH,
                    weight: 1.5,
                    fillColor: covered < 0.5 ? GAP : "#FFFFFF",
                    fillOpacity: covered < 0.5 ? 0.45 : 0.35,
                }),
            );
            return [L.layerGroup(circles)];
        }

        candidates() {
            const look = { renderer: this.renderer("planSites"), radius: SITE_PX, color: INK, weight: 2, fillColor: "#FFFFFF", fillOpacity: 0.6 };
            const squares = this.plan.candidates.map(([lon, lat, name, kind]) =>
                new Square([lat, lon], look).on("click", (event) => this.tell({ name, lines: [kind] }, event)),
            );
            return [L.layerGroup(squares)];
        }

        tell({ name, value, uncovered, lines }, event) {
            const { words, ramp } = this.plan;
            const said = lines || [
                value && `${ramp.label}: ${value}`,
                uncovered && words.uncovered.replace("{n}", uncovered),
            ];
            const title = element("strong", { text: name, className: "map-name", attributes: { tabindex: "-1" } });
            const paragraphs = said.filter(Boolean).map((text) => element("p", { text }));
            L.DomEvent.stopPropagation(event);
            this.atlas.details.show(element("div", { className: "map-card" }, [title, ...paragraphs]), event.latlng, null);
        }

        /** Patterns live in the drawing that uses them. */
        hatch() {
            const patterns = { planGaps: ["plan-gap", GAP, 2], planAreas: ["plan-nodata", "#74808A", 1] };
            for (const [pane, [id, stroke, width]] of Object.entries(patterns)) {
                const drawing = this.map.getPane(pane).querySelector("svg");
                if (drawing && !drawing.querySelector("pattern")) {
                    drawing.prepend(pattern(id, stroke, width));
                }
            }
        }

        legendItems() {
            const { plan, shown } = this;
            const { words, ramp } = plan;
            const items = [];
            if (shown.has("areas")) {
                items.push(element("li", { className: "plan-legend-title", text: ramp.label }));
                ramp.classes.forEach((text, i) => items.push(keyed(swatch(ramp.colours[i]), text)));
                if (ramp.nodata) {
                    items.push(keyed(swatch("nodata"), ramp.nodata));
                }
            }
            if (shown.has("gaps")) {
                items.push(keyed(swatch(shown.has("areas") ? "gap-line" : "gap"), words.gap));
            }
            if (shown.has("service")) {
                items.push(keyed(swatch(plan.walk ? "walk" : "circle"), plan.walk ? words.walk : words.circle));
                if (!plan.walk) {
                    items.push(element("li", { text: words.straight }));
                }
            }
            if (shown.has("demand")) {
                items.push(keyed(swatch("reached"), words.reached), keyed(swatch("unreached"), words.unreached));
            }
            if (shown.has("candidates")) {
                items.push(keyed(swatch("site"), words.candidates));
            }
            plan.notes.forEach((text) => items.push(element("li", { text })));
            return items;
        }
    }

    function svg(tag, attributes, children = []) {
        const node = document.createElementNS(SVG, tag);
        Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
        node.append(...children);
        return node;
    }

    function pattern(id, stroke, width) {
        const size = { width: 9, height: 9, patternUnits: "userSpaceOnUse" };
        const ground = svg("rect", { width: 9, height: 9, fill: "#FFFFFF", "fill-opacity": id === "plan-gap" ? 0.35 : 1 });
        const line = svg("path", { d: "M0 0V9", stroke, "stroke-width": width * 2 });
        const own = svg("pattern", { id, ...size, patternTransform: "rotate(45)" }, [ground, line]);
        return svg("defs", {}, [own]);
    }

    /** A legend's key: the look of a class, a line or a circle. */
    function swatch(look) {
        const box = svg("svg", { class: "plan-swatch", viewBox: "0 0 34 24", "aria-hidden": "true" });
        const rect = { x: 1, y: 1, width: 32, height: 22 };
        const looks = {
            nodata: () => [svg("rect", { ...rect, fill: "#FFFFFF", stroke: "#74808A" }), hatched("#74808A", 1)],
            gap: () => [svg("rect", { ...rect, fill: "#FFFFFF", stroke: GAP, "stroke-width": 2 }), hatched(GAP, 2)],
            "gap-line": () => [svg("rect", { ...rect, fill: "none", stroke: GAP, "stroke-width": 2 })],
            circle: () => [svg("rect", { ...rect, fill: "none", stroke: REACH, "stroke-width": 2, "stroke-dasharray": "6 4" })],
            walk: () => [svg("rect", { ...rect, fill: "#2A7FB0", "fill-opacity": 0.14, stroke: REACH, "stroke-width": 2 })],
            reached: () => [svg("circle", { cx: 17, cy: 12, r: 9, fill: "#FFFFFF", stroke: REACH, "stroke-width": 1.5 })],
            site: () => [svg("rect", { x: 9, y: 4, width: 16, height: 16, fill: "#FFFFFF", stroke: INK, "stroke-width": 2 })],
            unreached: () => [svg("circle", { cx: 17, cy: 12, r: 9, fill: GAP, "fill-opacity": 0.45, stroke: GAP, "stroke-width": 1.5 })],
        };
        const colour = () => [svg("rect", { ...rect, fill: look, stroke: "#5B6670" })];
        box.append(...(looks[look] || colour)());
        return box;
    }

    function hatched(stroke, width) {
        return svg("path", { d: "M1 9L9 1M1 19L19 1M5 23L27 1M15 23L33 5M25 23L33 15", stroke, "stroke-width": width });
    }

    function keyed(key, text) {
        return element("li", {}, [key, element("span", { text })]);
    }
})(globalThis);
