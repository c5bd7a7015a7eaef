// Elements of the map page: text by textContent only, symbols from the sprite, buttons, cards.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const SVG = "http://www.w3.org/2000/svg";
    const RING = "M22 9a13 13 0 1 1 0 26a13 13 0 1 1 0-26ZM22 5.5V9M22 35V38.5M5.5 22H9M35 22H38.5";
    const DOT = "M22 22h0";
    const [INK, RIM] = ["#14212B", "#FFFFFF"];
    const OPEN_POINT = [[RING, RIM, 5.5], [RING, INK, 3], [DOT, RIM, 13], [DOT, INK, 9]];

    /**
     * Make an element; a text becomes its text, never markup.
     * @param {string} tag
     * @param {{text?: string, className?: string, lang?: ?string, attributes?: Object}} options
     * @param {Node[]} children
     */
    function element(tag, { text, className, lang, attributes = {} } = {}, children = []) {
        const node = document.createElement(tag);
        if (text !== undefined) {
            node.textContent = text;
        }
        if (className) {
            node.className = className;
        }
        if (lang) {
            node.lang = lang;
        }
        for (const [name, value] of Object.entries(attributes)) {
            if (value !== null && value !== undefined) {
                node.setAttribute(name, value);
            }
        }
        node.append(...children);
        return node;
    }

    /** A picture from the sprite: of the document itself, or of its own file. */
    function picture(sprite, name, className) {
        const svg = document.createElementNS(SVG, "svg");
        svg.setAttribute("class", className);
        svg.setAttribute("aria-hidden", "true");
        svg.setAttribute("focusable", "false");
        svg.append(use(sprite, name));
        return svg;
    }

    function use(sprite, name) {
        const node = document.createElementNS(SVG, "use");
        node.setAttribute("href", `${sprite}#${name}`);
        return node;
    }

    /** The searched place without its white ground, so that a symbol below it is seen. */
    function openPoint(className) {
        const svg = document.createElementNS(SVG, "svg");
        const attributes = { class: className, viewBox: "0 0 44 44", "aria-hidden": "true" };
        Object.entries(attributes).forEach(([name, value]) => svg.setAttribute(name, value));
        for (const [d, stroke, width] of OPEN_POINT) {
            const path = document.createElementNS(SVG, "path");
            const look = { d, stroke, fill: "none", "stroke-width": width, "stroke-linecap": "round" };
            Object.entries(look).forEach(([name, value]) => path.setAttribute(name, value));
            svg.append(path);
        }
        return svg;
    }

    /** The picture of a facility: closed ones have their own look, a selected one a halo. */
    function facilityPicture(config, { type, closed }, className, { halo = false } = {}) {
        const name = `${type}-${config.lang}${closed ? "-closed" : ""}`;
        const svg = picture(config.sprite, name, className);
        if (halo) {
            svg.prepend(use(config.sprite, `${type}-halo`));
        }
        return svg;
    }

    function button(label, { icon, config, className = "", text } = {}) {
        const node = element("button", { className, attributes: { type: "button" } });
        if (icon) {
            node.setAttribute("aria-label", label);
            node.title = label;
            node.append(picture(config.sprite, `icon-${icon}`, "map-icon"));
        } else {
            node.textContent = text || label;
        }
        return node;
    }

    /** Say what a symbol is: 颐和园路颐养院，养老院，直线 320 米，第 1 条. */
    function facilityLabel(facility, words) {
        const place = facility.number ? words.nth.replace("{n}", String(facility.number)) : null;
        const parts = [facility.name, facility.kind, facility.status, facility.far, place];
        return parts.filter(Boolean).join(words.comma);
    }

    function bedsChip(beds) {
        const chip = element("p", { className: `map-beds map-beds-${beds.state}`, text: beds.text });
        if (beds.day) {
            chip.append(" ", element("span", { className: "map-day", text: beds.day }));
        }
        return chip;
    }

    function facilityName(facility, target = "_top") {
        const link = facility.href && isPage(facility.href);
        const options = { text: facility.name, lang: facility.lang, className: "map-name" };
        if (link) {
            options.attributes = { href: facility.href, target };
        } else {
            options.attributes = { tabindex: "-1" };
        }
        return element(link ? "a" : "strong", options);
    }

    /** Only addresses of pages are linked: never a script in an address. */
    function isPage(href) {
        return href.startsWith("/") || /^https?:/i.test(href);
    }

    /** The card of one facility, in the order of the list's cards. */
    function facilityCard(config, facility) {
        const top = element("p", { className: "map-card-top" }, [
            facilityPicture(config, facility, "map-symbol-small"),
            element("span", { text: [facility.kind, facility.status].filter(Boolean).join(" · ") }),
        ]);
        if (facility.far) {
            top.append(element("span", { className: "map-far", text: facility.far }));
        }
        const card = element("div", { className: "map-card" }, [top, facilityName(facility, config.linkTarget)]);
        if (facility.beds) {
            card.append(bedsChip(facility.beds));
        }
        if (facility.details && facility.details.length) {
            const list = element("dl", { className: "map-details" });
            for (const [label, value] of facility.details) {
                list.append(element("dt", { text: label }), element("dd", { text: value }));
            }
            card.append(list);
        }
        return card;
    }

    /** What stands in one place: a list of links. */
    function facilityList(config, facilities, count) {
        const heading = config.words.here.replace("{n}", String(count));
        const list = element("ul", { className: "map-here" });
        for (const facility of facilities) {
            const item = element("li", {}, [
                facilityPicture(config, facility, "map-symbol-small"),
                facilityName(facility, config.linkTarget),
            ]);
            list.append(item);
        }
        const title = element("strong", {
            text: heading,
            className: "map-name",
            attributes: { tabindex: "-1" },
        });
        return element("div", { className: "map-card" }, [title, list]);
    }

    Object.assign(geomap, {
        button,
        element,
        facilityCard,
        facilityLabel,
        facilityList,
        facilityPicture,
        openPoint,
        picture,
    });
})(globalThis);
