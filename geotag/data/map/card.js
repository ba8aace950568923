"use strict";
/* The card of the chosen photo: what is known of it, and what a reviewer can do. */

const Card = (() => {
  const {element} = Page;

  function facts(photo) {
    return [["status", photo.status], ["position", Page.degrees(photo.spot)], ["radius", Page.kilometres(photo.km)],
      ["source", photo.source], ["place", [photo.place, photo.country].filter(Boolean).join(", ")],
      ["evidence", photo.evidence], ["written", photo.written],
      ["reviewed", [photo.reviewer, photo.reviewed].filter(Boolean).join(", ")],
      ["model", photo.model], ["message", photo.message],
    ].filter(([, value]) => value);
  }

  function head(photo) {
    const step = (by, name, sign) => Page.button(name, () => Page.tell("step", by), sign);
    const close = Page.button("Close", () => Page.tell("choose", null, false), "×");
    return [element("p", {className: "walk"}, step(-1, "Previous photo", "‹"), step(1, "Next photo", "›"), close),
      ...(photo.picture ? [Page.picture(photo)] : []), element("h2", {textContent: photo.path})];
  }

  function original(photo) {
    const href = Photos.link(photo);
    if (!href) return [];
    const properties = {href, id: "original", target: "_blank", rel: "noopener"};
    return [element("a", properties, "Open the photo ", element("kbd", {textContent: "o"}))];
  }

  function show(photo) {
    const card = Page.byId("photo");
    card.hidden = !photo;
    if (!photo) return;
    card.classList.toggle("drafting", Boolean(Correction.draft));
    card.replaceChildren(...head(photo), ...original(photo), ...Review.controls(),
      element("dl", {}, ...facts(photo).flatMap(([name, value]) =>
        [element("dt", {textContent: name}), element("dd", {textContent: value})])));
  }

  /* How much of the map the card covers, [from the right, from below] in pixels: it lies below on a phone. */
  function covered() {
    const card = Page.byId("photo").getBoundingClientRect(), whole = Page.byId("map").getBoundingClientRect();
    return card.width > whole.width / 2 ? [0, whole.bottom - card.top] : [whole.right - card.left, 0];
  }

  return {covered, show};
})();
