// Streets, houses, water, green and their names, from vector tiles: drawn on the map's own canvas.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const SIDE = 4096;
    const TILE_PX = 256;
    const MOST_HELD = 96;
    const GROUND = "#E9EEEC";
    const GREEN = { park: "#DCE8D6", wood: "#D6E4CF", wetland: "#D6E6DF" };
    const WATER = "#C3DCE6";
    const WATERWAY = "#BAD7E3";
    const HOUSE = "#D5DDDA";
    const RAIL = "#A9B4B8";
    const PATH = "#B9C4C2";
    const CASING = "#CAD3D3";
    const STRONG_CASING = "#B4C0C2";

    // Widths in pixels at some zooms, in between in proportion; the narrow drawn first.
    const ROADS = [
        { kind: "service", widths: [[14, 0.8], [15, 1.8], [16, 3.2], [17, 5], [18, 8]], named: 17 },
        { kind: "pedestrian", widths: [[14, 1.6], [16, 4], [18, 9]], named: 16 },
        { kind: "minor", widths: [[13, 0.9], [14, 2], [15, 4], [16, 6], [17, 9], [18, 13]], named: 15 },
        { kind: "link", widths: [[12, 1.2], [14, 2.6], [16, 5], [18, 10]], named: 18 },
        { kind: "tertiary", widths: [[12, 1.2], [13, 2.2], [15, 5], [17, 10], [18, 14]], named: 14 },
        { kind: "secondary", widths: [[11, 1.3], [13, 3], [15, 6], [17, 11], [18, 16]], named: 13 },
        { kind: "primary", widths: [[9, 1.1], [11, 1.9], [13, 3.8], [15, 7.5], [17, 13], [18, 18]], named: 12, strong: true },
        { kind: "trunk", widths: [[8, 1.2], [11, 2.2], [13, 4.2], [15, 8], [17, 14], [18, 20]], named: 12, strong: true },
        { kind: "motorway", widths: [[7, 1.2], [9, 1.8], [11, 2.6], [13, 4.6], [15, 8.5], [17, 14], [18, 20]], named: 11, strong: true },
    ];
    const WATERWAYS = {
        river: [[9, 1], [12, 2.2], [14, 4], [16, 8], [18, 14]],
        canal: [[11, 0.8], [14, 2.4], [16, 5], [18, 8]],
        stream: [[13, 0.8], [16, 1.8], [18, 3]],
    };
    const PATHS = { path: { from: 15, dash: [3, 2.5] }, steps: { from: 16, dash: [1.2, 1.2] } };
    const [RAIL_WIDTHS, SLEEPERS_FROM] = [[[10, 0.8], [14, 1.4], [16, 2.6], [18, 4]], 14];
    const PLACE_RANKS = [[7, 1], [9, 3], [12, 4], [13, 5], [18, 6]];
    const NAME_KINDS = { place: "places", station: "stations", water: "water", green: "green", poi: "poi" };
    // A run along which a name can stand: hardly longer than its straight line.
    const STRAIGHT = 1.012;
    const MARGIN_PX = 40;

    /** The width at a zoom, in proportion between those that are stated. */
    function widthAt(widths, zoom) {
        const after = widths.findIndex(([at]) => at >= zoom);
        if (after <= 0) {
            return after === 0 ? (zoom < widths[0][0] ? 0 : widths[0][1]) : widths[widths.length - 1][1];
        }
        const [[z0, w0], [z1, w1]] = [widths[after - 1], widths[after]];
        return w0 + ((w1 - w0) * (zoom - z0)) / (z1 - z0);
    }

    /** Tiles of streets, fetched once and kept; nearer than the last zoom they are enlarged. */
    class Streets {
        /** @param {{url: string, minZoom: number, maxZoom: number, maps: object[]}} options */
        constructor(options) {
            Object.assign(this, options);
            this.held = new Map();
        }

        /** Whether a map reaches into a tile. */
        covers({ x, y, z }) {
            const side = 2 ** z;
            return z >= this.minZoom && this.maps.some(({ world: [x0, y0, x1, y1] }) =>
                x < x1 * side && x + 1 > x0 * side && y < y1 * side && y + 1 > y0 * side);
        }

        /** The maps in view, for whom they are to be credited. */
        seen(zoom, bounds) {
            return zoom < this.minZoom ? [] : this.maps.filter((each) => bounds.intersects(each.bounds));
        }

        /** What is drawn in a tile, and which part of the fetched tile that is; null for nothing. */
        async load(coords) {
            if (!this.covers(coords)) {
                return null;
            }
            const deeper = Math.max(0, coords.z - this.maxZoom);
            const at = { x: coords.x >> deeper, y: coords.y >> deeper, z: coords.z - deeper };
            const layers = await this.fetched(at);
            return layers.size ? { layers, at, view: viewOf(coords, at, deeper) } : null;
        }

        fetched(at) {
            const url = root.L.Util.template(this.url, at);
            if (!this.held.has(url)) {
                if (this.held.size >= MOST_HELD) {
                    this.held.delete(this.held.keys().next().value);
                }
                const found = root.fetch(url).then(read);
                found.catch(() => this.held.delete(url)); // asked for again when next in view
                this.held.set(url, found);
            }
            return this.held.get(url);
        }
    }

    async function read(response) {
        if (!response.ok) {
            throw new Error(`streets ${response.status}`);
        }
        return geomap.readTile(await response.arrayBuffer());
    }

    /** The part of a fetched tile that a tile shows: its box in units, and units to a pixel. */
    function viewOf(coords, at, deeper) {
        const part = SIDE / 2 ** deeper;
        const x0 = (coords.x - at.x * 2 ** deeper) * part;
        const y0 = (coords.y - at.y * 2 ** deeper) * part;
        return { x0, y0, x1: x0 + part, y1: y0 + part, unit: part / TILE_PX, zoom: coords.z };
    }

    /**
     * Draw what lies on the ground.
     * @param {CanvasRenderingContext2D} pen one unit of which is `px` to the pixel
     * @param {{layers: Map, view: object}} streets
     * @param {number} px units of the pen to a pixel
     */
    function drawStreets(pen, { layers, view }, px) {
        pen.save();
        pen.scale(px / view.unit, px / view.unit);
        pen.translate(-view.x0, -view.y0);
        pen.lineCap = pen.lineJoin = "round";
        const of = (name) => layers.get(name) || [];
        fillAll(pen, of("ground"), GROUND, view);
        for (const [kind, colour] of Object.entries(GREEN)) {
            fillAll(pen, of("green").filter((each) => each.properties.kind === kind), colour, view);
        }
        drawWaterways(pen, of("waterways"), view);
        fillAll(pen, of("water"), WATER, view);
        fillAll(pen, of("buildings"), HOUSE, view);
        drawRoads(pen, of("roads"), view);
        pen.restore();
    }

    function fillAll(pen, features, colour, view) {
        pen.fillStyle = colour;
        for (const feature of features) {
            pen.beginPath();
            tracePart(pen, feature, view, 0, true);
            pen.fill("nonzero"); // houses may overlap: none is cut out of another
        }
    }

    function drawWaterways(pen, features, view) {
        for (const feature of features) {
            const width = widthAt(WATERWAYS[feature.properties.kind] || WATERWAYS.stream, view.zoom);
            strokeOne(pen, [feature], view, { colour: WATERWAY, width });
        }
    }

    function drawRoads(pen, features, view) {
        const kinds = new Map();
        for (const each of features) {
            const key = each.properties.tunnel ? `${each.properties.kind} below` : each.properties.kind;
            kinds.set(key, kinds.get(key) || []).get(key).push(each);
        }
        const of = (kind) => kinds.get(kind) || [];
        for (const [kind, { from, dash }] of Object.entries(PATHS)) {
            if (view.zoom >= from) {
                const width = view.zoom >= 17 ? 1.6 : 1;
                strokeOne(pen, of(kind), view, { colour: PATH, width, dash });
            }
        }
        const casing = view.zoom >= 16 ? 2 : view.zoom >= 13 ? 1.6 : 1.2;
        const widths = ROADS.map((road) => ({ ...road, width: widthAt(road.widths, view.zoom) }));
        for (const { kind, width } of widths) {
            strokeOne(pen, of(`${kind} below`), view, { colour: CASING, width: width && 1.2, dash: [4, 4] });
        }
        for (const { kind, width, strong } of widths) {
            const colour = strong ? STRONG_CASING : CASING;
            strokeOne(pen, of(kind), view, { colour, width: width && width + casing });
        }
        for (const { kind, width } of widths) {
            strokeOne(pen, of(kind), view, { colour: "#FFFFFF", width });
        }
        const width = widthAt(RAIL_WIDTHS, view.zoom);
        strokeOne(pen, of("rail"), view, { colour: RAIL, width: width && width + (view.zoom >= SLEEPERS_FROM ? 1 : 0) });
        if (view.zoom >= SLEEPERS_FROM) {
            strokeOne(pen, of("rail"), view, { colour: "#FFFFFF", width, dash: [6, 6], cap: "butt" });
        }
    }

    function strokeOne(pen, features, view, { colour, width, dash = [], cap = "round" }) {
        if (!width || !features.length) {
            return;
        }
        pen.strokeStyle = colour;
        pen.lineWidth = width * view.unit;
        pen.lineCap = dash.length ? "butt" : cap;
        pen.setLineDash(dash.map((length) => length * view.unit));
        pen.beginPath();
        features.forEach((each) => tracePart(pen, each, view, (width / 2 + 1) * view.unit, false));
        pen.stroke();
    }

    /** Trace the parts of a feature that reach into the view. */
    function tracePart(pen, { parts, boxes }, view, margin, closed) {
        for (let n = 0; n < parts.length; n += 1) {
            const [x0, y0, x1, y1] = boxes[n];
            const seen = x1 >= view.x0 - margin && x0 <= view.x1 + margin && y1 >= view.y0 - margin && y0 <= view.y1 + margin;
            if (!seen) {
                continue;
            }
            const part = parts[n];
            pen.moveTo(part[0], part[1]);
            for (let i = 2; i < part.length; i += 2) {
                pen.lineTo(part[i], part[i + 1]);
            }
            if (closed) {
                pen.closePath();
            }
        }
    }

    /** Names of what is drawn, as a source of labels. */
    class StreetNames {
        constructor(context, lang) {
            Object.assign(this, { context, lang });
        }

        on(type, act) {
            this.context.on(type, act);
        }

        /** Names with their place on the whole map in pixels; those of roads with the run they follow. */
        points(zoom) {
            const map = this.context._map;
            const tiles = new Map();
            for (const streets of map ? this.context.streetTiles(zoom) : []) {
                tiles.set(`${streets.at.z}/${streets.at.x}/${streets.at.y}`, streets);
            }
            const seen = map && map.getPixelBounds();
            return [...tiles.values()].flatMap((each) => this.namesOf(each, zoom, seen));
        }

        namesOf({ layers, at }, zoom, seen) {
            const scale = (TILE_PX * 2 ** (zoom - at.z)) / SIDE;
            const corner = { x: at.x * SIDE, y: at.y * SIDE };
            const place = (part, i) =>
                root.L.point((corner.x + part[i]) * scale, (corner.y + part[i + 1]) * scale);
            const points = (layers.get("names") || [])
                .filter(({ properties, parts }) => properties.zoom <= zoom && parts.length)
                .flatMap(({ properties, parts }) =>
                    parts.map((part) => ({ ...this.look(properties), at: place(part, 0) })))
                .filter((each) => seen.contains(each.at));
            const lines = [...(layers.get("roads") || []), ...(layers.get("waterways") || [])]
                .filter(({ properties }) => properties.name && zoom >= namedFrom(properties.kind))
                .flatMap(({ properties, parts }) => {
                    const runs = parts.flatMap((part) => runsOf(part, place, seen));
                    return runs.map((run) => ({ ...this.lineLook(properties), ...run }));
                });
            return [...points, ...lines];
        }

        name({ name, en }) {
            return this.lang === "en" && en ? en : name;
        }

        look(properties) {
            const kind = NAME_KINDS[properties.kind] || "poi";
            const rank = kind === "places"
                ? PLACE_RANKS.find(([zoom]) => properties.zoom <= zoom)[1]
                : properties.zoom;
            return { kind, rank, name: this.name(properties) };
        }

        lineLook(properties) {
            const rank = ROADS.length - ROADS.findIndex(({ kind }) => kind === properties.kind);
            const kind = WATERWAYS[properties.kind] ? "water" : "roads";
            return { kind, rank, name: this.name(properties) };
        }
    }

    function namedFrom(kind) {
        const waterways = { river: 12, canal: 14, stream: 16 };
        return ROADS.find((each) => each.kind === kind)?.named || waterways[kind] || 17;
    }

    /** The nearly straight runs of a line within a view, longest first: the middle, turn and length. */
    function runsOf(part, place, seen) {
        const box = root.L.bounds(seen.min.subtract([MARGIN_PX, MARGIN_PX]), seen.max.add([MARGIN_PX, MARGIN_PX]));
        const runs = [];
        let points = [];
        let along = 0;
        const end = () => {
            if (points.length > 1) {
                runs.push(runBetween(points[0], points[points.length - 1]));
            }
            points = [];
            along = 0;
        };
        for (let i = 0; i + 3 < part.length; i += 2) {
            const segment = root.L.LineUtil.clipSegment(place(part, i), place(part, i + 2), box);
            if (!segment) {
                end();
                continue;
            }
            const [a, b] = segment;
            along += a.distanceTo(b);
            const joined = points.length && points[points.length - 1].distanceTo(a) < 1;
            if (!joined || along > points[0].distanceTo(b) * STRAIGHT) {
                end();
                points = [a];
                along = a.distanceTo(b);
            }
            points.push(b);
        }
        end();
        return runs.sort((a, b) => b.length - a.length).slice(0, 2);
    }

    function runBetween(a, b) {
        const turn = Math.atan2(b.y - a.y, b.x - a.x);
        const upright = turn > Math.PI / 2 ? turn - Math.PI : turn <= -Math.PI / 2 ? turn + Math.PI : turn;
        return { at: a.add(b).divideBy(2), turn: upright, length: a.distanceTo(b) };
    }

    Object.assign(geomap, { drawStreets, StreetNames, Streets, widthAt });
})(globalThis);
