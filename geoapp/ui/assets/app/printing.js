/* The print form on the layer map: what the map shows goes to the server, a sheet comes back. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;

  /** What the map shows, as the server's `MapSheetRequest` names it. */
  function shown(city) {
    const bounds = city.map.getBounds();
    const layers = city.order
      .map((id) => city.layers.get(id))
      .filter((layer) => !layer.plain && city.states.get(layer.id).visible)
      .map(({ id, opacity, classes }) => {
        const { strength, hidden } = city.states.get(id);
        const left = classes.map(({ code }) => code).filter((code) => !hidden.includes(code));
        return { id, opacity: opacity * strength, classes: hidden.length ? left : null };
      });
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    return { bounds: box, layers, lang: city.settings.lang };
  }

  /** Opens the form, or closes it when it is open. */
  xiangtu.printButton = function (city) {
    if (city.printBox) {
      city.printBox.remove();
      city.printBox = null;
      return;
    }
    const box = element("section", "xt-printbox");
    L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
    const head = box.appendChild(element("header"));
    const closer = element("button", "xt-close", "×");
    closer.type = "button";
    closer.setAttribute("aria-label", city.words.close);
    closer.addEventListener("click", () => xiangtu.printButton(city));
    head.append(element("h3", "", city.words.print), closer);
    const form = new xiangtu.PrintPanel({ state: () => shown(city), words: city.settings.sheet });
    box.append(form.root);
    city.map.getContainer().append(box);
    city.printBox = box;
    form.fields.title.focus();
  };
})(window.xiangtu);
