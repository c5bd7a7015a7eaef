// The planner's map: areas by a measure, gaps, service areas and demand, over the facilities' map.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { SwitchedLayers, element, keyed, peopleRadius, planColours, planDashes } = geomap;
    const { hatchPattern, keyBox, keyCircle, keyDashes, keyHatch, svg, swatch } = geomap;
    const { edge: EDGE, gap: GAP, ink: INK, reach: REACH } = planColours;
    const NODATA = "#74808A";
    const LARGEST_PX = 16;
    const MANY_AREAS = 60; // then lines and symbols would hide the colours: they wait for a press
    const MANY_FACILITIES = 40;
    const SITE_PX = 8; // half the side of a candidate's square

    L.Map.addInitHook(function start() {
        if (this.geomap && this.geomap.config.plan) {
            this.geomap.plan = new PlanLayers(this.geomap, this.geomap.config.plan);
        }
    });

    const REACHED = { color: REACH, weight: 1.5, fillColor: "#FFFFFF", fillOpacity: 0.35 };
    const UNREACHED = { color: GAP, weight: 1.5, fillColor: GAP, fillOpacity: 0.45 };

    /** A hollow square around a place, as large at any zoom. */
    const Square = L.CircleMarker.extend({
        _updatePath() {
            const { _point: at, _radius: half } = this;
            const side = 2 * half;
            this._renderer._setPath(this, `M${at.x - half} ${at.y - half}h${side}v${side}h${-side}z`);
        },
    });

    class PlanLayers extends SwitchedLayers {
        constructor(atlas, plan) {
            super(atlas, plan.words, { planAreas: 300, planService: 310, planGaps: 320, planDemand: 330, planSites: 340 });
            this.plan = plan;
            ["areas", "gaps", "service"].filter((name) => plan[name].length).forEach((name) => this.shown.add(name));
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
            const names = ["areas", "gaps", "service", "demand", "candidates"].filter(
                (name) => plan[name].length && (name !== "areas" || coloured),
            );
            this.begin([...names, "facilities"]);
        }

        draw() {
            super.draw();
            this.hatch();
        }

        drawn() {
            const layers = { areas: () => this.areas(), gaps: () => this.gaps() };
            layers.service = () => this.service();
            layers.demand = () => this.demand();
            layers.candidates = () => this.candidates();
            layers.facilities = () => [];
            return [this.outlines(), ...[...this.shown].flatMap((name) => layers[name]())];
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
            const style = { color: EDGE, weight: 0.7, fill: true, fillOpacity: 0 };
            return this.shapes(this.plan.areas, "planAreas", style, (area, event) => this.tell(area, event));
        }

        areas() {
            const { colours } = this.plan.ramp;
            const style = ({ properties }) => ({
                color: EDGE,
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
                : { color: REACH, weight: 2, dashArray: planDashes, fill: false };
            return [this.shapes(this.plan.service, "planService", style)];
        }

        demand() {
            const { demand } = this.plan;
            const renderer = (this.canvas = this.canvas || L.canvas({ pane: "planDemand", padding: 0.3 }));
            const most = Math.max(...demand.map(([, , people]) => people));
            const circles = demand.map(([lon, lat, people, covered]) =>
                L.circleMarker([lat, lon], {
                    renderer,
                    interactive: false,
                    radius: peopleRadius(people, most, LARGEST_PX),
                    ...(covered < 0.5 ? UNREACHED : REACHED),
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
            const { words } = this;
            const { ramp } = this.plan;
            const said = lines || [
                value && `${ramp.label}: ${value}`,
                uncovered && words.uncovered.replace("{n}", uncovered),
            ];
            this.showCard(event, name, said.filter(Boolean), event.latlng, null);
        }

        /** Patterns live in the drawing that uses them. */
        hatch() {
            const patterns = {
                planGaps: { id: "plan-gap", stroke: GAP, width: 2, ground: 0.35 },
                planAreas: { id: "plan-nodata", stroke: NODATA, width: 1, ground: 1 },
            };
            for (const [pane, look] of Object.entries(patterns)) {
                const drawing = this.map.getPane(pane).querySelector("svg");
                if (drawing && !drawing.querySelector("pattern")) {
                    drawing.prepend(hatchPattern(look));
                }
            }
        }

        legendItems() {
            const { plan, shown, words } = this;
            const { ramp } = plan;
            const items = [];
            if (shown.has("areas")) {
                items.push(element("li", { className: "plan-legend-title", text: ramp.label }));
                ramp.classes.forEach((text, i) => items.push(keyed(key(ramp.colours[i]), text)));
                if (ramp.nodata) {
                    items.push(keyed(key("nodata"), ramp.nodata));
                }
            }
            if (shown.has("gaps")) {
                items.push(keyed(key(shown.has("areas") ? "gap-line" : "gap"), words.gap));
            }
            if (shown.has("service")) {
                items.push(keyed(key(plan.walk ? "walk" : "circle"), plan.walk ? words.walk : words.circle));
                if (!plan.walk) {
                    items.push(element("li", { text: words.straight }));
                }
            }
            if (shown.has("demand")) {
                items.push(keyed(key("reached"), words.reached), keyed(key("unreached"), words.unreached));
            }
            if (shown.has("candidates")) {
                items.push(keyed(key("site"), words.candidates));
            }
            plan.notes.forEach((text) => items.push(element("li", { text })));
            return items;
        }
    }

    /** A legend's key: the look of a class, a line or a circle. */
    function key(look) {
        const looks = {
            nodata: () => [keyBox({ fill: "#FFFFFF", stroke: NODATA }), keyHatch(NODATA, 1)],
            gap: () => [keyBox({ fill: "#FFFFFF", stroke: GAP, "stroke-width": 2 }), keyHatch(GAP, 2)],
            "gap-line": () => [keyBox({ fill: "none", stroke: GAP, "stroke-width": 2 })],
            circle: () => [keyDashes()],
            walk: () => [keyBox({ fill: "#2A7FB0", "fill-opacity": 0.14, stroke: REACH, "stroke-width": 2 })],
            reached: () => [keyCircle(REACHED)],
            site: () => [svg("rect", { x: 9, y: 4, width: 16, height: 16, fill: "#FFFFFF", stroke: INK, "stroke-width": 2 })],
            unreached: () => [keyCircle(UNREACHED)],
        };
        const colour = () => [keyBox({ fill: look, stroke: EDGE })];
        return swatch((looks[look] || colour)());
    }
})(globalThis);
