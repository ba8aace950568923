"use strict";
/* The bar below the map: who reviews, how far it got, undo, saving and loading. */

const Progress = (() => {
  const {byId, count} = Page;
  const reviewed = Photos.all.filter(photo => photo.verdict).length;
  const reviewable = reviewed + Photos.all.filter(photo => photo.choices.length && !photo.verdict).length;

  function say(text) { byId("told").textContent = text; }

  function renew() {
    const made = Decisions.list().length;
    const done = reviewed + Photos.all.filter(photo => Decisions.of(photo) && !photo.verdict).length;
    byId("reviewed").textContent = `${count(done)} of ${count(reviewable)} reviewed`;
    byId("progress").max = reviewable;
    byId("progress").value = done;
    byId("undo").disabled = !Decisions.undoable;
    for (const id of ["save", "save-csv", "forget"]) byId(id).disabled = !made;
    byId("save").classList.toggle("main", Decisions.unsaved);
    byId("reviewer").textContent = Decisions.reviewer || "asked for with the first decision";
    byId("unkept").hidden = Decisions.kept;
  }

  /* Go on with the reviewer's name, which is asked for once. */
  function named(then) {
    if (Decisions.reviewer) then();
    else askName(then);
  }

  function askName(then) {
    const field = byId("name");
    field.value = Decisions.reviewer;
    byId("naming").onsubmit = event => {
      event.preventDefault();
      if (!field.value.trim()) return;
      /* The browser would take its time to take the focus out of a field that is gone. */
      field.blur();
      byId("who").close();
      Decisions.setReviewer(field.value.trim());
      renew();
      then();
    };
    byId("who").showModal();
    field.select();
  }

  function undo() {
    const photos = Decisions.undo();
    if (!photos.length) return;
    say(photos.length === 1 ? `taken back: ${photos[0].path}` : `taken back: ${count(photos.length)} decisions`);
    Page.tell("choose", photos[0], true);
  }

  function save(kind) {
    const name = Files.save(kind);
    Decisions.saved();
    say(`${count(Decisions.list().length)} decisions saved as ${name}: geotag apply OUTPUT ${name} takes them`);
  }

  function howItWent({taken, fitting, reviewed: known, changed, unknown}, name) {
    const parts = [
      [taken.length, `decisions loaded from ${name}`],
      [fitting.length - taken.length, "older than those here"],
      [known.length, "about photos that have been reviewed since"],
      [changed.length, "about answers that have changed: look at them again"],
      [unknown.length, "about photos that are not here or not to be reviewed"],
    ];
    return parts.filter(([number], at) => number || !at).map(([number, text]) => `${count(number)} ${text}`).join("; ");
  }

  async function load(file) {
    try {
      say(howItWent(Decisions.load(Files.read(await file.text())), file.name));
    } catch (error) {
      say(`${file.name} was not loaded: ${error.message}`);
    }
  }

  function startOver() {
    if (!confirm(`Forget all ${count(Decisions.list().length)} decisions in this page?`)) return;
    Decisions.startOver();
    say("all decisions forgotten; Undo brings them back");
  }

  function start() {
    byId("review").hidden = byId("reviewing").hidden = !reviewable;
    byId("undo").onclick = undo;
    byId("save").onclick = () => save("json");
    byId("save-csv").onclick = () => save("csv");
    byId("load").onclick = () => byId("file").click();
    byId("file").onchange = () => {
      const [file] = byId("file").files;
      if (file) load(file);
      byId("file").value = "";
    };
    byId("forget").onclick = startOver;
    byId("rename").onclick = () => askName(() => say("the decisions in this page carry this name now"));
    byId("unnamed").onclick = () => byId("who").close();
    renew();
  }

  return {named, renew, say, start, undo};
})();
