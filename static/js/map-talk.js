// What the map and the finder around it tell each other; both hear their own site only.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});

    class Talk {
        constructor(atlas) {
            this.atlas = atlas;
            this.shown = null;
        }

        listen() {
            root.addEventListener("message", (event) => this.hear(event));
            this.tell("ready");
        }

        /** Tell the finder around this map, if it is one of our own pages. */
        tell(type, value) {
            if (root.parent === root || !isOurs(root.parent)) {
                return false;
            }
            const content = type === "pick" ? value : { id: value ?? null };
            root.parent.postMessage({ type: `geomap:${type}`, ...content }, root.location.origin);
            return true;
        }

        /** A spot was chosen: the finder lists what is near, or this page itself does. */
        pick({ lng, lat }) {
            if (!this.atlas.config.pick) {
                return;
            }
            const place = { lon: round(lng), lat: round(lat) };
            if (!this.atlas.config.embed && this.tell("pick", place)) {
                return;
            }
            const query = new URLSearchParams(root.location.search);
            ["q", "located", "page", "focus", "zoom", "facility"].forEach((name) => query.delete(name));
            query.set("lon", place.lon);
            query.set("lat", place.lat);
            Object.entries(this.atlas.config.picked || {}).forEach(([name, value]) => query.set(name, value));
            root.location.assign(`${root.location.pathname}?${query}`);
        }

        hear(event) {
            if (event.origin !== root.location.origin || event.source !== root.parent) {
                return;
            }
            const message = event.data || {};
            if (message.type === "geomap:show" && Array.isArray(message.ids)) {
                if (!this.isShown(message)) {
                    this.atlas.show(message);
                }
            } else if (message.type === "geomap:highlight") {
                this.atlas.highlight(message.id ?? null);
            }
        }

        /** Whether a message asks for what is shown already: the finder repeats its first state. */
        isShown({ point, ids, types, filters }) {
            const { config } = this.atlas;
            const first = [spot(this.atlas.point.place), config.listed, config.selected, config.filters || ""];
            const shown = this.shown || first;
            this.shown = [spot(point), ids, types || [], filters || ""];
            return JSON.stringify(shown) === JSON.stringify(this.shown);
        }
    }

    function spot(place) {
        return place ? [Number(place.lon).toFixed(4), Number(place.lat).toFixed(4)] : null;
    }

    function isOurs(other) {
        try {
            return other.location.origin === root.location.origin;
        } catch {
            return false;
        }
    }

    /** To about 100 m: where somebody lives is not written into addresses. */
    function round(degrees) {
        return Number(degrees.toFixed(3));
    }

    Object.assign(geomap, { isOurs, Talk });
})(globalThis);
