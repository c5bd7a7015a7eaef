// What the planner's maps share: layers that boxes switch, their legend, the first view, its cards.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { element } = geomap;
    const SVG = "http://www.w3.org/2000/svg";
    const planColours = { gap: "#7A1350", reach: "#0B5C80", ink: "#14212B", edge: "#5B6670" };
    const planDashes = "6 4"; // of the edge of what is reached in a straight line

    /**
     * Layers over the facilities' map. A map of its own says which are there (drawn()) and what
     * the legend says of them (legendItems()), fills this.shown, and then begins.
     */
    class SwitchedLayers {
        /**
         * @param {Object} atlas the facilities' map
         * @param {Object} words what the boxes and the legend say
         * @param {Object<string, number>} panes their places, one over the other
         */
        constructor(atlas, words, panes) {
            Object.assign(this, { atlas, words, map: atlas.map, shown: new Set() });
            this.map.options.zoomSnap = 0.25; // the first view fills the map
            for (const [name, z] of Object.entries(panes)) {
                this.map.createPane(name).style.zIndex = String(z);
            }
            this.legend = element("ul", { className: "map-legend plan-legend" });
        }

        /** Offer a box for each of some layers, and draw those that are shown. */
        begin(names) {
            this.place(names);
            this.legend.replaceChildren(...this.legendItems()); // its height is part of the first view
            const view = this.atlas.home.bind(this.atlas); // of an embed that says where it looks
            this.atlas.home = () => (this.atlas.config.view ? view() : this.fill());
            root.setTimeout(() => this.draw(), 0);
        }

        /** The first view: all that is asked about, as large as it goes. */
        fill() {
            const { bounds } = this.atlas.config;
            if (bounds) {
                const below = this.atlas.attribution.offsetHeight + 8;
                const padding = { paddingTopLeft: [8, 8], paddingBottomRight: [8, below] };
                this.map.fitBounds(L.latLngBounds(bounds), { ...padding, animate: false });
            }
        }

        /** Boxes that switch layers before the map, the legend after it. */
        place(names) {
            const box = this.map.getContainer().closest(".geomap");
            const legend = element("legend", { text: this.words.layers });
            const ticks = names.map((name) => this.tick(name));
            box.querySelector(".map-tools").after(element("fieldset", { className: "plan-layers" }, [legend, ...ticks]));
            box.querySelector(".map-legend").before(this.legend);
        }

        tick(name) {
            const input = element("input", { attributes: { type: "checkbox", name } });
            input.checked = this.shown.has(name);
            input.addEventListener("change", () => {
                this.shown[input.checked ? "add" : "delete"](name);
                this.draw();
            });
            return element("label", {}, [input, element("span", { text: this.words[name] })]);
        }

        draw() {
            this.layers?.forEach((layer) => layer.remove());
            this.showFacilities(this.shown.has("facilities"));
            this.layers = this.drawn();
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

        /** Show a card; focus goes back to the marker that opened it, if one did. */
        showCard(event, name, lines, at, marker) {
            const title = element("strong", { text: name, className: "map-name", attributes: { tabindex: "-1" } });
            const paragraphs = lines.map((text) => element("p", { text }));
            L.DomEvent.stopPropagation(event);
            this.atlas.details.show(element("div", { className: "map-card" }, [title, ...paragraphs]), at, marker);
        }
    }

    /** The radius in pixels of a circle as large as its people, beside the one with the most. */
    function peopleRadius(people, most, largest) {
        return Math.max(2, largest * Math.sqrt(people / most));
    }

    function svg(tag, attributes, children = []) {
        const node = document.createElementNS(SVG, tag);
        Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
        node.append(...children);
        return node;
    }

    /** A legend's key: a small drawing of the look of what it names. */
    function swatch(children) {
        return svg("svg", { class: "plan-swatch", viewBox: "0 0 34 24", "aria-hidden": "true" }, children);
    }

    /** A rectangle that fills a key. */
    function keyBox(look) {
        return svg("rect", { x: 1, y: 1, width: 32, height: 22, ...look });
    }

    /** The edge of what is reached in a straight line, in a key. */
    function keyDashes() {
        return keyBox({ fill: "none", stroke: planColours.reach, "stroke-width": 2, "stroke-dasharray": planDashes });
    }

    /** A circle with the look of one on the map, in a key. */
    function keyCircle({ color, weight, fillColor, fillOpacity }) {
        const look = { fill: fillColor, "fill-opacity": fillOpacity, stroke: color, "stroke-width": weight };
        return svg("circle", { cx: 17, cy: 12, r: 9, ...look });
    }

    /** A pattern of slanted lines on a white ground, for the drawing that uses it. */
    function hatchPattern({ id, stroke, width, ground }) {
        const size = { width: 9, height: 9, patternUnits: "userSpaceOnUse" };
        const below = svg("rect", { width: 9, height: 9, fill: "#FFFFFF", "fill-opacity": ground });
        const line = svg("path", { d: "M0 0V9", stroke, "stroke-width": width * 2 });
        const own = svg("pattern", { id, ...size, patternTransform: "rotate(45)" }, [below, line]);
        return svg("defs", {}, [own]);
    }

    /** The same lines, in a key. */
    function keyHatch(stroke, width) {
        return svg("path", { d: "M1 9L9 1M1 19L19 1M5 23L27 1M15 23L33 5M25 23L33 15", stroke, "stroke-width": width });
    }

    function keyed(key, text) {
        return element("li", {}, [key, element("span", { text })]);
    }

    Object.assign(geomap, {
        SwitchedLayers,
        hatchPattern,
        keyBox,
        keyCircle,
        keyDashes,
        keyHatch,
        keyed,
        peopleRadius,
        planColours,
        planDashes,
        svg,
        swatch,
    });
})(globalThis);
