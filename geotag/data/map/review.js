"use strict";
/* Reviewing the chosen photo: accept it, correct it, reject it, or take that back. */

const Review = (() => {
  const NAMES = {accept: "Accept", correct: "Correct", reject: "Reject"};
  const {element} = Page;
  let photo = null;

  function decide(decision, spot) {
    const about = photo;
    Progress.named(() => {
      Correction.end();
      Decisions.decide(about, decision, spot);
      Progress.say(`${Decisions.state(about)}: ${about.path}`);
      const next = Page.byId("onward").checked && Lists.beside(1, Lists.isLeft);
      Page.tell("choose", next || about, Boolean(next));
    });
  }

  function act(choice) {
    if (!photo || Correction.draft) return;
    if (!photo.choices.includes(choice)) Progress.say(`${photo.path}: ${whyNot()}`);
    else if (choice === "correct") Correction.begin(photo, null);
    else decide(choice);
  }

  function whyNot() {
    if (photo.verdict) return `it has been ${photo.verdict}`;
    if (photo.choices.length) return "its answer is too unsure to be accepted; correct or reject it";
    if (photo.source === "camera") return "a camera or a person put this position there, and it stands";
    return "there is no answer to review";
  }

  function takeBack() {
    Decisions.forget(photo);
    Progress.say(`taken back: ${photo.path}`);
    Page.tell("choose", photo, false);
  }

  function told({decision, when, ...position}) {
    const day = when.slice(0, 10);
    if (decision !== "correct") return `${decision}, ${day}`;
    const spot = Decisions.spotIn(position);
    return `${decision} to ${Page.degrees(spot)} (${Page.kilometres(spot.km)}), ${day}`;
  }

  const line = (...children) => element("p", {className: "verdict"}, ...children);

  function verdict() {
    const decision = Decisions.of(photo), before = Decisions.earlier(photo);
    if (decision) return [line(`Decided: ${told(decision)} `, Page.button("", takeBack, "Take back"))];
    if (photo.verdict) return [line(`${photo.verdict} by ${photo.reviewer}, ${photo.reviewed.slice(0, 10)}`)];
    if (!before) return [];
    const again = Page.button("", () => decide(before.decision, Decisions.spotIn(before)), "Decide so again");
    return [line(`You decided: ${told(before)}; since then the answer has changed. `,
      ...(photo.choices.includes(before.decision) ? [again] : []))];
  }

  /* What the chosen photo's card shows of the review. */
  function controls() {
    if (Correction.draft) return [Correction.form()];
    if (!photo.choices.length) return [line(`Not to be reviewed: ${whyNot()}.`)];
    const buttons = photo.choices.map(choice =>
      Page.button("", () => act(choice), NAMES[choice], " ", element("kbd", {textContent: choice[0]})));
    return [...verdict(), element("p", {className: "choices"}, ...buttons)];
  }

  function choose(one) {
    if (one !== photo) Correction.end();
    photo = one;
  }

  /* The pin was dropped somewhere, or the map was clicked. */
  function place(position, dragged) {
    if (Correction.draft) Correction.move(position);
    else if (photo?.choices.length && (dragged || !Decisions.spot(photo))) Correction.begin(photo, position);
  }

  World.map.on("click", event => place(event.latlng, false));
  Page.hear("placed", position => place(position, true));
  Page.hear("corrected", spot => decide("correct", spot));

  return {act, choose, controls};
})();
