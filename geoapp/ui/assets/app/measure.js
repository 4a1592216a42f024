/* Measuring on the map: the reader sets points, the server gives the official figures. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const MOST_POINTS = 500;
  const SAME_PX = 4; // the second click of a double click is no point of its own

  xiangtu.Measure = class {
    constructor(city) {
      Object.assign(this, { city, map: city.map, words: city.words, kind: "", points: [] });
      this.root = city.map.getContainer().appendChild(element("div", "xt-measuring"));
      this.root.hidden = true;
      this.root.setAttribute("role", "status");
      L.DomEvent.disableClickPropagation(this.root);
      this.hint = this.root.appendChild(element("span"));
      this.result = this.root.appendChild(element("b"));
      const bar = this.root.appendChild(element("span", "xt-bar"));
      this.undo = this.button(bar, this.words.undo, () => this.takeBack());
      this.done = this.button(bar, this.words.finish, () => this.finish());
      this.button(bar, this.words.close, () => this.stop());
      this.map.on("click", (event) => this.add(event));
      this.map.on("dblclick", () => this.finish());
      this.map.on("mousemove", ({ latlng }) => this.kind && !this.ended && this.draw(latlng));
      this.map.getContainer().addEventListener("keydown", ({ key }) => this.key(key));
    }

    button(bar, label, act) {
      const button = bar.appendChild(element("button", "", label));
      button.type = "button";
      button.addEventListener("click", act);
      return button;
    }

    key(key) {
      if (!this.kind) return;
      if (key === "Escape") this.stop();
      if (key === "Enter") this.finish();
      if (key === "Backspace") this.takeBack();
    }

    start(kind) {
      this.stop();
      Object.assign(this, { kind, points: [], ended: false });
      this.city.busy = true;
      this.root.hidden = false;
      const { words } = this;
      this.hint.textContent = kind === "area" ? words.measure_area : words.measure_distance;
      this.map.doubleClickZoom.disable();
      this.map.getContainer().classList.add("xt-crosshair");
      this.map.getContainer().focus();
      this.tell("");
    }

    stop() {
      if (!this.kind) return;
      this.asking?.abort();
      this.kind = "";
      this.city.busy = false;
      this.root.hidden = true;
      this.shape?.remove();
      this.shape = null;
      this.map.doubleClickZoom.enable();
      this.map.getContainer().classList.remove("xt-crosshair");
    }

    add({ latlng, originalEvent, containerPoint }) {
      if (!this.kind || originalEvent.target.closest?.(".leaflet-control")) return;
      if (this.ended) this.start(this.kind);
      const last = this.points.at(-1);
      if (last && this.map.latLngToContainerPoint(last).distanceTo(containerPoint) < SAME_PX) return;
      if (this.points.length < MOST_POINTS) this.points.push(latlng);
      this.draw();
      this.ask();
    }

    takeBack() {
      this.points.pop();
      this.ended = false;
      this.draw();
      this.ask();
    }

    finish() {
      if (!this.kind || this.points.length < this.least) return;
      this.ended = true;
      this.map.getContainer().classList.remove("xt-crosshair");
      this.draw();
    }

    get least() {
      return this.kind === "area" ? 3 : 2;
    }

    draw(pointer = null) {
      this.shape?.remove();
      const color = xiangtu.accent(this.map);
      const style = { color, weight: 2.5, interactive: false, renderer: this.city.renderer };
      const line = pointer ? [...this.points, pointer] : this.points;
      const dots = this.points.map((at) =>
        L.circleMarker(at, { ...style, radius: 3.5, fillColor: color, fillOpacity: 1 }),
      );
      const filled = this.kind === "area";
      const path = filled ? L.polygon(line, { ...style, fillOpacity: 0.12 }) : L.polyline(line, style);
      this.shape = L.featureGroup([path, ...dots]).addTo(this.map);
    }

    geometry() {
      const line = this.points.map(({ lng, lat }) => [lng, lat]);
      if (this.kind === "area") return { type: "Polygon", coordinates: [[...line, line[0]]] };
      return { type: "LineString", coordinates: line };
    }

    async ask() {
      this.asking?.abort();
      if (this.points.length < this.least) {
        this.tell("");
        return;
      }
      this.asking = new AbortController();
      const { lang, unit } = this.city.settings;
      try {
        const reply = await fetch(`/map/measure?lang=${lang}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ geometry: this.geometry(), unit }),
          signal: this.asking.signal,
        });
        const answer = await reply.json();
        this.tell(reply.ok ? answer.text : (answer.detail ?? this.words.measure_failed));
      } catch (fault) {
        if (fault.name !== "AbortError") this.tell(this.words.measure_failed);
      }
    }

    tell(text) {
      this.result.textContent = text;
      this.undo.disabled = !this.points.length;
      this.done.disabled = this.points.length < this.least;
    }
  };
})(window.xiangtu);
