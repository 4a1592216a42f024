/* The tools of the layer map: measure, compare, locate, link; and the north arrow. */
(function (xiangtu) {
  "use strict";

  const { element } = xiangtu;
  const ICONS = {
    distance: ["M3 14 14 3l3 3L6 17z", "M8 9l1.5 1.5", "M11 6l1.5 1.5"],
    area: ["M4 15 6 4l10 3-2 9z", "M4 15h.01M6 4h.01M16 7h.01M14 16h.01"],
    compare: ["M10 2v16", "M3 5h5v10H3z", "M12 5h5v10h-5"],
    locate: ["M10 6a4 4 0 1 0 .01 0", "M10 2v3M10 15v3M2 10h3M15 10h3"],
    link: ["M8 12l4-4", "M9 6l2-2a3.5 3.5 0 0 1 5 5l-2 2", "M11 14l-2 2a3.5 3.5 0 0 1-5-5l2-2"],
    print: ["M6 7V3h8v4", "M6 14H3V7h14v7h-3", "M6 11h8v6H6z"],
  };
  const ACCURACY_PX = 8;
  const LOCATE_MS = 15000;
  const WIDE_PX = 760;
  const DOCKED_PX = 520; // as in tools.css
  const DOCKED_PART = 0.55;
  const CARD_PX = 360;
  const PANEL_PX = 260;
  const GAP_PX = 30;

  const North = L.Control.extend({
    options: { position: "bottomleft" },
    initialize(word) {
      this.word = word;
    },
    onAdd() {
      const box = element("div", "xt-north");
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", this.word);
      box.append(xiangtu.icon(["M10 2 5.5 17l4.5-3 4.5 3z"]), element("span", "", this.word));
      return box;
    },
  });

  /** Where this browser may tell its place: over https, or on this very machine. */
  const canLocate = () => window.isSecureContext && "geolocation" in navigator;

  function locate(city) {
    if (!canLocate()) {
      city.note(city.words.locate_insecure);
      return;
    }
    const done = city.notices.show(city.words.locating);
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) => {
        done();
        const at = [latitude, longitude];
        city.position?.remove();
        const style = { color: xiangtu.accent(city.map), weight: 2, interactive: false };
        city.position = L.featureGroup([
          L.circle(at, { ...style, radius: accuracy, fillOpacity: 0.08 }),
          L.circleMarker(at, { ...style, radius: ACCURACY_PX, fillOpacity: 0.7 }),
        ]).addTo(city.map);
        const inside = xiangtu.boundsOf(city.settings.extent).contains(at);
        if (inside) city.map.fitBounds(city.position.getBounds(), { maxZoom: 16 });
        else city.note(city.words.locate_outside);
      },
      () => {
        done();
        city.note(city.words.locate_refused);
      },
      { enableHighAccuracy: true, timeout: LOCATE_MS },
    );
  }

  /** Leaves room for the card and the panel where there is enough of it; on a phone the card
      covers the lower half. */
  function roomFor(map) {
    const { x: width, y: height } = map.getSize();
    const wide = width >= WIDE_PX;
    const docked = width < DOCKED_PX && !map.getContainer().querySelector(".xt-card").hidden;
    const panel = wide && map.getContainer().querySelector(".xt-sheet:not([hidden])");
    return {
      maxZoom: 17,
      paddingTopLeft: [wide ? CARD_PX : GAP_PX, 60],
      paddingBottomRight: [panel ? PANEL_PX : GAP_PX, docked ? height * DOCKED_PART : GAP_PX],
    };
  }

  /** Gives the city map its card, search box and tools. */
  xiangtu.addCityTools = function (city) {
    const { map, words } = city;
    map.getContainer().classList.add("xt-city");
    city.note = (text) => {
      const close = city.notices.show(text, { action: { label: words.close, act: () => {} } });
      return close;
    };
    city.goTo = (bounds) => map.fitBounds(xiangtu.boundsOf(bounds), roomFor(map));
    city.search = new xiangtu.Search(city);
    city.card = new xiangtu.Card(city);
    const measure = new xiangtu.Measure(city);
    const swipe = new xiangtu.Swipe(city);
    const buttons = [
      { label: words.distance, paths: ICONS.distance, act: () => measure.start("distance") },
      { label: words.area, paths: ICONS.area, act: () => measure.start("area") },
      { label: words.compare, paths: ICONS.compare, act: () => swipe.toggle() },
      { label: words.locate, paths: ICONS.locate, act: () => locate(city) },
      { label: words.copy_link, paths: ICONS.link, act: () => xiangtu.shareLink(city) },
      { label: words.print, paths: ICONS.print, act: () => xiangtu.printButton(city) },
    ];
    xiangtu.addButtonBar(map, buttons);
    new North(words.north).addTo(map);
  };
})(window.xiangtu);
