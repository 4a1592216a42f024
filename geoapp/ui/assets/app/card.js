/* A click asks the server what lies there: every layer with its attributes and official area.
   The answer stands in a card beside the map's middle, or in a sheet at the bottom of a phone. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const MARK = { weight: 3, fillOpacity: 0.12, interactive: false };
  const POINT_PX = 9;

  /** Asks a route of the map. Resolves to {answer}, or to {status, code, detail} of a problem;
      null when cancelled. */
  xiangtu.ask = async function (path, facts, signal) {
    const query = new URLSearchParams(facts);
    try {
      const reply = await fetch(`${path}?${query}`, { signal, credentials: "same-origin" });
      const json = reply.headers.get("Content-Type")?.includes("json");
      const body = json ? await reply.json() : {};
      return reply.ok && json ? { answer: body } : { ...body, status: reply.status };
    } catch (fault) {
      return fault.name === "AbortError" ? null : { status: 0 };
    }
  };

  /** Whether a server has no such route at all, as opposed to finding nothing. */
  xiangtu.isMissing = ({ status, code }) => status === 404 && (!code || code === "not-found");

  /** Links lead only to pages of this server. */
  const isOurs = (href) => typeof href === "string" && /^\/(?![/\\])/.test(href);

  function linkRow(links) {
    const row = element("p", "xt-links");
    for (const { title, href } of links.filter((link) => isOurs(link.href))) {
      const link = row.appendChild(element("a", "", title));
      Object.assign(link, { href, target: "_blank", rel: "noopener" });
    }
    return row;
  }

  function attributeTable(attributes) {
    const table = element("table");
    for (const { label, value } of attributes) {
      const row = table.insertRow();
      row.append(element("th", "", String(label)), element("td", "", String(value)));
    }
    return table;
  }

  xiangtu.Card = class {
    constructor(city) {
      Object.assign(this, { city, map: city.map, words: city.words });
      this.root = city.map.getContainer().appendChild(element("section", "xt-card"));
      this.root.hidden = true;
      this.root.setAttribute("aria-label", this.words.here);
      L.DomEvent.disableClickPropagation(this.root).disableScrollPropagation(this.root);
      this.map.on("click", (event) => this.click(event));
      this.map.getContainer().addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !this.root.hidden) this.close();
      });
      const { selected } = city.session.read();
      if (selected) this.reopen(selected);
    }

    async click({ latlng, originalEvent }) {
      if (this.city.busy || originalEvent.target.closest?.(".leaflet-control, .xt-card")) return;
      this.at = latlng;
      this.head(this.words.looking);
      const { lang, unit } = this.city.settings;
      // Every layer is asked, also those that are off; units only where they are drawn.
      const also = this.city.shownIds.filter((id) => this.city.layers.get(id).label_field);
      const facts = { lon: latlng.lng, lat: latlng.lat, z: this.map.getZoom(), lang, unit };
      await this.fill("/map/identify", { ...facts, also: also.join(",") }, (answer) =>
        this.show(answer),
      );
    }

    /** Shows one object, wherever it lies. */
    async open({ layer, row, snapshot = "" }, { zoom = false } = {}) {
      this.at = null;
      this.head(this.words.looking);
      const { lang, unit } = this.city.settings;
      const facts = { layer, row, v: snapshot, lang, unit };
      await this.fill("/map/object", facts, (answer) => {
        this.show({ units: [], no_data: [], features: [answer] });
        if (zoom && answer.bounds) this.city.goTo(answer.bounds);
      });
    }

    /** Finds the object of a link again by its key. */
    async reopen({ layer, key }) {
      const { lang } = this.city.settings;
      const reply = await xiangtu.ask("/map/search", { q: key, lang, limit: 20, layers: layer });
      const found = (reply?.answer?.results ?? []).find(
        (one) => one.layer === layer && String(one.key) === key,
      );
      if (found) await this.open(found);
      else if (reply?.answer) this.city.note(this.words.object_gone);
    }

    async fill(path, facts, show) {
      this.asking?.abort();
      this.asking = new AbortController();
      const reply = await xiangtu.ask(path, facts, this.asking.signal);
      if (!reply) return;
      if (reply.answer) show(reply.answer);
      else {
        const { words } = this;
        const failed = reply.detail ?? words.identify_failed;
        this.say(xiangtu.isMissing(reply) ? words.no_identify : failed);
        this.root.classList.remove("xt-waiting");
      }
    }

    head(title) {
      this.clearMark();
      const head = element("header");
      const closer = head.appendChild(element("button", "xt-close", "×"));
      closer.type = "button";
      closer.setAttribute("aria-label", this.words.close);
      closer.addEventListener("click", () => this.close());
      head.prepend(element("h3", "", title));
      this.body = element("div", "xt-card-body");
      this.root.replaceChildren(head, this.body);
      this.root.hidden = false;
      this.root.classList.add("xt-waiting");
    }

    show({ units, outside, features, no_data: unknown, withheld = [], truncated }) {
      const path = units.map(({ name }) => name).join(" › ");
      this.head(path || this.words.here);
      this.root.classList.remove("xt-waiting");
      if (outside) this.say(this.words.outside_city);
      const shown = new Set(this.city.shownIds);
      const [on, off] = [[], []];
      for (const feature of features) (shown.has(feature.layer) ? on : off).push(feature);
      const ordered = [...on, ...off];
      this.parts = ordered.map((feature) => this.part(feature));
      this.body.append(...this.parts.slice(0, on.length));
      if (off.length && on.length) this.body.append(element("h4", "", this.words.also_here));
      this.body.append(...this.parts.slice(on.length));
      // Where layers are withheld nobody is told that nothing lies there.
      if (!features.length && !outside && !withheld.length) this.say(this.words.nothing_here);
      if (withheld.length) {
        const names = withheld.map(({ title }) => title).join(" · ");
        this.say(`${this.words.withheld_here} ${names}`);
      }
      if (truncated) this.say(this.words.more_here);
      if (unknown.length) {
        const names = unknown.map(({ title }) => title).join(" · ");
        this.say(`${this.words.no_data_here} ${names}`);
      }
      if (ordered.length) this.select(ordered[0], this.parts[0]);
      else this.forget();
    }

    say(text) {
      this.body.append(element("p", "xt-quiet", text));
    }

    part(feature) {
      const layer = this.city.layers.get(feature.layer);
      const part = element("article");
      const head = part.appendChild(element("button", "xt-hit"));
      head.type = "button";
      const fill = feature.class?.fill ?? layer?.fill;
      if (layer && fill) head.append(xiangtu.swatch(xiangtu.pathStyle(layer, { fill }), layer.kind));
      const name = head.appendChild(element("span"));
      name.append(element("b", "", feature.layer_title));
      const told = [feature.title, feature.class?.title].filter(Boolean).join(" · ");
      if (told) name.append(element("span", "", told));
      head.addEventListener("click", () => this.select(feature, part));
      part.append(element("p", "xt-measure", feature.measure_text ?? ""));
      const details = part.appendChild(element("div", "xt-attributes"));
      details.append(attributeTable(feature.attributes ?? []), linkRow(feature.links ?? []));
      return part;
    }

    select(feature, part) {
      for (const other of this.parts) {
        other.classList.toggle("xt-chosen", other === part);
        other.querySelector(".xt-hit").setAttribute("aria-expanded", String(other === part));
      }
      this.mark(feature.geometry);
      const selected = feature.key ? { layer: feature.layer, key: String(feature.key) } : null;
      this.city.session.write({ selected });
    }

    /** Draws a geometry once more, on top. */
    mark(geometry) {
      this.clearMark();
      if (!geometry) return;
      const { renderer } = this.city;
      const color = xiangtu.accent(this.map);
      const style = { ...MARK, color, fillColor: color, renderer };
      this.marked = L.geoJSON(geometry, {
        style,
        interactive: false,
        pointToLayer: (_, at) => L.circleMarker(at, { ...style, radius: POINT_PX }),
      }).addTo(this.map);
    }

    clearMark() {
      this.marked?.remove();
      this.marked = null;
    }

    forget() {
      this.clearMark();
      this.city.session.write({ selected: null });
    }

    close() {
      this.asking?.abort();
      this.root.hidden = true;
      this.forget();
    }
  };
})(window.xiangtu);
