// The finder without reloading: the same pages are fetched, their list put in place, the map told.
// Without this script every link and form works as it is.

import {isFinder, resultAddress, spotAddress} from "./finder_links.js";
import {suggest} from "./suggestions.js";

const SAY_UPDATING_MS = 300;
const MAP_WAIT_MS = 15_000;
const finder = document.getElementById("finder");
const words = JSON.parse(finder.dataset.words);
const frame = document.getElementById("map-frame");
const search = document.querySelector("form.search");
const lang = new URL(location.href).searchParams.get("lang");
let request = null;

const byId = (id) => document.getElementById(id);

function say(text) {
    byId("status").textContent = text;
}

/** Tell the map; it hears only its own site. */
function tellMap(message) {
    frame.contentWindow?.postMessage(message, location.origin);
}

function showOnMap() {
    tellMap(JSON.parse(byId("results").dataset.map));
}

/** Nodes of a fetched page, made this page's own. */
function adopted(nodes) {
    return [...nodes].map((node) => document.adoptNode(node));
}

/** Put the parts of a fetched page in place; the live status is changed, not replaced, so it is read out. */
function putInPlace(page) {
    document.title = page.title;
    for (const id of ["heading", "status"]) byId(id).replaceChildren(...adopted(page.getElementById(id).childNodes));
    const focused = tickAddress(document.activeElement);
    const filtersShown = byId("show-filters").checked;
    const opened = [...document.querySelectorAll(".filter[open]")].map((group) => group.dataset.group);
    for (const id of ["results", "tools", "applied", "filters"]) {
        byId(id).replaceWith(document.adoptNode(page.getElementById(id)));
    }
    byId("show-filters").checked = filtersShown;
    byId("columns").className = page.getElementById("columns").className;
    for (const group of document.querySelectorAll(".filter")) group.open ||= opened.includes(group.dataset.group);
    if (focused) document.querySelector(focused)?.focus();
    offerPosition();
    const fetched = page.querySelector("form.search");
    search.elements.q.value = fetched.elements.q.value;
    for (const hidden of search.querySelectorAll("input[type=hidden]")) hidden.remove();
    search.append(...adopted(fetched.querySelectorAll("input[type=hidden]")));
    const links = page.querySelectorAll(".banner .menu a"); // they keep the place that is searched
    document.querySelectorAll(".banner .menu a").forEach((link, i) => { link.href = links[i].href; });
    const back = ".banner [name=next]"; // where elder mode leads back to
    document.querySelector(back).value = page.querySelector(back).value;
}

/** Where a box or dot of the filters is found again on the next page. */
function tickAddress(node) {
    if (!node?.closest?.("#filters") || !node.name) return null;
    return `#filters [name="${CSS.escape(node.name)}"][value="${CSS.escape(node.value)}"]`;
}

/**
 * Show another address of the finder in place. What was typed is sent as `body`, never in the
 * address: the server leads to an address that may be read, or answers at once.
 * @param {string} href
 * @param {{push?: boolean, toTop?: boolean, body?: URLSearchParams|null}} options
 */
async function show(href, {push = true, toTop = false, body = null} = {}) {
    request?.abort();
    const own = new AbortController();
    request = own;
    byId("results").classList.add("busy");
    const updating = setTimeout(() => say(words.updating), SAY_UPDATING_MS);
    try {
        const asked = {signal: own.signal, headers: {Accept: "text/html"}};
        const response = await fetch(href, body ? {...asked, method: "POST", body} : asked);
        const shown = body ? answeredAddress(response) : href;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        if (!page.getElementById("results")) {
            location.assign(shown);
            return;
        }
        clearTimeout(updating);
        putInPlace(page);
        if (push) history.pushState(null, "", shown);
        showOnMap();
        if (toTop) byId("heading").focus();
    } catch (error) {
        if (error.name === "AbortError") return;
        if (!(error instanceof TypeError)) throw error;
        say(words.failed);
    } finally {
        clearTimeout(updating);
        if (request === own) byId("results").classList.remove("busy");
    }
}

/** Where a search led to; an answer that stands under no address is shown under the finder's own. */
function answeredAddress(response) {
    if (response.redirected) return response.url;
    const plain = new URL("/", location.origin);
    if (lang) plain.searchParams.set("lang", lang);
    return plain.href;
}

function highlightCard(id) {
    for (const card of document.querySelectorAll(".card[data-id]")) {
        card.classList.toggle("highlighted", card.dataset.id === id);
    }
}

function openFacility(id) {
    const card = document.querySelector(`.card[data-id="${CSS.escape(id)}"] h3 a`);
    location.assign(card ? card.href : resultAddress(location.href, {kind: "facility", id}));
}

/** A map that does not answer in time is said to have failed; the list is not touched. */
let mapTimer = 0;

function expectMap() {
    clearTimeout(mapTimer);
    mapTimer = setTimeout(() => { byId("map-failed").hidden = false; }, MAP_WAIT_MS);
}

function mapIsReady() {
    clearTimeout(mapTimer);
    mapTimer = -1;
    byId("map-failed").hidden = true;
    showOnMap();
}

function tryMapAgain() {
    byId("map-failed").hidden = true;
    frame.src = frame.src;
}

frame.addEventListener("load", () => {
    if (mapTimer !== -1) expectMap();
});
byId("map-failed").querySelector("button").addEventListener("click", tryMapAgain);

const heard = {
    "geomap:ready": mapIsReady,
    "geomap:pick": ({lon, lat}) => {
        if (Number.isFinite(lon) && Number.isFinite(lat)) show(spotAddress(location.href, {lon, lat}));
    },
    "geomap:highlight": ({id}) => highlightCard(id),
    "geomap:open": ({id}) => openFacility(String(id)),
};

addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source !== frame.contentWindow) return;
    heard[event.data?.type]?.(event.data);
});

document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#finder a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.getAttribute("href").startsWith("#") || !isFinder(link.href, location.href)) return;
    event.preventDefault();
    show(link.href, {toTop: !link.closest("#tools, #applied")});
});

search.addEventListener("submit", (event) => {
    event.preventDefault();
    show(search.action, {toTop: true, body: new URLSearchParams(new FormData(search))});
});

/** The address that a form asks for. */
function formAddress(form) {
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.append(name, value);
    return url.href;
}

document.addEventListener("change", (event) => {
    const form = event.target.closest?.("#filter-form");
    if (form) show(formAddress(form));
});

document.addEventListener("submit", (event) => {
    if (event.target.id !== "filter-form") return;
    event.preventDefault();
    byId("show-filters").checked = false;
    show(formAddress(event.target), {toTop: true});
});

document.documentElement.classList.add("scripted");

addEventListener("popstate", () => show(location.href, {push: false}));

for (const [type, leaves] of [["pointerover", false], ["focusin", false], ["pointerout", true], ["focusout", true]]) {
    document.addEventListener(type, (event) => {
        const card = event.target.closest?.(".card[data-id]");
        if (!card || (leaves && card.contains(event.relatedTarget))) return;
        const id = leaves ? null : card.dataset.id;
        highlightCard(id);
        tellMap({type: "geomap:highlight", id});
    });
}

function locate() {
    say(words.locating);
    navigator.geolocation.getCurrentPosition(
        ({coords}) => show(spotAddress(location.href, {lon: coords.longitude, lat: coords.latitude}), {toTop: true}),
        () => say(words.denied),
        {maximumAge: 300_000, timeout: 15_000},
    );
}

/** The button is of use only where the browser may tell a position. */
function offerPosition() {
    byId("locate").hidden = !(isSecureContext && "geolocation" in navigator);
    byId("locate").addEventListener("click", locate);
}

offerPosition();

suggest(search.elements.q, {
    words,
    choose: (result) => {
        const href = resultAddress(location.href, result);
        if (isFinder(href, location.href)) show(href, {toTop: true});
        else location.assign(href);
    },
});
