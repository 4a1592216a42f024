/* Degrees to metres of a Gauss-Krueger plane, so that the readout follows the pointer without
   asking the server. The series of Krueger to n^4: below a tenth of a millimetre off within the
   width of a zone. Only for reading off; figures come from the server. */
(function (xiangtu) {
  "use strict";

  const RADIUS_M = 6378137; // CGCS2000
  const FLATTENING = 1 / 298.257222101;
  const FALSE_EAST_M = 500000;
  const N = FLATTENING / (2 - FLATTENING);
  const ECCENTRICITY = Math.sqrt(FLATTENING * (2 - FLATTENING));
  const MEAN_RADIUS_M = (RADIUS_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
  const SERIES = [
    N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
    (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
    (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
    (49561 / 161280) * N ** 4,
  ];
  const radians = (degrees) => (degrees * Math.PI) / 180;

  /** East (without the zone's number) and north in metres; the scale on the meridian is 1. */
  xiangtu.gauss = function (longitude, latitude, meridian) {
    const sine = Math.sin(radians(latitude));
    const away = radians(longitude - meridian);
    const t = Math.sinh(Math.atanh(sine) - ECCENTRICITY * Math.atanh(ECCENTRICITY * sine));
    const xi = Math.atan2(t, Math.cos(away));
    const eta = Math.asinh(Math.sin(away) / Math.hypot(t, Math.cos(away)));
    let [east, north] = [eta, xi];
    SERIES.forEach((factor, at) => {
      const order = 2 * (at + 1);
      east += factor * Math.cos(order * xi) * Math.sinh(order * eta);
      north += factor * Math.sin(order * xi) * Math.cosh(order * eta);
    });
    return { east: FALSE_EAST_M + MEAN_RADIUS_M * east, north: MEAN_RADIUS_M * north };
  };
})(window.xiangtu);
