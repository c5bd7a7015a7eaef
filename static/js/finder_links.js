// What the finder's script works out without a page: addresses, rounding, marked parts, groups.

/** Positions leave the browser with three decimals only: about 100 metres. */
const POSITION_DECIMALS = 3;

/** @param {number} degrees @returns {number} */
export function roundPosition(degrees) {
    return Number(degrees.toFixed(POSITION_DECIMALS));
}

/**
 * The address of the finder around a spot; a searched name and page do not go along.
 * @param {string} current the address shown now
 * @param {{lon: number, lat: number}} spot
 * @returns {string}
 */
export function spotAddress(current, {lon, lat}) {
    const url = new URL(current);
    url.pathname = "/";
    url.hash = "";
    for (const name of ["q", "page", "at", "lon", "lat", "located"]) url.searchParams.delete(name);
    url.searchParams.set("lon", String(roundPosition(lon)));
    url.searchParams.set("lat", String(roundPosition(lat)));
    return url.href;
}

/**
 * Where a suggestion leads: a facility to its page, a place to the homes near it. The text of
 * a street address does not reach the address bar, only its rounded place.
 * @param {string} current
 * @param {{kind: string, id: string, name: string, lon: number|null, lat: number|null, precision?: string|null}} result
 * @returns {string}
 */
export function resultAddress(current, result) {
    const url = new URL(current);
    const lang = url.searchParams.get("lang");
    if (result.kind === "facility") {
        const page = new URL(`/facilities/${encodeURIComponent(result.id)}`, url.origin);
        if (lang) page.searchParams.set("lang", lang);
        return page.href;
    }
    const spot = spotAddress(current, result);
    const named = new URL(spot);
    if (result.kind === "address") {
        if (result.precision) named.searchParams.set("located", result.precision);
        return named.href;
    }
    named.searchParams.set("q", result.name);
    return named.href;
}

/**
 * Whether an address is the finder itself, so that its list can be replaced in place.
 * @param {string} href @param {string} current @returns {boolean}
 */
export function isFinder(href, current) {
    const url = new URL(href, current);
    return url.origin === new URL(current).origin && url.pathname === "/";
}

/**
 * Suggestions open from one Chinese or two Latin characters.
 * @param {string} text @returns {boolean}
 */
export function isWorthSuggesting(text) {
    const word = text.trim();
    return word.length >= 2 || /[\u3400-\u9fff\u3040-\u30ff]/.test(word);
}

/**
 * A name cut into parts, those that the search matched marked.
 * @param {string} name
 * @param {[number, number][]} matched the first character and the one behind the last, as the
 *   search counts them: whole characters, not UTF-16 units
 * @returns {{text: string, marked: boolean}[]}
 */
export function markedParts(name, matched = []) {
    const characters = Array.from(name);
    const parts = [];
    let end = 0;
    for (const [first, behind] of matched) {
        parts.push({text: characters.slice(end, first).join(""), marked: false});
        parts.push({text: characters.slice(first, behind).join(""), marked: true});
        end = behind;
    }
    parts.push({text: characters.slice(end).join(""), marked: false});
    return parts.filter((part) => part.text);
}

/**
 * Results in groups by kind, each group in the order of its best result.
 * @param {{kind: string}[]} results
 * @returns {{kind: string, results: object[]}[]}
 */
export function grouped(results) {
    const kinds = [...new Set(results.map((each) => each.kind))];
    return kinds.map((kind) => ({kind, results: results.filter((each) => each.kind === kind)}));
}

/**
 * The row that an arrow key leads to; -1 is the text itself.
 * @param {number} active @param {string} key @param {number} count
 * @returns {number}
 */
export function moved(active, key, count) {
    const steps = {ArrowDown: 1, ArrowUp: -1};
    const places = count + 1;
    return ((active + 1 + (steps[key] ?? 0) + places) % places) - 1;
}

/**
 * The language of a name, for its lang attribute; empty where only digits and marks.
 * @param {string} text @returns {string}
 */
export function textLanguage(text) {
    if (/[\u3040-\u30ff]/.test(text)) return "ja";
    if (/[\u3400-\u9fff]/.test(text)) return "zh";
    return /[a-z]/i.test(text) ? "en" : "";
}
