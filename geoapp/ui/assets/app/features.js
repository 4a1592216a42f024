/* From the answer of a layer's route to a Leaflet layer. */
(function (xiangtu) {
  "use strict";

  const POINT_RADIUS_PX = 6;
  const LINE_REACH_PX = 5; // a thin line is met by a pointer nearby
  const CLUSTER_RADIUS_PX = 48;
  const NO_CLUSTER_ZOOM = 17;

  /** Code -> fill of a layer's classes. */
  function fillOf(layer) {
    const fills = new Map(layer.classes.map(({ code, fill }) => [code, fill]));
    return (feature) => fills.get(String(feature.properties?.[layer.class_field])) ?? layer.fill;
  }

  /** The path options of one feature; `look` is {strength, dark}. */
  xiangtu.featureStyle = function (layer, look) {
    const fill = fillOf(layer);
    return (feature) => xiangtu.pathStyle(layer, { fill: fill(feature), ...look });
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

  function geoJson(layer, data, { renderer, look }) {
    return L.geoJSON(data, {
      renderer,
      interactive: false, // identify.js asks for all layers at once
      style: xiangtu.featureStyle(layer, look),
      // `_clickTolerance` is part of Leaflet's own hit test; private, hence the pin.
      onEachFeature: (_, path) => {
        if (layer.kind === "line") path._clickTolerance = () => LINE_REACH_PX;
      },
      pointToLayer: (_, latlng) =>
        L.circleMarker(latlng, { renderer, interactive: false, radius: POINT_RADIUS_PX }),
    });
  }

  xiangtu.featureLayer = function (layer, data, context) {
    const features = geoJson(layer, data, context);
    if (layer.kind !== "cluster") return features;
    const group = L.markerClusterGroup({
      iconCreateFunction: clusterIcon(layer),
      maxClusterRadius: CLUSTER_RADIUS_PX,
      disableClusteringAtZoom: NO_CLUSTER_ZOOM,
      showCoverageOnHover: false,
      spiderfyOnMaxZoom: false,
      chunkedLoading: true,
    });
    return group.addLayer(features);
  };

  xiangtu.pictureLayer = function (layer, map) {
    if (!map.getPane("pictures")) map.createPane("pictures").style.zIndex = 350;
    // Between two class colours there is no third one: enlarge such pictures without blending.
    const className = layer.classes.length ? "xt-sharp" : "";
    const options = { pane: "pictures", opacity: layer.opacity, className };
    return L.imageOverlay(layer.url, xiangtu.boundsOf(layer.bounds), options);
  };

  /** A group has no setStyle when it holds clusters; its points do. */
  xiangtu.restyle = function (group, style) {
    group.eachLayer((path) => path.setStyle(style(path.feature)));
  };
})(window.xiangtu);
