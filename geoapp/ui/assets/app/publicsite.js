/* The public site: the layer map without a server, and a list that can be searched. */
(function (xiangtu) {
  "use strict";

  const FIRST_TILES = 10; // zoom; shown larger or smaller from there
  const CLOSE = 13;

  /** Latin letters, small, without spaces: as the words of the list are written. */
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s'’]/g, "");

  async function drawMap(place) {
    const reply = await fetch(place.dataset.settings);
    const settings = await reply.json();
    xiangtu.useArchives(settings.layers);
    xiangtu.backgrounds = async () => [];
    xiangtu.ClassTiles.mergeOptions({ minNativeZoom: FIRST_TILES });
    const map = L.map(place, { zoomControl: false, attributionControl: false });
    xiangtu.cityMap(map, settings);
    return map;
  }

  function search(list) {
    const [query, found] = ["query", "found"].map((id) => document.getElementById(id));
    const items = [...list.children];
    const apply = () => {
      const wanted = plain(query.value);
      let count = 0;
      for (const item of items) {
        item.hidden = !item.dataset.words.split(" ").some((word) => word.includes(wanted));
        count += item.hidden ? 0 : 1;
      }
      const words = count ? found.dataset.words : found.dataset.none;
      found.textContent = words.replace("{count}", String(count));
    };
    query.addEventListener("input", apply);
    const asked = new URLSearchParams(location.search).get("q");
    if (asked) query.value = asked;
    query.addEventListener("change", () => {
      const address = query.value ? `?q=${encodeURIComponent(query.value)}` : location.pathname;
      history.replaceState(null, "", address + location.hash);
    });
    apply();
  }

  /** A place's button shows it on the map. */
  function lead(list, map) {
    const mark = L.circleMarker([0, 0], { radius: 11, color: "#b3261e", weight: 3, fill: false });
    for (const item of list.children) {
      const button = item.querySelector("button");
      const [longitude, latitude] = item.dataset.at.split(" ").map(Number);
      button.hidden = false;
      button.addEventListener("click", () => {
        map.getContainer().scrollIntoView({ block: "center" });
        map.setView([latitude, longitude], CLOSE);
        mark.setLatLng([latitude, longitude]).addTo(map);
      });
    }
  }

  async function start() {
    const list = document.getElementById("list");
    search(list);
    lead(list, await drawMap(document.getElementById("citymap")));
  }

  start();
})(window.xiangtu);
