/* The layer panel: what can be switched on, and at the same time the legend. */
(function (xiangtu) {
  "use strict";

  const { element, swatch } = xiangtu;
  const UP = ["M6 12l4-4 4 4"];
  const DOWN = ["M6 8l4 4 4-4"];

  /** One layer's row.
      `control` = {words, dark(), onToggle, onStrength, onFilter, onMove(layer, step), onFold}. */
  xiangtu.LayerRow = class {
    constructor(layer, state, control) {
      Object.assign(this, { layer, control, state });
      this.seen = null; // codes in view, once known
      this.root = element("div", "xt-layer");
      this.root.dataset.layer = layer.id;
      this.root.append(this.switchRow());
      this.details = this.root.appendChild(element("div", "xt-details"));
      this.classes = this.details.appendChild(element("div"));
      this.details.append(this.slider(), this.movers());
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
        control.onToggle(layer);
      });
      this.picture = label.appendChild(element("span", "xt-chip"));
      label.append(element("span", "xt-title", layer.title));
      this.note = row.appendChild(element("span", "xt-note"));
      this.fold = row.appendChild(this.button("xt-fold", control.words.details, DOWN));
      this.fold.addEventListener("click", () => {
        this.state.folded = !this.state.folded;
        this.refresh();
        control.onFold(layer);
      });
      return row;
    }

    button(className, word, paths) {
      const button = element("button", className);
      button.type = "button";
      button.title = word;
      button.setAttribute("aria-label", `${this.layer.title}: ${word}`);
      button.append(xiangtu.icon(paths));
      return button;
    }

    movers() {
      const { words, onMove } = this.control;
      const row = element("div", "xt-movers");
      this.place = row.appendChild(element("span"));
      this.up = row.appendChild(this.button("xt-fold", words.move_up, UP));
      this.down = row.appendChild(this.button("xt-fold", words.move_down, DOWN));
      this.up.addEventListener("click", () => onMove(this.layer, 1));
      this.down.addEventListener("click", () => onMove(this.layer, -1));
      return row;
    }

    style(fill) {
      const look = { fill, strength: this.state.strength, dark: this.control.dark() };
      return xiangtu.pathStyle(this.layer, look);
    }

    /** Swatches show the class colours side by side when a layer has no one colour. */
    chip() {
      const { classes, kind, fill } = this.layer;
      if (kind !== "picture" && (!classes.length || kind === "cluster")) {
        return swatch(this.style(fill), kind);
      }
      const strip = element("span", "xt-strip");
      const shown = classes.length ? classes.slice(0, 4) : [{ fill }];
      for (const one of shown) strip.appendChild(element("i")).style.background = one.fill;
      strip.style.opacity = Math.max(0.35, this.layer.opacity * this.state.strength);
      return strip;
    }

    refresh() {
      const { visible, folded } = this.state;
      this.box.checked = visible;
      this.root.classList.toggle("xt-on", visible);
      this.picture.replaceChildren(this.chip());
      this.fold.hidden = !visible;
      this.fold.setAttribute("aria-expanded", String(!folded));
      this.details.hidden = !visible || folded;
      if (!this.details.hidden) this.listClasses();
    }

    /** Tells which classes can be seen in the current view; null when that is not known. */
    see(codes) {
      const before = this.seen && [...this.seen].sort().join(" ");
      this.seen = codes;
      const after = codes && [...codes].sort().join(" ");
      if (before !== after && !this.details.hidden) this.listClasses();
    }

    listClasses() {
      const hidden = new Set(this.state.hidden);
      const inView = ({ code }) => !this.seen || this.seen.has(code) || hidden.has(code);
      const focus = this.classes.contains(document.activeElement) && document.activeElement.value;
      this.classes.replaceChildren(
        ...this.layer.classes.filter(inView).map((one) => this.classRow(one, hidden)),
      );
      if (focus) this.classes.querySelector(`input[value="${CSS.escape(focus)}"]`)?.focus();
    }

    classRow({ code, title, fill }, hidden) {
      const row = element("label", "xt-class");
      const box = row.appendChild(element("input"));
      Object.assign(box, { type: "checkbox", value: code, checked: !hidden.has(code) });
      box.addEventListener("change", () => {
        const left = new Set(this.state.hidden);
        if (box.checked) left.delete(code);
        else left.add(code);
        this.state.hidden = [...left].sort();
        row.classList.toggle("xt-off", !box.checked);
        this.control.onFilter(this.layer);
      });
      row.classList.toggle("xt-off", hidden.has(code));
      row.append(swatch(this.style(fill), this.layer.kind), element("span", "", title));
      return row;
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
        control.onStrength(layer);
      });
      input.addEventListener("change", () => this.refresh()); // not while the knob is held
      return label;
    }

    /** Says where the layer lies among those shown; 1 is the topmost. */
    rank(place, count) {
      const facts = { place, count };
      this.place.textContent = this.control.words.order.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
      this.up.disabled = place <= 1;
      this.down.disabled = place >= count;
    }

    annotate(text) {
      this.note.textContent = text;
    }
  };

  /** Rows under the headings of their groups; a heading comes where its first row stands. */
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
