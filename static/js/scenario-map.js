// The map of a scenario: what stands and who is reached before and after its changes, and presses
// on the map that the form beside it takes. Needs scenario-math.js and scenario-swipe.js.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { ButtonIcon, SwitchedLayers, Swipe, facilityPicture, hatchPattern, peopleRadius } = geomap;
    const { keyBox, keyCircle, keyDashes, keyHatch, keyed, planColours, planDashes, svg, swatch, element } = geomap;
    const { CLASSES, lookOf, peopleByPart } = geomap.scenario;
    const { edge: EDGE, gap: GAP, ink: INK, reach: REACH } = planColours;
    const LARGEST_PX = 14;
    const LEAST_MARKED_PX = 5; // smaller circles have no room for a sign
    const MARK_PX = 44; // the target; the square in it is 28
    const MANY_FACILITIES = 40; // then their symbols would hide the people, until one comes close
    const CLOSE_ZOOM = 14;
    const ROOMY_PX = 700; // on a narrower map the boxes are folded
    const REFITS = 6; // the map's height is fixed here: its first view settles, and does not chase
    const HALF = 50;
    const SIDES = ["before", "after"];
    const PANES = Object.fromEntries(SIDES.map((side) => [side, [`${side}Ground`, `${side}People`]]));
    // Told apart by fill, edge and sign, not by colour alone.
    const LOOKS = {
        newly: { color: REACH, weight: 3, fillColor: "#86CDFA", fillOpacity: 0.85, sign: "plus" },
        lost: { color: GAP, weight: 3, fillColor: "#FFFFFF", fillOpacity: 0.9, sign: "cross" },
        beyond: { color: GAP, weight: 1.5, fillColor: GAP, fillOpacity: 0.45 },
        reached: { color: EDGE, weight: 1, fillColor: "#FFFFFF", fillOpacity: 0.4 },
    };
    const SIGNS = { plus: [[-1, 0, 1, 0], [0, -1, 0, 1]], cross: [[-1, -1, 1, 1], [-1, 1, 1, -1]] };
    const SIGN_REACH = { plus: 0.55, cross: 0.45 }; // of the circle's radius

    L.Map.addInitHook(function start() {
        if (this.geomap && this.geomap.config.scenario) {
            this.geomap.scenario = new ScenarioLayers(this.geomap, this.geomap.config.scenario);
        }
    });

    /** A circle with a sign in it, on a canvas. */
    const SignedCircle = L.CircleMarker.extend({
        _updatePath() {
            const { _renderer: renderer, _point: at, _radius: radius } = this;
            const { sign, color } = this.options;
            renderer._updateCircle(this);
            if (!renderer._drawing || this._empty() || !sign || radius < LEAST_MARKED_PX) {
                return;
            }
            const context = renderer._ctx;
            const reach = radius * SIGN_REACH[sign];
            context.beginPath();
            SIGNS[sign].forEach(([x0, y0, x1, y1]) => {
                context.moveTo(at.x + x0 * reach, at.y + y0 * reach);
                context.lineTo(at.x + x1 * reach, at.y + y1 * reach);
            });
            Object.assign(context, { strokeStyle: color, lineWidth: 2, globalAlpha: 1 });
            context.stroke();
        },
    });

    class ScenarioLayers extends SwitchedLayers {
        constructor(atlas, scenario) {
            // The marks lie over the facilities' symbols.
            super(atlas, scenario.words, {
                beforeGround: 320, afterGround: 321, beforePeople: 330, afterPeople: 331,
                scenarioLines: 600, scenarioMarks: 650, scenarioPicked: 655,
            });
            this.scenario = scenario;
            this.people = peopleByPart(scenario.before.spots, scenario.after.spots);
            this.most = Object.values(this.people).flat().reduce((top, each) => Math.max(top, each.people), 1);
            this.renderers = {};
            atlas.refits = REFITS;
            this.memory = new Memory(`geomap:scenario:${root.location.pathname}`);
            const edits = scenario.edit && root.parent !== root;
            this.many = scenario.existing > MANY_FACILITIES;
            this.editor = edits ? new geomap.ScenarioEditor(this, scenario) : null;
            const people = ["newly", "lost", "beyond", "reached"].filter((name) => this.people[name].length);
            const gaps = SIDES.some((side) => this.gapsOf(side).length) ? ["gaps"] : [];
            const facilities = scenario.existing === 0 ? [] : ["facilities"];
            people.filter((name) => name !== "reached").forEach((name) => this.shown.add(name));
            (this.many ? gaps : [...gaps, ...facilities]).forEach((name) => this.shown.add(name));
            this.begin([...people, ...gaps, ...facilities]);
            this.swipe = new Swipe(this.map, scenario.words, PANES, {
                percent: this.memory.read().percent ?? HALF,
                onChange: (percent) => {
                    this.memory.write({ percent });
                    this.tellLegend();
                },
            });
            this.put();
            this.map.on("moveend", () => this.keepView());
            if (edits && this.many) {
                this.map.on("zoomend", () => this.showClose());
            }
        }

        /** The slider stands over the map; what edits stands over the boxes, which may be folded. */
        put() {
            const box = this.map.getContainer().closest(".geomap");
            const boxes = box.querySelector(".plan-layers");
            const fold = element("details", { className: "scenario-layers" }, [
                element("summary", { text: this.words.layers }),
            ]);
            boxes.before(fold);
            fold.append(boxes);
            fold.open = box.clientWidth >= ROOMY_PX;
            box.classList.add("scenario-box");
            box.querySelector(".map-frame-inner").before(this.swipe.node);
            if (this.editor) {
                box.querySelector(".map-tools").after(this.editor.node);
            }
            this.facilitiesBox = boxes.querySelector("[name=facilities]");
            this.facilitiesBox?.addEventListener("change", () => (this.chosenByHand = true));
        }

        /** Many facilities appear where they stand apart, to be pressed, unless the reader decided. */
        showClose() {
            const close = this.map.getZoom() >= CLOSE_ZOOM;
            if (!this.chosenByHand && close !== this.facilitiesBox.checked) {
                this.facilitiesBox.checked = close;
                this.shown[close ? "add" : "delete"]("facilities");
                this.showFacilities(close);
            }
        }

        /** The reader's own view stays when a change is made and the page is loaded again. */
        fill() {
            const { view } = this.memory.read();
            if (view && !this.atlas.touched) {
                this.map.setView([view.lat, view.lon], view.zoom, { animate: false });
            } else {
                super.fill();
            }
        }

        keepView() {
            if (this.atlas.touched) {
                const { lat, lng } = this.map.getCenter();
                this.memory.write({ view: { lat, lon: lng, zoom: this.map.getZoom() } });
            }
        }

        gapsOf(side) {
            return this.scenario[side].gaps?.features ?? [];
        }

        renderer(pane, kind) {
            this.renderers[pane] ??= kind === "canvas" ? L.canvas({ pane, padding: 0.3 }) : L.svg({ pane, padding: 0.5 });
            return this.renderers[pane];
        }

        draw() {
            super.draw();
            SIDES.forEach((side) => {
                const drawing = this.map.getPane(`${side}Ground`).querySelector("svg");
                if (drawing && !drawing.querySelector("pattern")) {
                    drawing.prepend(hatchPattern({ id: `scenario-gap-${side}`, stroke: GAP, width: 2, ground: 0.35 }));
                }
            });
        }

        drawn() {
            const sides = SIDES.flatMap((side) => [...this.gaps(side), ...this.reach(side), ...this.circles(side)]);
            return [...sides, ...this.scenario.changes.flatMap((change) => this.change(change))];
        }

        gaps(side) {
            if (!this.shown.has("gaps")) {
                return [];
            }
            const pane = `${side}Ground`;
            const look = { color: GAP, weight: 2, fillColor: `url(#scenario-gap-${side})`, fillOpacity: 1 };
            const options = { pane, renderer: this.renderer(pane, "svg"), interactive: false, style: look };
            return [L.geoJSON({ type: "FeatureCollection", features: this.gapsOf(side) }, options)];
        }

        /** The straight-line reach of what the changes take away, and of what they bring. */
        reach(side) {
            const { radius } = this.scenario;
            if (!radius) {
                return [];
            }
            const pane = `${side}Ground`;
            const line = { color: REACH, weight: 2, dashArray: planDashes, fill: false, interactive: false };
            return placesOf(this.scenario.changes, side).map(([lon, lat]) =>
                L.circle([lat, lon], { ...line, radius, pane, renderer: this.renderer(pane, "svg") }),
            );
        }

        circles(side) {
            const renderer = this.renderer(`${side}People`, "canvas");
            return CLASSES.filter((name) => this.shown.has(name)).flatMap((name) =>
                this.people[name].map(({ at: [lon, lat], people }) =>
                    new SignedCircle([lat, lon], {
                        ...LOOKS[lookOf(name, side)],
                        renderer,
                        interactive: false,
                        radius: peopleRadius(people, this.most, LARGEST_PX),
                    }),
                ),
            );
        }

        change(change) {
            const { at, was, kind } = change;
            if (!isPlaced(change)) {
                return [];
            }
            const mark = this.mark(change, at ?? was, markOf(change, this.atlas.config));
            const moved = kind === "move" && at && was;
            return moved ? [this.way(was, at), this.mark(change, was, square(change.n, "scenario-hollow")), mark] : [mark];
        }

        way([lon0, lat0], [lon1, lat1]) {
            const renderer = this.renderer("scenarioLines", "svg");
            const line = { renderer, pane: "scenarioLines", color: INK, weight: 3, dashArray: "8 6", interactive: false };
            return L.polyline([[lat0, lon0], [lat1, lon1]], line);
        }

        mark(change, [lon, lat], child) {
            const { n, name, lines } = change;
            const label = [`${n} ${name}`, ...lines].join(", ");
            const icon = new ButtonIcon({ children: [child], label, iconSize: [MARK_PX, MARK_PX], className: "site-button" });
            const first = -n; // over the later ones
            const marker = L.marker([lat, lon], { icon, pane: "scenarioMarks", keyboard: false, zIndexOffset: 10_000 * first });
            return marker.on("click", (event) => {
                if (this.editor && change.at) {
                    this.editor.chooseChanged(change);
                } else {
                    this.showCard(event, `${n} ${name}`, lines, marker.getLatLng(), marker);
                }
            });
        }

        /** Only what is seen: of people and circles that on the sides that are. */
        legendItems() {
            const { scenario, shown, words } = this;
            const sides = SIDES.filter((side) => !this.swipe || this.swipe.shows(side));
            const items = legendOfChanges(scenario.changes, words, this.atlas.config);
            if (scenario.radius && sides.some((side) => placesOf(scenario.changes, side).length)) {
                items.push(keyed(swatch([keyDashes()]), words.circle), element("li", { text: words.straight }));
            }
            const drawn = CLASSES.filter((name) => shown.has(name) && this.people[name].length);
            const looks = new Set(drawn.flatMap((name) => sides.map((side) => lookOf(name, side))));
            ["newly", "lost", "beyond", "reached"].filter((name) => looks.has(name)).forEach((name) => {
                items.push(keyed(swatch(keyPeople(LOOKS[name])), words[name]));
            });
            if (looks.size) {
                items.push(element("li", { text: words.size }));
            }
            if (shown.has("gaps") && sides.some((side) => this.gapsOf(side).length)) {
                const box = keyBox({ fill: "#FFFFFF", stroke: GAP, "stroke-width": 2 });
                items.push(keyed(swatch([box, keyHatch(GAP, 2)]), words.gaps));
            }
            return [...items, ...(this.editor?.legendItems() ?? [])];
        }

        tellLegend() {
            this.legend.replaceChildren(...this.legendItems());
        }
    }

    function isPlaced({ at, was }) {
        return Boolean(at ?? was);
    }

    /** Where a side has something that the other has not. */
    function placesOf(changes, side) {
        const kinds = side === "before" ? { close: "was", move: "was" } : { add: "at", move: "at" };
        return changes.map((each) => kinds[each.kind] && each[kinds[each.kind]]).filter(Boolean);
    }

    function square(text, className = "") {
        return element("span", { className: `site-mark ${className}`.trim(), text });
    }

    /** The mark of a change where it is after: each kind has its own shape. */
    function markOf({ kind, n, type }, config) {
        const number = element("span", { className: "scenario-number", text: n });
        if (kind === "close") {
            const symbol = facilityPicture(config, { type: type || "other" }, "scenario-closed");
            return element("span", { className: "scenario-mark" }, [symbol, cross(), number]);
        }
        if (kind === "enlarge") {
            return element("span", { className: "scenario-mark" }, [square("+", "scenario-hollow"), number]);
        }
        return square(n);
    }

    function cross() {
        const ways = [["#FFFFFF", 7], [INK, 3.5]].map(([stroke, width]) =>
            svg("path", { d: "M6 6L38 38M38 6L6 38", stroke, "stroke-width": width, "stroke-linecap": "round" }),
        );
        return svg("svg", { class: "scenario-cross", viewBox: "0 0 44 44", "aria-hidden": "true" }, ways);
    }

    function legendOfChanges(changes, words, config) {
        const kinds = new Set(changes.filter(isPlaced).map((each) => each.kind));
        const key = (child) => element("span", { className: "scenario-key", attributes: { "aria-hidden": "true" } }, [child]);
        const first = (kind) => ({ type: changes.find((each) => each.kind === kind)?.type, kind, n: 1 });
        const moved = () => element("span", { className: "scenario-moved" }, [square("1", "scenario-hollow"), element("span", { className: "scenario-way" }), square("1")]);
        return ["add", "move", "close", "enlarge"]
            .filter((kind) => kinds.has(kind))
            .map((kind) => keyed(key(kind === "move" ? moved() : markOf(first(kind), config)), words[kind]));
    }

    /** A circle of people as on the map, with its sign. */
    function keyPeople(look) {
        const { sign, color } = look;
        const lines = (SIGNS[sign] || []).map((ends) => {
            const [x1, y1, x2, y2] = ends.map((end, i) => (i % 2 ? 12 : 17) + end * 9 * SIGN_REACH[sign]);
            return svg("line", { x1, y1, x2, y2, stroke: color, "stroke-width": 2 });
        });
        return [keyCircle(look), ...lines];
    }

    /** What this tab keeps of a map until it is closed; nothing where that is not allowed. */
    class Memory {
        constructor(name) {
            this.name = name;
        }

        read() {
            try {
                return JSON.parse(root.sessionStorage.getItem(this.name)) || {};
            } catch {
                return {};
            }
        }

        write(some) {
            try {
                root.sessionStorage.setItem(this.name, JSON.stringify({ ...this.read(), ...some }));
            } catch {
                // then the map starts anew
            }
        }
    }
})(globalThis);
