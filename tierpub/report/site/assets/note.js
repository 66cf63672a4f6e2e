// One note: the level that is shown, and why each part of the text has its tier.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const [KIND, TIER, LINE, WHY, WITHIN] = [0, 1, 2, 3, 4];
const byId = (id) => document.getElementById(id);
const text = byId("text");
const slider = byId("level");
const cuts = byId("cuts");
const runs = [...text.children];
const tiers = [...document.querySelectorAll(".ticks .chip")].map((chip) => chip.textContent);
const highest = Number(slider.max);
let chosen = -1; // the portion that the keyboard is at

// Whether a run belongs to what a level reads. Levels are bits of a number, of which there may be
// more than the operators on bits can take.
const keeps = (run, level) => Math.floor(Number(run.dataset.k) / 2 ** level) % 2 === 1;

function show() {
  const level = Number(slider.value);
  const size = data.sizes[level];
  const ghosts = cuts.checked;
  let last = -1;
  for (const run of runs) {
    const kept = keeps(run, level);
    run.hidden = ghosts ? run.classList.contains("n") : !kept;
    run.classList.toggle("gone", ghosts && !kept && !keepsInstead(run));
    if (!run.hidden) {
      run.classList.toggle("again", run.dataset.r === last);
      last = run.dataset.r;
    }
  }
  const absent = size === undefined;
  text.hidden = absent && !ghosts;
  text.classList.toggle("cuts", ghosts);
  text.setAttribute("aria-label", ghosts ? `The note, with what ${tiers[level]} does not read struck out` : `The note as ${tiers[level]} reads it`);
  byId("absent").hidden = !absent && size !== 0;
  byId("absent").textContent = absent ? `${tiers[level]} does not get this note.` : `${tiers[level]} gets an empty note.`;
  slider.setAttribute("aria-valuetext", tiers[level]);
  const whole = data.sizes[highest];
  const share = whole ? Math.round((100 * (size ?? 0)) / whole) : 100;
  byId("state").textContent = absent ? `${tiers[level]} does not get it` : `${tiers[level]} reads ${size.toLocaleString("en")} of ${whole.toLocaleString("en")} characters (${share} %)`;
  for (const tick of document.querySelectorAll(".tick")) tick.classList.toggle("on", Number(tick.dataset.level) === level);
  remember(level);
}

// A link target that every level has by another name is no cut.
function keepsInstead(run) {
  return Number(run.dataset.k) === 0 && data.portions[Number(run.dataset.r)][TIER] <= Number(slider.value);
}

function remember(level) {
  try {
    sessionStorage.setItem("tierpub-level", String(level));
    sessionStorage.setItem("tierpub-cuts", cuts.checked ? "1" : "");
  } catch {
    // A browser may keep no memory for pages on a disk.
  }
}

function recall() {
  try {
    const level = sessionStorage.getItem("tierpub-level");
    if (level !== null && Number(level) <= highest) slider.value = level;
    cuts.checked = sessionStorage.getItem("tierpub-cuts") === "1";
  } catch {
    // As above.
  }
}

function make(tag, className, words) {
  const made = document.createElement(tag);
  made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
}

function chip(tier) {
  return make("span", `chip t${tier ? 1 + ((tier - 1) % 7) : 0}`, tiers[tier]);
}

// A clause, in which what stands between backticks is a rule or a key.
function reason(words) {
  const made = make("bdi", "reason");
  words.split("`").forEach((part, at, parts) => {
    const isCode = at % 2 === 1 && at < parts.length - 1;
    if (isCode) made.append(make("code", "", part));
    else made.append(at && at % 2 === 1 ? `\`${part}` : part);
  });
  return made;
}

// What is to be said of a portion, and of those it stands in.
function explain(number) {
  const told = [];
  for (let at = number; at >= 0; at = data.portions[at][WITHIN]) {
    const portion = data.portions[at];
    const entry = make("div", at === number ? "portion" : "portion within");
    const head = make("p", "what");
    head.append(chip(portion[TIER]), ` ${portion[KIND]}`, make("span", "line", at ? ` in line ${portion[LINE]}` : ""));
    entry.append(head, reason(portion[WHY]));
    told.push(entry);
  }
  byId("why").replaceChildren(...told);
  for (const run of runs) run.classList.toggle("on", run.dataset.r === String(number));
}

const visibleRuns = () => runs.filter((run) => !run.hidden && !text.hidden);

// Where each portion begins among what is shown.
function stops() {
  const seen = new Set();
  return visibleRuns().filter((run) => !seen.has(run.dataset.r) && seen.add(run.dataset.r));
}

function go(step) {
  const all = stops();
  if (!all.length) return;
  const at = all.findIndex((run) => Number(run.dataset.r) === chosen);
  const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(at + step, all.length - 1));
  focusOn(all[to]);
}

function focusOn(run) {
  chosen = Number(run.dataset.r);
  explain(chosen);
  run.setAttribute("tabindex", "-1");
  run.focus({ preventScroll: true });
  run.scrollIntoView({ block: "nearest" });
}

// `#L12`: the first portion of that line or after it.
function toLine() {
  const line = /^#L(\d+)$/.exec(location.hash);
  if (!line) return;
  const wanted = Number(line[1]);
  let best;
  for (const run of stops()) {
    const at = data.portions[Number(run.dataset.r)][LINE];
    if (at <= wanted || !best) best = run;
  }
  if (best) focusOn(best);
}

function setLevel(level) {
  slider.value = String(Math.max(0, Math.min(level, highest)));
  show();
}

const KEYS = {
  "[": () => setLevel(Number(slider.value) - 1),
  "]": () => setLevel(Number(slider.value) + 1),
  c: () => {
    cuts.checked = !cuts.checked;
    show();
  },
  j: () => go(1),
  k: () => go(-1),
  n: () => byId("after")?.click(),
  p: () => byId("before")?.click(),
  o: () => byId("up").click(),
};

document.addEventListener("keydown", (event) => {
  if (!isCommand(event) || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
slider.addEventListener("input", show);
cuts.addEventListener("change", show);
byId("controls").addEventListener("submit", (event) => event.preventDefault());
for (const tick of document.querySelectorAll(".tick")) tick.addEventListener("click", () => setLevel(Number(tick.dataset.level)));
for (const name of ["mouseover", "focusin", "click"]) {
  text.addEventListener(name, (event) => {
    const run = event.target.closest("[data-r]");
    if (run) explain(Number(run.dataset.r));
    if (run && name !== "mouseover") chosen = Number(run.dataset.r);
  });
}
window.addEventListener("hashchange", toLine);
recall();
show();
toLine();
