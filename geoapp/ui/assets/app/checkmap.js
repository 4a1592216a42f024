/* The map of the parcel check: the layer map, a parcel to draw, and what was found of it. */
(function (xiangtu) {
  "use strict";

  const { element, swatch } = xiangtu;
  const PAGE = "/parcel_check?";
  const DOT_PX = 5;
  const CELL_PX = 22;
  const ICONS = {
    draw: ["M4 15 6 4l10 3-2 9z", "M10 8v5M7.5 10.5h5"],
    line: ["M3 15 8 6l4 7 5-9", "M3 15h.01M17 4h.01"],
    edit: ["M4 16l1-4 8-8 3 3-8 8z", "M11.5 5.5l3 3"],
    reset: ["M4 4v5h5", "M4.6 9a6 6 0 1 1-.3 4"],
    clear: ["M5 6h10", "M8 6V4h4v2", "M6.5 6l.5 10h6l.5-10"],
  };

  const Legend = L.Control.extend({
    options: { position: "bottomleft" },
    onAdd() {
      this.box = element("div", "xt-checklegend");
      this.box.hidden = true;
      L.DomEvent.disableClickPropagation(this.box);
      return this.box;
    },
    write(entries) {
      this.box.hidden = !entries.length;
      const rows = entries.map(({ title, style }) => {
        const row = element("div", "xt-class");
        row.append(swatch({ stroke: true, fill: true, ...style }), element("span", "", title));
        return row;
      });
      this.box.replaceChildren(...rows);
    },
  });

  class CheckMap {
    constructor(map, settings) {
      this.city = xiangtu.cityMap(map, settings);
      this.map = map;
      this.words = settings.words;
      this.found = L.featureGroup().addTo(map);
      this.legend = new Legend().addTo(map);
      this.draw = new xiangtu.Draw(this.city, settings.draw, (geometry) => this.tell(geometry));
      if (settings.live) {
        this.live = new xiangtu.LiveFigures(this.city, settings.draw);
        this.draw.onChange = (geometry) => this.live.ask(geometry);
      }
      if (settings.editable) this.addTools(settings.draw, !settings.live);
      map.getContainer().classList.add("xt-check");
      map.getContainer().addEventListener("click", (event) => this.follow(event), true);
    }

    /** Labelled and in the middle: drawing is what this map is for. */
    addTools(words, lines) {
      const bar = element("div", "xt-drawbar");
      L.DomEvent.disableClickPropagation(bar);
      const tools = [
        [words.draw_parcel, ICONS.draw, () => this.draw.start(false)],
        ...(lines ? [[words.draw_line, ICONS.line, () => this.draw.start(true)]] : []),
        [words.draw_edit, ICONS.edit, () => this.draw.edit()],
        [words.draw_reset, ICONS.reset, () => this.draw.reset()],
        [words.draw_clear, ICONS.clear, () => this.draw.clear()],
      ];
      this.tools = tools.map(([label, paths, act]) => {
        const button = bar.appendChild(element("button"));
        button.type = "button";
        button.title = label;
        button.setAttribute("aria-label", label);
        button.append(xiangtu.icon(paths), element("span", "", label));
        button.addEventListener("click", act);
        return button;
      });
      this.map.getContainer().append(bar);
      this.draw.onMode = () => this.refresh(bar);
      this.refresh(bar);
    }

    refresh(bar) {
      bar.hidden = Boolean(this.draw.mode);
      const [edit, reset, clear] = this.tools.slice(-3);
      edit.hidden = clear.hidden = !this.draw.count;
      reset.hidden = !this.draw.count || !this.draw.changed;
    }

    send(value) {
      window.Streamlit.setComponentValue({ ...value, time: Date.now() });
    }

    /** The page keeps a drawing; this browser session too, should the page be loaded again. */
    tell(geometry) {
      this.city.session.write({ drawing: geometry });
      this.send({ drawing: { geometry } });
    }

    /** A feature's own link to this page is followed in place. */
    follow(event) {
      const href = event.target.closest?.("a[href]")?.getAttribute("href") ?? "";
      if (!href.startsWith(PAGE)) return;
      event.preventDefault();
      event.stopPropagation();
      const query = new URLSearchParams(href.slice(PAGE.length));
      this.send({ pick: { layer: query.get("layer"), row: query.get("row"), v: query.get("v") } });
      this.city.card.close();
    }

    update({ parcel, origin, replaces, shapes, cells, legend, view, unit, fresh }) {
      this.city.settings.unit = unit;
      if (this.live) this.live.replaces = replaces ?? null;
      if (fresh && !parcel) this.restore();
      else if (parcel) this.city.session.write({ drawing: parcel, replaces: replaces ?? null });
      this.draw.show(parcel, this.live ? (origin ?? parcel) : null);
      this.found.clearLayers();
      for (const { geometry, style, label, plain } of shapes) {
        const layer = L.geoJSON(geometry, {
          style,
          interactive: Boolean(label),
          renderer: this.city.renderer,
        });
        layer.addTo(this.found);
        if (!label) continue;
        // A parcel of a batch is smaller than a pixel where the whole city shows.
        const dot = { ...style, renderer: this.city.renderer, radius: DOT_PX, weight: 1.5 };
        const marks = [layer];
        if (!plain) {
          const middle = L.circleMarker(layer.getBounds().getCenter(), { ...dot, fillOpacity: 0.9 });
          marks.push(middle.addTo(this.found));
        }
        for (const one of marks) {
          one.bindTooltip(element("span", "", label), { sticky: true });
        }
      }
      for (const cell of cells ?? []) this.count(cell);
      this.legend.write(legend);
      if (view && view.key !== this.viewKey) {
        this.viewKey = view.key;
        this.map.fitBounds(xiangtu.boundsOf(view.bounds), {
          maxZoom: 18,
          paddingTopLeft: [40, 40],
          paddingBottomRight: [40 + xiangtu.panelWidth(this.map), 40],
        });
      }
    }

    /** How many things lie around a point, and of which kinds: a ring in their colours. */
    count({ at, number, parts, label }) {
      const ring = element("div", "xt-count");
      const side = CELL_PX + 5 * Math.floor(Math.log10(number));
      let from = 0;
      const stops = parts.map(([colour, share]) => {
        const stop = `${colour} ${from}% ${from + 100 * share}%`;
        from += 100 * share;
        return stop;
      });
      ring.style.background = `conic-gradient(${stops.join(", ")})`;
      ring.append(element("span", "", number.toLocaleString("en")));
      const icon = L.divIcon({ className: "", html: ring, iconSize: [side, side] });
      L.marker([at[1], at[0]], { icon, keyboard: false })
        .bindTooltip(element("span", "", label))
        .addTo(this.found);
    }

    /** After a reload the page has lost the drawing; it gets it back, once. */
    restore() {
      const { drawing, replaces = null } = this.city.session.read();
      if (drawing && !this.restored) this.send({ drawing: { geometry: drawing, replaces } });
      this.restored = true;
    }
  }

  let current = null; // one map lives in one frame

  xiangtu.checkMap = (map, settings) => {
    current = new CheckMap(map, settings);
  };

  xiangtu.checkValues = (_, values) => {
    current.update(values);
    return L.featureGroup();
  };
})(window.xiangtu);
