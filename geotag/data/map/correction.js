"use strict";
/* Correcting a photo: where the reviewer would have it, and how far off that may be, until it is decided. */

const Correction = (() => {
  const HALF_TURN_KM = 20015;
  const EQUATOR_KM = 40075;
  const TILE = 256;
  const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  const {byId, element} = Page;
  const {map} = World;
  let draft = null, radiusIsTheirs = false;

  const rounded = degrees => Math.round(degrees * 1e6) / 1e6;

  /* How finely a pin can be put at this zoom: 12 pixels, in km, as the next 1, 2 or 5 times a power of ten. */
  function fineness(lat) {
    const km = 12 * EQUATOR_KM * Math.cos(lat * Math.PI / 180) / TILE / 2 ** map.getZoom();
    const power = 10 ** Math.floor(Math.log10(km));
    const round = [1, 2, 5, 10].map(step => step * power).find(step => step >= km) ?? km;
    return Math.min(HALF_TURN_KM, Math.max(0.01, Number(round.toPrecision(1))));
  }

  /* Start from a position on the map, else from where the photo is now, else from the middle of the map. */
  function begin(photo, position) {
    const now = Decisions.spot(photo);
    radiusIsTheirs = !position && Decisions.of(photo)?.decision === "correct";
    draft = {km: radiusIsTheirs ? now.km : 0};
    move(position ?? (now ? L.latLng(now.lat, now.lon) : map.getCenter()));
    /* Not a field of it: arrow keys move the pin until the reviewer goes on to a field. */
    byId("correction").focus({preventScroll: true});
  }

  function move(position) {
    const {lat, lng} = position.wrap();
    const inside = Math.max(-90, Math.min(90, lat));
    draft = {lat: rounded(inside), lon: rounded(lng), km: radiusIsTheirs ? draft.km : fineness(inside)};
    fill();
    Page.tell("drafted");
  }

  function fill() {
    if (!byId("correction")) return;
    byId("position").value = Page.degrees(draft);
    byId("position").setCustomValidity("");
    byId("radius").value = draft.km;
  }

  function end() { draft = null; }

  function zoom(by) {
    map.setView([draft.lat, draft.lon], map.getZoom() + by, {animate: false});
    move(L.latLng(draft.lat, draft.lon));
  }

  function nudge(step, pixels) {
    move(map.unproject(map.project([draft.lat, draft.lon]).add(L.point(step).multiplyBy(pixels))));
  }

  /* Keys that act on the draft: arrows move it by 10 pixels, with Shift by 1; + and - zoom around it. */
  function press(key, fine) {
    if (STEPS[key]) nudge(STEPS[key], fine ? 1 : 10);
    else if (key === "+" || key === "-") zoom(key === "+" ? 1 : -1);
    else if (key === "Enter") use();
    else return false;
    return true;
  }

  /* What was typed as "latitude, longitude" in degrees; null when it is no place. */
  function typed() {
    const numbers = byId("position").value.trim().split(/[\s,;]+/).map(Number);
    const [lat, lon] = numbers;
    return numbers.length === 2 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? {lat, lon} : null;
  }

  function readFields() {
    const position = typed();
    byId("position").setCustomValidity(position ? "" : "latitude and longitude in degrees, such as 51.5, -0.12");
    if (!byId("correction").checkValidity()) return;
    draft = {...position, km: Number(byId("radius").value)};
    Page.tell("typed");
  }

  function use() {
    if (byId("correction").reportValidity()) Page.tell("corrected", draft);
  }

  function field(name, id, properties) {
    const input = element("input", {id, required: true, autocomplete: "off", ...properties});
    return element("label", {}, name, input);
  }

  function form() {
    const position = {value: Page.degrees(draft), oninput: readFields};
    const radius = {type: "number", min: 0.001, max: HALF_TURN_KM, step: "any", inputMode: "decimal", value: draft.km,
      oninput() { radiusIsTheirs = true; readFields(); }};
    const onsubmit = event => { event.preventDefault(); use(); };
    return element("form", {id: "correction", tabIndex: -1, noValidate: true, onsubmit},
      element("p", {textContent: "Drag the pin, click on the map, press arrow keys, or type."}),
      field("Position", "position", position), field("Radius in km", "radius", radius),
      element("button", {className: "main", textContent: "Use this position"}),
      Page.button("", () => Page.tell("cancelled"), "Cancel"));
  }

  return {begin, end, form, move, press, get draft() { return draft; }};
})();
