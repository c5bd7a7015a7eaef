/* <geomap-embed src="https://…/embed?adcode=310106"></geomap-embed>: the map in another site's page.
   It is as high as its content and emits `facility-select` and `search`. It sets no inline style
   attribute and runs under that page's own policy: script-src and frame-src must name this site.
   The frame stands in a shadow root: what the page wrote into the element is for readers without
   scripts, may be parsed only after the script has run, and is not shown beside the map. */
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

        constructor() {
            super();
            this.attachShadow({ mode: "open" });
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
            if (this.isConnected && before !== after) {
                this.draw();
            }
        }

        /** Show the frame; without an address, what the page wrote instead. */
        draw() {
            const url = addressOf(this.getAttribute("src"));
            this.origin = url?.origin;
            if (!url) {
                this.frame = null;
                this.shadowRoot.replaceChildren(document.createElement("slot"));
                return;
            }
            this.frame ??= this.newFrame();
            this.frame.title = this.getAttribute("title") || "geomap";
            if (this.frame.src !== url.href) {
                this.frame.src = url.href;
            }
            if (!this.frame.parentNode) {
                this.shadowRoot.replaceChildren(this.frame);
            }
        }

        newFrame() {
            const frame = document.createElement("iframe");
            frame.addEventListener("load", () => this.greet());
            frame.setAttribute("loading", "lazy");
            frame.height = String(Number(this.getAttribute("height")) || FIRST_PX);
            frame.width = "100%";
            Object.assign(frame.style, { display: "block", border: "0", width: "100%" });
            this.style.display = "block";
            return frame;
        }

        /** The frame has loaded, or a search in it has: ask it to tell what happens. */
        greet() {
            this.frame?.contentWindow.postMessage({ type: `${OWN}hello`, sized: true }, this.origin);
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
