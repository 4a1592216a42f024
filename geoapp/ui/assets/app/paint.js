/* How things look: styles of features, fill patterns, legend swatches.
   The map and its legend paint with the same code, so they cannot differ. */
(function (xiangtu) {
  "use strict";

  const DARK_GROUND = "#1b1f1f"; // --ground in citymap.css
  const TILE_PX = 8; // side of a pattern tile in CSS pixels
  const HATCH_LINES = [
    [-2, 2, 2, -2],
    [-2, 10, 10, -2],
    [6, 10, 10, 6],
  ];
  const DOTS = [
    [2, 2],
    [6, 6],
  ];

  const tiles = new Map();

  function drawTile(pattern, colour) {
    const scale = window.devicePixelRatio || 1;
    const tile = document.createElement("canvas");
    tile.width = tile.height = Math.round(TILE_PX * scale);
    const ctx = tile.getContext("2d");
    ctx.scale(tile.width / TILE_PX, tile.height / TILE_PX);
    ctx.strokeStyle = ctx.fillStyle = colour;
    if (pattern === "hatch") {
      ctx.lineWidth = 1.3;
      for (const [x0, y0, x1, y1] of HATCH_LINES) {
        ctx.beginPath();
        ctx.moveTo(x0, y0);
        ctx.lineTo(x1, y1);
        ctx.stroke();
      }
    } else {
      for (const [x, y] of DOTS) {
        ctx.beginPath();
        ctx.arc(x, y, 1.1, 0, 2 * Math.PI);
        ctx.fill();
      }
    }
    return tile;
  }

  function patternFill(ctx, pattern, colour) {
    const id = `${pattern} ${colour}`;
    if (!tiles.has(id)) tiles.set(id, drawTile(pattern, colour));
    const tile = tiles.get(id);
    const fill = ctx.createPattern(tile, "repeat");
    // The context is scaled on dense screens and the tile is drawn dense already.
    fill.setTransform(new DOMMatrix().scale(TILE_PX / tile.width));
    return fill;
  }

  /** Fills a path as Leaflet would, and its pattern over it. */
  xiangtu.fillPath = function (ctx, path, { fill, fillColor, fillOpacity, pattern, patternColour }) {
    if (!fill || fillOpacity === 0) return;
    ctx.globalAlpha = fillOpacity;
    ctx.fillStyle = fillColor;
    ctx.fill(path, "nonzero"); // features of one class may lie over one another
    if (!pattern) return;
    ctx.globalAlpha = Math.min(1, fillOpacity * 1.5);
    ctx.fillStyle = patternFill(ctx, pattern, patternColour);
    ctx.fill(path, "nonzero");
  };

  xiangtu.strokePath = function (ctx, path, { stroke, color, weight, opacity, dashArray }) {
    if (!stroke) return;
    Object.assign(ctx, { globalAlpha: opacity, strokeStyle: color, lineWidth: weight });
    Object.assign(ctx, { lineJoin: "round", lineCap: dashArray ? "butt" : "round" });
    ctx.setLineDash((dashArray ?? "").split(/[ ,]+/).filter(Boolean).map(Number));
    ctx.stroke(path);
  };

  /** Leaflet's canvas with patterned fills. `_fillStroke` is private: leaflet is pinned. */
  xiangtu.PatternCanvas = L.Canvas.extend({
    _fillStroke(ctx, path) {
      L.Canvas.prototype._fillStroke.call(this, ctx, path);
      const { fill, pattern, patternColour, fillOpacity } = path.options;
      if (!fill || !pattern) return;
      ctx.globalAlpha = Math.min(1, fillOpacity * 1.5);
      ctx.fillStyle = patternFill(ctx, pattern, patternColour);
      ctx.fill("evenodd");
    },
  });

  function channels(colour) {
    const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
    return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : null;
  }

  /** On the dark background, dark lines become light ones and white ones dark. */
  function visibleLine(colour, dark) {
    const rgb = channels(colour);
    if (!dark || !rgb) return colour;
    const brightness = (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255;
    if (brightness > 0.9) return DARK_GROUND;
    if (brightness > 0.45) return colour;
    const lift = 0.95 - brightness;
    return `rgb(${rgb.map((value) => Math.round(value + (255 - value) * lift)).join(" ")})`;
  }

  /** Leaflet path options for a layer; `fill` is the colour of the feature's class. */
  xiangtu.pathStyle = function (layer, { fill, strength = 1, dark = false }) {
    const line = layer.kind === "line";
    const filled = !line && layer.kind !== "outline";
    return {
      stroke: layer.weight > 0,
      color: visibleLine(line ? fill : layer.stroke, dark),
      weight: layer.weight,
      opacity: line ? layer.opacity * strength : strength,
      dashArray: layer.dash || null,
      fill: filled,
      fillColor: fill,
      fillOpacity: layer.opacity * strength,
      pattern: filled ? layer.pattern : "",
      patternColour: visibleLine(layer.stroke, dark),
    };
  };

  /** A small picture of a style for the legend. */
  xiangtu.swatch = function (style, kind = "area") {
    const canvas = document.createElement("canvas");
    canvas.className = "xt-swatch";
    canvas.setAttribute("aria-hidden", "true");
    const [width, height, scale] = [22, 15, window.devicePixelRatio || 1];
    canvas.width = width * scale;
    canvas.height = height * scale;
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.beginPath();
    if (kind === "cluster") ctx.arc(width / 2, height / 2, 5, 0, 2 * Math.PI);
    else if (kind === "outline" || kind === "line") {
      ctx.moveTo(1, height / 2);
      ctx.lineTo(width - 1, height / 2);
    } else ctx.rect(1.5, 1.5, width - 3, height - 3);
    const dashes = (style.dashArray || "").split(/[ ,]+/).filter(Boolean).map(Number);
    const options = { lineCap: "butt", lineJoin: "miter", ...style, _dashArray: dashes };
    xiangtu.PatternCanvas.prototype._fillStroke(ctx, { options });
    return canvas;
  };

  /** Creates an element. Text only ever enters as text, so data cannot become markup. */
  xiangtu.element = function (tag, className = "", text = null) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== null) node.textContent = text;
    return node;
  };
})((window.xiangtu = window.xiangtu || {}));
