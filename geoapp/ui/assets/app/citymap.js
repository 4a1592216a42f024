/* The layer map. The names of the settings are those of the dataclasses in geoapp/ui/map.py. */
(function (xiangtu) {
  "use strict";

  const BASEMAP_ID = "basemap";

  class CityMap {
    constructor(map, settings) {
      this.map = map;
      this.settings = settings;
      this.words = settings.words;
      Object.assign(this, xiangtu.frame(map, settings, settings.words.layers));
      this.shown = new Map(); // layer id -> {group, names}, once its data is there
      this.labels = new xiangtu.Labels().addTo(map);
      this.rows = new Map(); // layer id -> row of the panel
      this.layers = [...settings.layers];
      if (settings.basemap) this.layers.push(this.basemapLayer(settings.basemap));
      this.states = new Map(this.layers.map((layer) => [layer.id, this.restore(layer)]));
      this.fillPanel();
      for (const layer of this.layers) this.apply(layer);
      const told = settings.layers.filter(({ kind, tooltip }) => kind !== "picture" && tooltip.length);
      this.identify = new xiangtu.Identify(map, {
        targets: told.map((layer) => this.target(layer)), // a picture has no features to ask
        words: this.words,
        renderer: this.renderer,
      });
      map.on("xt:theme", () => this.repaint());
    }

    basemapLayer(basemap) {
      const plain = { classes: [], tooltip: [], opacity: 1, fill: "#9aa5a3", pattern: "" };
      return {
        ...plain,
        ...basemap,
        id: BASEMAP_ID,
        kind: "picture",
        visible: true,
        group: this.words.basemap,
      };
    }

    restore(layer) {
      const saved = this.session.read().layers?.[layer.id];
      const folded = layer.classes.length === 0;
      return { visible: layer.visible, strength: 1, folded, ...saved };
    }

    remember() {
      this.session.write({ layers: Object.fromEntries(this.states) });
    }

    fillPanel() {
      const control = {
        words: this.words,
        dark: () => xiangtu.isDark(this.map),
        onToggle: (layer) => {
          this.remember();
          this.apply(layer);
        },
        onStrength: (layer) => {
          this.remember();
          this.paint(layer);
        },
      };
      for (const layer of this.layers) {
        const row = new xiangtu.LayerRow(layer, this.states.get(layer.id), control);
        this.rows.set(layer.id, row);
      }
      this.panel.body.append(...xiangtu.grouped(this.rows.values()));
    }

    target(layer) {
      return {
        outline: layer.kind === "outline",
        group: () => (this.states.get(layer.id).visible ? this.shown.get(layer.id)?.group : null),
        describe: (feature) => ({
          title: layer.title,
          kind: layer.kind,
          style: xiangtu.featureStyle(layer, this.look(layer))(feature),
          rows: layer.tooltip
            .map((field) => [field.label, xiangtu.fieldText(field, feature.properties)])
            .filter(([, text]) => text !== null),
        }),
      };
    }

    /** Shows or hides a layer as its state says; fetches it when it is shown first. */
    async apply(layer) {
      const { visible } = this.states.get(layer.id);
      if (visible && !this.shown.has(layer.id)) await this.fetch(layer);
      const parts = this.shown.get(layer.id);
      if (!parts) return;
      const wanted = this.states.get(layer.id).visible; // it may have changed meanwhile
      if (wanted === this.map.hasLayer(parts.group)) return;
      this.labels.write(layer.id, wanted ? (parts.names ?? []) : []);
      if (wanted) {
        parts.group.addTo(this.map);
        this.stack();
      } else parts.group.remove();
    }

    async fetch(layer) {
      this.shown.set(layer.id, null); // a second click while loading must not load again
      const parts = await this.create(layer);
      if (parts) this.shown.set(layer.id, parts);
      else this.shown.delete(layer.id);
    }

    async create(layer) {
      if (layer.id === BASEMAP_ID) return { group: this.tiles(layer) };
      if (layer.kind === "picture") return { group: this.picture(layer) };
      const { title, url } = layer;
      const retry = () => this.apply(layer);
      const data = await xiangtu.load({ ...this, url, title, retry });
      if (!data) return null;
      const features = data.features ?? [];
      this.rows.get(layer.id).annotate(features.length ? "" : this.words.empty);
      const context = { renderer: this.renderer, look: this.look(layer) };
      const group = xiangtu.featureLayer(layer, data, context);
      return { group, names: xiangtu.anchors(features, layer.label_field) };
    }

    picture(layer) {
      const group = xiangtu.pictureLayer(layer, this.map);
      group.on("error", () => {
        const text = this.words.load_failed.replace("{title}", () => layer.title);
        const action = { label: this.words.retry, act: () => group.setUrl(layer.url) };
        this.notices.show(text, { className: "xt-failed", action });
      });
      return group;
    }

    tiles({ url, attribution, max_zoom: maxNativeZoom }) {
      const text = xiangtu.element("span", "", attribution).innerHTML; // escaped
      L.control.attribution({ prefix: false, position: "bottomright" }).addTo(this.map);
      return L.tileLayer(url, { attribution: text, maxNativeZoom, maxZoom: 24 });
    }

    look(layer) {
      const { strength } = this.states.get(layer.id);
      return { strength, dark: xiangtu.isDark(this.map) };
    }

    /** All vector layers share one canvas, so the drawing order is set again after a change. */
    stack() {
      for (const { id } of this.settings.layers) {
        const group = this.shown.get(id)?.group;
        if (group instanceof L.GeoJSON && this.map.hasLayer(group)) group.bringToFront();
      }
    }

    paint(layer) {
      const group = this.shown.get(layer.id)?.group;
      if (!group) return;
      const look = this.look(layer);
      if (group.setOpacity) group.setOpacity(layer.opacity * look.strength);
      else xiangtu.restyle(group, xiangtu.featureStyle(layer, look));
    }

    repaint() {
      for (const layer of this.layers) {
        this.paint(layer);
        this.rows.get(layer.id).refresh();
      }
    }
  }

  xiangtu.cityMap = (map, settings) => new CityMap(map, settings);
})(window.xiangtu);
