/* Names of units, written on the map where they fit and never over one another. */
(function (xiangtu) {
  "use strict";

  const FONT_PX = 12;
  const FONT = `500 ${FONT_PX}px "Xiangtu Latin", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", "Noto Sans SC Variable", sans-serif`;
  const GAP_PX = 6;

  function ringsOf({ type, coordinates }) {
    if (type === "Polygon") return [coordinates[0]];
    if (type === "MultiPolygon") return coordinates.map(([outer]) => outer);
    return [];
  }

  function areaAndMiddle(ring) {
    let [area, y] = [0, 0];
    for (let i = 0; i < ring.length - 1; i += 1) {
      const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
      area += cross / 2;
      y += ((ring[i][1] + ring[i + 1][1]) * cross) / 6;
    }
    return { area: Math.abs(area), middle: area ? y / area : ring[0][1] };
  }

  /** The widest stretch of a ring at one latitude: its middle always lies inside. */
  function widestChord(ring, y) {
    const crossings = [];
    for (let i = 0; i < ring.length - 1; i += 1) {
      const [[x0, y0], [x1, y1]] = [ring[i], ring[i + 1]];
      if (y0 > y !== y1 > y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
    crossings.sort((a, b) => a - b);
    let best = null;
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const [west, east] = [crossings[i], crossings[i + 1]];
      if (!best || east - west > best.east - best.west) best = { west, east };
    }
    return best;
  }

  /** Where a feature's name goes, or null when it has no area or no name. */
  function anchorOf(feature, field) {
    const text = feature.properties?.[field];
    if (!text || !feature.geometry) return null;
    let best = null;
    for (const ring of ringsOf(feature.geometry)) {
      const { area, middle } = areaAndMiddle(ring);
      if (!best || area > best.area) best = { area, middle, ring };
    }
    const chord = best && widestChord(best.ring, best.middle);
    if (!chord) return null;
    return { text: String(text), area: best.area, lat: best.middle, ...chord };
  }

  function overlap(a, b) {
    return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
  }

  xiangtu.anchors = (features, field) =>
    features.map((feature) => anchorOf(feature, field)).filter(Boolean);

  /** The names of all layers together, so that they make room for one another. */
  xiangtu.Labels = L.Layer.extend({
    initialize() {
      this.sources = new Map();
      this.anchors = [];
    },

    /** Writes the names of one layer; no anchors take them away. */
    write(id, anchors) {
      this.sources.set(id, anchors);
      this.anchors = [...this.sources.values()].flat();
      this.anchors.sort((a, b) => b.area - a.area); // the large ones choose first
      this.redraw();
    },

    onAdd(map) {
      if (!map.getPane("labels")) {
        const pane = map.createPane("labels");
        Object.assign(pane.style, { zIndex: 450, pointerEvents: "none" });
      }
      this.canvas = xiangtu.element("canvas", "leaflet-zoom-hide");
      map.getPane("labels").append(this.canvas);
      this.redraw = () => this.draw(map);
      document.fonts.addEventListener("loadingdone", this.redraw);
      map.on("moveend resize xt:theme", this.redraw);
    },

    onRemove(map) {
      document.fonts.removeEventListener("loadingdone", this.redraw);
      map.off("moveend resize xt:theme", this.redraw);
      this.canvas.remove();
    },

    draw(map) {
      const { x: width, y: height } = map.getSize();
      const scale = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      Object.assign(this.canvas, { width: width * scale, height: height * scale });
      Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
      const ctx = this.canvas.getContext("2d");
      ctx.scale(scale, scale);
      const dark = xiangtu.isDark(map);
      Object.assign(ctx, {
        font: FONT,
        textAlign: "center",
        textBaseline: "middle",
        lineJoin: "round",
        lineWidth: 3,
        strokeStyle: dark ? "rgb(24 27 27 / 85%)" : "rgb(255 255 255 / 85%)",
        fillStyle: dark ? "#e8e6e1" : "#2b3132",
      });
      const view = { x0: 0, y0: 0, x1: width, y1: height };
      const taken = [];
      for (const anchor of this.anchors) this.place(ctx, map, anchor, view, taken);
    },

    place(ctx, map, { text, lat, west, east }, view, taken) {
      const start = map.latLngToContainerPoint([lat, west]);
      const end = map.latLngToContainerPoint([lat, east]);
      const needed = ctx.measureText(text).width;
      if (end.x - start.x < needed) return;
      const [x, y] = [(start.x + end.x) / 2, start.y];
      const half = { x: needed / 2 + GAP_PX, y: FONT_PX / 2 + GAP_PX };
      const box = { x0: x - half.x, x1: x + half.x, y0: y - half.y, y1: y + half.y };
      if (!overlap(box, view) || taken.some((other) => overlap(box, other))) return;
      taken.push(box);
      ctx.strokeText(text, x, y);
      ctx.fillText(text, x, y);
    },
  });
})(window.xiangtu);
