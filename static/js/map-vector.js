// Reading Mapbox vector tiles, version 2.1 of the specification: only what drawing needs.
// Written here, since the npm readers are modules, which run after folium's script.
"use strict";
(function (root) {
    const geomap = (root.geomap = root.geomap || {});
    const [VARINT, FIXED_64, LENGTH, FIXED_32] = [0, 1, 2, 5];
    const [MOVE, CLOSE] = [1, 7];
    const utf8 = new TextDecoder();

    /** Walks through the fields of a message. */
    class Message {
        constructor(bytes) {
            this.bytes = bytes;
            this.at = 0;
        }

        /** Low 32 bits of a number. */
        varint() {
            let [number, shift, byte] = [0, 0, 0];
            do {
                if (this.at >= this.bytes.length) {
                    throw new Error("the tile is cut off");
                }
                byte = this.bytes[this.at];
                this.at += 1;
                number |= shift < 32 ? (byte & 0x7f) << shift : 0;
                shift += 7;
            } while (byte > 0x7f);
            return number >>> 0;
        }

        part(length) {
            if (this.at + length > this.bytes.length) {
                throw new Error("the tile is cut off");
            }
            this.at += length;
            return this.bytes.subarray(this.at - length, this.at);
        }

        /** Calls back with the number of each field and its value: a number, or bytes. */
        each(act) {
            while (this.at < this.bytes.length) {
                const key = this.varint();
                const wire = key & 7;
                if (wire === VARINT) {
                    act(key >>> 3, this.varint());
                } else if (wire === LENGTH) {
                    act(key >>> 3, this.part(this.varint()));
                } else if (wire === FIXED_64 || wire === FIXED_32) {
                    act(key >>> 3, this.part(wire === FIXED_64 ? 8 : 4));
                } else {
                    throw new Error(`no field is of wire type ${wire}`);
                }
            }
        }
    }

    /**
     * Read a tile.
     * @param {ArrayBuffer} buffer
     * @returns {Map<string, {properties: object, parts: number[][], boxes: number[][]}[]>} features
     *     by layer; a part is x, y, x, y … in units of the tile (4096), rings without their last
     *     point; a box is x0, y0, x1, y1 of a part
     */
    function readTile(buffer) {
        const layers = new Map();
        new Message(new Uint8Array(buffer)).each((field, content) => {
            if (field === 3) {
                const { name, features } = readLayer(content);
                layers.set(name, features);
            }
        });
        return layers;
    }

    function readLayer(bytes) {
        const [keys, values, raw] = [[], [], []];
        let name = "";
        new Message(bytes).each((field, content) => {
            if (field === 1) {
                name = utf8.decode(content);
            } else if (field === 2) {
                raw.push(content);
            } else if (field === 3) {
                keys.push(utf8.decode(content));
            } else if (field === 4) {
                values.push(readValue(content));
            }
        });
        return { name, features: raw.map((each) => readFeature(each, keys, values)) };
    }

    /** Texts and whole numbers; others are not drawn. */
    function readValue(bytes) {
        let value = null;
        new Message(bytes).each((field, content) => {
            if (field === 1) {
                value = utf8.decode(content);
            } else if (field === 4 || field === 5 || field === 7) {
                value = content;
            }
        });
        return value;
    }

    function readFeature(bytes, keys, values) {
        const properties = {};
        let parts = [];
        new Message(bytes).each((field, content) => {
            if (field === 2) {
                const tags = new Message(content);
                while (tags.at < content.length) {
                    properties[keys[tags.varint()]] = values[tags.varint()];
                }
            } else if (field === 4) {
                parts = readGeometry(new Message(content));
            }
        });
        return { properties, parts, boxes: parts.map(boxOf) };
    }

    function readGeometry(message) {
        const parts = [];
        let [x, y] = [0, 0];
        while (message.at < message.bytes.length) {
            const command = message.varint();
            if ((command & 7) === CLOSE) {
                continue;
            }
            for (let count = command >>> 3; count > 0; count -= 1) {
                x += zigzag(message.varint());
                y += zigzag(message.varint());
                if ((command & 7) === MOVE) {
                    parts.push([]);
                }
                parts[parts.length - 1].push(x, y);
            }
        }
        return parts;
    }

    function zigzag(number) {
        return (number >>> 1) ^ -(number & 1);
    }

    function boxOf(part) {
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (let i = 0; i < part.length; i += 2) {
            box[0] = Math.min(box[0], part[i]);
            box[1] = Math.min(box[1], part[i + 1]);
            box[2] = Math.max(box[2], part[i]);
            box[3] = Math.max(box[3], part[i + 1]);
        }
        return box;
    }

    Object.assign(geomap, { readTile });
})(globalThis);
