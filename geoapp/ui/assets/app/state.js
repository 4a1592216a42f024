/* What a map shows, as one short text for a link, and back.

   1~v13_29.12345_110.48123~llanduse*o60*x01-03!district~slanduse*BSM1~wlanduse*landuse@2020*50~bgrey
   1: edition; v: view; l: visible layers, bottom first (o: opacity, x: classes left out,
   d: snapshot); s: the selected object; w: the two sides of a comparison; b: the basemap.
   Whatever cannot be read is left out and counted: a link never breaks the map. */
(function (xiangtu) {
  "use strict";

  const EDITION = "1";
  const LONGEST = 4000;
  const MOST_PARTS = 200;
  const RESERVED = /[~!*_@.'()-]/g; // encodeURIComponent leaves these

  const hex = (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  const ID = /^[a-z][a-z0-9_]{0,60}$/; // of layers: these need no escaping

  const escape = (text) => encodeURIComponent(String(text)).replace(RESERVED, hex);
  const name = (id) => (ID.test(id) ? id : escape(id));

  const unescape = (text) => decodeURIComponent(text); // throws on junk

  function layerText({ id, strength = 1, hidden = [], snapshot = "" }) {
    const parts = [name(id)];
    if (strength !== 1) parts.push(`o${Math.round(strength * 100)}`);
    if (hidden.length) parts.push(`x${[...hidden].sort().map(escape).join("-")}`);
    if (snapshot) parts.push(`d${escape(snapshot)}`);
    return parts.join("*");
  }

  const side = ({ id, snapshot = "" }) => name(id) + (snapshot ? `@${escape(snapshot)}` : "");

  /** The text of a state {view, layers, selected, swipe, basemap}; each part may be missing. */
  xiangtu.encodeState = function ({ view, layers, selected, swipe, basemap }) {
    const parts = [EDITION];
    if (view) {
      parts.push(`v${[+view.zoom.toFixed(2), view.lat.toFixed(5), view.lng.toFixed(5)].join("_")}`);
    }
    if (layers) parts.push(`l${layers.map(layerText).join("!")}`);
    if (selected) parts.push(`s${name(selected.layer)}*${escape(selected.key)}`);
    if (swipe) {
      parts.push(`w${side(swipe.left)}*${side(swipe.right)}*${Math.round(swipe.at * 100)}`);
    }
    if (basemap) parts.push(`b${name(basemap)}`);
    return parts.join("~");
  };

  function within(text, low, high) {
    if (!/^-?\d{1,4}(\.\d{1,9})?$/.test(text)) throw new RangeError("no number");
    const number = Number(text);
    if (number < low || number > high) throw new RangeError("out of range");
    return number;
  }

  function readId(text) {
    const id = unescape(text);
    if (!id || id.length > 100) throw new RangeError("no name");
    return id;
  }

  function readView(text) {
    const parts = text.split("_");
    if (parts.length !== 3) throw new RangeError("no view");
    const [zoom, lat, lng] = parts;
    return {
      zoom: within(zoom, 0, 24),
      lat: within(lat, -85, 85),
      lng: within(lng, -180, 180),
    };
  }

  function readLayer(text) {
    const [id, ...options] = text.split("*");
    const layer = { id: readId(id), strength: 1, hidden: [], snapshot: "" };
    for (const option of options) {
      const rest = option.slice(1);
      if (option[0] === "o") layer.strength = within(rest, 0, 100) / 100;
      else if (option[0] === "x") layer.hidden = rest.split("-").slice(0, MOST_PARTS).map(unescape);
      else if (option[0] === "d") layer.snapshot = readId(rest);
      else throw new RangeError("unknown option");
    }
    return layer;
  }

  function readSide(text) {
    const [id, snapshot = ""] = text.split("@");
    return { id: readId(id), snapshot: unescape(snapshot) };
  }

  const READERS = {
    v: ["view", readView],
    s: [
      "selected",
      (text) => {
        const parts = text.split("*");
        if (parts.length !== 2) throw new RangeError("no object");
        return { layer: readId(parts[0]), key: readId(parts[1]) };
      },
    ],
    w: [
      "swipe",
      (text) => {
        const parts = text.split("*");
        if (parts.length !== 3) throw new RangeError("no comparison");
        const [left, right] = parts.map(readSide);
        return { left, right, at: within(parts[2], 0, 100) / 100 };
      },
    ],
    b: ["basemap", readId],
  };

  /** Reads what it can: {state, ignored}, `ignored` counting the parts that made no sense. */
  xiangtu.decodeState = function (text) {
    const state = {};
    let ignored = 0;
    const attempt = (act) => {
      try {
        act();
      } catch {
        ignored += 1;
      }
    };
    if (typeof text !== "string" || text === "") return { state, ignored: text ? 1 : 0 };
    const [edition, ...parts] = text.slice(0, LONGEST).split("~");
    if (edition !== EDITION) return { state, ignored: 1 };
    if (text.length > LONGEST) ignored += 1;
    for (const part of parts.slice(0, MOST_PARTS)) {
      const rest = part.slice(1);
      if (part[0] === "l") {
        const layers = [];
        for (const one of rest.split("!").filter(Boolean).slice(0, MOST_PARTS)) {
          attempt(() => layers.push(readLayer(one)));
        }
        if (layers.length || !rest) state.layers = layers; // no layer may be meant, junk not
        continue;
      }
      const reader = Object.hasOwn(READERS, part[0]) ? READERS[part[0]] : null;
      if (reader) attempt(() => (state[reader[0]] = reader[1](rest)));
      else ignored += 1;
    }
    return { state, ignored };
  };
})(window.xiangtu);
