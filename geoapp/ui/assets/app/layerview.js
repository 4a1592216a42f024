/* One layer on the map: in a pane of its own, so that any order is possible. Small layers come
   as features, generalised, while zoomed out (they carry names and answer the pointer), and as
   tiles where a generalised border would lie beside the true one; large ones come as tiles. */
(function (xiangtu) {
  "use strict";

  const EXACT_FROM_ZOOM = 13; // 30 m, to which features are generalised, are 2 px there

  xiangtu.LayerView = class {
    /** `state` = {visible, strength, hidden}. */
    constructor(layer, state, { map, words, notices }, onChange) {
      Object.assign(this, { layer, state, map, words, notices, onChange });
      this.pane = `xt-${layer.id}`;
      this.map.createPane(this.pane).style.pointerEvents = "none";
      this.features = this.tiles = this.data = null;
      this.names = [];
      this.map.on("zoomend", () => this.arrange());
    }

    get look() {
      return { strength: this.state.strength, dark: xiangtu.isDark(this.map) };
    }

    get hidden() {
      return new Set(this.state.hidden);
    }

    get byTilesOnly() {
      return !this.layer.url;
    }

    stackAt(place) {
      this.map.getPane(this.pane).style.zIndex = 300 + place;
    }

    /** Shows or hides the layer as its state says; fetches it when it is first shown. */
    async apply() {
      if (this.state.visible) await this.prepareFeatures();
      await this.arrange();
    }

    get exact() {
      return this.byTilesOnly || this.map.getZoom() >= EXACT_FROM_ZOOM;
    }

    async arrange() {
      if (this.state.visible && this.exact) await this.prepareTiles();
      const { exact } = this;
      const { visible } = this.state; // it may have changed meanwhile
      const byTiles = this.tiles && (exact || !this.features);
      this.toggle(this.tiles, visible && Boolean(byTiles));
      this.toggle(this.features, visible && !byTiles);
      this.onChange(this);
    }

    toggle(group, wanted) {
      if (!group || wanted === this.map.hasLayer(group)) return;
      if (wanted) group.addTo(this.map);
      else group.remove();
    }

    async prepareFeatures() {
      if (this.byTilesOnly || this.asked) return;
      this.asked = true; // a second click while loading must not load again
      const { words, notices } = this;
      const { title, url, label_field: field } = this.layer;
      const retry = () => this.apply();
      this.data = await xiangtu.load({ words, notices, url, title, retry });
      if (!this.data) {
        this.asked = false;
        return;
      }
      this.empty = !this.data.features?.length;
      this.names = xiangtu.anchors(this.data.features ?? [], field);
      this.drawFeatures();
    }

    drawFeatures() {
      const { pane, look, hidden } = this;
      this.renderer ??= new xiangtu.PatternCanvas({ pane, padding: 0.1, tolerance: 3 });
      const context = { renderer: this.renderer, pane, look, hidden };
      this.features = xiangtu.featureLayer(this.layer, this.data, context);
    }

    async prepareTiles() {
      if (!this.layer.tiled || this.offered) return;
      this.offered = true;
      let done = () => {};
      const words = (text) => text.replace("{title}", () => this.layer.title);
      const waiting = () => {
        done();
        done = this.notices.show(words(this.words.loading));
      };
      const offer = await xiangtu.describeTiles(this.layer.id, { waiting });
      done();
      if (offer) this.tiles = this.makeTiles(offer);
      else if (this.byTilesOnly) {
        this.offered = false;
        this.fault(() => this.apply());
      }
    }

    makeTiles(offer) {
      const { pane, look, hidden, layer } = this;
      const onFault = () => this.fault(() => this.tiles.redraw());
      const tiles = new xiangtu.ClassTiles(layer, offer, { pane, look, hidden, onFault });
      return tiles.on("load", () => this.onChange(this));
    }

    fault(act) {
      if (this.faulty) return; // one message for all tiles
      this.faulty = true;
      const again = () => {
        this.faulty = false;
        act();
      };
      const text = this.words.load_failed.replace("{title}", () => this.layer.title);
      const action = { label: this.words.retry, act: again };
      this.notices.show(text, { className: "xt-failed", action });
    }

    paint() {
      const { layer, look, hidden } = this;
      if (this.features) xiangtu.restyle(this.features, xiangtu.featureStyle(layer, look, hidden));
      this.tiles?.repaint(look);
    }

    filter() {
      this.tiles?.filter(this.state.hidden);
      if (this.features && this.layer.kind === "cluster") {
        this.features.remove();
        this.drawFeatures();
        this.arrange();
      } else this.paint();
      this.onChange(this);
    }

    /** The group that the pointer asks, or null. */
    get target() {
      return this.features && this.map.hasLayer(this.features) ? this.features : null;
    }

    /** Codes of the classes that can be seen; null while nothing has been drawn. */
    codes() {
      if (this.target) return xiangtu.codesInView(this.layer, this.features, this.map);
      return this.tiles && this.map.hasLayer(this.tiles) ? this.tiles.codes() : null;
    }
  };
})(window.xiangtu);
