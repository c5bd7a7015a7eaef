// The map of siting: chosen sites by number, and the people newly reached and still out of reach.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const L = root.L;
    const { ButtonIcon, SwitchedLayers, element, keyed, peopleRadius, planColours, planDashes } = geomap;
    const { keyCircle, keyDashes, svg, swatch } = geomap;
    const { edge: EDGE, gap: GAP, ink: INK, reach: REACH } = planColours;
    const LARGEST_PX = 14;
    const SITE_PX = 44; // the target; the square in it is 28
    const MANY_FACILITIES = 40; // then their symbols would hide the people: they wait for a press
    // Told apart by fill and edge, not by colour alone.
    const LOOKS = {
        newly: { color: REACH, weight: 3, fillColor: "#86CDFA", fillOpacity: 0.85 },
        beyond: { color: GAP, weight: 1.5, fillColor: GAP, fillOpacity: 0.45 },
        before: { color: EDGE, weight: 1, fillColor: "#FFFFFF", fillOpacity: 0.4 },
    };

    L.Map.addInitHook(function start() {
        if (this.geomap && this.geomap.config.siting) {
            this.geomap.siting = new SiteLayers(this.geomap, this.geomap.config.siting);
        }
    });

    class SiteLayers extends SwitchedLayers {
        constructor(atlas, siting) {
            // The marks lie over the facilities' symbols.
            super(atlas, siting.words, { siteReach: 320, sitePeople: 330, siteMarks: 650 });
            this.siting = siting;
            const people = this.some(["newly", "beyond", "before"]);
            this.some(["newly", "beyond"]).forEach((name) => this.shown.add(name));
            if (siting.existing && siting.existing <= MANY_FACILITIES) {
                this.shown.add("facilities");
            }
            this.begin(siting.existing ? [...people, "facilities"] : people);
        }

        /** Of some layers of people, those that have any. */
        some(names) {
            return names.filter((name) => this.siting.spots[name].length);
        }

        drawn() {
            const people = ["before", "beyond", "newly"].filter((name) => this.shown.has(name));
            return [...people.flatMap((name) => this.people(name)), ...this.circles(), ...this.marks()];
        }

        people(name) {
            const renderer = (this.canvas = this.canvas || L.canvas({ pane: "sitePeople", padding: 0.3 }));
            const all = Object.values(this.siting.spots).flat();
            const most = all.reduce((top, [, , people]) => Math.max(top, people), 1);
            return this.siting.spots[name].map(([lon, lat, people]) =>
                L.circleMarker([lat, lon], {
                    ...LOOKS[name],
                    renderer,
                    interactive: false,
                    radius: peopleRadius(people, most, LARGEST_PX),
                }),
            );
        }

        circles() {
            const { radius, sites } = this.siting;
            if (!radius) {
                return [];
            }
            const renderer = (this.lines = this.lines || L.svg({ pane: "siteReach", padding: 0.5 }));
            const look = { renderer, radius, color: REACH, weight: 2, dashArray: planDashes, fill: false, interactive: false };
            return sites.map(({ at: [lon, lat] }) => L.circle([lat, lon], look));
        }

        marks() {
            return this.siting.sites.map((site) => {
                const [lon, lat] = site.at;
                const label = `${site.rank} ${site.name}, ${site.lines.join(", ")}`;
                const children = [element("span", { className: "site-mark", text: site.rank })];
                const icon = new ButtonIcon({ children, label, iconSize: [SITE_PX, SITE_PX], className: "site-button" });
                const first = -Number(site.rank); // over the later ones
                const marker = L.marker([lat, lon], { icon, pane: "siteMarks", keyboard: false, zIndexOffset: 10_000 * first });
                return marker.on("click", (event) => this.tell(site, event, marker));
            });
        }

        tell({ rank, name, lines }, event, marker) {
            this.showCard(event, `${rank} ${name}`, lines, marker.getLatLng(), marker);
        }

        legendItems() {
            const { siting, shown, words } = this;
            const items = siting.sites.length ? [keyed(siteKey(), words.chosen)] : [];
            if (siting.radius && siting.sites.length) {
                items.push(keyed(swatch([keyDashes()]), words.circle), element("li", { text: words.straight }));
            }
            const people = ["newly", "beyond", "before"].filter((name) => shown.has(name));
            people.forEach((name) => items.push(keyed(swatch([keyCircle(LOOKS[name])]), words[name])));
            if (people.length) {
                items.push(element("li", { text: words.size }));
            }
            return items;
        }
    }

    /** The key of a chosen site: a numbered square. */
    function siteKey() {
        const square = svg("rect", { x: 6, y: 1, width: 22, height: 22, fill: INK });
        const digit = svg("text", { x: 17, y: 17, fill: "#FFFFFF", "text-anchor": "middle", "font-size": 15, "font-weight": 700 });
        digit.textContent = "1";
        return swatch([square, digit]);
    }
})(globalThis);
