/* What every map has: theme, remembered view, buttons, scale, coordinates, badge, messages. */
(function (xiangtu) {
  "use strict";

  const { element, icon } = xiangtu;
  const MAX_ZOOM = 20;
  const QUIETLY = { animate: false };
  const SLOW_MS = 300; // shorter waits need no message
  const ROOM_FOR_PANEL_PX = 640;
  const PANEL_PX = 244; // not measured: the style sheet may still be on its way
  const A_LITTLE = 0.3; // of a zoom
  const HOME = ["M3 9.5 10 3.5l7 6", "M5 8.5V16.5h10V8.5"];
  const FULLSCREEN = ["M3 7.5V3h4.5", "M12.5 3H17v4.5", "M17 12.5V17h-4.5", "M7.5 17H3v-4.5"];

  /** Remembers a map's state for this browser session; a full or closed store is no error. */
  xiangtu.session = function (key) {
    const slot = `xiangtu map ${key}`;
    const read = () => {
      try {
        return JSON.parse(sessionStorage.getItem(slot)) || {};
      } catch {
        return {};
      }
    };
    const write = (change) => {
      try {
        sessionStorage.setItem(slot, JSON.stringify({ ...read(), ...change }));
      } catch {
        // Nothing is lost but the memory of this view.
      }
    };
    return { read, write };
  };

  xiangtu.isDark = (map) => map.getContainer().classList.contains("xt-dark");
  xiangtu.accent = (map) => (xiangtu.isDark(map) ? "#ffffff" : "#10292b");

  /** Streamlit tells its theme with every render; following it there needs no rebuild. */
  function followTheme(map) {
    const apply = (dark) => {
      if (dark === xiangtu.isDark(map)) return;
      map.getContainer().classList.toggle("xt-dark", dark);
      map.fire("xt:theme");
    };
    const rgb = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g);
    if (rgb && rgb[3] !== "0") apply(Number(rgb[0]) + Number(rgb[1]) + Number(rgb[2]) < 384);
    window.Streamlit?.events.addEventListener("streamlit:render", ({ detail }) => {
      if (detail.theme) apply(detail.theme.base === "dark");
    });
  }

  function boundsOf([west, south, east, north]) {
    return L.latLngBounds([south, west], [north, east]);
  }
  xiangtu.boundsOf = boundsOf;

  /** The zoom that shows an extent in a part of the map; with whole zooms only, one that is a
      little too large rather than one that leaves most of the map empty. */
  function zoomFor(map, bounds, beside) {
    const { zoomSnap } = map.options;
    if (zoomSnap < 1) return map.getBoundsZoom(bounds, false, L.point(beside, 0));
    map.options.zoomSnap = 0;
    const exact = map.getBoundsZoom(bounds, false, L.point(beside, 0));
    map.options.zoomSnap = zoomSnap;
    return Math.floor(exact + A_LITTLE);
  }

  /** What an open panel takes of a map that is wide enough to show something beside it. */
  xiangtu.panelWidth = function (map) {
    const sheet = map.getContainer().querySelector(".xt-sheet:not([hidden])");
    return sheet && map.getSize().x >= ROOM_FOR_PANEL_PX ? PANEL_PX : 0;
  };

  /** Shows the whole extent, beside an open panel when there is room for both. */
  function showWhole(map, extent, animate) {
    const beside = xiangtu.panelWidth(map);
    const bounds = boundsOf(extent);
    const zoom = zoomFor(map, bounds, beside);
    const middle = map.project(bounds.getCenter(), zoom).add([beside / 2, 0]);
    map.setView(map.unproject(middle, zoom), zoom, { animate });
  }

  /** Shows what was on screen before a rerun or a page switch, else the whole extent; and,
      until the reader moves the map, again whenever its size changes. A map in a closed tab
      has no size, and one in a tab that opens has a wrong one at first. */
  function keepView(map, { extent }, session) {
    const place = extent.join(" "); // another extent is another question: no old view then
    const saved = session.read().view;
    let [moved, ours] = [false, false];
    const fit = () => {
      map.setMinZoom(0);
      if (!moved && saved?.place === place) map.setView(saved.center, saved.zoom, QUIETLY);
      else if (!moved) showWhole(map, extent, false);
      // Last, because it would start an animated zoom if the view were still further out.
      map.setMinZoom(Math.floor(map.getBoundsZoom(boundsOf(extent))) - 1);
    };
    const show = () => {
      ours = true; // moves without animation are reported before the call returns
      map.invalidateSize(QUIETLY);
      if (map.getSize().x > 0) fit();
      ours = false;
    };
    map.setMaxZoom(MAX_ZOOM).setMaxBounds(boundsOf(extent).pad(4)); // wider than any first view
    new ResizeObserver(show).observe(map.getContainer());
    map.on("moveend", () => {
      if (ours || map.getSize().x === 0) return;
      moved = true;
      const { lat, lng } = map.getCenter();
      session.write({ view: { place, center: [lat, lng], zoom: map.getZoom() } });
    });
    show();
  }

  const Buttons = L.Control.extend({
    options: { position: "topleft" },
    initialize(buttons) {
      this.buttons = buttons;
    },
    onAdd() {
      const bar = element("div", "leaflet-bar xt-buttons");
      L.DomEvent.disableClickPropagation(bar);
      for (const { label, paths, act } of this.buttons) {
        const button = bar.appendChild(element("button"));
        button.type = "button";
        button.title = label;
        button.setAttribute("aria-label", label);
        button.append(icon(paths));
        button.addEventListener("click", act);
      }
      return bar;
    },
  });

  xiangtu.addButtonBar = (map, buttons) => new Buttons(buttons).addTo(map);

  function addButtons(map, { extent, words }) {
    L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    const home = { label: words.home, paths: HOME, act: () => showWhole(map, extent, true) };
    const toggle = () =>
      document.fullscreenElement
        ? document.exitFullscreen()
        : map.getContainer().requestFullscreen();
    const full = { label: words.fullscreen, paths: FULLSCREEN, act: toggle };
    new Buttons(document.fullscreenEnabled ? [home, full] : [home]).addTo(map);
  }

  const Coordinates = L.Control.extend({
    options: { position: "bottomright" },
    initialize(name, gauss) {
      Object.assign(this, { name, gauss });
    },
    /** East with the number of the zone before it, and north. */
    metres({ lng, lat }) {
      const { east, north } = xiangtu.gauss(lng, lat, this.gauss.meridian);
      return ` · ${this.gauss.zone}${east.toFixed(2).padStart(9, "0")}, ${north.toFixed(2)} m`;
    },
    onAdd(map) {
      const box = element("div", "xt-coordinates");
      map.on("mousemove click", ({ latlng, originalEvent }) => {
        if (originalEvent.target.closest?.(".leaflet-control")) return;
        const degrees = `${this.name} ${latlng.lng.toFixed(6)}°, ${latlng.lat.toFixed(6)}°`;
        box.textContent = degrees + (this.gauss ? this.metres(latlng) : "");
      });
      map.on("mouseout", () => box.replaceChildren());
      return box;
    },
  });

  /** Messages at the top of the map: what is loading, what could not be loaded. */
  class Notices {
    constructor(container) {
      this.box = container.appendChild(element("div", "xt-notices"));
      this.box.setAttribute("role", "status");
      L.DomEvent.disableClickPropagation(this.box);
    }

    /** Returns a function that takes the message away. */
    show(text, { className = "", action = null } = {}) {
      const note = this.box.appendChild(element("div", `xt-notice ${className}`));
      note.append(element("span", "", text));
      if (action) {
        const button = note.appendChild(element("button", "", action.label));
        button.type = "button";
        button.addEventListener("click", () => {
          note.remove();
          action.act();
        });
      }
      return () => note.remove();
    }
  }

  /** Loads JSON with messages; on failure offers to try again. Resolves to null if it failed. */
  xiangtu.load = async function ({ url, title, words, notices, retry }) {
    let done = () => {};
    const waiting = setTimeout(() => {
      done = notices.show(words.loading.replace("{title}", () => title));
    }, SLOW_MS);
    try {
      const reply = await fetch(url, { credentials: "same-origin" });
      if (!reply.ok) throw new Error(`${reply.status}`);
      return await reply.json();
    } catch {
      notices.show(
        words.load_failed.replace("{title}", () => title),
        {
          className: "xt-failed",
          action: { label: words.retry, act: retry },
        },
      );
      return null;
    } finally {
      clearTimeout(waiting);
      done();
    }
  };

  /** Dresses a bare Leaflet map. Returns what the two kinds of map build on. */
  xiangtu.frame = function (map, settings, panelTitle) {
    const { words, key, sample, gauss } = settings;
    const container = map.getContainer();
    const session = xiangtu.session(key);
    const panel = new xiangtu.Panel({ title: panelTitle, hide: words.hide, session });
    container.classList.add("xt-map");
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", words.map);
    followTheme(map);
    Object.assign(map.options, { zoomSnap: settings.tiled ? 1 : 0.25 }); // tiles blur between
    panel.addTo(map);
    keepView(map, settings, session);
    addButtons(map, settings);
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    new Coordinates(words.coordinates, gauss).addTo(map);
    if (sample) container.append(element("div", "xt-sample", words.sample));
    const renderer = new xiangtu.PatternCanvas({ padding: 0.25, tolerance: 3 });
    return { session, panel, renderer, notices: new Notices(container) };
  };
})(window.xiangtu);
