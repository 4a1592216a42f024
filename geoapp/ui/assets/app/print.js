/* A form that asks the server for a map to print and hands the file to the browser.
   It draws nothing on the map: whoever owns the map says what it shows. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const SCALES = [5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5, 5e5];
  const RELEASE_MS = 60e3; // some browsers read the file only after the click
  let made = 0;

  const threes = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");

  /** The name in a Content-Disposition header: the full one of RFC 5987 before the plain one. */
  function nameOf(header, fallback) {
    const full = /filename\*=UTF-8''([^;]+)/i.exec(header || "");
    const plain = /filename="([^"]+)"/i.exec(header || "");
    try {
      return full ? decodeURIComponent(full[1]) : (plain?.[1] ?? fallback);
    } catch {
      return plain?.[1] ?? fallback;
    }
  }

  function download(blob, name) {
    const link = element("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), RELEASE_MS);
  }

  /**
   * `state()` gives what the map shows at the moment of printing:
   * `{ bounds: [west, south, east, north], layers: [{ id, opacity, classes }], lang }`; opacity
   * and classes may be left out. `words` are those of the locale's table `sheet`. Put
   * `panel.root` where the form shall stand.
   */
  xiangtu.PrintPanel = class {
    constructor({ state, words, url = "/map/sheet" }) {
      Object.assign(this, { state, words, url, fields: {} });
      made += 1;
      this.id = `xt-print-${made}`;
      this.root = element("form", "xt-print");
      this.root.setAttribute("aria-label", words.print);
      this.title();
      this.choice("paper", words.paper, [["A4", "A4"], ["A3", "A3"]]);
      this.choice("orientation", words.orientation, [
        ["landscape", words.landscape],
        ["portrait", words.portrait],
      ]);
      const scales = SCALES.map((scale) => [String(scale), `1:${threes(scale)}`]);
      this.choice("scale", words.scale, [["", words.scale_auto], ...scales]);
      this.choice("format", words.format, [["pdf", "PDF"], ["png", "PNG"]]);
      this.button = element("button", "xt-print-make", words.make);
      this.button.type = "submit";
      this.message = element("p", "xt-print-message");
      this.message.setAttribute("role", "status");
      this.root.append(this.button, this.message);
      this.root.addEventListener("submit", (event) => {
        event.preventDefault();
        this.print();
      });
    }

    title() {
      const field = element("input");
      field.type = "text";
      field.maxLength = 120;
      this.row("title", this.words.title_field, field);
    }

    choice(name, label, offered) {
      const field = element("select");
      for (const [value, text] of offered) {
        const option = element("option", "", text);
        option.value = value;
        field.append(option);
      }
      this.row(name, label, field);
    }

    row(name, label, field) {
      const caption = element("label", "", label);
      caption.htmlFor = field.id = `${this.id}-${name}`;
      field.name = name;
      this.fields[name] = field;
      this.root.append(caption, field);
    }

    /** What is sent: plain values, as the server's `MapSheetRequest` names them. */
    request() {
      const { bounds, layers, lang } = this.state();
      const value = (name) => this.fields[name].value;
      return {
        bounds,
        layers: layers.map(({ id, opacity = null, classes = null }) => ({ id, opacity, classes })),
        lang,
        title: value("title").trim(),
        paper: value("paper"),
        orientation: value("orientation"),
        scale: value("scale") ? Number(value("scale")) : null,
        format: value("format"),
      };
    }

    /** Resolves when the file was handed over, or the failure was told. */
    async print() {
      if (this.button.disabled) return;
      this.button.disabled = true;
      this.tell(this.words.making, false);
      try {
        const request = this.request();
        const name = await this.fetch(request);
        this.tell(this.words.made_file.replace("{name}", () => name), false);
      } catch (error) {
        this.tell(this.words.failed.replace("{reason}", () => error.message), true);
      } finally {
        this.button.disabled = false;
      }
    }

    async fetch(request) {
      let answer;
      try {
        answer = await fetch(`${this.url}?lang=${encodeURIComponent(request.lang)}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(request),
        });
      } catch {
        throw new Error(this.words.unreachable);
      }
      if (!answer.ok) {
        const problem = await answer.json().catch(() => ({}));
        throw new Error(problem.detail || String(answer.status));
      }
      const name = nameOf(answer.headers.get("Content-Disposition"), `map.${request.format}`);
      download(await answer.blob(), name);
      return name;
    }

    tell(text, failed) {
      this.message.textContent = text;
      this.message.classList.toggle("xt-print-failed", failed);
    }
  };
})(window.xiangtu);
