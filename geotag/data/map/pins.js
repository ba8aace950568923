"use strict";
/* The photos on the map: pins in clusters, their radii as circles, and the chosen photo's pin, which can be dragged. */

const Pins = (() => {
  const MOST_CIRCLES = 150;
  const {map} = World;
  const circles = L.layerGroup().addTo(map);
  const strong = L.layerGroup().addTo(map);
  const markers = Photos.all.map(marker);
  const markersOf = photos => photos.map(photo => markers[photo.number]).filter(Boolean);
  let chosen = null, draft = null, shown = new Set();

  const cluster = L.markerClusterGroup({
    chunkedLoading: true, chunkProgress: (done, all) => { if (done === all) drawCircles(); },
    showCoverageOnHover: false, maxClusterRadius: 56, animate: false, iconCreateFunction: clusterIcon,
  });
  map.addLayer(cluster);

  function pin(photo, ...classes) {
    const side = photo.picture ? 44 : 18, state = Decisions.state(photo).split(" ").join("-");
    return L.divIcon({className: ["pin", photo.status, state, ...classes].join(" "), iconSize: [side, side],
      html: photo.picture ? Page.picture(photo) : ""});
  }

  function clusterIcon(group) {
    const number = group.getChildCount(), [first] = group.getAllChildMarkers(), side = 46;
    const picture = first.photo.picture ? [Page.picture(first.photo)] : [];
    const html = Page.element("div", {}, ...picture, Page.element("b", {textContent: Page.count(number)}));
    return L.divIcon({className: "cluster", iconSize: [side, side], html});
  }

  function marker(photo) {
    const spot = Decisions.spot(photo);
    if (!spot) return null;
    const made = L.marker([spot.lat, spot.lon], {icon: pin(photo), keyboard: true, alt: photo.path});
    made.photo = photo;
    made.on("click", () => Page.tell("choose", photo, false));
    return made;
  }

  function show(photos) {
    shown = new Set(photos);
    cluster.clearLayers();
    cluster.addLayers(markersOf(photos));
    drawCircles();
  }

  function isInPlace(photo) {
    const spot = Decisions.spot(photo), at = markers[photo.number]?.getLatLng();
    return spot && at ? at.equals([spot.lat, spot.lon]) : !spot && !at;
  }

  /* Draw photos anew whose decision changed: a corrected one lies elsewhere now. */
  function renew(photos) {
    const moved = photos.filter(photo => !isInPlace(photo));
    for (const photo of photos) markers[photo.number]?.setIcon(pin(photo));
    if (moved.length) {
      cluster.removeLayers(markersOf(moved));
      for (const photo of moved) markers[photo.number] = marker(photo);
      cluster.addLayers(markersOf(moved.filter(photo => shown.has(photo))));
      drawCircles();
    }
    drawChosen();
  }

  function drawCircle(photo) {
    const spot = Decisions.spot(photo);
    if (spot.km !== "") World.drawCircle(spot, {color: Page.colour(photo.status), weight: 0.6, fillOpacity: 0.03}, circles);
  }

  function drawCircles() {
    circles.clearLayers();
    const inView = map.getBounds().pad(0.1), near = [];
    map.eachLayer(layer => {
      if (layer.photo && layer.photo !== chosen && inView.contains(layer.getLatLng())) near.push(layer.photo);
    });
    near.slice(0, MOST_CIRCLES).forEach(drawCircle);
  }

  function drawChosen() {
    strong.clearLayers();
    const spot = draft ?? (chosen && Decisions.spot(chosen));
    if (!spot) return;
    const colour = Page.colour(draft ? "draft" : chosen.status);
    if (spot.km !== "") World.drawCircle(spot, {color: colour, weight: 2, fillOpacity: 0.12}, strong);
    const movable = chosen.choices.length > 0;
    const icon = pin(chosen, "chosen", ...(draft ? ["draft"] : []), ...(movable ? ["movable"] : []));
    const handle = L.marker([spot.lat, spot.lon], {icon, zIndexOffset: 5000, keyboard: false, draggable: movable,
      autoPan: true, interactive: movable, title: movable ? "Drag to correct" : ""});
    handle.on("dragend", () => Page.tell("placed", handle.getLatLng()));
    handle.addTo(strong);
  }

  /* The chosen photo, and where its reviewer would have it (with a radius in km) before that is decided. */
  function choose(photo, placed) {
    const same = chosen === photo;
    chosen = photo;
    draft = placed;
    drawChosen();
    if (!same) drawCircles();
  }

  map.on("moveend", drawCircles);
  return {choose, renew, show};
})();
