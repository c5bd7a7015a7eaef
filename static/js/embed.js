/* <geomap-embed src="https://…/embed?adcode=310106"></geomap-embed>: the map in another site's page.
   It is as high as its content and emits `facility-select` and `search`. It sets no inline style
   attribute and runs under that page's own policy: script-src and frame-src must name this site. */
"use strict";
(function (root) {
    const OWN = "geomap-embed:";
    const EVENTS = ["facility-select", "search"];
    const FIRST_PX = 480;
    const LEAST_PX = 200;
    const MOST_PX = 6000;

    /** The address to show; null where it is no web address. */
    function addressOf(text) {
        try {
            const url = new URL(text || "", document.baseURI);
            return text && /^https?:$/.test(url.protocol) ? url : null;
        } catch {
            return null;
        }
    }

    class GeomapEmbed extends root.HTMLElement {
        static get observedAttributes() {
            return ["src", "title"];
        }

        connectedCallback() {
            this.hears = (event) => this.hear(event);
            root.addEventListener("message", this.hears);
            this.draw();
        }

        disconnectedCallback() {
            root.removeEventListener("message", this.hears);
        }

        attributeChangedCallback(name, before, after) {
            if (this.frame && before !== after) {
                this.draw();
            }
        }

        /** Put the frame in; what stood in the element was for readers without scripts. */
        draw() {
            const url = addressOf(this.getAttribute("src"));
            if (!url) {
                return;
            }
            this.origin = url.origin;
            if (!this.frame) {
                this.frame = document.createElement("iframe");
                this.frame.addEventListener("load", () => this.greet());
                this.frame.setAttribute("loading", "lazy");
                this.frame.height = String(Number(this.getAttribute("height")) || FIRST_PX);
                this.frame.width = "100%";
                Object.assign(this.frame.style, { display: "block", border: "0", width: "100%" });
                this.style.display = "block";
            }
            this.frame.title = this.getAttribute("title") || "geomap";
            if (this.frame.src !== url.href) {
                this.frame.src = url.href;
            }
            if (this.frame.parentNode !== this) {
                this.replaceChildren(this.frame);
            }
        }

        /** The frame has loaded, or a search in it has: ask it to tell what happens. */
        greet() {
            this.frame.contentWindow.postMessage({ type: `${OWN}hello`, sized: true }, this.origin);
        }

        hear({ data, origin, source }) {
            if (!this.frame || source !== this.frame.contentWindow || origin !== this.origin) {
                return;
            }
            const type = typeof data?.type === "string" ? data.type.replace(OWN, "") : "";
            if (type === "size" && Number.isFinite(data.detail?.height)) {
                this.frame.height = String(Math.min(MOST_PX, Math.max(LEAST_PX, data.detail.height)));
            } else if (EVENTS.includes(type)) {
                this.dispatchEvent(new root.CustomEvent(type, { detail: data.detail, bubbles: true, composed: true }));
            }
        }
    }

    if (root.customElements && !root.customElements.get("geomap-embed")) {
        root.customElements.define("geomap-embed", GeomapEmbed);
    }
})(globalThis);
