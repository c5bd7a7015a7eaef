// The map in elder mode: its first view holds few symbols, since large ones would cover each other.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const MOST = 5;
    const NEAREST = 17;

    /** Symbols and discs in view. */
    function inView({ map, clusters, listed }) {
        const seen = map.getBounds();
        const all = [...(clusters.found || []), ...listed.values()];
        return all.filter(({ lat, lon }) => seen.contains([lat, lon])).length;
    }

    /** Where one looks: at the searched place, else at the first home that is listed. */
    function looksAt({ point, listed }) {
        const [first] = listed.values();
        return point.place || first || null;
    }

    /** One zoom closer, and again while too many are in view; stops when the reader moves the map. */
    async function comeCloser(atlas) {
        const { map } = atlas;
        const middle = looksAt(atlas);
        const turn = (atlas.closing = (atlas.closing || 0) + 1);
        let zoom = map.getZoom();
        while (middle && zoom < NEAREST && turn === atlas.closing) {
            zoom += 1;
            map.setView([middle.lat, middle.lon], zoom, { animate: false });
            await atlas.clusters.update();
            if (atlas.touched || map.getZoom() !== zoom || inView(atlas) <= MOST) {
                return;
            }
        }
    }

    Object.assign(geomap, { comeCloser });
})(globalThis);
