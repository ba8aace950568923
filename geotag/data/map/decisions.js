"use strict";
/* What the reviewer decided: at most one decision a photo, every step can be taken back. The browser's storage
   keeps them until they are saved to a file, under the archive's identity: pages opened from files share it. */

const Decisions = (() => {
  const KEY = `geotag decisions ${Photos.archive}`;
  const DONE = {accept: "accepted", correct: "corrected", reject: "rejected"};
  const made = new Map();
  /* Decisions on answers that have changed since: `geotag apply` would refuse them, the reviewer may repeat them. */
  const earlier = new Map();
  const steps = [];
  let reviewer = "", unsaved = false, kept = true;

  const of = photo => made.get(photo.path);
  const list = () => Photos.all.map(of).filter(Boolean);
  const spotIn = decision => ({lat: decision.latitude, lon: decision.longitude, km: decision.error_km});

  function spot(photo) {
    const decision = of(photo);
    return decision && decision.decision === "correct" ? spotIn(decision) : photo.spot;
  }

  function state(photo) {
    if (of(photo)) return DONE[of(photo).decision];
    return photo.verdict || (photo.choices.length ? "not yet reviewed" : "nothing to review");
  }

  function keep() {
    const all = {reviewer, unsaved, decisions: [...made.values()], earlier: [...earlier.values()]};
    try {
      localStorage.setItem(KEY, JSON.stringify(all));
      kept = true;
    } catch {
      /* No storage for this page, or no room in it: the page says so (see Review). */
      kept = false;
    }
  }

  function put(path, decision) {
    if (decision) made.set(path, decision);
    else made.delete(path);
  }

  function change(changes, fromFile = false) {
    if (changes.length) steps.push(changes.map(([photo]) => [photo, of(photo)]));
    for (const [photo, decision] of changes) put(photo.path, decision);
    unsaved ||= !fromFile;
    keep();
    Page.tell("decided", changes.map(([photo]) => photo));
  }

  function decide(photo, decision, corrected) {
    const position = corrected ? {latitude: corrected.lat, longitude: corrected.lon, error_km: corrected.km} : {};
    const when = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    earlier.delete(photo.path);
    change([[photo, {path: photo.path, shown: photo.shown, decision, ...position, when}]]);
  }

  /* Take the latest step back; returns its photos. */
  function undo() {
    const step = steps.pop() ?? [];
    for (const [photo, decision] of step) put(photo.path, decision);
    unsaved = made.size > 0;
    keep();
    Page.tell("decided", step.map(([photo]) => photo));
    return step.map(([photo]) => photo);
  }

  const fits = (photo, decision) => photo.shown === decision.shown && photo.choices.includes(decision.decision);

  /* Sort decisions from elsewhere: [photo, decision] that fit, decisions on answers that a person has reviewed
     or that changed since, and those on photos that are not here or not to be reviewed. */
  function sorted(decisions) {
    const found = {fitting: [], reviewed: [], changed: [], unknown: []};
    for (const decision of decisions) {
      const photo = Photos.at(decision.path);
      if (photo && fits(photo, decision)) found.fitting.push([photo, decision]);
      else if (photo?.verdict) found.reviewed.push(decision);
      else if (photo && photo.choices.length) found.changed.push(decision);
      else found.unknown.push(decision);
    }
    return found;
  }

  /* Add a file's decisions; of two about one photo the later one stays. Returns how it went, sorted. */
  function load(file) {
    if (made.size && file.reviewer !== reviewer)
      throw new Error(`these are decisions of ${file.reviewer}, and this page has some of ${reviewer}: `
        + "save those, start over, then load");
    reviewer = file.reviewer;
    const found = sorted(file.decisions);
    for (const decision of found.changed) earlier.set(decision.path, decision);
    const taken = found.fitting.filter(([photo, decision]) => !(of(photo)?.when > decision.when));
    change(taken, true);
    return {...found, taken};
  }

  function restore() {
    let before = null;
    try {
      before = JSON.parse(localStorage.getItem(KEY));
    } catch {
      kept = false;
    }
    made.clear();
    earlier.clear();
    if (!Array.isArray(before?.decisions) || !Array.isArray(before?.earlier)) return;
    ({reviewer, unsaved} = before);
    const found = sorted(before.decisions);
    for (const [photo, decision] of found.fitting) made.set(photo.path, decision);
    for (const decision of [...before.earlier, ...found.changed])
      if (sorted([decision]).changed.length) earlier.set(decision.path, decision);
  }

  function startOver() {
    earlier.clear();
    change(Photos.all.filter(of).map(photo => [photo, undefined]));
  }

  function setReviewer(name) {
    reviewer = name;
    unsaved = made.size > 0;
    keep();
  }

  function saved() {
    unsaved = false;
    keep();
    Page.tell("decided", []);
  }

  restore();
  addEventListener("storage", event => {
    if (event.key !== KEY) return;
    const before = new Set(made.keys());
    restore();
    Page.tell("decided", Photos.all.filter(photo => of(photo) || before.has(photo.path)));
  });
  addEventListener("beforeunload", event => { if (unsaved && made.size) event.preventDefault(); });

  return {
    decide, list, load, of, saved, setReviewer, spot, spotIn, startOver, state, undo,
    earlier: photo => earlier.get(photo.path),
    get kept() { return kept; },
    get reviewer() { return reviewer; },
    get undoable() { return steps.length > 0; },
    get unsaved() { return unsaved && made.size > 0; },
    forget: photo => change([[photo, undefined]]),
  };
})();
