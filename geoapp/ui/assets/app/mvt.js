/* Vector tiles: from bytes to lines and rings. Our own server writes them (docs/tiles.md), so
   only what it writes is read; what else the format knows is passed over. */
(function (xiangtu) {
  "use strict";

  const utf8 = new TextDecoder();

  /** Reads protocol buffers. Throws a RangeError where the bytes end too soon. */
  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }

    varint() {
      let [value, scale] = [0, 1];
      for (let i = 0; i < 10; i += 1) {
        if (this.at >= this.bytes.length) throw new RangeError("the tile ends too soon");
        const byte = this.bytes[this.at++];
        value += (byte & 127) * scale; // exact up to 2^53, more than any id
        if (byte < 128) return value;
        scale *= 128;
      }
      throw new RangeError("a number of the tile does not end");
    }

    slice() {
      const end = this.varint() + this.at;
      if (end > this.bytes.length) throw new RangeError("the tile ends too soon");
      const part = this.bytes.subarray(this.at, end);
      this.at = end;
      return part;
    }

    skip(wire) {
      if (wire === 0) this.varint();
      else if (wire === 1) this.at += 8;
      else if (wire === 2) this.slice();
      else if (wire === 5) this.at += 4;
      else throw new RangeError("the tile holds an unknown kind of field");
    }

    /** Calls `visit[field]` for each field it names; it must read the field. */
    fields(visit) {
      while (this.at < this.bytes.length) {
        const tag = this.varint();
        const read = visit[Math.floor(tag / 8)];
        if (read) read(this);
        else this.skip(tag & 7);
      }
    }
  }

  const each = (bytes, visit) => new Reader(bytes).fields(visit);

  function packed(bytes) {
    const reader = new Reader(bytes);
    const numbers = [];
    while (reader.at < bytes.length) numbers.push(reader.varint());
    return numbers;
  }

  function value(bytes) {
    let found = null;
    const zigzag = (number) => (number % 2 ? -(number + 1) / 2 : number / 2);
    each(bytes, {
      1: (reader) => (found = utf8.decode(reader.slice())),
      4: (reader) => (found = reader.varint()),
      5: (reader) => (found = reader.varint()),
      6: (reader) => (found = zigzag(reader.varint())),
      7: (reader) => (found = reader.varint() === 1),
    });
    return found;
  }

  function feature(bytes, keys, values) {
    const found = { id: null, type: 0, properties: {}, shape: null };
    each(bytes, {
      1: (reader) => (found.id = reader.varint()),
      2: (reader) => {
        const tags = packed(reader.slice());
        for (let i = 0; i + 1 < tags.length; i += 2) {
          found.properties[keys[tags[i]]] = values[tags[i + 1]];
        }
      },
      3: (reader) => (found.type = reader.varint()),
      4: (reader) => (found.shape = reader.slice()),
    });
    return found;
  }

  /** Features of all layers: {id, type, properties, shape}; type 1 points, 2 lines, 3 polygons. */
  xiangtu.decodeTile = function (buffer) {
    const found = { features: [], extent: 4096 };
    each(new Uint8Array(buffer), {
      3: (reader) => {
        const [keys, values, features] = [[], [], []];
        each(reader.slice(), {
          2: (part) => features.push(part.slice()),
          3: (part) => keys.push(utf8.decode(part.slice())),
          4: (part) => values.push(value(part.slice())),
          5: (part) => (found.extent = part.varint()),
        });
        for (const bytes of features) found.features.push(feature(bytes, keys, values));
      },
    });
    return found;
  };

  /** Adds a feature's lines or rings to a path, or gives its points to `point(x, y)`. */
  xiangtu.traceShape = function ({ type, shape }, path, scale, point) {
    if (!shape) return;
    const reader = new Reader(shape);
    const step = () => {
      const number = reader.varint();
      return number % 2 ? -(number + 1) / 2 : number / 2;
    };
    let [x, y] = [0, 0];
    while (reader.at < shape.length) {
      const command = reader.varint();
      const kind = command & 7;
      if (kind === 7) {
        path.closePath();
        continue;
      }
      for (let left = Math.floor(command / 8); left > 0; left -= 1) {
        x += step();
        y += step();
        if (type === 1) point(x * scale, y * scale);
        else if (kind === 1) path.moveTo(x * scale, y * scale);
        else path.lineTo(x * scale, y * scale);
      }
    }
  };
})(window.xiangtu);
