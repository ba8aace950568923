"use strict";
/* Filters, the histogram of radii, and the list of photos beside the map. */

const Lists = (() => {
  const PAGE = 100;
  const MOST_FOLDERS = 2000;
  const {byId, count, element} = Page;
  const KINDS = {
    all: ["All", () => true],
    unsure: ["Unsure", photo => photo.status === "unsure"],
    failed: ["Failed", photo => photo.status === "failed"],
    left: ["Not yet reviewed", isLeft],
  };
  /* A bar for each third of a power of ten, from 1 km to half way round the Earth. */
  const BARS = Array.from({length: 14}, (_, at) => at ? 10 ** ((at - 1) / 3) : 0);
  let shown = [], listed = [], kind = "all", pages = 1, chosen = null;

  function isLeft(photo) { return Decisions.state(photo) === "not yet reviewed"; }

  function tally(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].sort();
  }

  function boxes(field) {
    for (const [value, number] of tally(Photos.all.map(photo => photo[field]))) {
      const box = element("input", {type: "checkbox", defaultChecked: true, name: field, value});
      byId(field).append(element("label", {}, box, ` ${value || "none"} (${count(number)})`));
    }
  }

  function folders() {
    const around = Photos.all.flatMap(({folder}) => {
      const parts = folder ? folder.split("/") : [];
      return ["", ...parts.map((_, depth) => parts.slice(0, depth + 1).join("/"))];
    });
    for (const [name, number] of tally(around).slice(0, MOST_FOLDERS))
      byId("folder").append(element("option", {value: name}, `${name || "all folders"} (${count(number)})`));
  }

  function wanted() {
    const ticked = field => new Set([...document.querySelectorAll(`[name=${field}]:checked`)].map(box => box.value));
    const status = ticked("status"), source = ticked("source"), state = byId("state").value;
    const words = byId("words").value.trim().toLowerCase(), folder = byId("folder").value;
    const least = parseFloat(byId("least").value), most = parseFloat(byId("most").value);
    return photo => status.has(photo.status) && source.has(photo.source)
      && (!state || Decisions.state(photo) === state)
      && (!folder || photo.folder === folder || photo.folder.startsWith(folder + "/"))
      && !(photo.km < least) && !(photo.km > most) && !((least || most) && photo.km === "")
      && (!words || `${photo.path}\n${photo.place}\n${photo.country}\n${photo.evidence}`.toLowerCase().includes(words));
  }

  function filter() {
    shown = Photos.all.filter(wanted());
    Pins.show(shown);
    byId("count").textContent = `${count(shown.length)} of ${count(Photos.all.length)} photos`
      + (Photos.bare && `; ${Photos.bare}`);
    if (chosen && !shown.includes(chosen)) Page.tell("choose", null, false);
    histogram();
    relist();
  }

  function histogram() {
    const counts = BARS.map(() => 0);
    for (const photo of shown) if (photo.km !== "") counts[BARS.findLastIndex(from => photo.km >= from)] += 1;
    const top = Math.max(1, ...counts);
    byId("histogram").replaceChildren(...counts.map((number, at) => bar(number, top, BARS[at], BARS[at + 1])));
  }

  function bar(number, top, from, to) {
    const short = km => km.toPrecision(2) / 1;
    const name = to ? `${short(from)} to ${short(to)} km` : `over ${short(from)} km`;
    const stick = element("i");
    stick.style.height = `${number / top * 100}%`;
    function only() {
      byId("least").value = from.toFixed(1);
      byId("most").value = to ? to.toFixed(1) : "";
      filter();
    }
    const made = Page.button(`${name}: ${number} photos; show only these`, only, stick);
    made.title = `${name}: ${number}`;
    return made;
  }

  function kinds() {
    byId("lists").replaceChildren(...Object.entries(KINDS).map(([name, [title, fits]]) => {
      const made = Page.button("", () => { kind = name; relist(); }, `${title} (${count(shown.filter(fits).length)})`);
      made.setAttribute("aria-pressed", name === kind);
      return made;
    }));
  }

  function relist() {
    kinds();
    listed = shown.filter(KINDS[kind][1]);
    pages = 1;
    page();
  }

  function page() {
    byId("list").replaceChildren(...listed.slice(0, pages * PAGE).map(item));
    byId("more").hidden = listed.length <= pages * PAGE;
  }

  function item(photo) {
    const told = photo.message && photo.status !== "located" ? photo.message
      : [photo.place || photo.country, Page.kilometres(photo.km)].filter(Boolean).join(", ");
    const state = Decisions.of(photo) ? `${Decisions.state(photo)}; ` : "";
    const made = Page.button("", () => Page.tell("choose", photo, true), Page.picture(photo),
      element("span", {}, photo.path, element("small", {textContent: `${state}${photo.status}: ${told}`})));
    made.dataset.number = photo.number;
    made.dataset.state = Decisions.state(photo);
    made.setAttribute("aria-current", photo === chosen);
    return element("li", {}, made);
  }

  /* Decided photos stay in the list, marked, until it is made anew: the next one is where it was. */
  function renew(photos) {
    kinds();
    const numbers = new Map(photos.map(photo => [photo.number, photo]));
    for (const made of byId("list").querySelectorAll("button")) {
      const photo = numbers.get(Number(made.dataset.number));
      if (photo) made.parentElement.replaceWith(item(photo));
    }
  }

  function mark(photo) {
    chosen = photo;
    for (const made of byId("list").querySelectorAll("button"))
      made.setAttribute("aria-current", Boolean(photo) && Number(made.dataset.number) === photo.number);
  }

  /* The photo of the list that comes `by` after the chosen one and fits; null where there is none. */
  function beside(by, fits = () => true) {
    const at = listed.indexOf(chosen);
    for (let next = at < 0 && by < 0 ? listed.length - 1 : at + by; next >= 0 && next < listed.length; next += by)
      if (fits(listed[next])) return listed[next];
    return null;
  }

  function scrollTo(photo) {
    const at = listed.indexOf(photo);
    if (at < 0) return;
    if (at >= pages * PAGE) {
      pages = Math.floor(at / PAGE) + 1;
      page();
    }
    byId("list").children[at].scrollIntoView({block: "nearest"});
  }

  function start() {
    let waiting = 0;
    boxes("status");
    boxes("source");
    folders();
    byId("filters").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, Photos.all.length > 5000 ? 250 : 0);
    });
    byId("filters").addEventListener("reset", () => setTimeout(filter));
    byId("filters").addEventListener("submit", event => event.preventDefault());
    byId("more").onclick = () => { pages += 1; page(); };
    filter();
  }

  return {beside, isLeft, mark, renew, scrollTo, start};
})();
