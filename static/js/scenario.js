// The form that adds a change to a scenario: it takes what is pressed on the map, and shows only
// the fields that the kind of change needs. Needs scenario-math.js.
"use strict";
(function (root) {
    const { answerTo, readPress } = root.geomap.scenario;

    class ChangeForm {
        /**
         * @param {HTMLFormElement} form
         * @param {?HTMLIFrameElement} frame the map's
         */
        constructor(form, frame) {
            Object.assign(this, { form, frame, told: form.querySelector("#change-told"), name: "" });
            this.known = form.elements.facility_id.value;
            form.addEventListener("change", (event) => this.changed(event.target.name));
            this.picker = form.querySelector(".pick-place");
            if (frame && this.picker) {
                this.picker.hidden = false;
                this.picker.addEventListener("click", () => this.pick());
            }
            root.addEventListener("message", (event) => this.hear(event));
            this.need();
        }

        hear({ data, origin, source }) {
            const ours = origin === root.location.origin && source === this.frame?.contentWindow;
            const press = ours ? readPress(data) : null;
            if (press) {
                this.take(press);
            }
        }

        take(press) {
            const { form } = this;
            const given = { kind: this.kind(), facility_id: form.elements.facility_id.value };
            const { fields, next, said } = answerTo(press, given);
            Object.entries(fields).forEach(([name, value]) => this.write(name, value));
            form.querySelectorAll("[name=pick], [name=spot]").forEach((each) => (each.checked = false));
            this.choose(fields.facility_id, press.facility?.name);
            this.need();
            const words = { name: this.name, lon: fields.lon, lat: fields.lat };
            this.told.textContent = filled(form.dataset[said], words);
            this.goTo(next);
        }

        /** Which facility it is about, said by its name. */
        choose(id, name) {
            this.name = name || (id === this.known ? this.name : id);
            this.known = id;
            const node = this.form.querySelector(".chosen-name");
            if (node) {
                const named = id && this.name && this.name !== id; // what is typed says itself
                node.textContent = named ? filled(this.form.dataset.facility, { name: this.name }) : "";
            }
        }

        kind() {
            return this.form.elements.kind.value;
        }

        write(name, value) {
            const field = this.form.elements[name];
            if (field) {
                field.value = value;
            }
        }

        /** Fields that the kind does not need are hidden, and not sent. */
        need() {
            const kind = this.kind();
            this.form.querySelectorAll("[data-kinds]").forEach((node) => {
                node.hidden = !node.dataset.kinds.split(" ").includes(kind);
                node.querySelectorAll("input, select, textarea").forEach((each) => (each.disabled = node.hidden));
            });
        }

        goTo(name) {
            const field = this.form.elements[name] ?? this.form.querySelector("[type=submit]");
            const node = field instanceof root.RadioNodeList ? [...field].find((each) => each.checked) : field;
            node.focus();
        }

        changed(name) {
            if (name === "kind") {
                this.need();
            } else if (name === "facility_id") {
                this.choose(this.form.elements.facility_id.value, "");
            } else if (name === "lon" || name === "lat") {
                const [lon, lat] = ["lon", "lat"].map((each) => this.form.elements[each].value.trim());
                const whole = readPress({ geomap: "scenario", lon: Number(lon), lat: Number(lat) });
                this.tell({ shown: lon && lat && whole ? { lon: whole.lon, lat: whole.lat } : null });
            }
        }

        /** The next press on the map gives the place. */
        pick() {
            const { facility_id: { value: id } } = this.form.elements;
            const moves = this.kind() === "move" && id;
            this.tell({ pick: true, facility: moves ? { id, name: this.name || id } : null });
            this.told.textContent = this.form.dataset.pick;
            this.frame.scrollIntoView({ block: "nearest" });
            this.frame.focus({ preventScroll: true });
        }

        tell(message) {
            this.frame?.contentWindow.postMessage({ geomap: "scenario", ...message }, root.location.origin);
        }
    }

    /** A frame as high as the map in it, once that is there, so that nothing scrolls within the page. */
    function fit(frame) {
        const { body, documentElement } = frame.contentDocument ?? {};
        if (body && documentElement.classList.contains("map-page")) {
            const follow = () => (frame.style.height = `${Math.ceil(body.getBoundingClientRect().height) + 2}px`);
            new frame.contentWindow.ResizeObserver(follow).observe(body);
        }
    }

    function filled(text, words) {
        return text.replace(/\{(\w+)\}/g, (whole, name) => words[name] ?? whole);
    }

    const frame = root.document.querySelector(".plan-map iframe");
    const form = root.document.querySelector("#change-form");
    if (frame) {
        frame.addEventListener("load", () => fit(frame));
        fit(frame);
    }
    if (form) {
        new ChangeForm(form, frame);
    }
})(globalThis);
