// Pure functions of the map: the shift of Chinese tiles, rings, grouping, label placing.
// A classic script: folium's script calls what it defines, and node can load it as it is.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const AXIS = 6378245; // Krasovsky 1940, on which GCJ-02 is built
    const ECCENTRICITY2 = 0.00669342162296594323;
    const CHINA = { west: 72.004, east: 137.8347, south: 0.8293, north: 55.8271 };
    const WGS84 = { axis: 6378137, eccentricity2: 0.00669437999014 };
    const CELL_PX = 64;
    const DEEPEST_ZOOM = 18;
    const RADIANS = Math.PI / 180;

    /**
     * Shift a WGS-84 position to GCJ-02, inside the bounds of China only.
     * @param {number} lon degrees
     * @param {number} lat degrees
     * @returns {{lon: number, lat: number}}
     */
    function toGcj02(lon, lat) {
        const inside =
            lon >= CHINA.west && lon <= CHINA.east && lat >= CHINA.south && lat <= CHINA.north;
        if (!inside) {
            return { lon, lat };
        }
        const x = lon - 105;
        const y = lat - 35;
        const sine = Math.sin(lat * RADIANS);
        const w2 = 1 - ECCENTRICITY2 * sine * sine;
        const w = Math.sqrt(w2);
        const meridian = (AXIS * (1 - ECCENTRICITY2)) / (w2 * w);
        const parallel = (AXIS / w) * Math.cos(lat * RADIANS);
        return {
            lon: lon + eastward(x, y) / (parallel * RADIANS),
            lat: lat + northward(x, y) / (meridian * RADIANS),
        };
    }

    function ripple(x) {
        return ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
    }

    function eastward(x, y) {
        const pi = Math.PI;
        const base = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
        const slow = ((20 * Math.sin(x * pi) + 40 * Math.sin((x / 3) * pi)) * 2) / 3;
        const slower = ((150 * Math.sin((x / 12) * pi) + 300 * Math.sin((x / 30) * pi)) * 2) / 3;
        return base + ripple(x) + slow + slower;
    }

    function northward(x, y) {
        const pi = Math.PI;
        const root = Math.sqrt(Math.abs(x));
        const base = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
        const slow = ((20 * Math.sin(y * pi) + 40 * Math.sin((y / 3) * pi)) * 2) / 3;
        const slower = ((160 * Math.sin((y / 12) * pi) + 320 * Math.sin((y * pi) / 30)) * 2) / 3;
        return base + ripple(x) + slow + slower;
    }

    /**
     * Choose two distance rings for a list whose farthest result is so far away.
     * @param {number} farthest metres
     * @returns {number[]} radii in metres, the smaller first
     */
    function ringRadii(farthest) {
        const steps = [1, 2, 3, 5].map((step) => step * 100);
        const radii = [1, 10, 100, 1000, 10000].flatMap((scale) => steps.map((s) => s * scale));
        const outer = radii.find((radius) => radius >= farthest * 0.8) || radii[radii.length - 1];
        const inner = radii.filter((radius) => radius <= outer / 2).pop();
        return inner ? [inner, outer] : [outer];
    }

    /**
     * Draw a circle of constant distance on the ellipsoid, right to 0.2 % up to 500 km.
     * @returns {number[][]} closed ring of [lat, lon]
     */
    function ringPoints(lon, lat, radius, count = 128) {
        const turns = Array.from({ length: count + 1 }, (_, i) => (i / count) * 2 * Math.PI);
        return turns.map((turn) => destination(lon, lat, radius, turn));
    }

    /** The place at a distance and azimuth (radians from north), as [lat, lon]. */
    function destination(lon, lat, distance, azimuth) {
        const sine = Math.sin(lat * RADIANS);
        const w2 = 1 - WGS84.eccentricity2 * sine * sine;
        const meridian = (WGS84.axis * (1 - WGS84.eccentricity2)) / w2 ** 1.5;
        const normal = WGS84.axis / Math.sqrt(w2);
        const along = Math.cos(azimuth) ** 2 / meridian + Math.sin(azimuth) ** 2 / normal;
        const angle = distance * along; // Euler's radius of curvature in this direction
        const north = Math.asin(
            sine * Math.cos(angle) + Math.cos(lat * RADIANS) * Math.sin(angle) * Math.cos(azimuth),
        );
        const east = Math.atan2(
            Math.sin(azimuth) * Math.sin(angle) * Math.cos(lat * RADIANS),
            Math.cos(angle) - sine * Math.sin(north),
        );
        return [north / RADIANS, lon + east / RADIANS];
    }

    /** World coordinates 0 to 1 of a place, as the server's tiles have them. */
    function toWorld(lon, lat) {
        const sine = Math.sin(Math.max(-85.0511, Math.min(85.0511, lat)) * RADIANS);
        return { x: lon / 360 + 0.5, y: 0.5 - Math.atanh(sine) / (2 * Math.PI) };
    }

    function toDegrees(x, y) {
        return {
            lon: (x - 0.5) * 360,
            lat: Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) / RADIANS,
        };
    }

    function discSize(count) {
        return count >= 100 ? 56 : count >= 10 ? 50 : 44;
    }

    /**
     * Group points by cells of 64 px, as the server does, for a map without a server.
     * @param {{x: ArrayLike<number>, y: ArrayLike<number>}} points world coordinates
     * @param {number} zoom
     * @param {{x0: number, y0: number, x1: number, y1: number}} view world coordinates
     * @param {(index: number) => boolean} shown
     * @returns {{lon: number, lat: number, count: number, zoom: ?number, rows: number[]}[]}
     */
    function group(points, zoom, view, shown = () => true) {
        const cells = 2 ** (zoom + 2);
        const first = { x: Math.floor(view.x0 * cells), y: Math.floor(view.y0 * cells) };
        const last = { x: Math.floor(view.x1 * cells), y: Math.floor(view.y1 * cells) };
        const found = new Map();
        for (let row = 0; row < points.x.length; row += 1) {
            const x = Math.floor(points.x[row] * cells);
            const y = Math.floor(points.y[row] * cells);
            if (x >= first.x && x <= last.x && y >= first.y && y <= last.y && shown(row)) {
                const key = x * cells + y;
                const rows = found.get(key);
                if (rows) {
                    rows.push(row);
                } else {
                    found.set(key, [row]);
                }
            }
        }
        return [...found.values()].map((rows) => cluster(points, rows, zoom));
    }

    function cluster(points, rows, zoom) {
        const xs = rows.map((row) => points.x[row]);
        const ys = rows.map((row) => points.y[row]);
        const count = rows.length;
        if (count === 1) {
            return { ...toDegrees(xs[0], ys[0]), count, zoom: null, rows };
        }
        const play = (CELL_PX - discSize(count)) / 2 / CELL_PX;
        const place = toDegrees(near(xs, zoom, play), near(ys, zoom, play));
        const opens = openingZoom(xs, ys, zoom);
        return { ...place, count, zoom: opens, rows: opens === null ? rows : [] };
    }

    /** The mean of one axis, kept so near to the middle of its cell that discs never overlap. */
    function near(values, zoom, play) {
        const cells = 2 ** (zoom + 2);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const middle = (Math.floor(values[0] * cells) + 0.5) / cells;
        return Math.max(middle - play / cells, Math.min(middle + play / cells, mean));
    }

    function openingZoom(xs, ys, zoom) {
        const spans = [xs, ys].map((axis) => [least(axis), greatest(axis)]);
        for (let deeper = zoom + 1; deeper <= DEEPEST_ZOOM; deeper += 1) {
            const cells = 2 ** (deeper + 2);
            if (spans.some(([low, high]) => Math.floor(low * cells) !== Math.floor(high * cells))) {
                return deeper;
            }
        }
        return null;
    }

    function least(values) {
        return values.reduce((a, b) => Math.min(a, b), Infinity);
    }

    function greatest(values) {
        return values.reduce((a, b) => Math.max(a, b), -Infinity);
    }

    /**
     * Keep the boxes that overlap none before them.
     * @param {{x0: number, y0: number, x1: number, y1: number}[]} boxes the important first
     * @param {{x0: number, y0: number, x1: number, y1: number}[]} taken what must stay free
     * @returns {boolean[]} whether each box is kept
     */
    function declutter(boxes, taken = []) {
        const grid = new Map();
        const side = 64;
        const cellsOf = (box) => {
            const keys = [];
            for (let x = Math.floor(box.x0 / side); x <= Math.floor(box.x1 / side); x += 1) {
                for (let y = Math.floor(box.y0 / side); y <= Math.floor(box.y1 / side); y += 1) {
                    keys.push(`${x}/${y}`);
                }
            }
            return keys;
        };
        const put = (box) => {
            for (const key of cellsOf(box)) {
                grid.set(key, [...(grid.get(key) || []), box]);
            }
        };
        taken.forEach(put);
        return boxes.map((box) => {
            const others = cellsOf(box).flatMap((key) => grid.get(key) || []);
            const free = !others.some((other) => overlap(box, other));
            if (free) {
                put(box);
            }
            return free;
        });
    }

    function overlap(a, b) {
        return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
    }

    /**
     * Find the first box in view that overlaps nothing.
     * @returns {number} its index, or -1
     */
    function firstFree(boxes, taken, view) {
        const inView = ({ x0, y0, x1, y1 }) =>
            x0 >= view.x0 && y0 >= view.y0 && x1 <= view.x1 && y1 <= view.y1;
        return boxes.findIndex(
            (box) => inView(box) && !taken.some((other) => overlap(box, other)),
        );
    }

    /** Write a ring's radius or the scale: words hold "{n} 米" and "{n} 公里". */
    function lengthText(metres, words) {
        return metres < 1000
            ? words.metres.replace("{n}", String(metres))
            : words.kilometres.replace("{n}", String(metres / 1000));
    }

    geomap.math = {
        declutter,
        destination,
        discSize,
        firstFree,
        group,
        lengthText,
        ringPoints,
        ringRadii,
        toDegrees,
        toGcj02,
        toWorld,
    };
})(globalThis);
