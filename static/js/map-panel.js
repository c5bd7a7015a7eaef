// Around the map: toolbar before it; note, card, legend after it; attribution and scale on it.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { element, button, picture } = geomap;
    const WIDE = 1024;

    /** Zoom and pan without a pointer gesture, back to the start, and the choice of base map. */
    function toolbar(atlas) {
        const { map, config } = atlas;
        const words = config.words;
        const make = (icon, label, act) => {
            const node = button(label, { icon, config });
            node.addEventListener("click", act);
            return node;
        };
        const pan = (x, y) => () => map.panBy(map.getSize().scaleBy([x / 3, y / 3]));
        const zoom = [
            make("plus", words.zoomIn, () => map.zoomIn(1)),
            make("minus", words.zoomOut, () => map.zoomOut(1)),
        ];
        const move = [
            make("left", words.left, pan(-1, 0)),
            make("up", words.up, pan(0, -1)),
            make("down", words.down, pan(0, 1)),
            make("right", words.right, pan(1, 0)),
        ];
        const reset = button(words.reset, {});
        reset.addEventListener("click", () => atlas.home());
        const groups = [zoom, move, [reset]].map((nodes) =>
            element("div", { className: "map-tools-group" }, nodes),
        );
        const bar = element(
            "div",
            { className: "map-tools", attributes: { role: "group", "aria-label": words.tools } },
            groups,
        );
        const updateEnds = () => {
            zoom[0].setAttribute("aria-disabled", String(map.getZoom() >= map.getMaxZoom()));
            zoom[1].setAttribute("aria-disabled", String(map.getZoom() <= map.getMinZoom()));
        };
        map.on("zoomend", updateEnds);
        updateEnds();
        if (config.online.length) {
            bar.append(baseChoice(atlas));
        }
        return bar;
    }

    /** The switch between the map that needs no network and the street maps that do. */
    function baseChoice(atlas) {
        const { config } = atlas;
        const select = element("select", { attributes: { "aria-label": config.words.base } });
        select.append(element("option", { text: config.words.offline, attributes: { value: "" } }));
        config.online.forEach((each, i) => {
            select.append(element("option", { text: each.name, attributes: { value: String(i) } }));
        });
        select.addEventListener("change", () => {
            atlas.useBase(select.value === "" ? null : config.online[Number(select.value)]);
        });
        return select;
    }

    const Scale = L.Control.Scale.extend({
        _updateMetric(maxMeters) {
            const round = this._getRoundNum(maxMeters);
            const metres = round / maxMeters < 0.6 ? round * 2 : round; // room for the text
            const text = geomap.math.lengthText(metres, this.options.words);
            this._mScale.style.width = `${Math.round((this.options.maxWidth * metres) / maxMeters)}px`;
            this._mScale.textContent = text;
        },
    });

    function scale(words) {
        return new Scale({ position: "topleft", imperial: false, maxWidth: 120, words });
    }

    /** What the scale and the attribution cover, in pixels of the map's own plane. */
    function cornerBoxes({ map, attribution }) {
        const node = map.getContainer();
        const ground = node.getBoundingClientRect();
        const scale = node.querySelector(".leaflet-control-scale");
        return [scale, attribution].filter(Boolean).map((each) => {
            const { left, top, right, bottom } = each.getBoundingClientRect();
            const start = map.containerPointToLayerPoint([left - ground.left, top - ground.top]);
            const end = map.containerPointToLayerPoint([right - ground.left, bottom - ground.top]);
            return { x0: start.x, y0: start.y, x1: end.x, y1: end.y };
        });
    }

    /** Only what is drawn now, each with its own look. */
    class Legend {
        constructor(atlas) {
            this.atlas = atlas;
            this.node = element("ul", {
                className: "map-legend",
                attributes: { "aria-label": atlas.config.words.legend },
            });
            this.drawn = "";
        }

        show(drawn) {
            const key = JSON.stringify(drawn);
            if (key === this.drawn) {
                return;
            }
            this.drawn = key;
            this.node.replaceChildren(...this.items(drawn));
        }

        items({ types, clusters, point, rings, closed, lines, hospitals, residential, beyond }) {
            const { config } = this.atlas;
            const words = config.words;
            const items = config.types
                .filter(({ type }) => types.includes(type))
                .map(({ type, short }) =>
                    item(geomap.facilityPicture(config, { type }, "map-symbol-small"), short),
                );
            const add = (drawn, key, words_) => drawn && items.push(item(key, words_));
            const disc = element("span", { className: "map-disc map-disc-key", text: "38" });
            add(closed, closedKey(config), words.closed);
            add(clusters, disc, words.several);
            add(point, picture(config.sprite, "point", "map-symbol-small"), words.searched);
            add(rings, lineKey("ring"), words.ring);
            add(hospitals, picture(config.sprite, "hospital", "map-key-small"), words.hospital);
            add(residential, picture(config.sprite, "residential", "map-key-small"), words.residential);
            add(lines, lineKey("boundary"), words.boundary);
            add(beyond, element("span", { className: "map-key-beyond" }), words.beyond);
            return items;
        }
    }

    function item(key, text) {
        key.setAttribute("aria-hidden", "true");
        return element("li", {}, [key, element("span", { text })]);
    }

    function closedKey(config) {
        return geomap.facilityPicture(config, { type: "other", closed: true }, "map-symbol-small");
    }

    function lineKey(name) {
        return element("span", { className: `map-key-line map-key-${name}` });
    }

    /** Where a chosen facility is shown: a popup on wide screens, else a card under the map. */
    class Details {
        constructor(atlas) {
            this.atlas = atlas;
            this.panel = element("div", {
                className: "map-panel",
                attributes: { role: "region", "aria-live": "polite", hidden: "" },
            });
            this.panel.setAttribute("aria-label", atlas.config.words.chosen);
            this.opener = null;
        }

        show(content, latlng, marker) {
            this.close({ refocus: false });
            this.opener = marker ? marker.getElement() : null;
            const box = element("div", { className: "map-details-box" }, [this.closeButton(), content]);
            box.addEventListener("keydown", (event) => {
                if (event.key === "Escape") {
                    event.stopPropagation();
                    this.close();
                }
            });
            if (isWide() && !this.atlas.config.elder && !this.atlas.config.embed) {
                this.openPopup(box, latlng);
                content.querySelector(".map-name").focus({ preventScroll: true });
            } else {
                this.panel.replaceChildren(box);
                this.panel.hidden = false;
                this.atlas.map.invalidateSize({ animate: false });
            }
        }

        openPopup(box, latlng) {
            const options = {
                closeButton: false,
                className: "map-popup",
                minWidth: 240,
                maxWidth: 280,
                maxHeight: Math.max(180, this.atlas.map.getSize().y - 60),
                offset: [0, -14],
                autoPanPadding: [16, 16],
                closeOnClick: false,
            };
            this.popup = L.popup(options).setLatLng(latlng).setContent(box).openOn(this.atlas.map);
        }

        closeButton() {
            const node = button(this.atlas.config.words.close, {
                icon: "close",
                config: this.atlas.config,
                className: "map-close",
            });
            node.addEventListener("click", () => this.close());
            return node;
        }

        close({ refocus = true } = {}) {
            if (this.popup) {
                this.atlas.map.closePopup(this.popup);
                this.popup = null;
            }
            if (!this.panel.hidden) {
                this.panel.hidden = true;
                this.panel.replaceChildren();
                this.atlas.map.invalidateSize({ animate: false });
            }
            if (refocus && this.opener && this.opener.isConnected) {
                this.opener.focus({ preventScroll: true });
            }
            this.opener = null;
        }
    }

    /** The width that the reader sees: of the whole page where the map is a part of ours. */
    function isWide() {
        try {
            return root.top.innerWidth >= WIDE;
        } catch {
            return root.innerWidth >= WIDE;
        }
    }

    Object.assign(geomap, { cornerBoxes, Details, Legend, scale, toolbar });
})(globalThis);
