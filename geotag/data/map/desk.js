"use strict";
/* Puts the parts together: one photo is chosen, keys act on it, and what is decided shows everywhere. */

const Desk = (() => {
  const {byId} = Page;

  let chosen = null;

  function choose(photo, fly) {
    chosen = photo;
    Review.choose(photo);
    Lists.mark(photo);
    Card.show(photo);
    const spot = photo && Decisions.spot(photo);
    if (fly && spot) World.show(spot, Card.covered());
    Pins.choose(photo, Correction.draft);
  }

  function go(photo) {
    if (!photo) return;
    choose(photo, true);
    Lists.scrollTo(photo);
  }

  const isUnsure = photo => photo.status === "unsure" && Lists.isLeft(photo);
  const step = by => go(Lists.beside(by));

  function panel(open) {
    byId("side").hidden = !open;
    byId("panel").setAttribute("aria-expanded", open);
    World.map.invalidateSize({animate: false});
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    n: () => go(Lists.beside(1, isUnsure)),
    p: () => go(Lists.beside(-1, isUnsure)),
    a: () => Review.act("accept"),
    c: () => Review.act("correct"),
    r: () => Review.act("reject"),
    u: Progress.undo,
    o: () => byId("original")?.click(),
    f: () => panel(byId("side").hidden),
    "?": () => { panel(true); byId("about").open = true; byId("about").scrollIntoView(); },
    "/": () => { panel(true); byId("words").focus(); },
  };

  function drafted() {
    if (!byId("correction")) Card.show(chosen);
    Pins.choose(chosen, Correction.draft);
    World.reveal(Correction.draft, Card.covered());
  }

  function cancel() {
    Correction.end();
    choose(chosen, false);
  }

  function escape() {
    if (Correction.draft) cancel();
    else choose(null, false);
    document.activeElement.blur();
  }

  /* Whether a key did something here. */
  function press({key, shiftKey, target}) {
    if (key === "Escape") {
      escape();
      return true;
    }
    if (target.matches("input, select, textarea") || (key === "Enter" && target.matches("button, summary"))) return false;
    if (Correction.draft) return Correction.press(key, shiftKey);
    KEYS[key]?.();
    return key in KEYS;
  }

  function heard(event) {
    if (byId("who").open || event.ctrlKey || event.metaKey || event.altKey || !press(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function decided(photos) {
    Pins.renew(photos);
    Lists.renew(photos);
    Progress.renew();
  }

  Page.hear("choose", choose);
  Page.hear("step", step);
  Page.hear("decided", decided);
  Page.hear("drafted", drafted);
  Page.hear("typed", () => Pins.choose(chosen, Correction.draft));
  Page.hear("cancelled", cancel);
  /* Before the map hears of them: while a pin is placed, arrow keys move it and not the map. */
  addEventListener("keydown", heard, true);
  byId("panel").onclick = () => panel(byId("side").hidden);
  byId("next").onclick = () => {
    const next = Lists.beside(1, Lists.isLeft) ?? Lists.beside(-1, Lists.isLeft);
    if (next) go(next);
    else Progress.say("nothing is left to review in this list");
  };

  document.body.classList.toggle("bare", Photos.bare !== "");
  World.showAll(Photos.all.map(Decisions.spot).filter(Boolean));
  World.drawBorders();
  if (matchMedia("(max-width: 700px)").matches) panel(false);
  Lists.start();
  Progress.start();
  document.body.dataset.ready = "yes";
})();
