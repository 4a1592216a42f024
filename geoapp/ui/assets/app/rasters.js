/* Backgrounds: basemaps (one at a time) and the city's own rasters. They come from lists that
   the server keeps; a server without such lists has none. */
(function (xiangtu) {
  "use strict";

  const DEEPEST = 24;

  async function list(url) {
    const reply = await fetch(url).catch(() => null);
    return reply?.ok ? reply.json().catch(() => null) : null;
  }

  /** Only addresses of this server, or of a basemap that the city has configured. */
  const usable = (url) => typeof url === "string" && /^(\/(?!\/)|https:\/\/)/.test(url);

  /** A title that names its date already is not told it again. */
  const dated = (title, date) => (!date || title.includes(date) ? title : `${title} ${date}`);

  function asLayer(given) {
    const plain = { classes: [], tooltip: [], opacity: 1, fill: "#9aa5a3", pattern: "", weight: 0 };
    return { ...plain, visible: false, ...given, kind: "picture", plain: true };
  }

  /** The backgrounds on offer, bottom first. */
  xiangtu.backgrounds = async function ({ lang, words, basemap }) {
    const [bases, rasters] = await Promise.all([
      list(`/map/basemaps.json?lang=${lang}`),
      list("/map/rasters.json"),
    ]);
    const offered = (bases?.basemaps ?? []).map((base) =>
      asLayer({
        ...base,
        id: `basemap:${base.id}`,
        title: String(base.title),
        group: words.basemap,
        attribution: [base.attribution, base.review_number].filter(Boolean).join(" "),
        single: true,
      }),
    );
    if (basemap && !offered.some(({ url }) => url === basemap.url)) {
      const [id, group, single] = [`basemap:${basemap.title}`, words.basemap, true];
      const { max_zoom: maxzoom } = basemap;
      offered.push(asLayer({ ...basemap, maxzoom, id, group, single, visible: true }));
    }
    const own = (rasters?.rasters ?? []).map((raster) =>
      asLayer({
        ...raster,
        id: `raster:${raster.id}`,
        title: dated(raster.title?.[lang] ?? raster.id, raster.date),
        group: words.rasters,
      }),
    );
    return [...offered, ...own].filter(({ url }) => usable(url));
  };

  /** Behaves as a LayerView does. */
  xiangtu.RasterView = class {
    constructor(layer, state, { map }, onChange) {
      Object.assign(this, { layer, state, map, onChange });
      this.pane = `xt-${layer.id}`;
      this.names = [];
      map.createPane(this.pane).style.pointerEvents = "none";
    }

    stackAt(place) {
      this.map.getPane(this.pane).style.zIndex = 300 + place;
    }

    apply() {
      this.group ??= xiangtu.rasterTiles(this.layer, this.pane);
      const shows = this.map.hasLayer(this.group);
      if (this.state.visible !== shows) {
        if (shows) this.group.remove();
        else this.group.addTo(this.map);
      }
      this.paint();
      this.onChange(this);
    }

    paint() {
      this.group?.setOpacity(this.state.strength);
    }

    filter() {}
    get target() {
      return null;
    }
    codes() {
      return null;
    }
  };

  xiangtu.rasterTiles = function ({ url, attribution = "", minzoom = 0, maxzoom, bounds }, pane) {
    const text = xiangtu.element("span", "", attribution).innerHTML; // escaped
    return L.tileLayer(url, {
      pane,
      attribution: text,
      minNativeZoom: minzoom,
      maxNativeZoom: maxzoom,
      maxZoom: DEEPEST,
      bounds: bounds ? xiangtu.boundsOf(bounds) : undefined,
    });
  };
})(window.xiangtu);
