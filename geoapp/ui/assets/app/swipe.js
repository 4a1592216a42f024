/* Two sides of a divider: two layers, or two dates of one layer or of imagery. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const STEP = 0.02;
  const BEYOND_PX = 10000;
  const AREAS = ["area", "picture"];
  const SIDES = ["left", "right"];

  xiangtu.Swipe = class {
    constructor(city) {
      Object.assign(this, { city, map: city.map, words: city.words, at: 0.5, on: false });
      this.chosen = { left: null, right: null };
      this.groups = { left: null, right: null };
      this.build();
      this.map.on("move zoom resize viewreset", () => this.clip());
      const { swipe } = city.session.read();
      if (swipe) this.restore(swipe);
    }

    build() {
      const container = this.map.getContainer();
      this.line = container.appendChild(element("div", "xt-divider"));
      this.line.hidden = true;
      this.line.tabIndex = 0;
      for (const [name, value] of [
        ["role", "slider"],
        ["aria-label", this.words.divider],
        ["aria-valuemin", "0"],
        ["aria-valuemax", "100"],
      ]) {
        this.line.setAttribute(name, value);
      }
      L.DomEvent.disableClickPropagation(this.line);
      this.line.addEventListener("pointerdown", (event) => this.drag(event));
      this.line.addEventListener("keydown", (event) => this.key(event));
      this.bar = container.appendChild(element("div", "xt-comparing"));
      this.bar.hidden = true;
      L.DomEvent.disableClickPropagation(this.bar);
      this.choices = Object.fromEntries(SIDES.map((side) => [side, this.choice(side)]));
      const closer = this.bar.appendChild(element("button", "xt-close", "×"));
      closer.type = "button";
      closer.setAttribute("aria-label", this.words.close);
      closer.addEventListener("click", () => this.toggle());
      for (const side of SIDES) {
        this.map.createPane(`xt-swipe-${side}`).style.zIndex = 395;
        this.map.getPane(`xt-swipe-${side}`).style.pointerEvents = "none";
      }
    }

    choice(side) {
      const select = this.bar.appendChild(element("select"));
      const { words } = this;
      select.setAttribute("aria-label", side === "left" ? words.left_side : words.right_side);
      select.addEventListener("change", () => {
        this.chosen[side] = this.options[select.value];
        this.show(side);
      });
      return select;
    }

    /** Every layer at each of its dates, and every background. */
    listOptions() {
      this.options = [];
      for (const layer of this.city.layers.values()) {
        const { id, title, snapshots = [] } = layer;
        if (layer.plain) this.options.push({ id, snapshot: "", title, date: layer.date });
        else if (snapshots.length < 2) this.options.push({ id, snapshot: "", title });
        else {
          for (const { name, date } of snapshots) {
            this.options.push({ id, snapshot: name, title: `${title} ${date}` });
          }
        }
      }
      for (const side of SIDES) {
        this.choices[side].replaceChildren(
          ...this.options.map(({ title }, at) => {
            const option = element("option", "", title);
            option.value = at;
            return option;
          }),
        );
      }
    }

    find({ id, snapshot }) {
      return (
        this.options.find((one) => one.id === id && one.snapshot === snapshot) ??
        this.options.find((one) => one.id === id)
      );
    }

    restore({ left, right, at }) {
      this.listOptions();
      const found = { left: this.find(left), right: this.find(right) };
      if (found.left && found.right) this.begin(found, at);
    }

    /** At first: the oldest and the newest date of a layer that has two, or of imagery, else
        two layers. */
    guess() {
      const dated = this.options.filter(({ snapshot }) => snapshot);
      const first = dated[0];
      const same = dated.filter(({ id }) => id === first?.id);
      if (same.length > 1) return { left: same.at(-1), right: same[0] };
      const images = this.options.filter(({ date }) => date);
      images.sort((a, b) => a.date.localeCompare(b.date));
      if (images.length > 1) return { left: images[0], right: images.at(-1) };
      const shown = this.city.shownIds.map((id) => this.find({ id, snapshot: "" })).reverse();
      const areas = shown.filter((one) => one && AREAS.includes(this.city.layers.get(one.id).kind));
      return { left: areas[0] ?? this.options[0], right: areas[1] ?? this.options.at(-1) };
    }

    toggle() {
      if (this.on) {
        this.end();
        return;
      }
      this.listOptions();
      if (this.options.length > 1) this.begin(this.guess(), 0.5);
    }

    begin(chosen, at) {
      Object.assign(this, { on: true, at, chosen });
      this.bar.hidden = this.line.hidden = false;
      for (const side of SIDES) this.show(side);
      this.place(at);
    }

    end() {
      this.on = false;
      this.bar.hidden = this.line.hidden = true;
      for (const side of SIDES) this.groups[side]?.remove();
      this.groups = { left: null, right: null };
      this.mute();
      this.city.session.write({ swipe: null });
    }

    async show(side) {
      const chosen = this.chosen[side];
      this.choices[side].value = this.options.indexOf(chosen);
      this.groups[side]?.remove();
      this.groups[side] = null;
      this.remember();
      this.mute();
      const layer = this.city.layers.get(chosen.id);
      const pane = `xt-swipe-${side}`;
      let group = null;
      if (layer.plain) group = xiangtu.rasterTiles(layer, pane);
      else {
        const offer = await xiangtu.describeTiles(layer.id, { snapshot: chosen.snapshot });
        const { look, state } = this.city.views.get(layer.id);
        const onFault = () => {};
        if (offer) {
          const options = { pane, look, hidden: state.hidden, onFault };
          group = new xiangtu.ClassTiles(layer, offer, options);
        } else this.city.note(this.words.load_failed.replace("{title}", () => layer.title));
      }
      if (!this.on || this.chosen[side] !== chosen) return; // chosen anew meanwhile
      this.groups[side] = group?.addTo(this.map);
      this.clip();
    }

    /** The compared layers are not shown whole as well. */
    mute() {
      const compared = this.on ? SIDES.map((side) => this.chosen[side]?.id) : [];
      for (const { pane, layer } of this.city.views.values()) {
        this.map.getPane(pane).style.visibility = compared.includes(layer.id) ? "hidden" : "";
      }
    }

    place(at) {
      this.at = Math.min(1, Math.max(0, at));
      this.line.style.left = `${this.at * 100}%`;
      this.line.setAttribute("aria-valuenow", String(Math.round(this.at * 100)));
      this.clip();
    }

    clip() {
      if (!this.on) return;
      const size = this.map.getSize();
      const top = this.map.containerPointToLayerPoint([0, 0]);
      const x = top.x + this.at * size.x;
      const box = (x0, x1) => {
        const [y0, y1] = [top.y - BEYOND_PX, top.y + BEYOND_PX];
        return `polygon(${x0}px ${y0}px, ${x1}px ${y0}px, ${x1}px ${y1}px, ${x0}px ${y1}px)`;
      };
      this.map.getPane("xt-swipe-left").style.clipPath = box(x - BEYOND_PX, x);
      this.map.getPane("xt-swipe-right").style.clipPath = box(x, x + BEYOND_PX);
    }

    drag(event) {
      event.preventDefault();
      this.line.focus();
      this.line.setPointerCapture(event.pointerId);
      const box = this.map.getContainer().getBoundingClientRect();
      const follow = ({ clientX }) => this.place((clientX - box.left) / box.width);
      this.line.addEventListener("pointermove", follow);
      const stop = () => {
        this.line.removeEventListener("pointermove", follow);
        this.remember();
      };
      this.line.addEventListener("lostpointercapture", stop, { once: true });
    }

    key(event) {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -1, End: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation(); // Leaflet would move the map
      this.place(this.at + step);
      this.remember();
    }

    remember() {
      const side = ({ id, snapshot }) => ({ id, snapshot });
      const { left, right } = this.chosen;
      if (!left || !right) return;
      const swipe = { left: side(left), right: side(right), at: this.at };
      this.city.session.write({ swipe });
    }
  };
})(window.xiangtu);
