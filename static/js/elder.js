// Elder mode with a script: the look changes at once, pages are read aloud, a line follows the
// mouse, the browser may tell where one is. Without this script every button works as it is.

import {spotAddress} from "./finder_links.js";
import {chosenVoice, parts, spoken} from "./elder_reading.js";

const root = document.documentElement;
root.classList.add("scripted");

/** What is read: the blocks of the page in their order; what is hidden or only moves on is not. */
const READ = "h1, h2, h3, p, dt, dd, li, label, legend, .button";
const NOT_READ = "[hidden], nav, iframe, .visually-hidden, details:not([open]) > :not(summary)";

/** The blocks to read, each once: an inner block is read with the outer one only where it has none. */
function blocks() {
    const found = [...document.querySelectorAll(READ.split(", ").map((each) => `main ${each}`).join(", "))];
    return found.filter((each) => !each.closest(NOT_READ) && !each.querySelector(READ) && each.checkVisibility());
}

function readAloud(button) {
    const speech = globalThis.speechSynthesis;
    const start = button.textContent;
    const language = root.lang;
    let voice = null;
    let turn = 0;

    function offer() {
        voice = chosenVoice(speech.getVoices(), language);
        button.hidden = voice === null;
        button.parentElement.classList.toggle("can-read", voice !== null);
    }

    function stop() {
        turn += 1;
        speech.cancel();
        mark(null);
        button.textContent = start;
    }

    function mark(block) {
        for (const each of document.querySelectorAll(".being-read")) each.classList.remove("being-read");
        block?.classList.add("being-read");
    }

    function read(block, own) {
        for (const text of parts(spoken(block.innerText, language))) {
            const said = new SpeechSynthesisUtterance(text);
            said.voice = voice;
            said.lang = voice.lang;
            said.rate = 0.9;
            said.addEventListener("start", () => own === turn && mark(block));
            speech.speak(said);
        }
    }

    button.addEventListener("click", () => {
        if (button.textContent !== start) {
            stop();
            return;
        }
        speech.cancel();
        turn += 1;
        const own = turn;
        button.textContent = button.dataset.stop;
        blocks().forEach((block) => read(block, own));
        const end = new SpeechSynthesisUtterance(" ");
        end.voice = voice;
        for (const type of ["end", "error"]) end.addEventListener(type, () => own === turn && stop());
        speech.speak(end);
    });
    addEventListener("pagehide", () => speech.cancel());
    speech.addEventListener?.("voiceschanged", offer);
    offer();
}

/** A line under the mouse; touch and keyboard do not move it. */
function readingLine() {
    const line = document.createElement("div");
    line.id = "reading-line";
    line.hidden = true;
    line.setAttribute("aria-hidden", "true");
    document.body.append(line);
    addEventListener("pointermove", ({pointerType, clientY}) => {
        line.hidden = pointerType !== "mouse" || !("line" in root.dataset);
        line.style.transform = `translateY(${clientY}px)`;
    });
}

/** The look changes without leaving the page; the server keeps it. */
function changeInPlace(panel) {
    panel.addEventListener("submit", (event) => {
        const pressed = event.submitter;
        if (!pressed?.name || pressed.name === "off") return;
        event.preventDefault();
        const form = new FormData(panel);
        form.append(pressed.name, pressed.value);
        fetch(panel.action, {method: "POST", body: new URLSearchParams(form), redirect: "manual"})
            .catch(() => {
                pressed.before(hidden(pressed.name, pressed.value)); // the browser's own way leaves it out
                panel.submit();
            });
        show(pressed);
    });
}

function hidden(name, value) {
    return Object.assign(document.createElement("input"), {type: "hidden", name, value});
}

function show(pressed) {
    if (pressed.name === "size" || pressed.name === "ground") {
        root.dataset[pressed.name] = pressed.value;
        for (const each of pressed.parentElement.children) {
            each.setAttribute("aria-pressed", String(each === pressed));
        }
        return;
    }
    const on = pressed.value === "1";
    if (on) root.dataset[pressed.name] = "";
    else delete root.dataset[pressed.name];
    pressed.value = on ? "0" : "1";
    pressed.setAttribute("aria-pressed", String(on));
}

/** Search around the browser's position, rounded before it leaves. */
function offerPosition(button) {
    button.hidden = !(isSecureContext && "geolocation" in navigator);
    const said = document.getElementById("elder-said");
    button.addEventListener("click", () => {
        said.textContent = button.dataset.locating;
        navigator.geolocation.getCurrentPosition(
            ({coords}) => location.assign(spotAddress(new URL(button.dataset.href, location.href).href, {
                lon: coords.longitude,
                lat: coords.latitude,
            })),
            () => { said.textContent = button.dataset.denied; },
            {maximumAge: 300_000, timeout: 15_000},
        );
    });
}

const panel = document.getElementById("elder-panel");
if (panel) changeInPlace(panel);
const reader = document.getElementById("read-aloud");
if (reader && "speechSynthesis" in globalThis) readAloud(reader);
const here = document.getElementById("elder-here");
if (here) offerPosition(here);
if (matchMedia("(any-pointer: fine)").matches) readingLine();
