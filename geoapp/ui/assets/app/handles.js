/* Handles on the points of a drawing: only those in view, and only where they are apart. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const APART_PX = 14; // a handle covers so much
  const LONG_PX = 2 * APART_PX; // an edge with room for a handle in its middle
  const NEAR_PX = 22; // so near the pointer a point gets its handle whatever is around it
  const FEW = 40; // so few points are thinned, not hidden
  const MOST = 400;
  const BEYOND = 0.05; // of the view

  /** Places that keep a distance to each other, found by squares of that width. */
  class Apart {
    constructor() {
      this.squares = new Map();
    }
    take({ x, y }) {
      const [column, row] = [Math.floor(x / APART_PX), Math.floor(y / APART_PX)];
      for (let i = column - 1; i <= column + 1; i += 1) {
        for (let j = row - 1; j <= row + 1; j += 1) {
          const other = this.squares.get(`${i} ${j}`);
          if (other && Math.hypot(other.x - x, other.y - y) < APART_PX) return false;
        }
      }
      this.squares.set(`${column} ${row}`, { x, y });
      return true;
    }
  }

  xiangtu.Handles = class {
    constructor(draw) {
      Object.assign(this, { draw, map: draw.map, seen: [], held: false });
      this.layer = L.layerGroup().addTo(this.map);
      this.roaming = L.layerGroup().addTo(this.map); // the handle under the pointer
      this.map.on("moveend resize", () => this.place());
      this.map.on("mousemove", ({ layerPoint }) => this.follow(layerPoint));
      this.map.on("click", ({ layerPoint }) => this.choose(layerPoint));
    }

    get active() {
      return this.draw.mode === "edit";
    }

    /** Puts the handles where they are wanted now; tells how many points in view have one. */
    place() {
      if (this.held) return; // the one that is dragged stays
      this.layer.clearLayers();
      this.roaming.clearLayers();
      this.seen = [];
      if (!this.active) return;
      this.seen = this.pointsInView();
      const apart = new Apart();
      const { chosen } = this.draw;
      const isChosen = ({ ring, at }) => chosen?.ring === ring && chosen.at === at;
      const first = this.seen.filter(isChosen);
      const wanted = [...first, ...this.seen.filter((one) => !isChosen(one))];
      let shown = wanted.filter((one) => apart.take(one));
      const crowded = shown.length > MOST || (this.seen.length > FEW && 2 * shown.length < this.seen.length);
      if (crowded) shown = first;
      for (const one of shown) this.add(one.ring, one.at, one.point, false, this.layer);
      this.shown = new Set(shown);
      if (!crowded) this.placeMiddles();
      this.draw.hintOf(this.shown.size, this.seen.length);
    }

    pointsInView() {
      const view = this.map.getBounds().pad(BEYOND);
      const found = [];
      for (const ring of this.draw.rings) {
        ring.points.forEach((point, at) => {
          if (!view.contains(point)) return;
          const { x, y } = this.map.latLngToLayerPoint(point);
          found.push({ ring, at, point, x, y });
        });
      }
      return found;
    }

    placeMiddles() {
      const view = this.map.getBounds();
      let left = MOST;
      for (const ring of this.draw.rings) {
        const { points } = ring;
        const pairs = this.draw.line ? points.length - 1 : points.length;
        for (let at = 0; at < pairs && left; at += 1) {
          const [here, next] = [points[at], points[(at + 1) % points.length]];
          const middle = L.latLng((here.lat + next.lat) / 2, (here.lng + next.lng) / 2);
          if (!view.contains(middle)) continue;
          const ends = [here, next].map((point) => this.map.latLngToLayerPoint(point));
          if (ends[0].distanceTo(ends[1]) < LONG_PX) continue;
          this.add(ring, at + 1, middle, true, this.layer);
          left -= 1;
        }
      }
    }

    nearest(place) {
      let [best, least] = [null, NEAR_PX];
      for (const one of this.seen) {
        const far = Math.hypot(one.x - place.x, one.y - place.y);
        if (far < least) [best, least] = [one, far];
      }
      return best;
    }

    /** Where points lie too close for handles, the one next to the pointer has one. */
    follow(place) {
      if (!this.active || this.held) return;
      const found = this.nearest(place);
      if (found === this.roaming.found) return;
      this.roaming.clearLayers();
      this.roaming.found = found;
      if (!found || this.shown.has(found)) return;
      this.add(found.ring, found.at, found.point, false, this.roaming);
    }

    /** A finger has no pointer to follow: a tap beside a point chooses it. */
    choose(place) {
      if (!this.active) return;
      const found = this.nearest(place);
      if (!found) return;
      this.draw.chosen = { ring: found.ring, at: found.at };
      this.draw.paint();
    }

    /** A point to drag; one between two points becomes a point when it is dragged. */
    add(ring, at, point, fresh, layer) {
      const { draw } = this;
      const chosen = draw.chosen?.ring === ring && draw.chosen.at === at && !fresh;
      const look = `xt-handle${fresh ? " xt-fresh" : ""}${chosen ? " xt-picked" : ""}`;
      const icon = L.divIcon({ className: "", html: element("div", look), iconSize: [26, 26] });
      const marker = L.marker(point, { icon, draggable: true, keyboard: false }).addTo(layer);
      marker.on("dragstart", () => {
        this.held = true;
        draw.remember();
        if (fresh) ring.points.splice(at, 0, marker.getLatLng());
      });
      marker.on("drag", () => {
        ring.points[at] = marker.getLatLng();
        draw.redraw();
      });
      marker.on("dragend", () => {
        this.held = false;
        draw.chosen = { ring, at };
        draw.paint();
      });
      marker.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        if (fresh) return;
        draw.chosen = { ring, at };
        draw.paint();
      });
    }
  };
})(window.xiangtu);
