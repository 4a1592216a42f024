/* The search box: units, places, parcels, cases and coordinates, as the server finds them. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const PAUSE_MS = 180;
  const CLOSE_ENOUGH_ZOOM = 15;
  const GLASS = ["M8.5 3.5a5 5 0 1 0 .01 0", "M12.3 12.3 17 17"];
  let count = 0;

  xiangtu.Search = class {
    constructor(city) {
      Object.assign(this, { city, map: city.map, words: city.words, at: -1, results: [] });
      this.root = city.map.getContainer().appendChild(element("div", "xt-search"));
      this.root.setAttribute("role", "search");
      L.DomEvent.disableClickPropagation(this.root).disableScrollPropagation(this.root);
      this.build();
      this.field.addEventListener("input", (event) => event.isComposing || this.later());
      this.field.addEventListener("compositionend", () => this.later());
      this.field.addEventListener("keydown", (event) => this.key(event));
      this.field.addEventListener("focus", () => this.results.length && this.unfold(true));
      city.map.on("click movestart", () => this.unfold(false));
    }

    build() {
      const label = this.root.appendChild(element("label"));
      label.append(xiangtu.icon(GLASS));
      this.field = label.appendChild(element("input"));
      const id = `xt-found-${(count += 1)}`;
      Object.assign(this.field, { type: "search", placeholder: this.words.search, maxLength: 200 });
      this.field.setAttribute("autocomplete", "off");
      for (const [name, value] of [
        ["role", "combobox"],
        ["aria-label", this.words.search],
        ["aria-controls", id],
        ["aria-expanded", "false"],
        ["aria-autocomplete", "list"],
      ]) {
        this.field.setAttribute(name, value);
      }
      this.list = this.root.appendChild(element("ul", "xt-found"));
      Object.assign(this.list, { id, hidden: true });
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", this.words.search);
    }

    unfold(open) {
      this.list.hidden = !open;
      this.field.setAttribute("aria-expanded", String(open));
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PAUSE_MS);
    }

    async ask() {
      this.asking?.abort();
      const q = this.field.value.trim();
      if (!q) {
        this.clear();
        return;
      }
      this.asking = new AbortController();
      const { lang } = this.city.settings;
      const reply = await xiangtu.ask("/map/search", { q, lang, limit: 20 }, this.asking.signal);
      if (!reply) return;
      const { words } = this;
      if (reply.answer) {
        const { results, notes = [] } = reply.answer;
        this.offer(results, results.length ? notes : [...notes, words.nothing_found]);
      } else {
        const failed = reply.detail ?? words.search_failed;
        this.offer([], [xiangtu.isMissing(reply) ? words.no_search : failed]);
      }
    }

    offer(results, notes) {
      this.results = results;
      this.at = -1;
      const texts = notes.map((note) => (typeof note === "string" ? note : note.text)).filter(Boolean);
      this.list.replaceChildren(
        ...results.map((result, at) => this.option(result, at)),
        ...texts.map((text) => element("li", "xt-quiet", text)),
      );
      this.unfold(true);
    }

    option({ title, detail }, at) {
      const option = element("li", "xt-option");
      option.id = `${this.list.id}-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(element("b", "", title), element("span", "", detail ?? ""));
      option.addEventListener("click", () => this.choose(at));
      return option;
    }

    key(event) {
      if (event.isComposing) return;
      if (event.key === "Escape") {
        event.stopPropagation();
        this.clear();
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && this.results.length) {
        event.preventDefault();
        this.point((this.at + step + this.results.length) % this.results.length);
      }
      if (event.key === "Enter") {
        clearTimeout(this.timer);
        if (this.results.length && !this.list.hidden) this.choose(Math.max(0, this.at));
        else this.ask();
      }
    }

    point(at) {
      this.at = at;
      this.list.querySelectorAll(".xt-option").forEach((option, place) => {
        option.setAttribute("aria-selected", String(place === at));
        if (place === at) option.scrollIntoView({ block: "nearest" });
      });
      this.field.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
    }

    choose(at) {
      const result = this.results[at];
      this.unfold(false);
      this.field.blur();
      const { lon, lat, bounds, layer, row } = result;
      // First, because a card on a phone leaves less room for what was found.
      if (layer && row !== null && row !== undefined) this.city.card.open(result);
      if (bounds && (bounds[0] < bounds[2] || bounds[1] < bounds[3])) this.city.goTo(bounds);
      else this.map.setView([lat, lon], Math.max(this.map.getZoom(), CLOSE_ENOUGH_ZOOM));
      this.flag([lat, lon]);
    }

    flag(at) {
      this.mark?.remove();
      const icon = L.divIcon({ className: "xt-flag", iconSize: [18, 18] });
      this.mark = L.marker(at, { icon, interactive: false, keyboard: false }).addTo(this.map);
    }

    clear() {
      this.asking?.abort();
      this.field.value = "";
      this.results = [];
      this.list.replaceChildren();
      this.unfold(false);
      this.mark?.remove();
    }
  };
})(window.xiangtu);
