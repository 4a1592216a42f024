/* Tells what lies under the pointer (desktop) or the finger (phone): every layer, not only the
   topmost, because whether two control layers overlap is what people look for. */
(function (xiangtu) {
  "use strict";

  const { element, swatch } = xiangtu;
  const MOST_HITS = 5;
  const CURSOR_GAP_PX = 16;
  const NUMBERS = "en"; // grouping and point are the same in Chinese

  /** The text of one field, or null when there is nothing to show. */
  xiangtu.fieldText = function (field, properties) {
    const raw = properties[field.field];
    if (raw === null || raw === undefined || raw === "") return null;
    const coded = Object.hasOwn(field.codes, String(raw)) ? field.codes[String(raw)] : raw;
    const digits = { minimumFractionDigits: field.decimals, maximumFractionDigits: field.decimals };
    const isNumber = typeof coded === "number" && field.decimals !== null;
    const text = isNumber ? coded.toLocaleString(NUMBERS, digits) : String(coded);
    return field.unit ? `${text} ${field.unit}` : text;
  };

  function forEachPath(group, visit) {
    group.eachLayer((layer) => (layer.eachLayer ? forEachPath(layer, visit) : visit(layer)));
  }

  /** The topmost path of a layer at a point.
      `_pxBounds` and `_containsPoint` are Leaflet's own hit test; private, hence the pin. */
  function topmost(group, point, skips) {
    let hit = null;
    forEachPath(group, (path) => {
      const drawn = path._map && path._containsPoint && path._pxBounds;
      if (!drawn || skips?.(path.feature)) return;
      if (path._pxBounds.contains(point) && path._containsPoint(point)) hit = path;
    });
    return hit;
  }

  function section({ target, path }) {
    const { title, style, kind, rows } = target.describe(path.feature);
    const part = element("section");
    const heading = part.appendChild(element("h4"));
    if (style) heading.append(swatch(style, kind));
    heading.append(element("span", "", title));
    const table = part.appendChild(element("table"));
    for (const [label, value] of rows) {
      const row = table.insertRow();
      row.append(element("th", "", label), element("td", "", value));
    }
    return part;
  }

  /** The box with the facts: beside the cursor, or docked to the bottom on touch screens. */
  class FactBox {
    constructor(container, words) {
      this.container = container;
      this.docked = window.matchMedia("(hover: none)").matches;
      this.box = container.appendChild(element("div", "xt-facts"));
      this.box.hidden = true;
      this.box.setAttribute("role", "status");
      this.box.classList.toggle("xt-docked", this.docked);
      L.DomEvent.disableClickPropagation(this.box).disableScrollPropagation(this.box);
      this.words = words;
    }

    show(hits, point) {
      this.box.replaceChildren(...hits.map(section));
      if (this.docked) this.box.prepend(this.closeButton());
      this.box.hidden = hits.length === 0;
      if (!this.docked && hits.length) this.place(point);
    }

    place({ x, y }) {
      const { clientWidth, clientHeight } = this.container;
      const { offsetWidth, offsetHeight } = this.box;
      const left = x + CURSOR_GAP_PX + offsetWidth > clientWidth;
      const top = Math.min(y + CURSOR_GAP_PX, clientHeight - offsetHeight - 4);
      this.box.style.left = `${left ? Math.max(4, x - CURSOR_GAP_PX - offsetWidth) : x + CURSOR_GAP_PX}px`;
      this.box.style.top = `${Math.max(4, top)}px`;
    }

    closeButton() {
      const button = element("button", "xt-close", "×");
      button.type = "button";
      button.setAttribute("aria-label", this.words.close);
      button.addEventListener("click", () => this.onClose());
      return button;
    }
  }

  const HIGHLIGHT = { fill: false, weight: 2.5, interactive: false };

  /** Follows the pointer.
      Each target is {group(), outline, describe(feature), skips(feature)?}; the last lies on top.
      With `hoverOnly`, a click means something else. */
  xiangtu.Identify = class {
    constructor(map, { targets, words, renderer, onPick, hoverOnly = false }) {
      Object.assign(this, { map, targets, onPick, renderer });
      this.facts = new FactBox(map.getContainer(), words);
      this.facts.onClose = () => this.clear();
      this.mark = null;
      this.frame = 0;
      map.on("click", (event) => (hoverOnly ? this.clear() : this.pick(event)));
      map.on("movestart zoomstart", () => this.clear());
      if (this.facts.docked) return;
      map.on("mousemove", (event) => this.follow(event));
      map.on("mouseout", () => this.clear());
    }

    hits(event) {
      const { target: under } = event.originalEvent;
      if (under.closest?.(".leaflet-control, .xt-facts, .xt-card, .xt-search, .xt-live")) return [];
      const found = this.targets.map((target) => {
        const group = target.group();
        return { target, path: group && topmost(group, event.layerPoint, target.skips) };
      });
      const hits = found.filter(({ path }) => path).reverse();
      const behind = ({ target }) => Number(target.outline); // units tell where, not what
      return hits.sort((a, b) => behind(a) - behind(b)).slice(0, MOST_HITS);
    }

    follow(event) {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.show(this.hits(event), event.containerPoint));
    }

    pick(event) {
      const hits = this.hits(event);
      this.show(hits, event.containerPoint);
      if (hits.length && this.onPick) this.onPick(hits[0].path.feature);
    }

    show(hits, point) {
      this.facts.show(hits, point);
      this.map.getContainer().classList.toggle("xt-over", hits.length > 0);
      this.highlight(hits.length ? hits[0].path : null);
    }

    clear() {
      cancelAnimationFrame(this.frame);
      this.show([], null);
    }

    /** Draws the feature once more, on top; its own path keeps its place in the order. */
    highlight(path) {
      if (this.marked === path) return;
      this.marked = path;
      if (this.mark) this.mark.remove();
      this.mark = null;
      if (!path) return;
      const style = { ...HIGHLIGHT, color: xiangtu.accent(this.map), renderer: this.renderer };
      this.mark = path.getRadius
        ? L.circleMarker(path.getLatLng(), { ...style, radius: path.getRadius() + 3 })
        : L.geoJSON(path.feature, { style, interactive: false });
      this.mark.addTo(this.map);
    }
  };
})(window.xiangtu);
