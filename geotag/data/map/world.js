"use strict";
/* The map itself: borders of countries, and circles as they are on the sphere. */

const World = (() => {
  const EARTH_KM = 6371.0088;
  const EDGE = 85.05;
  const COPIES = [-360, 0, 360];

  const map = L.map("map", {preferCanvas: true, minZoom: 1, maxZoom: 17, zoomSnap: 0.5, worldCopyJump: true,
    attributionControl: false});
  L.control.attribution({prefix: false}).addAttribution("Natural Earth; Leaflet").addTo(map);
  L.control.scale({imperial: false}).addTo(map);

  const moved = (ring, east) => ring.map(([lat, lon]) => [lat, lon + east]);

  /* A ring without the leap at the antimeridian; one that goes round the world is closed along its pole. */
  function whole(points) {
    let turns = 0, before = points[0][1];
    const ring = points.map(([lat, lon]) => {
      if (Math.abs(lon - before) > 180) turns += lon < before ? 360 : -360;
      before = lon;
      return [lat, lon + turns];
    });
    const start = ring[0], end = ring[ring.length - 1];
    if (Math.abs(end[1] - start[1]) < 180) return ring;
    const pole = start[0] < 0 ? -EDGE : EDGE;
    return [...ring, [pole, end[1]], [pole, start[1]]];
  }

  function arc(flat, unit) {
    const points = [];
    for (let at = 0, x = 0, y = 0; at < flat.length; at += 2) {
      x += flat[at];
      y += flat[at + 1];
      points.push([y * unit, x * unit]);
    }
    return points;
  }

  function drawBorders() {
    const world = JSON.parse(Page.byId("world").textContent);
    const arcs = world.arcs.map(flat => arc(flat, world.unit));
    const ring = parts => whole(parts.flatMap(part => part >= 0 ? arcs[part] : [...arcs[~part]].reverse()));
    const polygons = world.countries.flatMap(([, rings]) => rings.map(parts => [ring(parts)]));
    const look = {interactive: false, weight: 0.7, color: Page.colour("line"), fillColor: Page.colour("land"),
      fillOpacity: 1, smoothFactor: 0.6};
    for (const east of COPIES) L.polygon(polygons.map(rings => rings.map(points => moved(points, east))), look).addTo(map);
  }

  /* Points that lie `km` from a place, once round, longitudes without a leap. */
  function outline(lat, lon, km) {
    const radians = Math.PI / 180, angle = km / EARTH_KM, south = lat * radians, points = [];
    let east = 0, before = 0;
    for (let step = 0; step <= 180; step++) {
      const bearing = step * 2 * radians;
      const sine = Math.sin(south) * Math.cos(angle) + Math.cos(south) * Math.sin(angle) * Math.cos(bearing);
      const there = Math.asin(Math.max(-1, Math.min(1, sine)));
      const turn = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(south),
        Math.cos(angle) - Math.sin(south) * sine) / radians;
      east = step ? east + ((turn - before + 540) % 360 + 360) % 360 - 180 : turn;
      before = turn;
      points.push([Math.max(-EDGE, Math.min(EDGE, there / radians)), lon + east]);
    }
    return points;
  }

  const middleOf = line => line.reduce((sum, point) => sum + point[1], 0) / line.length;

  /* A circle on the sphere: its outline, and what it fills: down or up to the map's edge where it holds a pole. */
  function circle({lat, lon, km}) {
    const line = outline(lat, lon, km), toPole = Math.PI / 180 * EARTH_KM;
    const north = km >= (90 - lat) * toPole, south = km >= (90 + lat) * toPole;
    if (north && south) {
      const middle = middleOf(line);
      const world = [[EDGE, middle - 180], [EDGE, middle + 180], [-EDGE, middle + 180], [-EDGE, middle - 180]];
      return {outline: line, fill: [world, line]};
    }
    const edge = north ? EDGE : -EDGE, first = line[0], last = line[line.length - 1];
    return {outline: line, fill: [north || south ? [...line, [edge, last[1]], [edge, first[1]]] : line]};
  }

  function drawCircle(spot, look, group) {
    const {outline: line, fill} = circle(spot), still = {interactive: false, smoothFactor: 0.3};
    /* The copies around what is seen: the outline of a circle that holds both poles lies round the far side. */
    const nearest = 360 * Math.round((map.getCenter().lng - middleOf(line)) / 360);
    for (const east of COPIES.map(copy => nearest + copy)) {
      L.polygon(fill.map(ring => moved(ring, east)), {...look, stroke: false, ...still}).addTo(group);
      L.polyline(moved(line, east), {...look, ...still}).addTo(group);
    }
  }

  /* Bring a place and its circle into view, beside what covers the map: [right, bottom] in pixels. */
  function show(spot, covered) {
    const bounds = spot.km === "" ? [[spot.lat, spot.lon]] : circle(spot).outline;
    const maxZoom = spot.km === "" ? Math.max(map.getZoom(), 8) : 12;
    map.fitBounds(L.latLngBounds(bounds), {maxZoom, animate: false, paddingBottomRight: covered});
  }

  /* Move the map no more than is needed for a place to be seen beside what covers it. */
  function reveal({lat, lon}, [right, bottom]) {
    map.panInside([lat, lon], {paddingTopLeft: [60, 60], paddingBottomRight: [right + 30, bottom + 30], animate: false});
  }

  function showAll(spots) {
    if (spots.length) map.fitBounds(L.latLngBounds(spots.map(({lat, lon}) => [lat, lon])).pad(0.1), {maxZoom: 9});
    else map.setView([20, 0], 1.5);
  }

  return {circle, drawBorders, drawCircle, map, reveal, show, showAll};
})();
