/* The layer map on which one point is chosen, by a tap or from the device. */
(function (xiangtu) {
  "use strict";

  const { element, icon } = xiangtu;
  const NEAR = 17;
  const LOCATE = ["M10 3v3M10 14v3M3 10h3M14 10h3", "M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8z"];

  class PointMap {
    constructor(map, settings) {
      this.city = xiangtu.cityMap(map, settings);
      this.map = map;
      const look = { radius: 10, color: "#b3261e", weight: 4, fillColor: "#fff", fillOpacity: 0.6 };
      this.mark = L.circleMarker([0, 0], look);
      this.addButton(settings.point);
      map.getContainer().style.cursor = "crosshair";
      map.on("click", ({ latlng }) => this.choose(latlng));
    }

    addButton({ my_place: label, place_failed: failed }) {
      const bar = element("div", "xt-drawbar");
      L.DomEvent.disableClickPropagation(bar);
      const button = bar.appendChild(element("button"));
      button.type = "button";
      button.append(icon(LOCATE), element("span", "", label));
      button.addEventListener("click", () => this.map.locate({ enableHighAccuracy: true }));
      this.map.on("locationfound", ({ latlng }) => {
        this.map.setView(latlng, NEAR);
        this.choose(latlng);
      });
      this.map.on("locationerror", () => this.city.notices.show(failed));
      this.map.getContainer().append(bar);
    }

    choose(latlng) {
      this.show([latlng.lng, latlng.lat]);
      const point = { lon: latlng.lng, lat: latlng.lat };
      window.Streamlit.setComponentValue({ point, time: Date.now() });
    }

    show([longitude, latitude]) {
      this.mark.setLatLng([latitude, longitude]).addTo(this.map);
    }

    update({ point }) {
      if (point) this.show(point);
      else this.mark.remove();
    }
  }

  let current = null; // one map lives in one frame

  xiangtu.pointMap = (map, settings) => {
    current = new PointMap(map, settings);
  };

  xiangtu.pointValues = (_, values) => {
    current.update(values);
    return L.featureGroup();
  };
})(window.xiangtu);
