/* The layer panel: what can be switched on, and at the same time the legend. */
(function (xiangtu) {
  "use strict";

  const { element, swatch } = xiangtu;

  /** One layer's row. `control` = {words, dark(), onToggle, onStrength, onFold}. */
  xiangtu.LayerRow = class {
    constructor(layer, state, control) {
      Object.assign(this, { layer, control, state });
      this.root = element("div", "xt-layer");
      this.root.append(this.switchRow());
      this.details = this.root.appendChild(element("div", "xt-details"));
      this.classes = this.details.appendChild(element("div"));
      this.details.append(this.slider());
      this.refresh();
    }

    switchRow() {
      const { layer, control } = this;
      const row = element("div", "xt-row");
      const label = row.appendChild(element("label"));
      this.box = label.appendChild(element("input"));
      this.box.type = "checkbox";
      this.box.addEventListener("change", () => {
        this.state.visible = this.box.checked;
        this.refresh();
        control.onToggle(layer, this.state);
      });
      this.picture = label.appendChild(element("span", "xt-chip"));
      label.append(element("span", "xt-title", layer.title));
      this.note = row.appendChild(element("span", "xt-note"));
      this.fold = row.appendChild(element("button", "xt-fold"));
      this.fold.type = "button";
      this.fold.title = control.words.details;
      this.fold.setAttribute("aria-label", `${layer.title}: ${control.words.details}`);
      this.fold.append(xiangtu.icon(["M6 8l4 4 4-4"]));
      this.fold.addEventListener("click", () => {
        this.state.folded = !this.state.folded;
        this.refresh();
        control.onToggle(layer, this.state);
      });
      return row;
    }

    style(fill) {
      const look = { fill, strength: this.state.strength, dark: this.control.dark() };
      return xiangtu.pathStyle(this.layer, look);
    }

    /** Swatches show the class colours side by side when a layer has no one colour. */
    chip() {
      const { classes, kind, fill } = this.layer;
      if (kind === "picture" || (classes.length && kind !== "cluster")) {
        const strip = element("span", "xt-strip");
        const shown = classes.length ? classes.slice(0, 4) : [{ fill }];
        for (const one of shown) {
          strip.appendChild(element("i")).style.background = one.fill;
        }
        strip.style.opacity = Math.max(0.35, this.layer.opacity * this.state.strength);
        return strip;
      }
      return swatch(this.style(fill), kind);
    }

    refresh() {
      const { visible, folded } = this.state;
      this.box.checked = visible;
      this.root.classList.toggle("xt-on", visible);
      this.picture.replaceChildren(this.chip());
      this.fold.hidden = !visible;
      this.fold.setAttribute("aria-expanded", String(!folded));
      this.details.hidden = !visible || folded;
      this.classes.replaceChildren(...(this.details.hidden ? [] : this.classRows()));
    }

    classRows() {
      return this.layer.classes.map(({ title, fill }) => {
        const row = element("div", "xt-class");
        row.append(swatch(this.style(fill), this.layer.kind), element("span", "", title));
        return row;
      });
    }

    slider() {
      const { layer, control, state } = this;
      const label = element("label", "xt-slider");
      label.append(element("span", "", control.words.opacity));
      const input = label.appendChild(element("input"));
      Object.assign(input, { type: "range", min: 10, max: 100, step: 5 });
      input.value = Math.round(state.strength * 100);
      input.setAttribute("aria-label", `${layer.title}: ${control.words.opacity}`);
      input.addEventListener("input", () => {
        state.strength = input.value / 100;
        control.onStrength(layer, state);
      });
      input.addEventListener("change", () => this.refresh()); // not while the knob is held
      return label;
    }

    annotate(text) {
      this.note.textContent = text;
    }
  };

  /** Rows under the headings of their groups, both in the order given. */
  xiangtu.grouped = function (rows) {
    const groups = new Map();
    for (const row of rows) {
      const { group } = row.layer;
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(row);
    }
    return [...groups].map(([title, members]) => {
      const part = element("fieldset", "xt-group");
      if (title) part.append(element("legend", "", title));
      part.append(...members.map(({ root }) => root));
      return part;
    });
  };
})(window.xiangtu);
