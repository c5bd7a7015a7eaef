// Inside the embed: tells the page around it how high it is, what was chosen and looked for.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const OWN = "geomap-embed:";

    /** What is said before the page around has called waits; nothing is told to anybody else. */
    class Outside {
        /** @param {string[]} portals the origins that may hear */
        constructor(portals) {
            Object.assign(this, { portals, origin: null, waiting: [] });
            root.addEventListener("message", (event) => this.hear(event));
        }

        hear({ data, origin, source }) {
            const known = origin === root.location.origin || this.portals.includes(origin);
            if (source !== root.parent || root.parent === root || !known) {
                return;
            }
            if (data?.type === `${OWN}hello`) {
                this.origin = origin;
                if (data.sized) {
                    this.followSize();
                }
                this.waiting.splice(0).forEach((message) => this.send(message));
            }
        }

        tell(type, detail) {
            const message = { type: OWN + type, detail };
            if (this.origin) {
                this.send(message);
            } else {
                this.waiting = [...this.waiting.filter((each) => each.type !== message.type), message];
            }
        }

        send(message) {
            root.parent.postMessage(message, this.origin);
        }

        /** Be as high as what is shown, and say how high that is. */
        followSize() {
            document.documentElement.classList.add("is-sized");
            const say = () => this.tell("size", { height: Math.ceil(document.body.getBoundingClientRect().height) });
            this.sizes = this.sizes || new root.ResizeObserver(say);
            this.sizes.observe(document.body);
            say();
        }
    }

    /** What the page around learns of a facility: what stands on its page anyway. */
    function chosen({ id, name, type, href }) {
        const url = href ? new URL(href, root.location.href).href : null;
        return { id, name, type: type ?? null, url };
    }

    /** @returns {Object} a view: its middle to about 100 m, and its zoom */
    function viewOf(map) {
        const { lng, lat } = map.getCenter();
        return { lon: Number(lng.toFixed(3)), lat: Number(lat.toFixed(3)), zoom: Math.round(map.getZoom()) };
    }

    L.Map.addInitHook(function start() {
        const config = this.geomap?.config;
        if (!config?.embed) {
            return;
        }
        this.on("facilitychosen", ({ facility }) => outside.tell("facility-select", chosen(facility)));
        this.on("moveend", () => outside.tell("view", viewOf(this)));
        if (config.found) {
            outside.tell("search", config.found);
        }
    });

    const portals = (document.body.dataset.portals || "").split(" ").filter(Boolean);
    const outside = (geomap.outside = new Outside(portals));

    document.querySelector(".embed-list")?.addEventListener("click", (event) => {
        const link = event.target.closest("li[data-id] a[href]");
        if (link && !link.href.startsWith("tel:")) {
            const { id, type } = link.closest("li").dataset;
            outside.tell("facility-select", chosen({ id, type, name: link.textContent, href: link.href }));
        }
    });
})(globalThis);
