// Presses on the scenario map: a place or a facility is taken, and the form beside the map told.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { button, element, facilityPicture, isOurs, keyed, openPoint, planColours, svg } = geomap;
    const PICKED_PX = 44;
    const CROSS = "M22 4V18M22 26V40M4 22H18M26 22H40";

    class ScenarioEditor {
        /**
         * @param {Object} layers of the scenario map
         * @param {{words: Object, facility: string, changes: Object[]}} scenario
         */
        constructor(layers, { words, facility, changes }) {
            const { atlas, map } = layers;
            Object.assign(this, { layers, atlas, map, words, address: facility });
            Object.assign(this, { chosen: null, moving: false, picked: L.layerGroup().addTo(map) });
            this.own = new Set(changes.filter(({ kind }) => kind === "add").map(({ id }) => id));
            this.node = this.bar();
            map.getContainer().append(centre());
            map.on("click", ({ latlng }) => this.take(latlng));
            map.getContainer().addEventListener("keydown", (event) => {
                if (event.target === map.getContainer() && event.key === "Enter") {
                    this.take(map.getCenter());
                }
            });
            atlas.choose = (each, marker) => this.choose(each, marker.getLatLng());
            atlas.openPlace = (cluster, marker) => this.offer(cluster, marker);
            root.addEventListener("message", (event) => this.hear(event));
        }

        bar() {
            const { words } = this;
            const make = (text, act, className = "") => {
                const node = button(text, { className });
                node.addEventListener("click", act);
                return node;
            };
            this.said = element("p", { className: "scenario-said", text: words.hint, attributes: { role: "status" } });
            this.buttons = {
                centre: make(words.centre, () => this.take(this.map.getCenter()), "scenario-centre"),
                moveTo: make(words.moveTo, () => this.move(true)),
                stop: make(words.stop, () => this.move(false)),
            };
            const buttons = element("div", { className: "scenario-buttons" }, Object.values(this.buttons));
            const bar = element("div", { className: "scenario-edit" }, [this.said, buttons]);
            this.update();
            return bar;
        }

        update() {
            const { buttons, chosen, moving, words } = this;
            buttons.moveTo.hidden = !chosen || moving;
            buttons.stop.hidden = !moving;
            const text = moving ? words.moving : chosen ? words.chosen : words.hint;
            this.said.textContent = text.replace("{name}", chosen?.name ?? "");
            this.map.getContainer().classList.toggle("scenario-moving", moving);
        }

        move(on) {
            this.moving = on;
            this.update();
            this.buttons[on ? "stop" : "moveTo"].focus({ preventScroll: true });
        }

        /** A place on the ground: of something new, or where the chosen facility goes. */
        take({ lat, lng }) {
            const { chosen, moving } = this;
            this.tell({ lon: lng, lat, ...(moving ? { facility: told(chosen), kind: "move" } : { facility: null }) });
            this.show({ lon: lng, lat }, moving ? chosen.at : null);
            Object.assign(this, { moving: false, chosen: moving ? chosen : null });
            this.update();
        }

        /** What stands after a change that was made, to be changed once more. */
        chooseChanged({ id, name, type, at: [lon, lat] }) {
            const at = { lon, lat };
            this.choose({ id, name, type }, { lng: lon, lat }, { at, isOwn: this.own.has(id) });
        }

        /**
         * A facility that stands; while another is moved, only its place counts.
         * @param {{id: string, name: string, type: string}} facility
         * @param {L.LatLng} drawnAt where it was pressed
         * @param {{at: ?Object, isOwn: boolean}} known where it is, and whether the scenario made it
         */
        async choose(facility, drawnAt, { at = null, isOwn = false } = {}) {
            if (this.moving) {
                this.take(drawnAt);
                return;
            }
            const turn = (this.turn = (this.turn || 0) + 1);
            const known = isOwn ? null : await this.whole(facility.id);
            if (turn !== this.turn) {
                return; // another was pressed meanwhile
            }
            const [lon, lat] = known?.geometry?.coordinates ?? [drawnAt.lng, drawnAt.lat];
            const beds = known?.properties?.beds_total ?? null;
            this.chosen = { ...facility, beds, at: at ?? { lon, lat } };
            this.atlas.details.close({ refocus: false });
            this.show(this.chosen.at);
            this.update();
            this.tell({ ...this.chosen.at, facility: told(this.chosen) });
        }

        async whole(id) {
            try {
                const answer = await root.fetch(this.address.replace("__id__", encodeURIComponent(id)));
                return answer.ok ? await answer.json() : null;
            } catch {
                return null; // its beds stay unknown
            }
        }

        /** Several stand at one place: the reader says which. */
        offer({ facilities }, marker) {
            const at = marker.getLatLng();
            const title = element("strong", { text: this.words.choose, className: "map-name", attributes: { tabindex: "-1" } });
            const rows = facilities.map((facility) => {
                const node = button(facility.name, { className: "scenario-choice" });
                node.addEventListener("click", () => this.choose(facility, at));
                return element("li", {}, [facilityPicture(this.atlas.config, facility, "map-symbol-small"), node]);
            });
            const list = element("ul", { className: "map-here" }, rows);
            this.atlas.details.show(element("div", { className: "map-card" }, [title, list]), at, marker);
        }

        /** Show what is taken but not yet saved; for a move, from where. */
        show(place, from = null) {
            this.picked.clearLayers();
            if (from) {
                const ends = [from, place].map(({ lon, lat }) => [lat, lon]);
                this.picked.addLayer(L.polyline(ends, {
                    renderer: this.layers.renderer("scenarioLines", "svg"), pane: "scenarioLines",
                    color: planColours.ink, weight: 3, dashArray: "8 6", interactive: false,
                }));
            }
            if (place) {
                const icon = L.divIcon({ html: openPoint("map-picture"), className: "map-point", iconSize: [PICKED_PX, PICKED_PX] });
                const options = { icon, pane: "scenarioPicked", interactive: false, keyboard: false };
                this.picked.addLayer(L.marker([place.lat, place.lon], options));
            }
            this.layers.tellLegend();
        }

        tell(message) {
            if (isOurs(root.parent)) {
                root.parent.postMessage({ geomap: "scenario", ...message }, root.location.origin);
            }
        }

        /** The form asks for a place, or says which it has now. */
        hear(event) {
            if (event.origin !== root.location.origin || event.source !== root.parent || event.data?.geomap !== "scenario") {
                return;
            }
            const { pick, facility, shown } = event.data;
            if (pick) {
                const same = this.chosen?.id === facility?.id;
                this.chosen = same ? this.chosen : facility && { ...facility, at: null };
                this.moving = Boolean(facility);
                this.update();
                this.map.getContainer().focus({ preventScroll: true });
            } else if (shown !== undefined) {
                this.show(shown);
            }
        }

        legendItems() {
            const drawn = this.picked.getLayers().length > 0;
            return drawn ? [keyed(openPoint("map-symbol-small"), this.words.picked)] : [];
        }
    }

    function told({ id, name, type, beds }) {
        return { id, name, type, beds };
    }

    /** Where the map's middle is, shown while it may be taken. */
    function centre() {
        const lines = [["#FFFFFF", 6], [planColours.ink, 3]].map(([stroke, width]) => svg("path", { d: CROSS, stroke, "stroke-width": width }));
        return svg("svg", { class: "scenario-middle", viewBox: "0 0 44 44", "aria-hidden": "true" }, lines);
    }

    Object.assign(geomap, { ScenarioEditor });
})(globalThis);
