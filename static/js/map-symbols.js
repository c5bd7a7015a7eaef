// Symbols and discs as real buttons, drawn where they cover no other.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { discSize } = geomap.math;
    const SYMBOL_PX = 44;
    const SELECTED = 1.3;
    const NUMBERS = new Intl.NumberFormat("en");
    const TOLD_PX = 6; // a symbol drawn farther from its place is joined to it by a line

    // Leaflet takes the focus on a press; in a frame that is partly out of view the page would then
    // scroll between press and release, and the press be lost.
    L.Map.Keyboard.include({
        _onMouseDown() {
            if (!this._focused) {
                this._map.getContainer().focus({ preventScroll: true });
            }
        },
    });

    /** A marker's element as a real button, so that keyboard and speech know it. */
    const ButtonIcon = L.Icon.extend({
        options: { className: "map-symbol" },
        /** The same element when a symbol changes its look: it keeps place, focus and listeners. */
        createIcon(old) {
            const node = old || geomap.element("button", { attributes: { type: "button" } });
            node.replaceChildren(...this.options.children);
            node.setAttribute("aria-label", this.options.label);
            this._setIconStyles(node, "icon");
            return node;
        },
        createShadow() {
            return null;
        },
    });

    /** The side of a symbol or disc, pixels: never below that of a target. */
    function symbolSize(config, count = 1) {
        return Math.max(count > 1 ? discSize(count) : 0, SYMBOL_PX * (config.scale || 1));
    }

    /** A symbol; `away` is how far its place lies from where it is drawn, pixels. */
    function symbolIcon(config, facility, { selected = false, away = { x: 0, y: 0 } } = {}) {
        const size = symbolSize(config) * (selected ? SELECTED : 1);
        const className = `map-symbol${selected ? " map-symbol-selected" : ""}`;
        const picture = geomap.facilityPicture(config, facility, "map-picture", { halo: selected });
        const far = Math.hypot(away.x, away.y) > TOLD_PX;
        return new ButtonIcon({
            children: far ? [leader(away), picture] : [picture],
            className,
            iconSize: [size, size],
            label: geomap.facilityLabel(facility, config.words),
        });
    }

    /** A line from a symbol to its place. */
    function leader({ x, y }) {
        const node = geomap.element("span", { className: "map-leader" });
        node.style.width = `${Math.hypot(x, y)}px`;
        node.style.transform = `rotate(${Math.atan2(y, x)}rad)`;
        return node;
    }

    function discIcon(config, count) {
        const size = symbolSize(config, count);
        return new ButtonIcon({
            children: [document.createTextNode(shortCount(count, config.lang))],
            className: "map-disc",
            iconSize: [size, size],
            label: discLabel(config, count),
        });
    }

    function discLabel(config, count) {
        return config.words.homes.replace("{n}", NUMBERS.format(count));
    }

    /** Make a disc say another number: what takes its time is what is not done again. */
    function renumber(marker, config, count) {
        const size = symbolSize(config, count);
        if (marker.options.icon.options.iconSize[0] !== size) {
            marker.setIcon(discIcon(config, count));
            return;
        }
        const node = marker.getElement();
        node.firstChild.data = shortCount(count, config.lang);
        node.setAttribute("aria-label", discLabel(config, count));
    }

    /** A count that fits a disc, cut and never rounded up: 38, 1200, 1.2万, 12k. */
    function shortCount(count, lang) {
        if (count < 10000) {
            return String(count);
        }
        const thousands = Math.floor(count / 1000);
        if (lang === "en") {
            return `${thousands}k`;
        }
        return count < 100000 ? `${(thousands / 10).toFixed(1)}万` : `${Math.floor(thousands / 10)}万`;
    }

    /** A button on the map that answers click, Enter and focus, and stays in view when focused. */
    function symbolMarker(map, latlng, icon, { pane, onActivate, onPoint }) {
        const marker = L.marker(latlng, { icon, pane, keyboard: false, bubblingMouseEvents: false });
        marker.on("click", () => onActivate(marker));
        marker.on("add", () => {
            const node = marker.getElement();
            L.DomEvent.on(node, "keydown", L.DomEvent.stopPropagation);
            L.DomEvent.on(node, "keypress", L.DomEvent.stopPropagation);
            node.addEventListener("focus", () => {
                const shown = map.getSize();
                const at = map.latLngToContainerPoint(marker.getLatLng());
                const margin = SYMBOL_PX;
                const inside =
                    at.x >= margin / 2 && at.y >= margin / 2 &&
                    at.x <= shown.x - margin / 2 && at.y <= shown.y - margin / 2;
                if (!inside && node.matches(":focus-visible")) {
                    map.panInside(marker.getLatLng(), { padding: [margin, margin], animate: false });
                }
            });
            if (onPoint) {
                node.addEventListener("mouseenter", () => onPoint(true));
                node.addEventListener("mouseleave", () => onPoint(false));
                node.addEventListener("focus", () => onPoint(true));
                node.addEventListener("blur", () => onPoint(false));
            }
        });
        return marker;
    }

    Object.assign(geomap, {
        ButtonIcon,
        SYMBOL_PX,
        discIcon,
        renumber,
        shortCount,
        symbolIcon,
        symbolMarker,
        symbolSize,
    });
})(globalThis);
