/* What a drawing holds, told while it is drawn: the server measures, the latest answer counts. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const PAUSE_MS = 60; // between a movement and the question
  const LATER_MS = 2000;
  const LONGEST_MS = 250; // a steady drag is answered on the way

  xiangtu.LiveFigures = class {
    constructor(city, words) {
      Object.assign(this, { city, words, asked: 0, shown: 0 });
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
      const text = geometry ? JSON.stringify(geometry) : "";
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
      const { lang, unit } = this.city.settings;
      try {
        const reply = await fetch(`/map/what-if?lang=${lang}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: `{"geometry":${text},"unit":${JSON.stringify(unit ?? "ha")}}`,
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

    show({ text, rows, ms }) {
      this.root.hidden = false;
      this.root.classList.remove("xt-stale");
      this.root.dataset.ms = ms;
      const list = element("table");
      for (const { title, text: words, share, occupied, known } of rows) {
        const row = list.insertRow();
        row.className = `${occupied ? "xt-occupied" : ""} xt-known-${known}`;
        row.append(element("th", "", title), element("td", "", words), element("td", "", share));
      }
      this.body.replaceChildren(element("p", "", text), list);
      if (rows.some(({ known }) => known === "partly")) {
        this.body.append(element("p", "xt-unknown", this.words.live_partly));
      }
    }

    /** A sentence in place of figures: none of them would be true. */
    tell(sentence) {
      this.root.hidden = false;
      this.root.classList.remove("xt-stale");
      this.body.replaceChildren(element("p", "xt-unknown", sentence));
    }
  };
})(window.xiangtu);
