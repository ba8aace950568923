"use strict";
/* The map of a geotag run: what is shown is the journal's; nothing here fetches, evaluates or stores anything.
   Texts from outside (names, captions) only ever become text nodes. */

/* The columns of the data that go by shorter names here. */
const SHORT = {latitude: "lat", longitude: "lon", error_km: "km"};
const MOST_CIRCLES = 150;
const PAGE = 100;
const EARTH_KM = 6371.0088;
const EDGE = 85.05;

const given = JSON.parse(document.getElementById("photos").textContent);
const fields = given.columns.map(column => SHORT[column] || column);
const photos = given.rows.map((row, number) => {
  const photo = Object.fromEntries(fields.map((field, at) => [field, row[at] ?? ""]));
  return Object.assign(photo, {number, folder: photo.path.split("/").slice(0, -1).join("/"), located: photo.lat !== ""});
});
let shown = photos, chosen = null, list = "all", listed = [], pages = 1;
const byId = id => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function picture(photo) {
  if (!photo.picture) return element("span", {className: "none"});
  return element("img", {src: "data:image/webp;base64," + photo.picture, alt: "", loading: "lazy"});
}

const kilometres = km => km === "" ? "" : `${km >= 10 ? Math.round(km).toLocaleString("en") : km} km`;
const degrees = photo => photo.located ? `${photo.lat}, ${photo.lon}` : "no position";

/* ---- the map ---- */

const map = L.map("map", {preferCanvas: true, minZoom: 1, maxZoom: 17, zoomSnap: 0.5, worldCopyJump: true,
  maxBounds: [[-89, -400], [89, 400]], attributionControl: false});
L.control.attribution({prefix: false}).addAttribution("Natural Earth; Leaflet").addTo(map);
L.control.scale({imperial: false}).addTo(map);

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

function borders() {
  const world = JSON.parse(byId("world").textContent);
  const arcs = world.arcs.map(flat => {
    const points = [];
    for (let at = 0, x = 0, y = 0; at < flat.length; at += 2) {
      x += flat[at]; y += flat[at + 1];
      points.push([y * world.unit, x * world.unit]);
    }
    return points;
  });
  const ring = parts => whole(parts.flatMap(part => part >= 0 ? arcs[part] : [...arcs[~part]].reverse()));
  const polygons = world.countries.flatMap(([, rings]) => rings.map(parts => [ring(parts)]));
  const style = getComputedStyle(document.documentElement);
  const look = {interactive: false, weight: 0.7, color: style.getPropertyValue("--line").trim(),
    fillColor: style.getPropertyValue("--land").trim(), fillOpacity: 1, smoothFactor: 0.6};
  const moved = east => polygons.map(rings => rings.map(points => points.map(([lat, lon]) => [lat, lon + east])));
  for (const east of [-360, 0, 360]) L.polygon(moved(east), look).addTo(map);
}

/* A circle on the sphere: its outline, and what it fills: down or up to the map's edge where it holds a pole. */
function circle(lat, lon, km) {
  const radians = Math.PI / 180, angle = km / EARTH_KM, outline = [];
  const south = lat * radians;
  let east = 0, before = 0;
  for (let step = 0; step <= 180; step++) {
    const bearing = step * 2 * radians;
    const sine = Math.sin(south) * Math.cos(angle) + Math.cos(south) * Math.sin(angle) * Math.cos(bearing);
    const there = Math.asin(Math.max(-1, Math.min(1, sine)));
    const turn = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(south),
      Math.cos(angle) - Math.sin(south) * sine) / radians;
    east = step ? east + ((turn - before + 540) % 360 + 360) % 360 - 180 : turn;
    before = turn;
    outline.push([Math.max(-EDGE, Math.min(EDGE, there / radians)), lon + east]);
  }
  const north = km >= (90 - lat) * radians * EARTH_KM, pole = km >= (90 + lat) * radians * EARTH_KM;
  if (north && pole) {
    const middle = outline.reduce((sum, point) => sum + point[1], 0) / outline.length;
    const world = [[EDGE, middle - 180], [EDGE, middle + 180], [-EDGE, middle + 180], [-EDGE, middle - 180]];
    return {outline, fill: [world, outline]};
  }
  const edge = north ? EDGE : -EDGE, first = outline[0], last = outline[outline.length - 1];
  return {outline, fill: [north || pole ? [...outline, [edge, last[1]], [edge, first[1]]] : outline]};
}

const circles = L.layerGroup().addTo(map);
const colour = status => getComputedStyle(document.documentElement).getPropertyValue("--" + status).trim();

function drawCircle(photo, strong) {
  if (photo.km === "" || !photo.located) return;
  const look = {color: colour(photo.status), weight: strong ? 2 : 0.6, fillOpacity: strong ? 0.12 : 0.03, interactive: false};
  const {outline, fill} = circle(photo.lat, photo.lon, photo.km);
  const moved = (ring, east) => ring.map(([lat, lon]) => [lat, lon + east]);
  for (const east of [-360, 0, 360]) {
    L.polygon(fill.map(ring => moved(ring, east)), {...look, stroke: false}).addTo(circles);
    L.polyline(moved(outline, east), look).addTo(circles);
  }
}

function drawCircles() {
  circles.clearLayers();
  let drawn = 0;
  const inView = map.getBounds().pad(0.1);
  cluster._featureGroup.eachLayer(layer => {
    if (layer.photo && layer.photo !== chosen && drawn < MOST_CIRCLES && inView.contains(layer.getLatLng())) {
      drawCircle(layer.photo, false);
      drawn += 1;
    }
  });
  if (chosen && chosen.located) {
    drawCircle(chosen, true);
    L.marker([chosen.lat, chosen.lon], {icon: pin(chosen), zIndexOffset: 5000, interactive: false, keyboard: false}).addTo(circles);
  }
  document.body.dataset.circles = drawn + (chosen && chosen.km !== "" ? 1 : 0);
}

function pin(photo) {
  const className = `pin ${photo.status}` + (photo === chosen ? " chosen" : "");
  const side = photo.picture ? 44 : 18;
  return L.divIcon({className, iconSize: [side, side], html: photo.picture ? picture(photo) : ""});
}

const cluster = L.markerClusterGroup({
  chunkedLoading: true, chunkProgress: (done, all) => { if (done === all) drawCircles(); },
  showCoverageOnHover: false, maxClusterRadius: 56, animate: false,
  iconCreateFunction(group) {
    const count = group.getChildCount();
    const [first] = group.getAllChildMarkers();
    const side = count > 99 ? 56 : 46;
    const html = element("div", {}, ...(first.photo.picture ? [picture(first.photo)] : []),
      element("b", {textContent: count.toLocaleString("en")}));
    return L.divIcon({className: "cluster", iconSize: [side, side], html});
  },
});
map.addLayer(cluster);

const markers = photos.map(photo => {
  if (!photo.located) return null;
  const marker = L.marker([photo.lat, photo.lon], {icon: pin(photo), keyboard: true, alt: photo.path});
  marker.photo = photo;
  marker.on("click", () => choose(photo, false));
  return marker;
});

/* ---- filters ---- */

const LISTS = {
  all: ["All", () => true],
  unsure: ["Unsure", photo => photo.status === "unsure"],
  failed: ["Failed", photo => photo.status === "failed"],
};
/* A bar for each third of a power of ten, from 1 km to half way round the Earth. */
const BARS = Array.from({length: 14}, (_, bar) => bar ? 10 ** ((bar - 1) / 3) : 0);

function boxes(place, field) {
  const counts = new Map();
  for (const photo of photos) counts.set(photo[field], (counts.get(photo[field]) || 0) + 1);
  for (const [value, count] of [...counts].sort()) {
    const box = element("input", {type: "checkbox", defaultChecked: true, name: field, value});
    byId(place).append(element("label", {}, box, ` ${value || "none"} (${count.toLocaleString("en")})`));
  }
}

function folders() {
  const counts = new Map();
  for (const photo of photos) {
    const parts = photo.folder ? photo.folder.split("/") : [];
    for (let depth = 0; depth <= parts.length; depth++) {
      const name = parts.slice(0, depth).join("/");
      counts.set(name, (counts.get(name) || 0) + 1);
    }
  }
  for (const [name, count] of [...counts].sort().slice(0, 2000))
    byId("folder").append(element("option", {value: name}, `${name || "all folders"} (${count.toLocaleString("en")})`));
}

function accepted() {
  const ticked = field => new Set([...document.querySelectorAll(`[name=${field}]:checked`)].map(box => box.value));
  const status = ticked("status"), source = ticked("source");
  const words = byId("words").value.trim().toLowerCase(), folder = byId("folder").value;
  const least = parseFloat(byId("least").value), most = parseFloat(byId("most").value);
  return photo => status.has(photo.status) && source.has(photo.source)
    && (!folder || photo.folder === folder || photo.folder.startsWith(folder + "/"))
    && !(photo.km < least) && !(photo.km > most) && !((least || most) && photo.km === "")
    && (!words || `${photo.path}\n${photo.place}\n${photo.country}\n${photo.evidence}`.toLowerCase().includes(words));
}

function filter() {
  shown = photos.filter(accepted());
  cluster.clearLayers();
  cluster.addLayers(shown.filter(photo => photo.located).map(photo => markers[photo.number]));
  byId("count").textContent = `${shown.length.toLocaleString("en")} of ${photos.length.toLocaleString("en")} photos`
    + (given.pictures ? "" : "; too many for thumbnails");
  if (chosen && !shown.includes(chosen)) choose(null, false);
  histogram();
  lists();
  drawCircles();
}

function histogram() {
  const counts = BARS.map(() => 0);
  for (const photo of shown) if (photo.km !== "") counts[BARS.findLastIndex(bar => photo.km >= bar)] += 1;
  const top = Math.max(1, ...counts);
  byId("histogram").replaceChildren(...BARS.map((bar, at) => {
    const next = BARS[at + 1];
    const name = next ? `${bar.toPrecision(2) / 1} to ${next.toPrecision(2) / 1} km` : `over ${bar.toPrecision(2) / 1} km`;
    const stick = element("i");
    stick.style.height = `${counts[at] / top * 100}%`;
    const button = element("button", {type: "button", title: `${name}: ${counts[at]}`}, stick);
    button.setAttribute("aria-label", `${name}: ${counts[at]} photos; show only these`);
    button.onclick = () => { byId("least").value = bar.toFixed(1); byId("most").value = next ? next.toFixed(1) : ""; filter(); };
    return button;
  }));
}

/* ---- lists ---- */

function lists() {
  byId("lists").replaceChildren(...Object.entries(LISTS).map(([name, [title, fits]]) => {
    const button = element("button", {type: "button"}, `${title} (${shown.filter(fits).length.toLocaleString("en")})`);
    button.setAttribute("aria-pressed", name === list);
    button.onclick = () => { list = name; lists(); };
    return button;
  }));
  listed = shown.filter(LISTS[list][1]);
  pages = 1;
  page();
}

function page() {
  byId("list").replaceChildren(...listed.slice(0, pages * PAGE).map(photo => {
    const told = photo.message && photo.status !== "located" ? photo.message
      : [photo.place || photo.country, kilometres(photo.km)].filter(Boolean).join(", ");
    const button = element("button", {type: "button"}, picture(photo),
      element("span", {}, photo.path, element("small", {textContent: `${photo.status}: ${told}`})));
    button.dataset.number = photo.number;
    button.setAttribute("aria-current", photo === chosen);
    button.onclick = () => choose(photo, true);
    return element("li", {}, button);
  }));
  byId("more").hidden = listed.length <= pages * PAGE;
}

/* ---- the chosen photo ---- */

function show(photo) {
  if (photo.km === "") map.setView([photo.lat, photo.lon], Math.max(map.getZoom(), 8), {animate: false});
  else map.fitBounds(L.latLngBounds(circle(photo.lat, photo.lon, photo.km).outline), {maxZoom: 12, animate: false});
}

function choose(photo, fly) {
  chosen = photo;
  for (const button of byId("list").querySelectorAll("button"))
    button.setAttribute("aria-current", Boolean(photo) && Number(button.dataset.number) === photo.number);
  const box = byId("photo");
  box.hidden = !photo;
  if (photo) {
    if (fly && photo.located) show(photo);
    const facts = [["status", photo.status], ["position", degrees(photo)], ["radius", kilometres(photo.km)], ["source", photo.source],
      ["place", [photo.place, photo.country].filter(Boolean).join(", ")], ["evidence", photo.evidence],
      ["written", photo.written], ["model", photo.model], ["message", photo.message]];
    const close = element("button", {type: "button", className: "close", textContent: "×"});
    close.setAttribute("aria-label", "Close");
    close.onclick = () => choose(null, false);
    box.replaceChildren(close, ...(photo.picture ? [picture(photo)] : []), element("h2", {textContent: photo.path}),
      element("dl", {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) =>
        [element("dt", {textContent: name}), element("dd", {textContent: value})])));
  }
  drawCircles();
}

function step(by) {
  if (!listed.length) return;
  const at = listed.indexOf(chosen);
  const next = at < 0 ? 0 : Math.max(0, Math.min(listed.length - 1, at + by));
  while (next >= pages * PAGE) { pages += 1; page(); }
  choose(listed[next], true);
  byId("list").children[next].scrollIntoView({block: "nearest"});
}

function panel(open) {
  byId("side").hidden = !open;
  byId("panel").setAttribute("aria-expanded", open);
  map.invalidateSize({animate: false});
}

document.addEventListener("keydown", event => {
  if (event.key === "Escape") { choose(null, false); document.activeElement.blur(); return; }
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = {j: () => step(1), k: () => step(-1), f: () => panel(byId("side").hidden),
    "/": () => { panel(true); byId("words").focus(); }}[event.key];
  if (action) { event.preventDefault(); action(); }
});
let waiting = 0;
byId("filters").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, photos.length > 5000 ? 250 : 0); });
byId("filters").addEventListener("reset", () => setTimeout(filter));
byId("filters").addEventListener("submit", event => event.preventDefault());
byId("more").onclick = () => { pages += 1; page(); };
byId("panel").onclick = () => panel(byId("side").hidden);
map.on("moveend", drawCircles);
cluster.on("animationend", drawCircles);

const places = photos.filter(photo => photo.located).map(photo => [photo.lat, photo.lon]);
if (places.length) map.fitBounds(L.latLngBounds(places).pad(0.1), {maxZoom: 9});
else map.setView([20, 0], 1.5);
borders();
boxes("status", "status");
boxes("source", "source");
folders();
if (matchMedia("(max-width: 700px)").matches) panel(false);
filter();
document.body.dataset.ready = "yes";
