/* Drawing a parcel or a line on the map, and editing it point by point. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const MOST_POINTS = 2000; // of a drawing; files may have more
  const MOST_STEPS = 100; // that can be taken back
  const SAME_PX = 6; // the second click of a double click is no point of its own
  const DECIMALS = 8; // of degrees: a millimetre

  const round = (value) => Number(value.toFixed(DECIMALS));
  // A point that was not moved keeps the very numbers that it came with.
  const toPair = ({ lng, lat, pair }) => pair ?? [round(lng), round(lat)];
  const toPoint = (pair) => Object.assign(L.latLng(pair[1], pair[0]), { pair });
  const copy = (rings) => rings.map((ring) => ({ ...ring, points: [...ring.points] }));

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
      Object.assign(this, { steps: [], origin: null });
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
      this.back = this.button(bar, words.draw_reset, () => this.reset());
      this.button(bar, words.draw_cancel, () => this.cancel());
      this.handles = new xiangtu.Handles(this);
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

    key(event) {
      const { key, target } = event;
      if (!this.mode || target.closest?.("input, select, textarea")) return;
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key.toLowerCase() === "z") {
        event.preventDefault();
        this.takeBack();
      }
      if (key === "Escape") this.cancel();
      if (key === "Enter" && !target.closest?.("button")) this.finish();
      if (key === "Backspace" && this.mode === "draw") this.takeBack();
      if (key === "Delete") this.dropPoint();
    }

    get count() {
      return this.rings.reduce((sum, { points }) => sum + points.length, 0);
    }

    get least() {
      return this.line ? 2 : 3;
    }

    get geometry() {
      return this.count ? geometryOf(this.rings, this.line) : null;
    }

    /** Whether it is another boundary than the one it began from. */
    get changed() {
      return Boolean(this.origin) && JSON.stringify(this.geometry) !== this.origin.text;
    }

    /** Shows what the page holds, unless the reader is drawing just now. */
    show(geometry, origin = null) {
      if (this.mode) return;
      const text = JSON.stringify(this.geometry);
      this.line = geometry?.type === "LineString";
      this.rings = ringsOf(geometry);
      if (JSON.stringify(this.geometry) !== text) this.steps = []; // another one than was drawn
      const rings = ringsOf(origin);
      this.origin = origin && { rings, text: JSON.stringify(geometryOf(rings, false)) };
      this.paint();
    }

    enter(mode, hint) {
      this.kept ??= { rings: copy(this.rings), line: this.line, steps: [...this.steps] };
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
      Object.assign(this, { line, rings: [{ part: 0, points: [] }], steps: [] });
      this.map.getContainer().classList.add("xt-crosshair");
      this.paint();
    }

    edit() {
      if (!this.count) return;
      this.enter("edit", this.words.draw_edit_hint);
      this.paint();
    }

    /** Says what can be dragged here. */
    hintOf(shown, seen) {
      const { draw_edit_hint: all, draw_edit_some: some } = this.words;
      this.hint.textContent =
        shown === seen ? all : some.replace("{shown}", shown).replace("{seen}", seen);
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
      Object.assign(this, this.kept);
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

    /** Keeps what is there, to go back to it. */
    remember() {
      this.steps.push(copy(this.rings));
      if (this.steps.length > MOST_STEPS) this.steps.shift();
    }

    /** Takes back the last point that was set, or the last change of a boundary. */
    takeBack() {
      if (this.handles.held) return;
      if (this.mode === "draw") this.rings[0]?.points.pop();
      else if (this.steps.length) Object.assign(this, { rings: this.steps.pop(), chosen: null });
      this.paint();
    }

    /** Goes back to the boundary that it began from; that can be taken back, too. */
    reset() {
      if (!this.changed) return;
      this.remember();
      Object.assign(this, { rings: copy(this.origin.rings), line: false, chosen: null });
      this.paint();
      if (!this.mode) this.told(this.geometry);
    }

    dropPoint() {
      if (!this.chosen) return;
      const { ring, at } = this.chosen;
      if (ring.points.length <= this.least) return;
      this.remember();
      ring.points.splice(at, 1);
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
      const drawing = this.mode === "draw";
      this.undo.textContent = drawing ? this.words.draw_undo : this.words.draw_undo_move;
      this.drop.hidden = this.back.hidden = drawing;
      this.back.hidden ||= !this.origin;
      this.back.disabled = !drawing && !this.changed;
      this.undo.disabled = drawing ? !this.count : !this.steps.length;
      this.drop.disabled = !this.chosen || this.chosen.ring.points.length <= this.least;
      this.done.disabled = this.rings.some(({ points }) => points.length < this.least);
      this.paintOutline(pointer);
      if (!pointer) this.handles.place();
    }

    paintOutline(pointer) {
      this.layer.clearLayers();
      if (!this.rings.length) return;
      const color = xiangtu.isDark(this.map) ? "#ff8a80" : "#c21a1a";
      const style = { color, weight: 2.5, interactive: false, renderer: this.city.renderer };
      const lines = this.rings.map(({ points }) => (pointer ? [...points, pointer] : points));
      if (this.line) L.polyline(lines[0], { ...style, weight: 3.5 }).addTo(this.layer);
      else this.paintParts(lines, style);
      if (this.mode === "draw") this.paintDots(style, color);
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

    /** Moves the outline along while a point is dragged; the handles stay as they are. */
    redraw() {
      this.change();
      this.paintOutline(null);
    }
  };
})(window.xiangtu);
