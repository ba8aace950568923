"use strict";
/* Making elements and texts, and telling other scripts of events. Texts from outside (names, captions, what
   a reviewer types) only ever become text nodes. */

const Page = (() => {
  const listeners = new Map();
  const byId = id => document.getElementById(id);
  const count = number => number.toLocaleString("en");
  const kilometres = km => km === "" ? "" : `${km >= 10 ? count(Math.round(km)) : km} km`;
  const degrees = spot => spot ? `${spot.lat}, ${spot.lon}` : "no position";
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function button(name, act, ...children) {
    const made = element("button", {type: "button", onclick: act}, ...children);
    if (name) made.setAttribute("aria-label", name);
    return made;
  }

  function picture(photo) {
    if (!photo.picture) return element("span", {className: "none"});
    return element("img", {src: "data:image/webp;base64," + photo.picture, alt: "", loading: "lazy"});
  }

  function hear(event, listener) {
    listeners.set(event, [...listeners.get(event) ?? [], listener]);
  }

  function tell(event, ...about) {
    for (const listener of listeners.get(event) ?? []) listener(...about);
  }

  return {byId, button, colour, count, degrees, element, hear, kilometres, picture, tell};
})();
