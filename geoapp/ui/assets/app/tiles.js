/* Layers drawn from tiles: class pictures while zoomed out, features once they can be told apart.
   Both are painted on one canvas per tile. Features are gathered by class before painting, so
   that a tile of six thousand costs a few calls and not six thousand. */
(function (xiangtu) {
  "use strict";

  const TILE_PX = 256;
  const SAMPLE_STEP = 3; // every third pixel tells which classes a picture shows
  const POINT_PX = 3; // a point may reach as far over the edge of a tile as tiles do
  const LINES = 2;
  const RETRY_S = 3;
  const MOST_TRIES = 40;
  const ANY = ""; // all features of a layer that is not coloured by class

  const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

  /** What a layer offers of tiles; waits while the server prepares them. Null if it has none. */
  xiangtu.describeTiles = async function (id, { snapshot = "", waiting = () => {} } = {}) {
    const query = snapshot ? `?v=${encodeURIComponent(snapshot)}` : "";
    for (let left = MOST_TRIES; left > 0; left -= 1) {
      const reply = await fetch(`/tiles/${encodeURIComponent(id)}.json${query}`).catch(() => null);
      if (reply?.status !== 503) return reply?.ok ? reply.json().catch(() => null) : null;
      waiting();
      await pause(Number(reply.headers.get("Retry-After")) || RETRY_S);
    }
    return null;
  };

  /** From the stored code of a feature to the class that the legend lists. */
  xiangtu.classOf = function (layer) {
    if (!layer.classes.length) return () => ANY;
    const derived = new Map(layer.class_of ?? []);
    return (code) => {
      const text = String(code ?? "");
      return derived.get(text) ?? text;
    };
  };

  /** Features of a vector tile by class: code -> {fill, line, points}. */
  function gather({ features, extent }, classOf) {
    const groups = new Map();
    const scale = TILE_PX / extent;
    for (const feature of features) {
      const code = classOf(feature.properties.c);
      if (!groups.has(code)) groups.set(code, { area: new Path2D(), line: new Path2D(), points: [] });
      const group = groups.get(code);
      const path = feature.type === LINES ? group.line : group.area;
      xiangtu.traceShape(feature, path, scale, (x, y) => group.points.push(x, y));
    }
    return groups;
  }

  let scratch = null;

  /** The colours of a picture as numbers, as they lie in its pixels. */
  function coloursOf(bitmap) {
    scratch ??= new OffscreenCanvas(TILE_PX, TILE_PX).getContext("2d", {
      willReadFrequently: true,
    });
    scratch.clearRect(0, 0, TILE_PX, TILE_PX);
    scratch.drawImage(bitmap, 0, 0);
    const pixels = new Uint32Array(scratch.getImageData(0, 0, TILE_PX, TILE_PX).data.buffer);
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += SAMPLE_STEP) seen.add(pixels[i]);
    return seen;
  }

  /** The pixel of a colour `#rrggbb`, in the byte order of all machines that run browsers. */
  const pixelOf = (fill) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(fill.slice(at, at + 2), 16));
    return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  };

  /** `look` is {strength, dark}, `hidden` the codes of the classes left out. */
  xiangtu.ClassTiles = L.GridLayer.extend({
    options: { tileSize: TILE_PX, keepBuffer: 1, updateWhenZooming: false },

    initialize(layer, offer, { look, hidden, onFault, ...options }) {
      L.setOptions(this, { maxNativeZoom: offer.maxzoom, maxZoom: 24, ...options });
      Object.assign(this, { layer, offer, look, hidden: new Set(hidden), onFault });
      this.classOf = xiangtu.classOf(layer);
      this.fills = new Map(layer.classes.map(({ code, fill }) => [code, fill]));
      this.parts = new Map(); // canvas -> what is painted on it
      this.on("tileunload", ({ tile }) => {
        this.parts.get(tile)?.abort.abort();
        this.parts.delete(tile);
      });
    },

    isPicture(zoom) {
      const { picture } = this.offer;
      return picture !== null && zoom <= picture.maxzoom;
    },

    createTile(coords, done) {
      const canvas = xiangtu.element("canvas", "xt-tile");
      const part = { coords, abort: new AbortController(), groups: null, bitmap: null };
      this.parts.set(canvas, part);
      this.load(canvas, part).then(
        () => done(null, canvas),
        (fault) => {
          if (fault.name !== "AbortError") this.onFault();
          done(fault, canvas);
        },
      );
      return canvas;
    },

    address({ x, y, z }) {
      const picture = this.isPicture(z);
      const template = picture ? this.offer.picture.url : this.offer.tiles[0];
      const url = L.Util.template(template, { x, y, z });
      if (!picture || !this.hidden.size) return url;
      const only = this.layer.classes.map(({ code }) => code).filter((c) => c && !this.hidden.has(c));
      return only.length ? `${url}&only=${encodeURIComponent(only.sort().join(","))}` : null;
    },

    async load(canvas, part) {
      const url = this.address(part.coords);
      part.bitmap = part.colours = part.groups = null;
      const reply = url && (await fetch(url, { signal: part.abort.signal }));
      if (reply && !reply.ok) throw new Error(String(reply.status));
      if (reply && reply.status !== 204) {
        if (this.isPicture(part.coords.z)) {
          part.bitmap = await createImageBitmap(await reply.blob());
          part.colours = coloursOf(part.bitmap);
        } else part.groups = gather(xiangtu.decodeTile(await reply.arrayBuffer()), this.classOf);
      }
      this.paint(canvas, part);
    },

    paint(canvas, part) {
      const scale = window.devicePixelRatio || 1;
      canvas.width = canvas.height = Math.round(TILE_PX * scale); // also wipes it
      const ctx = canvas.getContext("2d");
      ctx.scale(canvas.width / TILE_PX, canvas.height / TILE_PX);
      if (part.bitmap) {
        ctx.globalAlpha = this.layer.opacity * this.look.strength;
        ctx.imageSmoothingEnabled = false; // between two classes there is no third colour
        ctx.drawImage(part.bitmap, 0, 0, TILE_PX, TILE_PX);
      } else if (part.groups) this.paintGroups(ctx, part.groups);
    },

    paintGroups(ctx, groups) {
      const shown = [...groups].filter(([code]) => !this.hidden.has(code));
      const styles = new Map(
        shown.map(([code]) => [
          code,
          xiangtu.pathStyle(this.layer, {
            fill: this.fills.get(code) ?? this.layer.fill,
            ...this.look,
          }),
        ]),
      );
      for (const [code, group] of shown) xiangtu.fillPath(ctx, group.area, styles.get(code));
      for (const [code, group] of shown) {
        xiangtu.strokePath(ctx, group.area, styles.get(code));
        xiangtu.strokePath(ctx, group.line, styles.get(code));
        this.paintPoints(ctx, group.points, styles.get(code));
      }
    },

    paintPoints(ctx, points, style) {
      if (!points.length) return;
      const path = new Path2D();
      for (let i = 0; i < points.length; i += 2) {
        path.moveTo(points[i] + POINT_PX, points[i + 1]);
        path.arc(points[i], points[i + 1], POINT_PX, 0, 2 * Math.PI);
      }
      xiangtu.fillPath(ctx, path, style);
      xiangtu.strokePath(ctx, path, { ...style, dashArray: null });
    },

    /** Paints all tiles again, at most once a frame. */
    repaint(look) {
      this.look = look;
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => {
        for (const [canvas, part] of this.parts) this.paint(canvas, part);
      });
    },

    filter(hidden) {
      this.hidden = new Set(hidden);
      for (const [canvas, part] of this.parts) {
        if (this.isPicture(part.coords.z)) {
          part.abort.abort();
          part.abort = new AbortController();
          this.load(canvas, part).then(
            () => this.fire("load"),
            (fault) => fault.name === "AbortError" || this.onFault(),
          );
        } else this.paint(canvas, part);
      }
    },

    /** Codes of the classes that can be seen in the current view. */
    codes() {
      if (!this._map) return new Set();
      const view = this._map.getPixelBounds();
      const zoom = this._map.getZoom();
      const codes = new Set();
      const colours = new Set();
      for (const { coords, groups, colours: found } of this.parts.values()) {
        const factor = 2 ** (zoom - coords.z);
        const corner = L.point(coords.x, coords.y).multiplyBy(TILE_PX * factor);
        const far = corner.add([TILE_PX * factor, TILE_PX * factor]);
        if (!view.intersects(L.bounds(corner, far))) continue;
        for (const code of groups?.keys() ?? []) codes.add(code);
        for (const colour of found ?? []) colours.add(colour);
      }
      for (const [code, fill] of this.fills) if (colours.has(pixelOf(fill))) codes.add(code);
      return codes;
    },
  });
})(window.xiangtu);
