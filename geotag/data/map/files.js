"use strict";
/* Decisions as files that `geotag apply` takes, JSON or CSV (RFC 4180), and back. */

const Files = (() => {
  const LAYOUT = 1;
  const COLUMNS = ["path", "shown", "decision", "latitude", "longitude", "error_km", "when", "reviewer", "archive"];
  const NUMBERS = ["latitude", "longitude", "error_km"];
  /* A spreadsheet runs a cell that starts like this as a formula; geotag's manifests put ' before it, too. */
  const FORMULA = /^[=+\-@\t\r\n]/;

  function asJson(reviewer, decisions) {
    return JSON.stringify({geotag_decisions: LAYOUT, archive: Photos.archive, reviewer, decisions}, null, 1) + "\n";
  }

  function cell(value) {
    const text = typeof value === "string" && FORMULA.test(value) ? "'" + value : String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function asCsv(reviewer, decisions) {
    const rows = decisions.map(decision => ({...decision, reviewer, archive: Photos.archive}));
    return [COLUMNS, ...rows.map(row => COLUMNS.map(column => row[column]))]
      .map(values => values.map(cell).join(",") + "\r\n").join("");
  }

  /* The cells of a CSV text, row by row; a spreadsheet may have put ; or tabs between them. */
  function split(text) {
    const rows = [[]], [head] = text.split("\n");
    const between = [",", ";", "\t"].find(mark => head.split(mark).length >= COLUMNS.length) ?? ",";
    const cells = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${between}\\r\\n]*))(${between}|\\r?\\n|$)`, "g");
    for (const [, quoted, bare, end] of text.matchAll(cells)) {
      rows[rows.length - 1].push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
      if (end !== between) rows.push([]);
    }
    return rows.filter(row => row.length > 1);
  }

  function fromCsv(text) {
    const [head, ...rows] = split(text);
    if (!head || COLUMNS.some(column => !head.includes(column)))
      throw new Error(`it is no file of decisions: a CSV one has the columns ${COLUMNS.join(", ")}`);
    const values = row => head.map((column, at) => [column, decoded(column, row[at] ?? "")]);
    const found = rows.map(row => Object.fromEntries(values(row)));
    const [first] = found;
    if (found.some(row => row.reviewer !== first.reviewer || row.archive !== first.archive))
      throw new Error("it holds decisions of several people or archives: split it");
    const {archive = Photos.archive, reviewer = ""} = first ?? {};
    return {geotag_decisions: LAYOUT, archive, reviewer, decisions: found};
  }

  function decoded(column, text) {
    if (NUMBERS.includes(column)) return text === "" ? undefined : Number(text);
    return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
  }

  function checked({path, shown, decision, latitude, longitude, error_km, when}) {
    const position = decision === "correct" ? {latitude, longitude, error_km} : {};
    const sound = [path, shown, when].every(text => typeof text === "string" && text)
      && ["accept", "correct", "reject"].includes(decision)
      && (decision !== "correct" || (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && error_km > 0));
    if (!sound) throw new Error(`the decision about ${path} is not whole`);
    return {path, shown, decision, ...position, when};
  }

  /* The decisions in a text; throws an Error that says what is wrong with it. */
  function read(text) {
    const file = text.trimStart().startsWith("{") ? JSON.parse(text) : fromCsv(text.replace(/^\ufeff/, ""));
    if (file.geotag_decisions !== LAYOUT || !Array.isArray(file.decisions))
      throw new Error("it is no file of decisions that this page knows");
    if (file.archive !== Photos.archive) throw new Error("its decisions are about another archive");
    if (typeof file.reviewer !== "string" || !file.reviewer.trim()) throw new Error("it does not say who decided");
    return {reviewer: file.reviewer, decisions: file.decisions.map(checked)};
  }

  function save(kind) {
    const text = (kind === "csv" ? asCsv : asJson)(Decisions.reviewer, Decisions.list());
    const title = document.title.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "");
    const name = `${title || "archive"}.decisions.${kind}`;
    const href = URL.createObjectURL(new Blob([text], {type: kind === "csv" ? "text/csv" : "application/json"}));
    Page.element("a", {href, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
    return name;
  }

  return {asCsv, asJson, read, save};
})();
