/* Vector tiles out of one file (PMTiles 3), read by ranges; a server that knows none sends the
   whole file, which is then kept. Only what geoapp publishes is read: gzip, no leaf deeper
   than three. */
(function (xiangtu) {
  "use strict";

  const HEADER = 127;
  const SCHEME = "archive:";

  const unzip = async (bytes) => {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /** Number of a tile on the Hilbert curve through all zooms. */
  function tileNumber(z, x, y) {
    let number = 0;
    for (let zoom = 0; zoom < z; zoom += 1) number += 4 ** zoom;
    for (let side = 2 ** (z - 1); side >= 1; side /= 2) {
      const [rx, ry] = [x & side ? 1 : 0, y & side ? 1 : 0];
      number += side * side * ((3 * rx) ^ ry);
      if (ry === 0) {
        if (rx === 1) [x, y] = [side - 1 - x, side - 1 - y];
        [x, y] = [y, x];
      }
    }
    return number;
  }

  function readDirectory(bytes) {
    let at = 0;
    const varint = () => {
      let [value, scale] = [0, 1];
      for (;;) {
        const byte = bytes[at++];
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        scale *= 128;
      }
    };
    const count = varint();
    const entries = Array.from({ length: count }, () => ({}));
    let number = 0;
    for (const entry of entries) entry.number = number += varint();
    for (const entry of entries) entry.run = varint();
    for (const entry of entries) entry.length = varint();
    entries.forEach((entry, i) => {
      const offset = varint();
      const before = entries[i - 1];
      entry.offset = offset === 0 && before ? before.offset + before.length : offset - 1;
    });
    return entries;
  }

  class Archive {
    constructor(url) {
      this.url = url;
    }

    async bytes(offset, length) {
      if (!this.whole) {
        const range = `bytes=${offset}-${offset + length - 1}`;
        const reply = await fetch(this.url, { headers: { Range: range } });
        if (!reply.ok) throw new Error(String(reply.status));
        const found = new Uint8Array(await reply.arrayBuffer());
        if (reply.status === 206) return found;
        this.whole = found;
      }
      return this.whole.subarray(offset, offset + length);
    }

    open() {
      this.opened ??= (async () => {
        const view = new DataView((await this.bytes(0, HEADER)).slice().buffer);
        const at = (place) => Number(view.getBigUint64(place, true));
        const root = readDirectory(await unzip(await this.bytes(at(8), at(16))));
        return { root, leaves: at(40), tiles: at(56), minzoom: view.getUint8(100), maxzoom: view.getUint8(101) };
      })();
      return this.opened;
    }

    /** Bytes of a tile, or null. */
    async tile(z, x, y) {
      const { root, leaves, tiles } = await this.open();
      const wanted = tileNumber(z, x, y);
      let entries = root;
      for (let depth = 0; depth < 4; depth += 1) {
        const entry = entries.findLast(({ number }) => number <= wanted);
        if (!entry || (entry.run && wanted >= entry.number + entry.run)) return null;
        if (entry.run) return unzip(await this.bytes(tiles + entry.offset, entry.length));
        entries = readDirectory(await unzip(await this.bytes(leaves + entry.offset, entry.length)));
      }
      return null;
    }
  }

  const archives = new Map();
  const fetchOther = window.fetch.bind(window);

  /** Lets the map fetch a tile of an archive as it fetches one of a server. */
  window.fetch = async (url, options) => {
    if (!String(url).startsWith(SCHEME)) return fetchOther(url, options);
    const [id, z, x, y] = String(url).slice(SCHEME.length).split("/");
    const bytes = await archives.get(id).tile(Number(z), Number(x), Number(y));
    return new Response(bytes, { status: bytes ? 200 : 204 });
  };

  xiangtu.useArchives = function (layers) {
    for (const { id, archive } of layers) if (archive) archives.set(id, new Archive(archive));
    xiangtu.describeTiles = async (id) => {
      const archive = archives.get(id);
      if (!archive) return null;
      const opened = await archive.open().catch(() => null);
      if (!opened) return null;
      const { minzoom, maxzoom } = opened;
      return { minzoom, maxzoom, picture: null, tiles: [`${SCHEME}${id}/{z}/{x}/{y}`] };
    };
  };
})(window.xiangtu);
