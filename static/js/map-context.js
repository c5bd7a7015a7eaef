// The ground: boundaries and streets on canvas tiles, and street maps of others from the network.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { toGcj02 } = geomap.math;
    const UNITS = 4; // tile units to a pixel
    const STILL = { willReadFrequently: true }; // drawn once: without the graphics card is faster
    const LINES = [
        { kind: "county", color: "#A3AEB3", width: 1, dash: [4, 3] },
        { kind: "city", color: "#8A979E", width: 1.4, dash: [7, 3] },
        { kind: "province", color: "#5B6670", width: 1.8, dash: [] },
        { kind: "nation", color: "#5B6670", width: 1.8, dash: [] },
    ];
    const GROUND = "#E9EEEC";
    const LAND_FROM = 7; // before, the background picture shows what is land
    const FADE_DEG = 4;
    const [BACKDROP, STRENGTH] = ["#EFF9F5", 0.6]; // GROUND once the layer's filter is on it
    const HIDDEN_MS = 200;
    const LATE_MS = 300;
    const BARE = { land: [], lines: {}, points: {} };
    const GONE = new Promise(() => {}); // nobody waits for a tile that has left the map

    /** The background picture, fading towards its bounds: where it ends there is no edge. */
    const BackgroundLayer = L.GridLayer.extend({
        // Pictures of one zoom less, twice as large: a quarter of the bytes, and calm ground.
        options: { updateWhenZooming: false, className: "map-faded", tileSize: 512, zoomOffset: -1 },

        createTile(coords, done) {
            const size = this.getTileSize();
            const canvas = document.createElement("canvas");
            canvas.width = size.x;
            canvas.height = size.y;
            const image = new Image();
            image.onload = () => {
                const pen = canvas.getContext("2d", STILL);
                pen.fillStyle = BACKDROP;
                pen.fillRect(0, 0, size.x, size.y);
                pen.globalAlpha = STRENGTH;
                pen.drawImage(image, 0, 0, size.x, size.y);
                pen.globalAlpha = 1;
                fade(pen, this.box(coords, 0), this.box(coords, FADE_DEG), size);
                done(null, canvas);
            };
            image.onerror = () => done(new Error(`background ${image.src}`), canvas);
            image.src = L.Util.template(this.options.url, { ...coords, z: coords.z + this.options.zoomOffset });
            return canvas;
        },

        /** The bounds, narrowed by degrees, in pixels of a tile. */
        box(coords, narrower) {
            const { _southWest: low, _northEast: high } = L.latLngBounds(this.options.bounds);
            const corner = L.point(coords.x, coords.y).scaleBy(this.getTileSize());
            const at = (lat, lng) => this._map.project([lat, lng], coords.z).subtract(corner);
            const start = at(high.lat - narrower, low.lng + narrower);
            const end = at(low.lat + narrower, high.lng - narrower);
            return { x0: start.x, y0: start.y, x1: end.x, y1: end.y };
        },
    });

    /** Erase what lies outside a box, and less and less of what lies outside an inner one. */
    function fade(pen, outer, inner, size) {
        const ends = [
            [outer.x0, 0, inner.x0, 0],
            [outer.x1, 0, inner.x1, 0],
            [0, outer.y0, 0, inner.y0],
            [0, outer.y1, 0, inner.y1],
        ];
        pen.globalCompositeOperation = "destination-out";
        for (const each of ends) {
            const gradient = pen.createLinearGradient(...each);
            gradient.addColorStop(0, "rgba(0, 0, 0, 1)");
            gradient.addColorStop(1, "rgba(0, 0, 0, 0)");
            pen.fillStyle = gradient;
            pen.fillRect(0, 0, size.x, size.y);
        }
    }

    /** When what moved is drawn: the ground comes after the facilities, and only if still in view. */
    function afterPaint() {
        return new Promise((done) => {
            root.requestAnimationFrame(() => root.setTimeout(done, 0));
            root.setTimeout(done, HIDDEN_MS); // a page that is not seen paints nothing
        });
    }

    const ContextLayer = L.GridLayer.extend({
        options: { pane: "context", updateWhenZooming: false, keepBuffer: 1 },

        createTile(coords, done) {
            const node = document.createElement("div");
            const url = L.Util.template(this.options.url, coords);
            const wanted = afterPaint().then(() => (node.isConnected ? null : GONE));
            const streets = wanted.then(() => this.options.streets?.load(coords));
            Promise.all([wanted.then(() => fetched(url)), streets])
                .then(([tile, found]) => {
                    Object.assign(node, { contextTile: tile, streets: found });
                    if (isPlain(tile) && !found) {
                        node.classList.toggle("map-land", tile.land === true);
                    } else {
                        node.replaceChildren(drawn(tile, found, this.getTileSize()));
                    }
                    done(null, node);
                })
                .catch((error) => done(error, node));
            streets.then((found) => found && this.drawEarly(node, found), () => null);
            return node;
        },

        /** Streets by themselves, where the rest is late: right after a start it can take seconds. */
        drawEarly(node, streets) {
            root.setTimeout(() => {
                if (!node.contextTile && node.isConnected) {
                    node.streets = streets;
                    node.replaceChildren(drawn(BARE, streets, this.getTileSize()));
                    node.classList.add("leaflet-tile-loaded"); // Leaflet hides what is not done
                }
            }, LATE_MS);
        },

        /** Points of the tiles in use, with their place on the whole map in pixels. */
        points(zoom) {
            const found = [];
            for (const { el, coords, current } of Object.values(this._tiles)) {
                if (current && el.contextTile && coords.z === zoom) {
                    const corner = L.point(coords.x, coords.y).scaleBy(this.getTileSize());
                    for (const [kind, points] of Object.entries(el.contextTile.points)) {
                        for (const [x, y, rank, name] of points) {
                            if (isOwn(x, y)) {
                                found.push({ kind, rank, name, at: corner.add([x / UNITS, y / UNITS]) });
                            }
                        }
                    }
                }
            }
            return found;
        },

        /** What was drawn of streets in the tiles in use. */
        streetTiles(zoom) {
            return Object.values(this._tiles)
                .filter(({ el, coords, current }) => current && el.streets && coords.z === zoom)
                .map(({ el }) => el.streets);
        },

        /** Whether streets are drawn in the middle of the view. */
        hasStreets() {
            const middle = this._map.getPixelBounds().getCenter().unscaleBy(this.getTileSize()).floor();
            return Object.values(this._tiles).some(({ el, coords, current }) =>
                current && el.streets && middle.equals(coords) && el.streets.layers.has("roads"));
        },

        /** The kinds of lines in the tiles in use, and of points and grounds in view. */
        kinds(zoom) {
            const kinds = new Set();
            const seen = this._map.getPixelBounds();
            for (const { el, coords, current } of Object.values(this._tiles)) {
                if (current && el.contextTile) {
                    const { lines, land } = el.contextTile;
                    Object.keys(lines).forEach((kind) => kinds.add(kind));
                    const corner = L.point(coords.x, coords.y).scaleBy(this.getTileSize());
                    const area = L.bounds(corner, corner.add(this.getTileSize()));
                    const known = land === true || el.streets;
                    if (!known && coords.z >= LAND_FROM && seen.overlaps(area)) {
                        kinds.add("beyond");
                    }
                }
            }
            if (zoom >= LAND_FROM && !L.latLngBounds(this.options.bounds).contains(this._map.getBounds())) {
                kinds.add("beyond"); // no tile is asked for outside
            }
            this.points(zoom)
                .filter(({ at }) => seen.contains(at))
                .forEach(({ kind }) => kinds.add(kind));
            return kinds;
        },
    });

    async function fetched(url) {
        const response = await fetch(url);
        if (!response.ok) {
            throw new Error(`tile ${response.status}`);
        }
        return response.json();
    }

    /** Whether a point is the tile's own: a tile also draws those that reach into it. */
    function isOwn(x, y) {
        return x >= 0 && y >= 0 && x < 256 * UNITS && y < 256 * UNITS;
    }

    /** Whether a tile is all land or all water, and nothing on it: most of them need no picture. */
    function isPlain({ land, lines, points }) {
        const { hospitals = [], residential = [] } = points;
        const isEmpty = (lists) => lists.every((each) => each.length === 0);
        return (land === true || land.length === 0) && isEmpty([...Object.values(lines), hospitals, residential]);
    }

    function drawn(tile, streets, size) {
        const canvas = document.createElement("canvas");
        const sharp = Math.min(root.devicePixelRatio || 1, 2);
        canvas.width = size.x * sharp;
        canvas.height = size.y * sharp;
        canvas.className = "map-tile";
        draw(canvas.getContext("2d", STILL), tile, streets, sharp);
        return canvas;
    }

    function draw(pen, tile, streets, sharp) {
        pen.scale(sharp / UNITS, sharp / UNITS);
        pen.lineJoin = "round";
        fillLand(pen, tile.land);
        if (streets) {
            geomap.drawStreets(pen, streets, UNITS);
        }
        for (const style of LINES) {
            const lines = tile.lines[style.kind] || [];
            if (lines.length) {
                stroke(pen, lines, { color: "#FFFFFF", width: style.width + 2, dash: [] });
                stroke(pen, lines, style);
            }
        }
        for (const [x, y] of tile.points.residential || []) {
            dot(pen, x, y);
        }
        for (const [x, y] of tile.points.hospitals || []) {
            cross(pen, x, y);
        }
    }

    /** Fill the ground: all of the tile, or what an odd number of rings goes around. */
    function fillLand(pen, land) {
        pen.fillStyle = GROUND;
        pen.beginPath();
        if (land === true) {
            pen.rect(0, 0, 256 * UNITS, 256 * UNITS);
        } else {
            trace(pen, land);
        }
        pen.fill("evenodd");
    }

    function stroke(pen, lines, { color, width, dash }) {
        pen.strokeStyle = color;
        pen.lineWidth = width * UNITS;
        pen.setLineDash(dash.map((length) => length * UNITS));
        pen.beginPath();
        trace(pen, lines);
        pen.stroke();
    }

    function trace(pen, lines) {
        for (const line of lines) {
            pen.moveTo(line[0], line[1]);
            for (let i = 2; i < line.length; i += 2) {
                pen.lineTo(line[i], line[i + 1]);
            }
        }
    }

    function dot(pen, x, y) {
        pen.fillStyle = "#74808A";
        pen.fillRect(x - 2 * UNITS, y - 2 * UNITS, 4 * UNITS, 4 * UNITS);
    }

    function cross(pen, x, y) {
        const arm = 4 * UNITS;
        pen.fillStyle = "#FFFFFF";
        pen.fillRect(x - 6.5 * UNITS, y - 6.5 * UNITS, 13 * UNITS, 13 * UNITS);
        pen.setLineDash([]);
        pen.strokeStyle = "#3D4954";
        pen.lineWidth = UNITS;
        pen.strokeRect(x - 6 * UNITS, y - 6 * UNITS, 12 * UNITS, 12 * UNITS);
        pen.lineWidth = 2 * UNITS;
        pen.beginPath();
        pen.moveTo(x - arm, y);
        pen.lineTo(x + arm, y);
        pen.moveTo(x, y - arm);
        pen.lineTo(x, y + arm);
        pen.stroke();
    }

    /**
     * Leaflet frees a picture by a data: address, which our pages do not allow: let it use a file.
     * Everything else is as in Leaflet 1.9.4.
     */
    function useEmptyImage(address) {
        L.TileLayer.include({
            _abortLoading() {
                for (const [key, { el, coords }] of Object.entries(this._tiles)) {
                    if (coords.z !== this._tileZoom) {
                        el.onload = el.onerror = L.Util.falseFn;
                        if (!el.complete) {
                            el.src = address;
                            el.remove();
                            delete this._tiles[key];
                            this.fire("tileabort", { tile: el, coords });
                        }
                    }
                }
            },
            _removeTile(key) {
                this._tiles[key]?.el.setAttribute("src", address);
                return L.GridLayer.prototype._removeTile.call(this, key);
            },
            _tileReady(coords, error, tile) {
                if (this._map && tile?.getAttribute("src") !== address) {
                    L.GridLayer.prototype._tileReady.call(this, coords, error, tile);
                }
            },
        });
    }

    /** Tiles drawn in GCJ-02, laid under WGS-84 positions: exact in the middle of the view. */
    const Gcj02TileLayer = L.TileLayer.extend({
        getEvents() {
            const events = L.TileLayer.prototype.getEvents.call(this);
            events.moveend = this._alignAndUpdate;
            return events;
        },

        _alignAndUpdate() {
            const map = this._map;
            if (map && !map._animatingZoom) {
                this._setZoomTransforms(map.getCenter(), map.getZoom());
                this._onMoveEnd();
            }
        },

        _setZoomTransform(level, center, zoom) {
            L.TileLayer.prototype._setZoomTransform.call(this, level, gcj02(center), zoom);
        },

        _getTiledPixelBounds(center) {
            return L.TileLayer.prototype._getTiledPixelBounds.call(this, gcj02(center));
        },
    });

    function gcj02(center) {
        const place = toGcj02(center.lng, center.lat);
        return L.latLng(place.lat, place.lon);
    }

    /** A street map that the operator switched on, as one layer. */
    function onlineLayer({ urls, subdomains = "", datum, maxNativeZoom = 18 }) {
        const Layer = datum === "gcj02" ? Gcj02TileLayer : L.TileLayer;
        const options = { subdomains, maxZoom: 22, maxNativeZoom, referrerPolicy: "origin" };
        return L.layerGroup(urls.map((url) => new Layer(url, options)));
    }

    Object.assign(geomap, {
        BackgroundLayer,
        ContextLayer,
        Gcj02TileLayer,
        onlineLayer,
        useEmptyImage,
    });
})(globalThis);
