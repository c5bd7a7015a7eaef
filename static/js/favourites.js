// Keeping homes without leaving the page: the same form is sent, the server says what it says now.
// Without this script every form works as it is.

/** Put what the server says of one form in its place; the button that was pressed keeps the focus. */
function say(form, fresh) {
    const [own, new_] = [form, fresh].map((each) => each.querySelector(".keep-button"));
    own.name = new_.name;
    own.setAttribute("aria-pressed", new_.getAttribute("aria-pressed"));
    const said = form.querySelector(".keep-said");
    const undone = said.contains(document.activeElement);
    said.replaceChildren(...fresh.querySelector(".keep-said").childNodes);
    form.querySelector("[name=at]")?.remove();
    const at = fresh.querySelector("[name=at]");
    if (at) form.append(at);
    if (undone) own.focus();
}

/** How many are kept stands in the header. */
function count(counts) {
    for (const link of document.querySelectorAll("[data-kept]")) {
        const number = counts[link.dataset.kept];
        link.hidden = number === 0;
        const text = link.firstElementChild;
        text.textContent = text.textContent.replace(/\d+/, String(number));
    }
}

async function send(form, pressed) {
    const body = new URLSearchParams(new FormData(form));
    body.append(pressed.name, pressed.value);
    const response = await fetch(form.action, {method: "POST", body, headers: {Accept: "application/json"}});
    if (!response.ok) throw new Error(String(response.status));
    const {counts, form: html} = await response.json();
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("form");
    say(form, document.adoptNode(fresh));
    count(counts);
}

/** The browser's own way: the page is loaded again. */
function submitPlainly(form, pressed) {
    const {name, value} = pressed;
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
    form.submit();
}

document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.keep");
    const pressed = event.submitter;
    if (!form || !pressed?.name) return;
    event.preventDefault();
    send(form, pressed).catch(() => submitPlainly(form, pressed));
});

/** A page that the browser shows again from its memory may say what was true before. */
addEventListener("pageshow", async (event) => {
    if (!event.persisted) return;
    const response = await fetch(document.querySelector("form.keep")?.action ?? "/kept");
    if (!response.ok) return;
    const kept = await response.json();
    count(Object.fromEntries(Object.entries(kept).map(([name, ids]) => [name, ids.length])));
    for (const form of document.querySelectorAll("form.keep")) {
        const button = form.querySelector(".keep-button");
        const on = kept[form.elements.list.value].includes(button.value);
        button.name = on ? "remove" : "add";
        button.setAttribute("aria-pressed", String(on));
        form.querySelector(".keep-said").replaceChildren();
    }
});
