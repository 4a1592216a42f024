/* What a drawing holds, told while it is drawn: the server measures, the latest answer counts. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const PAUSE_MS = 60; // between a movement and the question
  const LATER_MS = 2000;
  const LONGEST_MS = 250; // a steady drag is answered on the way

  xiangtu.LiveFigures = class {
    constructor(city, words) {
      Object.assign(this, { city, words, asked: 0, replaces: null, unfolded: new Set() });
      this.root = city.map.getContainer().appendChild(element("aside", "xt-live"));
      this.root.hidden = true;
      this.root.setAttribute("role", "status");
      this.root.setAttribute("aria-label", words.live_title);
      L.DomEvent.disableClickPropagation(this.root);
      L.DomEvent.disableScrollPropagation(this.root);
      this.head = this.root.appendChild(element("b", "", words.live_title));
      this.body = this.root.appendChild(element("div"));
    }

    /** Asks soon; what is shown meanwhile is marked as no longer true. */
    ask(geometry) {
      const { replaces } = this;
      const unit = this.city.settings.unit ?? "ha";
      const text = geometry ? JSON.stringify({ geometry, unit, replaces }) : "";
      if (text === this.text) return;
      this.text = text;
      clearTimeout(this.waiting);
      this.asked += 1;
      if (!geometry) {
        this.asking?.abort();
        this.root.hidden = true;
        this.since = null;
        return;
      }
      this.root.classList.add("xt-stale");
      this.since ??= performance.now();
      const late = performance.now() - this.since > LONGEST_MS;
      this.waiting = setTimeout(() => this.send(text, this.asked), late ? 0 : PAUSE_MS);
      if (late) this.since = performance.now();
    }

    async send(text, number) {
      this.asking?.abort();
      this.asking = new AbortController();
      this.since = null;
      const { lang } = this.city.settings;
      try {
        const reply = await fetch(`/map/what-if?lang=${lang}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: text,
          signal: this.asking.signal,
        });
        const answer = await reply.json();
        if (number !== this.asked) return; // the drawing went on
        if (reply.status === 429 || reply.status === 503) {
          this.waiting = setTimeout(() => this.send(text, number), LATER_MS); // many ask just now
        }
        if (reply.ok) this.show(answer);
        else this.tell(answer.detail ?? this.words.live_failed);
      } catch (fault) {
        if (fault.name !== "AbortError" && number === this.asked) this.tell(this.words.live_failed);
      }
    }

    show({ text, rows, moved, ms }) {
      this.root.hidden = false;
      this.root.classList.remove("xt-stale");
      this.root.classList.toggle("xt-moved", Boolean(moved));
      this.root.dataset.ms = ms;
      const list = element("table");
      if (moved) this.addHeads(list.createTHead());
      const lines = list.createTBody();
      for (const row of rows) this.addLayer(lines, row, Boolean(moved));
      const focus = document.activeElement?.dataset?.layer;
      this.body.replaceChildren(element("p", "", text));
      if (moved) this.body.append(element("p", "xt-moves", moved.text));
      this.body.append(list);
      if (rows.some(({ known }) => known === "partly")) {
        this.body.append(element("p", "xt-unknown", this.words.live_partly));
      }
      if (focus) list.querySelector(`button[data-layer="${CSS.escape(focus)}"]`)?.focus();
    }

    addHeads(top) {
      const { live_inside, live_share, live_gained, live_lost } = this.words;
      const row = top.insertRow();
      const heads = ["", live_inside, live_share, live_gained, live_lost];
      row.append(...heads.map((words) => element("td", "", words)));
    }

    /** A layer; the classes under it show when its name is pressed. */
    addLayer(list, layer, moved) {
      const row = this.addRow(list, layer, moved);
      row.className = `${layer.occupied ? "xt-occupied" : ""} xt-known-${layer.known}`;
      if (!layer.classes.length) {
        row.cells[0].textContent = layer.title;
        return;
      }
      const button = row.cells[0].appendChild(element("button", "xt-unfold", layer.title));
      button.type = "button";
      button.dataset.layer = layer.layer;
      button.title = this.words.live_classes.replace("{title}", () => layer.title);
      const parts = layer.classes.map((one) => {
        const part = this.addRow(list, one, moved);
        part.className = "xt-part";
        part.cells[0].textContent = one.title;
        return part;
      });
      const fold = () => {
        const open = this.unfolded.has(layer.layer);
        button.setAttribute("aria-expanded", open);
        for (const part of parts) part.hidden = !open;
      };
      button.addEventListener("click", () => {
        if (!this.unfolded.delete(layer.layer)) this.unfolded.add(layer.layer);
        fold();
      });
      fold();
    }

    addRow(list, { text, share, gained, lost }, moved) {
      const row = list.insertRow();
      row.append(element("th"), element("td", "", text), element("td", "", share));
      if (moved) row.append(element("td", "xt-gained", gained), element("td", "xt-lost", lost));
      return row;
    }

    /** A sentence in place of figures: none of them would be true. */
    tell(sentence) {
      this.root.hidden = false;
      this.root.classList.remove("xt-stale");
      this.body.replaceChildren(element("p", "xt-unknown", sentence));
    }
  };
})(window.xiangtu);
