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
    const MANY_FACILITIES = 150;

    L.Map.addInitHook(function start() {
        if (this.geomap && this.geomap.config.plan) {
            this.geomap.plan = new PlanLayers(this.geomap, this.geomap.config.plan);
        }
    });

    class PlanLayers {
        constructor(atlas, plan) {
            Object.assign(this, { atlas, plan, map: atlas.map });
            const panes = { planAreas: 300, planService: 310, planGaps: 320, planDemand: 330 };
            for (const [name, z] of Object.entries(panes)) {
                this.map.createPane(name).style.zIndex = String(z);
            }
            this.shown = new Set(["areas", "gaps", "service"].filter((name) => plan[name].length));
            const coloured = plan.ramp.classes.length > 0;
            if (!coloured) {
                this.shown.delete("areas");
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
            const ticks = ["areas", "gaps", "service", "demand"]
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
                    items.push(keyed(swatch("nodata"), words.nodata.replace("{n}", String(ramp.nodata))));
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
            if (plan.note) {
                items.push(element("li", { text: plan.note }));
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
