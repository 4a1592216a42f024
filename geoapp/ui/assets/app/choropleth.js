/* Units coloured by one figure. The units are fetched once; the figures come and change later,
   through streamlit-folium's feature group, while the map stays as it is. */
(function (xiangtu) {
  "use strict";

  const { element, swatch } = xiangtu;
  const LINE = { stroke: true, color: "#ffffff", weight: 0.8, opacity: 0.9, fill: true };
  const DARK_LINE = { ...LINE, color: "#181b1b" };
  const NO_DATA = {
    fillColor: "#b9b6ae",
    fillOpacity: 0.18,
    pattern: "hatch",
    patternColour: "#8d8a82",
    color: "#8d8a82",
  };

  class ChoroplethMap {
    constructor(map, settings) {
      Object.assign(this, { map, settings, words: settings.words });
      Object.assign(this, xiangtu.frame(map, settings, settings.words.legend));
      this.identify = new xiangtu.Identify(map, {
        targets: [
          { outline: false, group: () => this.units, describe: (unit) => this.describe(unit) },
        ],
        words: this.words,
        renderer: this.renderer,
        onPick: (unit) => this.pick(unit),
      });
      map.on("xt:theme", () => this.paint());
      this.fetch();
    }

    async fetch() {
      const { url } = this.settings;
      const retry = () => this.fetch();
      const data = await xiangtu.load({ ...this, url, title: this.words.map, retry });
      if (!data) return;
      const { renderer } = this;
      this.units = L.geoJSON(data, { renderer, interactive: false, style: LINE }).addTo(this.map);
      const names = xiangtu.anchors(data.features, this.settings.name_field);
      new xiangtu.Labels().addTo(this.map).write("units", names);
      this.paint();
    }

    code(unit) {
      return String(unit.properties[this.settings.code_field]);
    }

    /** New figures: Maps, because a code may be any text. */
    update({ values, shown, ...rest }) {
      this.figures = { values: new Map(values), shown: new Map(shown), ...rest };
      this.paint();
    }

    styleOf(value) {
      const line = xiangtu.isDark(this.map) ? DARK_LINE : LINE;
      if (value === undefined) return { ...line, ...NO_DATA }; // unknown is not zero
      const { breaks } = this.figures;
      const step = breaks.find(({ upper }) => upper === null || value < upper) ?? breaks.at(-1);
      return { ...line, fillColor: step.fill, fillOpacity: 0.92, pattern: "" };
    }

    paint() {
      if (!this.figures) return;
      this.drawLegend();
      if (!this.units) return;
      const { values, selected } = this.figures;
      this.units.setStyle((unit) => this.styleOf(values.get(this.code(unit))));
      this.outline(selected);
    }

    outline(code) {
      if (this.ring) this.ring.remove();
      this.ring = null;
      if (code === null) return;
      this.units.eachLayer(({ feature }) => {
        if (this.code(feature) !== code) return;
        const style = { fill: false, weight: 3, color: xiangtu.accent(this.map) };
        this.ring = L.geoJSON(feature, { renderer: this.renderer, interactive: false, style });
        this.ring.addTo(this.map);
      });
    }

    drawLegend() {
      const { title, breaks, no_data_label: noData } = this.figures;
      const line = (style, text) => {
        const row = element("div", "xt-class");
        row.append(swatch(style), element("span", "", text));
        return row;
      };
      const steps = breaks.map(({ fill, title: text }) =>
        line(
          {
            ...this.styleOf(undefined),
            pattern: "",
            color: fill,
            fillColor: fill,
            fillOpacity: 0.92,
          },
          text,
        ),
      );
      const unknown = line(this.styleOf(undefined), noData);
      unknown.classList.add("xt-unknown");
      this.panel.retitle(title);
      this.panel.body.replaceChildren(...steps.reverse(), unknown); // the largest on top
    }

    describe(unit) {
      const { shown, values, no_data_label: noData, title } = this.figures;
      const code = this.code(unit);
      const text = values.has(code) ? (shown.get(code) ?? String(values.get(code))) : noData;
      const name = unit.properties[this.settings.name_field] ?? code;
      return { title: String(name), style: this.styleOf(values.get(code)), rows: [[title, text]] };
    }

    /** The time makes each click a new value, also a second one on the same unit. */
    pick(unit) {
      const code = this.code(unit);
      this.outline(code);
      window.Streamlit.setComponentValue({ click: { code, time: Date.now() } });
    }
  }

  let current = null; // one map lives in one frame

  xiangtu.choropleth = (map, settings) => {
    current = new ChoroplethMap(map, settings);
  };

  /** Called with each new set of figures; the returned group is only what the caller expects. */
  xiangtu.choroplethValues = (_, figures) => {
    current.update(figures);
    return L.featureGroup();
  };
})(window.xiangtu);
