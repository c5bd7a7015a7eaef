// What reading aloud works out without a page: the voice, and how texts are said.

/** A longer text is cut at its sentences: some voices stop in the middle of long ones. */
const LONGEST = 160;

/**
 * The voice that reads: one that is on this device, in the page's language; Mandarin before others.
 * @param {{lang: string, localService: boolean}[]} voices
 * @param {string} language "zh-CN" or "en"
 * @returns {{lang: string, localService: boolean}|null}
 */
export function chosenVoice(voices, language) {
    const base = language.slice(0, 2).toLowerCase();
    const own = voices.filter((each) => each.localService && tag(each).startsWith(base));
    const best = base === "zh" ? ["zh-cn", "zh-hans", "zh-cmn"] : ["en-gb", "en-us"];
    return own.find((each) => best.some((start) => tag(each).startsWith(start))) ?? own[0] ?? null;
}

function tag({lang}) {
    const text = lang.toLowerCase().replaceAll("_", "-");
    return text.startsWith("cmn") ? `zh-${text}` : text;
}

/**
 * How a text is said: telephone numbers digit by digit, ranges with a word, no marks.
 * @param {string} text
 * @param {string} language
 * @returns {string}
 */
export function spoken(text, language) {
    const zh = language.startsWith("zh");
    return text
        .replace(/\+?\d[\d\s()-]{5,}\d/g, (number) => number.replace(/\D/g, "").split("").join(" "))
        .replace(/(\d)\s*[–—~]\s*(\d)/g, zh ? "$1 到 $2" : "$1 to $2")
        .replace(/[·‹›|]/g, zh ? "，" : ", ")
        .replace(/\s+/g, " ")
        .trim();
}

/**
 * A text in parts that are not too long, cut after sentences, else after commas, else anywhere.
 * @param {string} text
 * @param {number} [longest]
 * @returns {string[]}
 */
export function parts(text, longest = LONGEST) {
    const pieces = text.match(/[^。！？；.!?;]+[。！？；.!?;]*/g) ?? [];
    const found = [];
    for (const piece of pieces.flatMap((each) => cut(each, longest))) {
        const last = found.at(-1);
        if (last !== undefined && last.length + piece.length <= longest) found[found.length - 1] = last + piece;
        else found.push(piece);
    }
    return found.map((each) => each.trim()).filter(Boolean);
}

function cut(text, longest) {
    const found = [];
    let rest = text;
    while (rest.length > longest) {
        const comma = Math.max(rest.lastIndexOf("，", longest - 1), rest.lastIndexOf(", ", longest - 1));
        const end = comma > 0 ? comma + 1 : longest;
        found.push(rest.slice(0, end));
        rest = rest.slice(end);
    }
    return [...found, rest];
}
