// Before and after on one map: a line parts it, moved by a slider, by buttons or by its handle.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { button, element } = geomap;
    const { clipOf, dividerX, percentAt } = geomap.scenario;
    const PANE = "scenarioDivider";
    const DIVIDER_Z = 560; // over what is compared, under the symbols
    const CHIP_PX = 84; // with less room beside the line a side's name is left out

    class Swipe {
        /**
         * @param {L.Map} map
         * @param {Object} words
         * @param {{before: string[], after: string[]}} panes the names of what each side shows
         * @param {{percent: number, onChange: function(number)}} options where the line stands first
         */
        constructor(map, words, panes, { percent, onChange }) {
            Object.assign(this, { map, words, panes, percent, onChange });
            this.node = this.row();
            this.line = this.divider();
            map.on("move zoomend viewreset resize", () => this.place());
            this.set(percent);
        }

        row() {
            const { words } = this;
            this.range = element("input", {
                className: "scenario-range",
                attributes: { type: "range", min: 0, max: 100, step: 1, id: "scenario-range" },
            });
            this.range.addEventListener("input", () => this.set(Number(this.range.value)));
            const ends = [[100, words.before], [50, words.half], [0, words.after]];
            this.ends = ends.map(([percent, text]) => {
                const node = button(text);
                node.addEventListener("click", () => this.set(percent));
                return { node, percent };
            });
            const label = element("label", { text: words.swipe, attributes: { for: "scenario-range" } });
            const group = element("div", { className: "scenario-ends" }, this.ends.map(({ node }) => node));
            const attributes = { role: "group", "aria-label": words.swipe };
            return element("div", { className: "scenario-swipe", attributes }, [label, group, this.range]);
        }

        /** The line on the map; the slider says and does the same, so it is hidden from speech. */
        divider() {
            const pane = this.map.createPane(PANE);
            pane.style.zIndex = String(DIVIDER_Z);
            const chip = (side) => element("span", { className: `scenario-chip scenario-${side}`, text: this.words[side] });
            this.chips = { before: chip("before"), after: chip("after") };
            this.handle = element("span", { className: "scenario-handle" });
            const attributes = { "aria-hidden": "true" };
            const line = element("div", { className: "scenario-divider", attributes }, [
                this.chips.before, this.chips.after, this.handle,
            ]);
            pane.append(line);
            this.listen();
            return line;
        }

        listen() {
            const { handle } = this;
            L.DomEvent.disableClickPropagation(handle);
            handle.addEventListener("pointerdown", (event) => {
                event.preventDefault();
                handle.setPointerCapture(event.pointerId);
            });
            handle.addEventListener("pointermove", (event) => {
                if (handle.hasPointerCapture(event.pointerId)) {
                    const ground = this.map.getContainer().getBoundingClientRect();
                    this.set(percentAt(event.clientX - ground.left, ground.width));
                }
            });
        }

        set(percent) {
            const changed = percent !== this.percent;
            this.percent = percent;
            this.range.value = String(percent);
            this.range.setAttribute("aria-valuetext", this.words.said.replace("{n}", String(percent)));
            this.ends.forEach((each) => each.node.setAttribute("aria-pressed", String(each.percent === percent)));
            this.place();
            if (changed) {
                this.onChange(percent);
            }
        }

        /** Whether any of a side is seen. */
        shows(side) {
            return side === "before" ? this.percent > 0 : this.percent < 100;
        }

        /** The panes move with the map: what each shows, and the line, are placed anew. */
        place() {
            const { map, percent } = this;
            const size = map.getSize();
            const corner = map.containerPointToLayerPoint([0, 0]);
            for (const [side, names] of Object.entries(this.panes)) {
                const clip = clipOf(side, corner, size, percent);
                names.forEach((name) => (map.getPane(name).style.clipPath = clip));
            }
            const x = dividerX(size.x, percent);
            L.DomUtil.setPosition(this.line, L.point(corner.x + x, corner.y));
            this.line.style.height = `${size.y}px`;
            this.line.classList.toggle("scenario-at-end", percent === 0 || percent === 100);
            this.chips.before.hidden = x < CHIP_PX;
            this.chips.after.hidden = size.x - x < CHIP_PX;
        }
    }

    Object.assign(geomap, { Swipe });
})(globalThis);
