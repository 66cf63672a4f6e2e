// The list of notes: filtered and sorted as data, of which only the rows in view are drawn.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const [FOLDER, NAME, HREF, TIER, DEFAULTS, FINDINGS, SIZES] = [0, 1, 2, 3, 4, 5, 6];
const EXTRA = 8; // rows drawn above and below those in view

const byId = (id) => document.getElementById(id);
const rowsBox = byId("rows");
const space = byId("space");
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const notes = data.rows.map((row, order) => ({ row, order, words: folded(row[FOLDER] + row[NAME]) }));
let shown = notes;
let sort = { by: "name", down: false };
let active = 0; // the row that the keyboard is at
const drawn = new Map(); // rows by their place in the list

const KEYS = {
  name: (note) => note.order,
  tier: (note) => note.row[TIER],
  share: (note) => Math.max(note.row[SIZES][0], 0) / (note.row[SIZES].at(-1) || 1),
  defaults: (note) => -note.row[DEFAULTS],
  findings: (note) => -note.row[FINDINGS],
};

function filter() {
  const words = folded(byId("search").value).split(/\s+/).filter(Boolean);
  const tier = byId("tier").value;
  const defaults = byId("only-defaults").checked;
  const findings = byId("only-findings").checked;
  shown = notes.filter(
    ({ row, words: text }) =>
      words.every((word) => text.includes(word)) &&
      (tier === "" || row[TIER] === Number(tier)) &&
      (!defaults || row[DEFAULTS] > 0) &&
      (!findings || row[FINDINGS] > 0),
  );
  if (sort.by !== "name" || sort.down) {
    const key = KEYS[sort.by];
    const sign = sort.down ? -1 : 1;
    shown.sort((a, b) => sign * (key(a) - key(b)) || a.order - b.order);
  }
  active = 0;
  const count = shown.length.toLocaleString("en");
  byId("found").textContent = `${count} note${shown.length === 1 ? "" : "s"}`;
  byId("list").setAttribute("aria-rowcount", String(shown.length + 1));
  rowsBox.scrollTop = 0;
  redraw();
}

const rowHeight = () => parseFloat(getComputedStyle(rowsBox).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);

// Rows that stay in view stay as they are: one of them may have the focus.
function draw(all = false) {
  const height = rowHeight();
  const first = all ? 0 : Math.max(Math.floor(rowsBox.scrollTop / height) - EXTRA, 0);
  const last = all ? shown.length : Math.min(Math.ceil((rowsBox.scrollTop + rowsBox.clientHeight) / height) + EXTRA, shown.length);
  space.style.height = `${shown.length * height}px`;
  for (const [at, row] of drawn) {
    if ((at < first || at >= last) && !row.contains(document.activeElement)) {
      row.remove();
      drawn.delete(at);
    }
  }
  const later = [...drawn.keys()].sort((a, b) => a - b);
  for (let at = first; at < last; at += 1) {
    if (drawn.has(at)) continue;
    const row = line(shown[at].row, at, height);
    const next = later.find((other) => other > at);
    space.insertBefore(row, next === undefined ? null : drawn.get(next));
    drawn.set(at, row);
  }
}

function redraw() {
  space.replaceChildren();
  drawn.clear();
  draw();
}

function make(tag, className, text, role) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  if (role) made.setAttribute("role", role);
  return made;
}

function chip(tier) {
  return make("span", `chip t${tier ? 1 + ((tier - 1) % 7) : 0}`, data.tiers[tier]);
}

function line(row, at, height) {
  const made = make("div", "row", undefined, "row");
  made.setAttribute("aria-rowindex", String(at + 2));
  made.style.top = `${at * height}px`;
  const name = make("span", "name", undefined, "cell");
  const link = make("a", "");
  link.href = `notes/${row[HREF]}`;
  link.dataset.at = String(at);
  link.append(make("bdi", "folder", row[FOLDER]), make("bdi", "", row[NAME]));
  name.append(link);
  const tier = make("span", "tier", undefined, "cell");
  tier.append(chip(row[TIER]));
  const number = (count) => make("span", count ? "number" : "number none", count ? count.toLocaleString("en") : "·", "cell");
  made.append(name, tier, shares(row[SIZES]), number(row[DEFAULTS]), number(row[FINDINGS]));
  return made;
}

// How much each level keeps of what the highest reads: one small bar a level.
function shares(sizes) {
  const whole = sizes.at(-1) || 1;
  const made = make("span", "share", undefined, "cell");
  const told = [];
  sizes.forEach((size, level) => {
    const bar = make("span", `lv t${level ? 1 + ((level - 1) % 7) : 0}`);
    const fill = make("span", "fill");
    const share = size < 0 ? 0 : Math.round((100 * size) / whole);
    fill.style.height = `${size < 0 ? 0 : Math.max(share, 4)}%`;
    bar.append(fill);
    made.append(bar);
    told.push(`${data.tiers[level]} ${size < 0 ? "does not get it" : `${share} %`}`);
  });
  made.title = told.join(", ");
  made.setAttribute("aria-label", made.title);
  return made;
}

function go(to) {
  if (!shown.length) return;
  active = Math.max(0, Math.min(to, shown.length - 1));
  const height = rowHeight();
  const top = active * height;
  if (top < rowsBox.scrollTop) rowsBox.scrollTop = top;
  else if (top + height > rowsBox.scrollTop + rowsBox.clientHeight) rowsBox.scrollTop = top + height - rowsBox.clientHeight;
  draw();
  space.querySelector(`a[data-at="${active}"]`)?.focus({ preventScroll: true });
}

const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

rowsBox.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target.closest("a")?.dataset.at;
  if (event.key in MOVES) {
    event.preventDefault();
    go(at === undefined ? active : Number(at) + MOVES[event.key]);
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    go(event.key === "Home" ? 0 : shown.length - 1);
  }
});

byId("search").addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "Enter") {
    event.preventDefault();
    go(0);
  }
});

document.addEventListener("keydown", (event) => {
  if (isCommand(event) && event.key === "/") {
    event.preventDefault();
    byId("search").focus();
  }
});

byId("filters").addEventListener("input", filter);
byId("filters").addEventListener("change", filter); // some browsers tell of a menu by this alone
byId("filters").addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    sort = { by: button.dataset.sort, down: sort.by === button.dataset.sort && !sort.down };
    for (const other of document.querySelectorAll("[data-sort]")) other.parentElement.removeAttribute("aria-sort");
    button.parentElement.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    filter();
  });
}
byId("more")?.addEventListener("click", (event) => {
  for (const row of document.querySelectorAll("tr.more")) row.hidden = false;
  event.target.remove();
});
rowsBox.addEventListener("scroll", () => draw(), { passive: true });
window.addEventListener("resize", redraw);
window.addEventListener("beforeprint", () => draw(true));
window.addEventListener("afterprint", redraw);
filter();
