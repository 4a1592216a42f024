/* From the answer of a layer's route to a Leaflet layer. */
(function (xiangtu) {
  "use strict";

  const POINT_RADIUS_PX = 6;
  const LINE_REACH_PX = 5; // a thin line is met by a pointer nearby
  const CLUSTER_RADIUS_PX = 48;
  const NO_CLUSTER_ZOOM = 17;
  const UNSEEN = { stroke: false, fill: false };

  /** Feature -> code of the class that the legend lists. */
  xiangtu.codeOf = function (layer) {
    const classOf = xiangtu.classOf(layer);
    return (feature) => classOf(feature.properties?.[layer.class_source]);
  };

  /** The path options of one feature; `look` is {strength, dark}, `hidden` a set of codes. */
  xiangtu.featureStyle = function (layer, look, hidden = new Set()) {
    const fills = new Map(layer.classes.map(({ code, fill }) => [code, fill]));
    const codeOf = xiangtu.codeOf(layer);
    return (feature) => {
      const code = codeOf(feature);
      if (hidden.has(code)) return UNSEEN;
      return xiangtu.pathStyle(layer, { fill: fills.get(code) ?? layer.fill, ...look });
    };
  };

  function clusterIcon(layer) {
    return (cluster) => {
      const count = cluster.getChildCount();
      const size = count < 10 ? 28 : count < 100 ? 34 : 42;
      const disc = xiangtu.element("div", "xt-cluster", String(count));
      disc.style.setProperty("--fill", layer.fill);
      return L.divIcon({ html: disc, className: "", iconSize: [size, size] });
    };
  }

  function geoJson(layer, data, { renderer, pane, look, hidden }) {
    const codeOf = xiangtu.codeOf(layer);
    return L.geoJSON(data, {
      renderer,
      pane,
      interactive: false, // identify.js asks for all layers at once
      style: xiangtu.featureStyle(layer, look, hidden),
      filter: (feature) => layer.kind !== "cluster" || !hidden.has(codeOf(feature)),
      // `_clickTolerance` is part of Leaflet's own hit test; private, hence the pin.
      onEachFeature: (_, path) => {
        if (layer.kind === "line") path._clickTolerance = () => LINE_REACH_PX;
      },
      pointToLayer: (_, latlng) =>
        L.circleMarker(latlng, { renderer, pane, interactive: false, radius: POINT_RADIUS_PX }),
    });
  }

  xiangtu.featureLayer = function (layer, data, context) {
    const features = geoJson(layer, data, context);
    if (layer.kind !== "cluster") return features;
    const group = L.markerClusterGroup({
      iconCreateFunction: clusterIcon(layer),
      clusterPane: context.pane,
      maxClusterRadius: CLUSTER_RADIUS_PX,
      disableClusteringAtZoom: NO_CLUSTER_ZOOM,
      showCoverageOnHover: false,
      spiderfyOnMaxZoom: false,
      chunkedLoading: true,
    });
    return group.addLayer(features);
  };

  /** A group has no setStyle when it holds clusters; its points do. */
  xiangtu.restyle = function (group, style) {
    group.eachLayer((path) => path.setStyle(style(path.feature)));
  };

  /** Codes of the classes of features that can be seen in the current view. */
  xiangtu.codesInView = function (layer, group, map) {
    const codes = new Set();
    const view = map.getBounds();
    const codeOf = xiangtu.codeOf(layer);
    group.eachLayer((path) => {
      const seen = path.getBounds
        ? view.intersects(path.getBounds())
        : view.contains(path.getLatLng());
      if (seen) codes.add(codeOf(path.feature));
    });
    return codes;
  };
})(window.xiangtu);
