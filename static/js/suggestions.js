// Suggestions under the search box: a combobox with a listbox, by keyboard, mouse and finger.

import {grouped, isWorthSuggesting, markedParts, moved, textLanguage} from "./finder_links.js";

const WAIT_MS = 150;
const SAY_AFTER_MS = 500;
const MOST_ROWS = 8;
/** Asked by POST: what is typed may be a home address and stands in no address or log. */
const SUGGESTIONS = "/find/suggestions";

/** @param {string} tag @param {object} attributes @param {(Node|string)[]} children */
function element(tag, attributes = {}, children = []) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
}

/**
 * Make an input suggest while one types.
 * @param {HTMLInputElement} input
 * @param {object} options
 * @param {Record<string, string>} options.words what is said, in the reader's language
 * @param {(result: object) => void} options.choose
 */
export function suggest(input, {words, choose}) {
    const list = element("div", {id: "suggestions", role: "listbox", "aria-label": words.suggestions});
    const note = element("p", {class: "note"}, [words.preparing]);
    const box = element("div", {class: "suggestions"}, [note, list]); // a long list would hide what stands below it
    const said = element("p", {class: "visually-hidden", role: "status"});
    box.hidden = true;
    input.closest("form").append(box, said);
    for (const [name, value] of Object.entries({
        role: "combobox",
        "aria-autocomplete": "list",
        "aria-controls": "suggestions",
        "aria-expanded": "false",
    })) {
        input.setAttribute(name, value);
    }

    let rows = [];
    let active = -1;
    let waiting = 0;
    let saying = 0;
    let request = null;
    let toldOfPreparing = false;

    function close() {
        clearTimeout(waiting);
        clearTimeout(saying);
        request?.abort();
        box.hidden = true;
        rows = [];
        activate(-1);
        input.setAttribute("aria-expanded", "false");
    }

    function activate(index) {
        active = index;
        for (const [number, {node}] of rows.entries()) {
            node.setAttribute("aria-selected", String(number === index));
        }
        if (index < 0) input.removeAttribute("aria-activedescendant");
        else {
            input.setAttribute("aria-activedescendant", rows[index].node.id);
            rows[index].node.scrollIntoView({block: "nearest"});
        }
    }

    function option(result, number) {
        const name = element("span", {lang: textLanguage(result.name)}, markedParts(result.name, result.matched).map((part) =>
            part.marked ? element("mark", {}, [part.text]) : part.text));
        const node = element("div", {role: "option", id: `suggestion-${number}`, "aria-selected": "false"}, [name]);
        if (result.label && result.label !== result.name) node.append(element("small", {lang: textLanguage(result.label)}, [result.label]));
        node.addEventListener("mousedown", (event) => event.preventDefault());
        node.addEventListener("click", () => take(result));
        return node;
    }

    /** What is read aloud; that names are still being prepared only once. */
    function tell(preparing) {
        const told = [rows.length ? words.found.replace("{count}", rows.length) : words.none];
        if (preparing && !toldOfPreparing) told.push(words.preparing);
        toldOfPreparing ||= preparing;
        said.textContent = told.join(" ");
    }

    function show(results, preparing) {
        rows = [];
        const groups = grouped(results).map(({kind, results: found}) => {
            const heading = element("div", {class: "group", id: `suggestions-${kind}`}, [words[kind]]);
            const options = found.map((result) => {
                const node = option(result, rows.length);
                rows.push({node, result});
                return node;
            });
            return element("div", {role: "group", "aria-labelledby": heading.id}, [heading, ...options]);
        });
        list.replaceChildren(...groups);
        list.hidden = rows.length === 0;
        note.hidden = !preparing;
        box.hidden = list.hidden && note.hidden;
        input.setAttribute("aria-expanded", String(!list.hidden));
        activate(-1);
        clearTimeout(saying); // two answers in a row are told as one
        saying = setTimeout(() => tell(preparing), SAY_AFTER_MS - WAIT_MS);
    }

    async function look() {
        const typed = input.value.trim();
        request?.abort();
        request = new AbortController();
        const body = new URLSearchParams({q: typed, limit: String(MOST_ROWS)});
        try {
            const response = await fetch(SUGGESTIONS, {method: "POST", body, signal: request.signal});
            if (!response.ok) return;
            const {results, preparing = false} = await response.json();
            const leading = results.filter((each) => each.kind === "facility" || each.lon !== null);
            if (document.activeElement === input) show(leading, preparing);
        } catch (error) {
            if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
        }
    }

    function take(result) {
        close();
        input.value = result.name;
        choose(result);
    }

    input.addEventListener("input", (event) => {
        if (event.isComposing) return;
        clearTimeout(waiting);
        clearTimeout(saying);
        if (isWorthSuggesting(input.value)) waiting = setTimeout(look, WAIT_MS);
        else close();
    });
    input.addEventListener("compositionstart", () => clearTimeout(waiting));
    input.addEventListener("compositionend", () => input.dispatchEvent(new InputEvent("input")));
    input.addEventListener("blur", close);
    input.form.addEventListener("submit", close);
    input.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if ((event.key === "ArrowDown" || event.key === "ArrowUp") && rows.length) {
            event.preventDefault();
            activate(moved(active, event.key, rows.length));
        } else if (event.key === "Enter" && active >= 0) {
            event.preventDefault();
            take(rows[active].result);
        } else if (event.key === "Escape") {
            event.preventDefault();
            if (box.hidden) input.value = "";
            close();
        }
    });
}
