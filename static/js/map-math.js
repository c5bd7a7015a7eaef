// Pure functions of the map: the shift of Chinese tiles, rings, label placing.
// A classic script: folium's script calls what it defines, and node can load it as it is.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const AXIS = 6378245; // Krasovsky 1940, on which GCJ-02 is built
    const ECCENTRICITY2 = 0.00669342162296594323;
    const CHINA = { west: 72.004, east: 137.8347, south: 0.8293, north: 55.8271 };
    const WGS84 = { axis: 6378137, eccentricity2: 0.00669437999014 };
    const CELL_PX = 64;
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
     * Where a symbol is drawn, so that it covers none of another cell: beside its place only
     * towards cells that are occupied.
     * @param {{x: number, y: number}} at pixels of the whole map
     * @param {number} size of the symbol, pixels
     * @param {(x: number, y: number) => boolean} isOccupied whether a cell holds anything
     * @returns {{x: number, y: number}}
     */
    function besideOthers(at, size, isOccupied) {
        const play = Math.max(0, (CELL_PX - size) / 2);
        const [x, y] = [Math.floor(at.x / CELL_PX), Math.floor(at.y / CELL_PX)];
        const [middleX, middleY] = [(x + 0.5) * CELL_PX, (y + 0.5) * CELL_PX];
        const [sideX, sideY] = [Math.sign(at.x - middleX), Math.sign(at.y - middleY)];
        const near = [-1, 0, 1];
        const clear = (value, middle, others) =>
            near.some(others) ? Math.max(middle - play, Math.min(middle + play, value)) : value;
        return {
            x: clear(at.x, middleX, (step) => isOccupied(x + sideX, y + step)),
            y: clear(at.y, middleY, (step) => isOccupied(x + step, y + sideY)),
        };
    }

    /**
     * Draw symbols apart that would lie over each other: each takes the free spot nearest its place.
     * @param {{x: number, y: number}[]} places the important first, pixels
     * @param {number} size of a symbol, pixels
     * @returns {{x: number, y: number}[]} where to draw them
     */
    function spreadOut(places, size) {
        const drawn = [];
        for (const place of places) {
            const isFree = ({ x, y }) =>
                drawn.every((other) => Math.max(Math.abs(other.x - x), Math.abs(other.y - y)) >= size);
            drawn.push(spotsAround(place, size).find(isFree) || place);
        }
        return drawn;
    }

    /**
     * Move symbols out from under others that stay: to the nearest spot that is free, if one is near.
     * @param {{x: number, y: number}[]} places changed in place
     * @param {{x: number, y: number}[]} fixed
     * @param {number} size of a symbol, pixels
     */
    function stepAside(places, fixed, size) {
        const apart = (a, b) => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) >= size;
        places.forEach((place, i) => {
            if (!fixed.every((other) => apart(place, other))) {
                const others = [...fixed, ...places.filter((_, j) => j !== i)];
                const isFree = (spot) => others.every((other) => apart(spot, other));
                places[i] = spotsAround(place, size, 2 * size).find(isFree) || place;
            }
        });
    }

    /** A place, then spots on circles around it, ever farther. */
    function spotsAround({ x, y }, size, farthest = 4 * size) {
        const spots = [{ x, y }];
        for (let away = size / 4; away <= farthest; away += size / 4) {
            const turns = Math.max(8, Math.round((2 * Math.PI * away) / (size / 4)));
            for (let i = 0; i < turns; i += 1) {
                const turn = (i / turns) * 2 * Math.PI;
                spots.push({ x: x + away * Math.cos(turn), y: y + away * Math.sin(turn) });
            }
        }
        return spots;
    }

    /**
     * Keep the boxes that overlap none before them, nor stand too near one of the same name.
     * @param {object[]} boxes the important first: x0, y0, x1, y1, or several such as `boxes`; with
     *     `name` and `apart` also x and y: nearer than that no other of the name is kept
     * @param {{x0: number, y0: number, x1: number, y1: number}[]} taken what must stay free
     * @returns {boolean[]} whether each box is kept
     */
    function declutter(boxes, taken = []) {
        const grid = new Map();
        const named = new Map();
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
        const isFree = (box) =>
            !cellsOf(box).some((key) => (grid.get(key) || []).some((other) => overlap(box, other)));
        const isRepeated = ({ name, apart = 0, x, y }) =>
            (named.get(name) || []).some((other) => Math.hypot(other.x - x, other.y - y) < apart);
        taken.forEach(put);
        return boxes.map((box) => {
            const parts = box.boxes || [box];
            const kept = !isRepeated(box) && parts.every(isFree);
            if (kept) {
                parts.forEach(put);
                named.set(box.name, [...(named.get(box.name) || []), box]);
            }
            return kept;
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
        besideOthers,
        CELL_PX,
        declutter,
        destination,
        discSize,
        firstFree,
        lengthText,
        ringPoints,
        ringRadii,
        spreadOut,
        stepAside,
        toDegrees,
        toGcj02,
        toWorld,
    };
})(globalThis);
