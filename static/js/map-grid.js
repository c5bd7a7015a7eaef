// Grouping many points by cells of 64 px, exactly as the server does, from keys sorted once.
// A classic script: folium's script calls what it defines, and node can load it as it is.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const { discSize, toDegrees } = geomap.math;
    const BITS = 24; // of each axis in a key
    const HALF = 2 ** 24; // a key has 24 bits above and 24 below
    const SIDE = 2 ** BITS;
    const LEVELS = 2; // cells are tiles two zooms deeper
    const DEEPEST_ZOOM = 18;
    const MOST_LISTED = 200;
    const CELL_PX = 64;
    const PLANES = 6;
    const FORMAT = "gmp1";

    /** Put a zero before each of 12 bits. */
    function spread(bits) {
        let found = (bits | (bits << 8)) & 0x00ff00ff;
        found = (found | (found << 4)) & 0x0f0f0f0f;
        found = (found | (found << 2)) & 0x33333333;
        return (found | (found << 1)) & 0x55555555;
    }

    /** Undo `spread`. */
    function gather(bits) {
        let found = bits & 0x55555555;
        found = (found | (found >> 1)) & 0x33333333;
        found = (found | (found >> 2)) & 0x0f0f0f0f;
        found = (found | (found >> 4)) & 0x00ff00ff;
        return (found | (found >> 8)) & 0x0000ffff;
    }

    /** Interleave the bits of two whole numbers below 2^24: beyond 2^32, so by arithmetic. */
    function interleave(x, y) {
        const high = spread(x >>> 12) | (spread(y >>> 12) << 1);
        const low = spread(x & 4095) | (spread(y & 4095) << 1);
        return high * HALF + low;
    }

    /** The first place in ascending keys that is not below a key. */
    function firstFrom(keys, key) {
        let [low, high] = [0, keys.length];
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (keys[middle] < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Points in Morton order; each is known by its rank, its place in this order.
     * @property {Float64Array} keys ascending
     * @property {Uint8Array} kinds of each, as the server writes them
     */
    class PointSet {
        constructor(keys, kinds) {
            const count = keys.length;
            Object.assign(this, { keys, kinds, count });
            this.x = new Int32Array(count);
            this.y = new Int32Array(count);
            for (let rank = 0; rank < count; rank += 1) {
                const high = Math.floor(keys[rank] / HALF);
                const low = keys[rank] - high * HALF;
                this.x[rank] = (gather(high) << 12) | gather(low);
                this.y[rank] = (gather(high >> 1) << 12) | gather(low >> 1);
            }
        }

        /**
         * Read a file of the server's.
         * @param {ArrayBuffer} buffer
         */
        static read(buffer) {
            const bytes = new Uint8Array(buffer);
            const count = bytes.length >= 8 ? new DataView(buffer).getUint32(4, true) : -1;
            const known = String.fromCharCode(...bytes.subarray(0, 4)) === FORMAT;
            if (!known || bytes.length !== 8 + (PLANES + 1) * count) {
                throw new Error("this is no file of points");
            }
            const planes = Array.from({ length: PLANES + 1 }, (_, i) =>
                bytes.subarray(8 + i * count, 8 + (i + 1) * count),
            );
            const [a, b, c, d, e, f, kinds] = planes;
            const keys = new Float64Array(count);
            let key = 0;
            for (let rank = 0; rank < count; rank += 1) {
                const low = a[rank] | (b[rank] << 8) | (c[rank] << 16);
                key += (d[rank] | (e[rank] << 8) | (f[rank] << 16)) * HALF + low;
                keys[rank] = key;
            }
            return new PointSet(keys, kinds);
        }

        /** Sort points by world coordinates; `rows` tells where each rank came from. */
        static of(xs, ys, kinds) {
            const whole = (value) => Math.max(0, Math.min(SIDE - 1, Math.floor(value * SIDE)));
            const keyed = Float64Array.from(xs, (x, row) => interleave(whole(x), whole(ys[row])));
            const rows = Uint32Array.from(keyed.keys()).sort((a, b) => keyed[a] - keyed[b] || a - b);
            const keys = Float64Array.from(rows, (row) => keyed[row]);
            const set = new PointSet(keys, Uint8Array.from(rows, (row) => kinds[row]));
            return Object.assign(set, { rows });
        }

        /** Where a point stands, degrees: the middle of its square of 2 m. */
        place(rank) {
            return toDegrees((this.x[rank] + 0.5) / SIDE, (this.y[rank] + 0.5) / SIDE);
        }

        /** Take some of the points, in their order; all without a condition. */
        choose(isChosen = null) {
            return new Choice(this, isChosen);
        }
    }

    /** Some points of a set, ready to be grouped: with running sums of their places. */
    class Choice {
        constructor(set, isChosen) {
            this.set = set;
            this.ranks = isChosen ? ranksWhere(set.count, isChosen) : null;
            this.keys = this.ranks ? Float64Array.from(this.ranks, (rank) => set.keys[rank]) : set.keys;
            this.count = this.keys.length;
            this.sums = [set.x, set.y].map((axis) => this.runningSum(axis));
        }

        /** Whole numbers: the sums are exact. */
        runningSum(axis) {
            const sums = new Float64Array(this.count + 1);
            for (let i = 0; i < this.count; i += 1) {
                sums[i + 1] = sums[i] + axis[this.rank(i)];
            }
            return sums;
        }

        rank(i) {
            return this.ranks ? this.ranks[i] : i;
        }

        /**
         * Group the points of a view.
         * @param {number} zoom
         * @param {{x0: number, y0: number, x1: number, y1: number}} view world coordinates
         * @param {Set<number>} without ranks that are drawn by themselves
         * @returns {{lon: number, lat: number, count: number, zoom: ?number, ranks: number[]}[]}
         */
        group(zoom, view, without = new Set()) {
            const cells = 2 ** (zoom + LEVELS);
            const unit = 4 ** (BITS - zoom - LEVELS);
            const at = (value) => Math.max(0, Math.min(cells - 1, Math.floor(value * cells)));
            const left = this.leftOut(unit, without);
            const found = [];
            for (let y = at(view.y0); y <= at(view.y1); y += 1) {
                for (let x = at(view.x0); x <= at(view.x1); x += 1) {
                    const prefix = interleave(x, y);
                    const low = firstFrom(this.keys, prefix * unit);
                    const high = firstFrom(this.keys, (prefix + 1) * unit);
                    const own = left.get(prefix) || [];
                    if (high - low > own.length) {
                        found.push(this.cluster({ x, y, cells, low, high, own }));
                    }
                }
            }
            return found;
        }

        /** What is left out, by cell: only what is chosen at all. */
        leftOut(unit, without) {
            const found = new Map();
            for (const rank of without) {
                if (rank >= 0 && rank < this.set.count && this.has(rank)) {
                    const prefix = Math.floor(this.set.keys[rank] / unit);
                    found.set(prefix, [...(found.get(prefix) || []), rank]);
                }
            }
            return found;
        }

        has(rank) {
            return !this.ranks || this.ranks[firstFrom(this.ranks, rank)] === rank;
        }

        cluster(cell) {
            const { low, high, own } = cell;
            const count = high - low - own.length;
            if (count === 1) {
                const ranks = this.ranksOf(cell, 1);
                return { ...this.set.place(ranks[0]), count, zoom: null, ranks };
            }
            const play = (CELL_PX - discSize(count)) / 2 / CELL_PX;
            const [x, y] = [cell.x, cell.y].map((cellAt, axis) => {
                const values = [this.set.x, this.set.y][axis];
                const all = this.sums[axis][high] - this.sums[axis][low];
                const sum = own.reduce((rest, rank) => rest - values[rank], all);
                const mean = (sum / count + 0.5) / SIDE;
                const middle = cellAt + 0.5;
                return Math.max(middle - play, Math.min(middle + play, mean * cell.cells)) / cell.cells;
            });
            const zoom = openingZoom(this.keys[low], this.keys[high - 1]);
            return { ...toDegrees(x, y), count, zoom, ranks: zoom === null ? this.ranksOf(cell) : [] };
        }

        ranksOf({ low, high, own }, most = MOST_LISTED) {
            const found = [];
            for (let i = low; i < high && found.length < most; i += 1) {
                if (!own.includes(this.rank(i))) {
                    found.push(this.rank(i));
                }
            }
            return found;
        }
    }

    function ranksWhere(count, isChosen) {
        const found = new Uint32Array(count);
        let length = 0;
        for (let rank = 0; rank < count; rank += 1) {
            if (isChosen(rank)) {
                found[length] = rank;
                length += 1;
            }
        }
        return found.slice(0, length);
    }

    /** The zoom at which two keys part; null if too deep to be seen. */
    function openingZoom(low, high) {
        for (let zoom = 0; zoom <= DEEPEST_ZOOM; zoom += 1) {
            const unit = 4 ** (BITS - zoom - LEVELS);
            if (Math.floor(low / unit) !== Math.floor(high / unit)) {
                return zoom;
            }
        }
        return null;
    }

    Object.assign(geomap, { PointSet });
})(globalThis);
