// The page that builds an embed: the preview follows the form, and what is copied is one press away.

const OWN = "geomap-embed:";
const WAIT_MS = 400;

/** Copy the text of a field; the promise is rejected where the browser does not allow it. */
export function copyFrom(field) {
    if (navigator.clipboard && window.isSecureContext) {
        return navigator.clipboard.writeText(field.value);
    }
    field.select();
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject(new Error("not copied"));
}

function offerCopies() {
    for (const button of document.querySelectorAll("button[data-copies]")) {
        button.hidden = false;
        button.onclick = async () => {
            const field = document.getElementById(button.dataset.copies);
            try {
                await copyFrom(field);
                document.getElementById("made-status").textContent = button.dataset.done;
                button.firstChild.textContent = button.dataset.done;
            } catch {
                field.select(); // then the reader's own keys copy it
            }
        };
    }
}

/** Put what the server made of the form in place of what stands there; the frame stays if it is the same. */
function put(fresh) {
    const before = document.getElementById("preview");
    const after = fresh.getElementById("preview");
    const same = before.getAttribute("src") === after.getAttribute("src");
    before.height = after.height;
    if (!same) {
        before.src = after.getAttribute("src");
    }
    for (const field of document.querySelectorAll("#made textarea")) {
        field.value = fresh.getElementById(field.id).value;
        const button = document.querySelector(`button[data-copies="${field.id}"]`);
        button.firstChild.textContent = fresh.querySelector(`button[data-copies="${field.id}"]`).firstChild.textContent;
    }
    const links = fresh.querySelectorAll("#on-paper a");
    for (const [place, link] of document.querySelectorAll("#on-paper a").entries()) {
        link.href = links[place].getAttribute("href");
    }
    const form = document.getElementById("choose");
    document.getElementById("kept").replaceWith(document.importNode(fresh.getElementById("kept"), true));
    document.querySelector(".fault-summary")?.remove(); // what it told of is left out by now
    for (const name of ["lon", "lat", "zoom"]) {
        form.elements[name].value = fresh.getElementById("choose").elements[name].value;
    }
    for (const name of ["place", "height", "lon", "lat", "zoom"]) {
        putFault(form.elements[name], fresh.getElementById("choose").elements[name], fresh);
    }
}

function putFault(field, answered, fresh) {
    document.getElementById(`${field.id}-fault`)?.remove();
    const error = fresh.getElementById(`${field.id}-fault`);
    for (const name of ["aria-invalid", "aria-describedby"]) {
        const value = answered.getAttribute(name);
        if (value === null) {
            field.removeAttribute(name);
        } else {
            field.setAttribute(name, value);
        }
    }
    if (error) {
        field.closest(".field").append(document.importNode(error, true));
    }
}

function follow(form) {
    let turn = 0;
    let waiting = null;
    const update = async () => {
        const own = (turn += 1);
        const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
        const text = await response.text();
        if (response.ok && own === turn) {
            put(new DOMParser().parseFromString(text, "text/html"));
        }
    };
    const later = () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => update().catch(() => form.submit()), WAIT_MS);
    };
    form.addEventListener("change", later);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        later();
    });
    return later;
}

/** The preview tells what it shows, so that this view can be taken. */
function offerView(form, update) {
    const frame = document.getElementById("preview");
    const button = document.getElementById("take-view");
    let view = null;
    const greet = () => frame.contentWindow.postMessage({ type: `${OWN}hello` }, window.location.origin);
    frame.addEventListener("load", greet);
    greet();
    window.addEventListener("message", ({ data, origin, source }) => {
        if (origin === window.location.origin && source === frame.contentWindow && data?.type === `${OWN}view`) {
            view = data.detail;
            button.hidden = false;
        }
    });
    button.addEventListener("click", () => {
        for (const name of ["lon", "lat", "zoom"]) {
            form.elements[name].value = String(view[name]);
        }
        update();
    });
}

const form = document.getElementById("choose");
offerCopies();
offerView(form, follow(form));
