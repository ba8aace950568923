"use strict";
/* The photos of a run as the journal had them when this page was made.
   Every script here is one named object; each uses only those before it (see _OWN_SCRIPTS in report.py). */

const Photos = (() => {
  /* The columns of the data that go by shorter names here. */
  const SHORT = {latitude: "lat", longitude: "lon", error_km: "km"};
  const given = JSON.parse(document.getElementById("photos").textContent);
  const CHOICES = {
    located: ["accept", "correct", "reject"],
    /* Too wide to be written, so it cannot be accepted as it is. */
    unsure: ["correct", "reject"],
    /* Reviewed before: a person may think again. */
    verified: ["correct", "reject"],
    rejected: ["correct"],
  };
  const fields = given.columns.map(column => SHORT[column] ?? column);

  /* What a person may decide: a camera's or a person's own position always wins, and of a failed photo nothing
     is known. */
  function choices(photo) {
    return photo.source === "camera" ? [] : CHOICES[photo.status] ?? [];
  }

  /* What the record says a person decided before. */
  function verdict(photo) {
    if (photo.status === "rejected") return "rejected";
    if (photo.status === "verified") return photo.source === "person" ? "corrected" : "accepted";
    return "";
  }

  /* Where the photo's file lies, seen from this page. The journal's way to write a name that is no UTF-8 (\xNN)
     names no file. */
  function link(photo) {
    if (!given.route || photo.path.includes("\\x")) return "";
    return [...given.route.split("/"), ...photo.path.split("/")].map(encodeURIComponent).join("/");
  }

  const all = given.rows.map((row, number) => {
    const photo = Object.fromEntries(fields.map((field, at) => [field, row[at] ?? ""]));
    photo.number = number;
    photo.folder = photo.path.split("/").slice(0, -1).join("/");
    photo.spot = photo.lat === "" ? null : {lat: photo.lat, lon: photo.lon, km: photo.km};
    photo.choices = choices(photo);
    photo.verdict = verdict(photo);
    return photo;
  });
  const paths = new Map(all.map(photo => [photo.path, photo]));

  return {all, archive: given.archive, bare: given.bare, at: path => paths.get(path), link};
})();
