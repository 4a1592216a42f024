/* The layer map. The names of the settings are those of the dataclasses in geoapp/ui/map.py. */
(function (xiangtu) {
  "use strict";

  const LIFTED = ["picture", "area", "line", "outline", "cluster"];

  /** Areas never hide lines, borders or points unless the reader wants it so. */
  function inOrder(layers) {
    const rank = ({ kind }) => LIFTED.indexOf(kind);
    return [...layers].sort((a, b) => rank(a) - rank(b)).map(({ id }) => id);
  }

  class CityMap {
    constructor(map, settings) {
      this.map = map;
      this.settings = settings;
      this.words = settings.words;
      this.session = xiangtu.session(settings.key);
      this.layers = new Map(settings.layers.map((layer) => [layer.id, layer]));
      this.order = inOrder(settings.layers); // bottom first
      this.states = new Map();
      this.views = new Map();
      this.rows = new Map();
      const partly = this.followLink();
      Object.assign(this, xiangtu.frame(map, settings, settings.words.layers));
      this.labels = new xiangtu.Labels().addTo(map);
      this.takeOver(settings.layers);
      this.identify = new xiangtu.Identify(map, {
        targets: settings.layers.filter(({ tooltip }) => tooltip.length).map((l) => this.target(l)),
        words: this.words,
        renderer: this.renderer,
        hoverOnly: true,
      });
      xiangtu.addCityTools(this);
      if (partly) this.note(this.words.link_partly);
      map.on("xt:theme", () => this.repaint());
      map.on("moveend", () => this.refreshLegend());
      this.addBackgrounds();
    }

    /** A link is followed once; after that the reader's own choices count. Tells whether
        something in it made no sense. */
    followLink() {
      const { link, extent } = this.settings;
      this.saved = this.session.read();
      if (!link || this.saved.link === link) return false;
      const { state, ignored } = xiangtu.decodeState(link);
      const known = (state.layers ?? []).filter(({ id }) => this.knows(id));
      const unknown = (state.layers ?? []).length - known.length;
      const saved = { link, selected: state.selected ?? null, swipe: state.swipe ?? null };
      if (known.length || state.layers?.length === 0) {
        const on = new Map(known.map((layer) => [layer.id, layer]));
        const choose = ([id, { classes }]) => {
          const { strength = 1, hidden = [] } = on.get(id) ?? {};
          const codes = new Set(classes.map(({ code }) => code));
          const left = hidden.filter((code) => codes.has(code));
          return [id, { visible: on.has(id), strength: Math.max(0.1, strength), hidden: left }];
        };
        saved.layers = Object.fromEntries([...this.layers].map(choose));
        for (const layer of known.filter(({ id }) => !this.layers.has(id))) {
          saved.layers[layer.id] = { visible: true, strength: layer.strength, hidden: [] };
        }
        saved.order = [...this.order.filter((id) => !on.has(id)), ...on.keys()];
      }
      if (state.view) {
        const { zoom, lat, lng } = state.view;
        saved.view = { place: extent.join(" "), center: [lat, lng], zoom };
      }
      this.session.write(saved);
      this.saved = this.session.read();
      return ignored + unknown > 0;
    }

    knows(id) {
      return this.layers.has(id) || /^(basemap|raster):/.test(id);
    }

    takeOver(layers) {
      for (const layer of layers) {
        const folded = layer.classes.length === 0;
        const saved = this.saved.layers?.[layer.id];
        const state = { visible: layer.visible, strength: 1, folded, hidden: [], ...saved };
        this.states.set(layer.id, state);
        const View = layer.plain ? xiangtu.RasterView : xiangtu.LayerView;
        this.views.set(layer.id, new View(layer, state, this, (view) => this.changed(view)));
      }
      const saved = (this.saved.order ?? []).filter((id) => this.layers.has(id));
      const rest = this.order.filter((id) => !saved.includes(id));
      if (saved.length) {
        const plain = rest.filter((id) => this.layers.get(id).plain);
        this.order = [...plain, ...saved, ...rest.filter((id) => !plain.includes(id))];
      }
      this.fillPanel();
      this.stack();
      for (const { id } of layers) this.views.get(id).apply();
    }

    async addBackgrounds() {
      const backgrounds = await xiangtu.backgrounds(this.settings);
      if (!backgrounds.length) return;
      if (backgrounds.some(({ attribution }) => attribution)) {
        L.control.attribution({ prefix: false, position: "bottomright" }).addTo(this.map);
      }
      for (const layer of backgrounds) this.layers.set(layer.id, layer);
      this.order = [...backgrounds.map(({ id }) => id), ...this.order];
      this.takeOver(backgrounds);
    }

    remember() {
      this.session.write({ layers: Object.fromEntries(this.states), order: this.order });
    }

    fillPanel() {
      const control = {
        words: this.words,
        dark: () => xiangtu.isDark(this.map),
        onFold: () => this.remember(),
        onToggle: (layer) => this.toggle(layer),
        onMove: (layer, step) => this.move(layer, step),
        onStrength: ({ id }) => {
          this.remember();
          this.views.get(id).paint();
        },
        onFilter: ({ id }) => {
          this.remember();
          this.views.get(id).filter();
        },
      };
      for (const [id, layer] of this.layers) {
        if (this.rows.has(id)) continue;
        this.rows.set(id, new xiangtu.LayerRow(layer, this.states.get(id), control));
      }
      this.panel.body.replaceChildren(...xiangtu.grouped(this.rows.values()));
    }

    toggle(layer) {
      const { visible } = this.states.get(layer.id);
      for (const [id, other] of layer.single && visible ? this.layers : []) {
        if (!other.single || id === layer.id || !this.states.get(id).visible) continue;
        this.states.get(id).visible = false;
        this.rows.get(id).refresh();
        this.views.get(id).apply();
      }
      this.remember();
      this.views.get(layer.id).apply();
      this.stack();
    }

    get shownIds() {
      return this.order.filter((id) => this.states.get(id).visible);
    }

    /** Lifts a layer over the next one that is shown, or puts it below the one before. */
    move({ id }, step) {
      const shown = this.shownIds;
      const other = shown[shown.indexOf(id) + step];
      if (!other) return;
      const rest = this.order.filter((one) => one !== id);
      rest.splice(rest.indexOf(other) + (step > 0 ? 1 : 0), 0, id);
      this.order = rest;
      this.stack();
      this.remember();
    }

    stack() {
      this.order.forEach((id, place) => this.views.get(id).stackAt(place));
      const shown = this.shownIds;
      shown.forEach((id, at) => this.rows.get(id).rank(shown.length - at, shown.length));
    }

    changed(view) {
      const { id } = view.layer;
      const row = this.rows.get(id);
      if (!row) return;
      row.annotate(view.empty ? this.words.empty : "");
      this.labels.write(id, this.states.get(id).visible ? view.names : []);
      this.refreshLegend();
    }

    refreshLegend() {
      cancelAnimationFrame(this.legendFrame);
      this.legendFrame = requestAnimationFrame(() => {
        for (const [id, view] of this.views) {
          if (this.states.get(id).visible) this.rows.get(id)?.see(view.codes());
        }
      });
    }

    target(layer) {
      const view = this.views.get(layer.id);
      const codeOf = xiangtu.codeOf(layer);
      return {
        outline: layer.kind === "outline",
        group: () => view.target,
        skips: (feature) => view.state.hidden.includes(codeOf(feature)),
        describe: (feature) => ({
          title: layer.title,
          kind: layer.kind,
          style: xiangtu.featureStyle(layer, view.look)(feature),
          rows: layer.tooltip
            .map((field) => [field.label, xiangtu.fieldText(field, feature.properties)])
            .filter(([, text]) => text !== null),
        }),
      };
    }

    repaint() {
      for (const [id, view] of this.views) {
        view.paint();
        this.rows.get(id)?.refresh();
      }
    }

    /** What a link has to say so that somebody else sees the same. */
    describe() {
      const { lat, lng } = this.map.getCenter();
      const layers = this.shownIds.map((id) => ({ id, ...this.states.get(id) }));
      const { selected, swipe } = this.session.read();
      return { view: { lat, lng, zoom: this.map.getZoom() }, layers, selected, swipe };
    }
  }

  let current = null; // one map lives in one frame

  xiangtu.cityMap = (map, settings) => {
    current = new CityMap(map, settings);
    return current;
  };

  /** What may change without a new map: the unit of areas in answers. */
  xiangtu.cityValues = (_, { unit }) => {
    current.settings.unit = unit;
    return L.featureGroup();
  };
})(window.xiangtu);
