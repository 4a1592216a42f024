/* Drawing a parcel or a line on the map, and editing it point by point. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const MOST_POINTS = 2000; // of a drawing; files may have more
  const MOST_HANDLES = 400; // more points can be seen but not dragged
  const SAME_PX = 6; // the second click of a double click is no point of its own
  const DECIMALS = 8; // of degrees: a millimetre

  const round = (value) => Number(value.toFixed(DECIMALS));
  const toPair = ({ lng, lat }) => [round(lng), round(lat)];
  const toPoint = ([lng, lat]) => L.latLng(lat, lng);

  /** GeoJSON geometry -> rings of points without the closing one, each with its part. */
  function ringsOf(geometry) {
    if (!geometry) return [];
    if (geometry.type === "LineString") return [{ part: 0, points: geometry.coordinates.map(toPoint) }];
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return parts.flatMap((rings, part) =>
      rings.map((ring) => ({ part, points: ring.slice(0, -1).map(toPoint) })),
    );
  }

  function geometryOf(rings, line) {
    if (line) return { type: "LineString", coordinates: rings[0].points.map(toPair) };
    const parts = [];
    for (const { part, points } of rings) {
      const pairs = points.map(toPair);
      (parts[part] ??= []).push([...pairs, pairs[0]]);
    }
    const whole = parts.filter(Boolean);
    if (whole.length === 1) return { type: "Polygon", coordinates: whole[0] };
    return { type: "MultiPolygon", coordinates: whole };
  }

  /** `told(geometry)` is called with every finished drawing or change. */
  xiangtu.Draw = class {
    constructor(city, words, told) {
      Object.assign(this, { city, map: city.map, words, told, mode: "", rings: [], line: false });
      this.layer = L.featureGroup().addTo(this.map);
      this.root = this.map.getContainer().appendChild(element("div", "xt-measuring xt-drawing"));
      this.root.hidden = true;
      this.root.setAttribute("role", "status");
      L.DomEvent.disableClickPropagation(this.root);
      this.hint = this.root.appendChild(element("span"));
      const bar = this.root.appendChild(element("span", "xt-bar"));
      this.undo = this.button(bar, words.draw_undo, () => this.takeBack());
      this.drop = this.button(bar, words.draw_drop, () => this.dropPoint());
      this.done = this.button(bar, words.draw_finish, () => this.finish());
      this.button(bar, words.draw_cancel, () => this.cancel());
      this.map.on("click", (event) => this.add(event));
      this.map.on("dblclick", () => this.mode === "draw" && this.finish());
      this.map.on("mousemove", ({ latlng }) => this.mode === "draw" && this.paint(latlng));
      this.map.on("xt:theme", () => this.paint());
      this.map.getContainer().addEventListener("keydown", (event) => this.key(event));
    }

    button(bar, label, act) {
      const button = bar.appendChild(element("button", "", label));
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    }

    key({ key }) {
      if (!this.mode) return;
      if (key === "Escape") this.cancel();
      if (key === "Enter") this.finish();
      if (key === "Backspace" && this.mode === "draw") this.takeBack();
      if (key === "Delete") this.dropPoint();
    }

    get count() {
      return this.rings.reduce((sum, { points }) => sum + points.length, 0);
    }

    get least() {
      return this.line ? 2 : 3;
    }

    /** Shows what the page holds, unless the reader is drawing just now. */
    show(geometry) {
      if (this.mode) return;
      this.line = geometry?.type === "LineString";
      this.rings = ringsOf(geometry);
      this.paint();
    }

    enter(mode, hint) {
      this.kept ??= { rings: structuredClone(this.rings.map((r) => ({ ...r, points: r.points.map(toPair) }))), line: this.line };
      Object.assign(this, { mode, chosen: null });
      this.city.busy = true;
      this.root.hidden = false;
      this.hint.textContent = hint;
      this.map.getContainer().classList.add("xt-drawing-now");
      this.map.doubleClickZoom.disable();
      this.map.getContainer().focus();
    }

    start(line) {
      this.enter("draw", line ? this.words.draw_line_hint : this.words.draw_hint);
      Object.assign(this, { line, rings: [{ part: 0, points: [] }] });
      this.map.getContainer().classList.add("xt-crosshair");
      this.paint();
    }

    edit() {
      if (!this.count) return;
      const many = this.count > MOST_HANDLES;
      this.enter("edit", many ? this.words.draw_too_many : this.words.draw_edit_hint);
      this.paint();
    }

    leave() {
      this.mode = "";
      this.kept = null;
      this.city.busy = false;
      this.root.hidden = true;
      this.map.doubleClickZoom.enable();
      this.map.getContainer().classList.remove("xt-crosshair", "xt-drawing-now");
      this.paint();
    }

    /** Goes back to what was there before. */
    cancel() {
      if (!this.mode) return;
      const { rings, line } = this.kept;
      this.rings = rings.map((r) => ({ ...r, points: r.points.map(toPoint) }));
      this.line = line;
      this.leave();
    }

    clear() {
      if (this.mode) this.leave();
      this.rings = [];
      this.paint();
      this.told(null);
    }

    add({ latlng, originalEvent, containerPoint }) {
      if (this.mode !== "draw" || originalEvent.target.closest?.(".leaflet-control")) return;
      const { points } = this.rings[0];
      const near = (point) =>
        point && this.map.latLngToContainerPoint(point).distanceTo(containerPoint) < SAME_PX * 2;
      if (!this.line && points.length >= this.least && near(points[0])) {
        this.finish();
        return;
      }
      const last = points.at(-1);
      if (last && this.map.latLngToContainerPoint(last).distanceTo(containerPoint) < SAME_PX) return;
      if (points.length < MOST_POINTS) points.push(latlng);
      this.paint();
    }

    takeBack() {
      this.rings[0]?.points.pop();
      this.paint();
    }

    dropPoint() {
      if (!this.chosen) return;
      const { points } = this.chosen.ring;
      if (points.length <= this.least) return;
      points.splice(this.chosen.at, 1);
      this.chosen = null;
      this.paint();
    }

    finish() {
      if (!this.mode || this.rings.some(({ points }) => points.length < this.least)) return;
      const geometry = geometryOf(this.rings, this.line);
      this.leave();
      this.told(geometry);
    }

    /** Tells whoever wants to know what the drawing would be by now; nothing of an unfinished one. */
    change() {
      if (!this.onChange) return;
      const whole = this.rings.length && this.rings.every(({ points }) => points.length >= this.least);
      this.onChange(whole && !this.line ? geometryOf(this.rings, false) : null);
    }

    paint(pointer = null) {
      this.onMode?.();
      if (!pointer) this.change();
      this.layer.clearLayers();
      this.undo.hidden = this.mode !== "draw";
      this.drop.hidden = this.mode !== "edit";
      this.undo.disabled = !this.count;
      this.drop.disabled = !this.chosen || this.chosen.ring.points.length <= this.least;
      this.done.disabled = this.rings.some(({ points }) => points.length < this.least);
      if (!this.rings.length) return;
      const color = xiangtu.isDark(this.map) ? "#ff8a80" : "#c21a1a";
      const style = { color, weight: 2.5, interactive: false, renderer: this.city.renderer };
      const lines = this.rings.map(({ points }) => (pointer ? [...points, pointer] : points));
      if (this.line) L.polyline(lines[0], { ...style, weight: 3.5 }).addTo(this.layer);
      else this.paintParts(lines, style);
      if (this.mode === "draw") this.paintDots(style, color);
      if (this.mode === "edit" && this.count <= MOST_HANDLES) this.paintHandles();
    }

    paintParts(lines, style) {
      const parts = new Map();
      this.rings.forEach(({ part }, at) => parts.set(part, [...(parts.get(part) ?? []), lines[at]]));
      for (const rings of parts.values()) {
        L.polygon(rings, { ...style, fillOpacity: 0.08 }).addTo(this.layer);
      }
    }

    paintDots(style, color) {
      for (const point of this.rings[0].points) {
        const dot = { ...style, radius: 4, fillColor: color, fillOpacity: 1, weight: 1 };
        L.circleMarker(point, dot).addTo(this.layer);
      }
    }

    paintHandles() {
      for (const ring of this.rings) {
        ring.points.forEach((point, at) => this.handle(ring, at, point, false));
        const pairs = this.line ? ring.points.length - 1 : ring.points.length;
        for (let at = 0; at < pairs; at += 1) {
          const next = ring.points[(at + 1) % ring.points.length];
          const here = ring.points[at];
          const middle = L.latLng((here.lat + next.lat) / 2, (here.lng + next.lng) / 2);
          this.handle(ring, at + 1, middle, true);
        }
      }
    }

    /** A point to drag; one between two points becomes a point when it is dragged. */
    handle(ring, at, point, fresh) {
      const chosen = this.chosen?.ring === ring && this.chosen.at === at && !fresh;
      const look = `xt-handle${fresh ? " xt-fresh" : ""}${chosen ? " xt-picked" : ""}`;
      const icon = L.divIcon({ className: "", html: element("div", look), iconSize: [26, 26] });
      const marker = L.marker(point, { icon, draggable: true, keyboard: false }).addTo(this.layer);
      marker.on("dragstart", () => fresh && ring.points.splice(at, 0, marker.getLatLng()));
      marker.on("drag", () => {
        ring.points[at] = marker.getLatLng();
        this.redraw();
      });
      marker.on("dragend", () => {
        this.chosen = { ring, at };
        this.paint();
      });
      marker.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        if (fresh) return;
        this.chosen = { ring, at };
        this.paint();
      });
    }

    /** Moves the outline along while a point is dragged; the handles stay as they are. */
    redraw() {
      this.change();
      this.layer.eachLayer((layer) => {
        if (layer instanceof L.Polygon || layer instanceof L.Polyline) this.layer.removeLayer(layer);
      });
      const color = xiangtu.isDark(this.map) ? "#ff8a80" : "#c21a1a";
      const style = { color, weight: 2.5, interactive: false, renderer: this.city.renderer };
      const lines = this.rings.map(({ points }) => points);
      if (this.line) L.polyline(lines[0], { ...style, weight: 3.5 }).addTo(this.layer);
      else this.paintParts(lines, style);
    }
  };
})(window.xiangtu);
