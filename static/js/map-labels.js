// Names on the map, as text: of places, of what stands there, along roads.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { declutter } = geomap.math;
    const LABEL_ORDER = ["places", "stations", "roads", "hospitals", "water", "green", "residential", "poi"];
    const APART_PX = { roads: 320, water: 400, places: 400, hospitals: 400 }; // between equal names
    const BELOW_A_SIGN = new Set(["hospitals", "residential"]);
    const STEEP = Math.PI / 3;
    const NAMED_FROM = { hospitals: 14, residential: 14 };

    /** Names on the map: the important first, none over another, none over a symbol. */
    class Labels {
        constructor(atlas, sources) {
            Object.assign(this, { atlas, sources, widths: new Map() });
            this.pane = atlas.map.getPane("labels");
            this.pen = document.createElement("canvas").getContext("2d");
            this.soon = null;
            atlas.map.on("moveend zoomend resize", () => this.later());
            sources.forEach((source) => source.on?.("load", () => this.later()));
        }

        later() {
            root.clearTimeout(this.soon);
            this.soon = root.setTimeout(() => this.draw(), 60);
        }

        draw() {
            const { map } = this.atlas;
            const zoom = Math.round(map.getZoom());
            const origin = map.getPixelOrigin();
            const found = this.sources.flatMap((source) => source.points(zoom));
            const points = found
                .filter((each) => each.name && zoom >= (NAMED_FROM[each.kind] || 0))
                .sort((a, b) => order(a) - order(b) || (b.length || 0) - (a.length || 0));
            const boxes = points.map((each) => this.box(each, origin)).filter(Boolean);
            const crosses = found.filter((each) => each.kind === "hospitals" && zoom >= 14);
            const taken = crosses.map(({ at }) => square(at.subtract(origin), 7));
            const kept = declutter(boxes, [...taken, ...this.atlas.obstacles()]);
            this.pane.replaceChildren(
                ...boxes.flatMap((box, i) => (kept[i] ? [label(box)] : [])),
            );
        }

        /** What a name covers; null where it is longer than the road that it would follow. */
        box(point, origin) {
            const { kind, rank, name, at, turn, length } = point;
            const size = kind === "places" ? [17, 17, 16, 15, 14, 13, 13][rank] || 13 : 13;
            const bold = rank <= 3 && kind !== "roads";
            this.pen.font = `${bold ? 700 : 400} ${size}px sans-serif`; // for width()
            const half = this.width(name) / 2 + 4;
            if (turn !== undefined && length < 2 * half) {
                return null;
            }
            const spot = at.subtract(origin);
            const y = spot.y + (BELOW_A_SIGN.has(kind) ? 18 : 0);
            const own = { point, x: spot.x, y, size, name: shortName(name), apart: APART_PX[kind] || 200 };
            if (!turn) {
                return { ...own, x0: spot.x - half, x1: spot.x + half, y0: y - 10, y1: y + 10 };
            }
            return { ...own, boxes: along(spot, turn, half) };
        }

        /** The width of a text in the pen's font, measured once. */
        width(text) {
            const key = `${this.pen.font} ${text}`;
            if (!this.widths.has(key)) {
                this.widths.set(key, this.pen.measureText(text).width);
            }
            return this.widths.get(key);
        }
    }

    function square({ x, y }, half) {
        return { x0: x - half, x1: x + half, y0: y - half, y1: y + half };
    }

    function order({ kind, rank }) {
        return LABEL_ORDER.indexOf(kind) * 100 + rank;
    }

    function label({ point, x, y, size }) {
        const { kind, rank, name, turn } = point;
        const text = geomap.element("span", { text: name });
        const node = geomap.element(
            "span",
            { className: `map-label map-label-${kind} map-label-${kind}-${rank}` },
            [text],
        );
        node.style.fontSize = `${size}px`;
        if (turn && isUpright(name, turn)) {
            const lean = turn - (Math.sign(turn) * Math.PI) / 2;
            node.classList.add("map-label-upright");
            text.style.transform = `translate(-50%, calc(-50% + 0.75em)) rotate(${lean.toFixed(3)}rad)`;
        } else if (turn) {
            text.style.transform = `translateX(-50%) rotate(${turn.toFixed(3)}rad)`;
        }
        L.DomUtil.setPosition(node, L.point(Math.round(x), Math.round(y)));
        return node;
    }

    /** Whether a name stands sign under sign: Chinese does along roads that are steep on the map. */
    function isUpright(name, turn) {
        return Math.abs(turn) > STEEP && /\p{Script=Han}/u.test(name);
    }

    /** A name without what kind of place it is, so that 金水 and 金水区 are one. */
    function shortName(name) {
        const short = name.replace(/[省市区县镇乡村]$/, "");
        return short.length > 1 ? short : name;
    }

    /** Squares along a slanting name: one box around all of it would keep its neighbours away. */
    function along({ x, y }, turn, half) {
        const count = Math.max(2, Math.ceil(half / 8));
        return Array.from({ length: count + 1 }, (_, i) => {
            const far = (half - 8) * ((2 * i) / count - 1);
            return square({ x: x + far * Math.cos(turn), y: y + far * Math.sin(turn) }, 9);
        });
    }

    Object.assign(geomap, { Labels, square });
})(globalThis);
