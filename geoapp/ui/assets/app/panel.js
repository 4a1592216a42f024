/* A panel on the map that folds into a button: layer panel and choropleth legend. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const [ROOMY_PX, TALL_PX] = [640, 480]; // of a map that has room for an open panel

  xiangtu.icon = function (paths) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    for (const d of paths) {
      const path = document.createElementNS(svg.namespaceURI, "path");
      path.setAttribute("d", d);
      svg.append(path);
    }
    return svg;
  };

  const LAYERS_ICON = ["M10 3 2.5 7 10 11l7.5-4z", "M3 10.2 10 14l7-3.8", "M3 13.4 10 17.2l7-3.8"];

  /** `session` remembers whether the panel is open; on a small map it starts as a button. */
  xiangtu.Panel = L.Control.extend({
    options: { position: "topright" },

    initialize({ title, hide, session }) {
      Object.assign(this, { title, hide, session });
      this.body = element("div", "xt-panel-body");
    },

    onAdd(map) {
      this.root = element("div", "xt-panel");
      L.DomEvent.disableClickPropagation(this.root).disableScrollPropagation(this.root);
      this.opener = this.button("xt-panel-open", this.title, true);
      this.opener.append(xiangtu.icon(LAYERS_ICON), element("span", "", this.title));
      const head = element("header");
      const closer = this.button("xt-close", this.hide, false);
      closer.textContent = "×";
      this.heading = element("h3", "", this.title);
      head.append(this.heading, closer);
      this.sheet = element("div", "xt-sheet");
      this.sheet.append(head, this.body);
      this.root.append(this.opener, this.sheet);
      const fit = () => {
        const { x, y } = map.getSize();
        this.root.style.setProperty("--map-height", `${y}px`);
        this.open(this.session.read().open ?? (x >= ROOMY_PX && y >= TALL_PX));
      };
      map.on("resize", fit);
      fit();
      return this.root;
    },

    button(className, label, opens) {
      const button = element("button", className);
      button.type = "button";
      button.title = label;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => {
        this.open(opens);
        this.session.write({ open: opens });
      });
      return button;
    },

    open(opened) {
      this.opener.hidden = opened;
      this.sheet.hidden = !opened;
    },

    retitle(title) {
      this.heading.textContent = title;
    },
  });
})(window.xiangtu);
