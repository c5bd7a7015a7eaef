// All facilities in the browser: fetched once when the first view stands, then no move asks again.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const { PointSet } = geomap;
    const CLOSED = 8;
    const IDLE_MS = 3000;
    const MOST_NAMED_AHEAD = 500_000; // 4 MB of names; of more, only those near the view come
    const AT_ONCE = 3;
    const TEXT = new TextDecoder();
    const SLOW = ["slow-2g", "2g", "3g"];

    /** Whether the reader's connection is one that background files would burden. */
    function isSparing(navigator) {
        const { saveData = false, effectiveType = "4g" } = navigator.connection || {};
        return saveData || SLOW.includes(effectiveType);
    }

    /** When the page has nothing else to do. */
    function idle() {
        return new Promise((done) => {
            if (root.requestIdleCallback) {
                root.requestIdleCallback(done, { timeout: IDLE_MS });
            } else {
                root.setTimeout(done, IDLE_MS / 10);
            }
        });
    }

    async function fetched(url) {
        const response = await fetch(url);
        if (!response.ok) {
            throw new Error(`${url}: ${response.status}`);
        }
        return response.arrayBuffer();
    }

    /** The language of a name, as the server tells it. */
    function textLanguage(text) {
        if (/[\u3040-\u30ff]/u.test(text)) {
            return "ja";
        }
        if (/[\u3400-\u9fff\u{20000}-\u{3ffff}]/u.test(text)) {
            return "zh";
        }
        return /[A-Za-z]/.test(text) ? "en" : null;
    }

    /** Ids and names of facilities, kept as they came and read one by one. */
    class Names {
        /** @param {ArrayBuffer} buffer their number, the length of each in bytes, then "id\0name" */
        constructor(buffer) {
            const count = new DataView(buffer).getUint32(0, true);
            const lengths = new Uint32Array(buffer, 4, count);
            this.bytes = new Uint8Array(buffer, 4 + 4 * count);
            this.ends = new Uint32Array(count);
            let end = 0;
            for (let place = 0; place < count; place += 1) {
                end += lengths[place];
                this.ends[place] = end;
            }
        }

        /** @returns {string[]} id and name */
        get(place) {
            const start = place ? this.ends[place - 1] : 0;
            return TEXT.decode(this.bytes.subarray(start, this.ends[place])).split("\0");
        }
    }

    /**
     * The facilities that the server sends as files.
     * @param {Object} config the map's: `points` tells where the files are
     * @param {{onReady: function, onNames: function}} hooks
     */
    class Points {
        constructor(config, { onReady, onNames }) {
            Object.assign(this, { config, onReady, onNames, set: null });
            this.choices = new Map();
            this.masks = new Map();
            this.files = new Map();
            this.waiting = [];
            this.running = 0;
        }

        /** Fetch the points once nothing else is to be done; without them the tiles go on. */
        async load(ground) {
            if (this.asked || !this.config.points || isSparing(root.navigator)) {
                return;
            }
            this.asked = true;
            try {
                await ground;
                await idle();
                const buffer = await fetched(this.config.points.points);
                await idle();
                const set = PointSet.read(buffer);
                await idle();
                this.choices.set("", set.choose());
                this.set = set;
            } catch {
                return;
            }
            await this.onReady();
            this.fetchAllNames();
        }

        /** What is shown by types and filters; null while that is not known here. */
        choice(types, filters) {
            const key = JSON.stringify([[...types].sort(), filters]);
            if (!this.set || (filters && !this.masks.has(filters))) {
                return null;
            }
            if (!types.length && !filters) {
                return this.choices.get("");
            }
            if (!this.choices.has(key)) {
                const others = [...this.choices.keys()].filter((each) => each !== "");
                others.slice(0, -3).forEach((each) => this.choices.delete(each));
                this.choices.set(key, this.set.choose(this.condition(types, filters)));
            }
            return this.choices.get(key);
        }

        condition(types, filters) {
            const numbers = this.config.types.map(({ type }) => !types.length || types.includes(type));
            const mask = this.masks.get(filters);
            const { kinds } = this.set;
            return (rank) =>
                numbers[kinds[rank] % CLOSED] &&
                (!mask || ((mask[rank >> 3] >> (rank & 7)) & 1) === 1);
        }

        /** Fetch which facilities fit filters. */
        async fetchChoice(filters) {
            if (this.set && filters && !this.masks.has(filters)) {
                const url = `${this.config.points.chosen}?${filters}`;
                this.masks.set(filters, new Uint8Array(await fetched(url)));
            }
        }

        /** A facility as the map shows it; without id and name while these have not come. */
        facility(rank) {
            const number = this.set.kinds[rank];
            const { type, kind } = this.config.types[number % CLOSED];
            const own = { at: rank, type, kind, closed: number >= CLOSED };
            const { inFile } = this.config.points;
            const file = this.files.get(Math.floor(rank / inFile));
            if (!(file instanceof Names)) {
                return { ...own, id: null, name: null };
            }
            const [id, name] = file.get(rank % inFile);
            return { ...own, id, name, lang: textLanguage(name) };
        }

        /** See that the names of some facilities come first. */
        want(ranks) {
            const wanted = new Set(ranks.map((rank) => Math.floor(rank / this.config.points.inFile)));
            const missing = [...wanted].filter((number) => !this.files.has(number));
            this.waiting = [...missing, ...this.waiting.filter((number) => !wanted.has(number))];
            this.run();
        }

        /** All names, one file after the other, unless they are too many; a phone's come as needed. */
        fetchAllNames() {
            const { count, inFile } = this.config.points;
            const small = root.matchMedia?.("(pointer: coarse)").matches;
            if (!small && count <= MOST_NAMED_AHEAD) {
                const all = Array.from({ length: Math.ceil(count / inFile) }, (_, number) => number);
                const queued = new Set(this.waiting);
                this.waiting.push(...all.filter((each) => !queued.has(each) && !this.files.has(each)));
                this.run();
            }
        }

        run() {
            while (this.running < AT_ONCE && this.waiting.length) {
                const number = this.waiting.shift();
                if (!this.files.has(number)) {
                    this.fetchNames(number);
                }
            }
        }

        async fetchNames(number) {
            this.running += 1;
            const url = this.config.points.names.replace("{n}", String(number));
            const coming = fetched(url);
            this.files.set(number, coming);
            try {
                this.files.set(number, new Names(await coming));
                this.onNames(number);
            } catch {
                this.files.delete(number); // asked for again when a view needs it
            } finally {
                this.running -= 1;
                this.run();
            }
        }

        /** A facility with its name, fetched if need be. */
        async named(facility) {
            const number = Math.floor(facility.at / this.config.points.inFile);
            if (!facility.id && !this.files.has(number)) {
                this.fetchNames(number);
            }
            await this.files.get(number);
            return facility.id ? facility : this.facility(facility.at);
        }
    }

    Object.assign(geomap, { Names, Points, isSparing, textLanguage });
})(globalThis);
