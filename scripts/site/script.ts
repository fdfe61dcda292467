/**
 * The script of the pages: search, and the stretch in which a release lies.
 * Everything else works without it.
 *
 * @module
 */

/** `script.js`. */
export const siteScript = `"use strict";
const form = document.querySelector(".find");
const box = form.querySelector("input");
const root = form.dataset.root;
let list;
form.hidden = false;

function loadIndex() {
  return loadIndex.loaded ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = root + "search.js";
    script.onload = () => resolve(globalThis.searchIndex);
    document.head.append(script);
  });
}

// An id counts more than a title, and the start of an id more than its middle.
function score(word, id, rest) {
  if (id === word) return 9;
  if (id.startsWith(word)) return 6;
  if (id.includes(word)) return 4;
  return rest.includes(word) ? 2 : 0;
}

function find(entries, words) {
  const hits = [];
  for (const [kind, id, title, path, more] of entries) {
    const rest = (title + " " + more + " " + kind).toLowerCase();
    const scores = words.map((word) => score(word, id.toLowerCase(), rest));
    if (scores.includes(0)) continue;
    const kinds = { rule: 1.5, field: 1 };
    hits.push({ kind, id, title, path, score: scores.reduce((a, b) => a + b, kinds[kind] ?? 0) });
  }
  return hits.sort((a, b) => b.score - a.score);
}

function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function row({ kind, id, title, path }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = root + path + ".html";
  link.append(element("code", id), " ", title, " ", element("span", kind, "dim"));
  item.append(link);
  return item;
}

async function search() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const entries = words.length > 0 ? await loadIndex() : [];
  list?.remove();
  list = undefined;
  if (words.length === 0) return;
  const hits = find(entries, words);
  list = document.createElement("ol");
  list.append(...hits.slice(0, 40).map(row));
  const count = hits.length > 40 ? "40 of " + hits.length : String(hits.length);
  const found = element("li", count + " found", "dim");
  found.setAttribute("role", "status");
  list.append(found);
  form.append(list);
}

function move(step) {
  const links = [...form.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement) + step;
  (at < 0 ? box : links[Math.min(at, links.length - 1)])?.focus();
}

box.addEventListener("focus", loadIndex);
box.addEventListener("input", search);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.querySelector("a")?.click();
});
form.addEventListener("keydown", (event) => {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    move(steps[event.key]);
  } else if (event.key === "Escape") {
    box.value = "";
    search();
    box.blur();
  }
});
document.addEventListener("keydown", (event) => {
  const typing = /^(?:INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    box.focus();
  }
});
document.addEventListener("click", (event) => {
  if (form.contains(event.target)) return;
  list?.remove();
  list = undefined;
});

const ask = document.getElementById("ask");
function numbers(release) {
  if (release === "next") return [99, 0, 0];
  const [major, minor, point = 0] = release.split(".").map(Number);
  return [major, minor, point];
}
function isBefore(a, b) {
  const [one, other] = [numbers(a), numbers(b)];
  const at = one.findIndex((number, i) => number !== other[i]);
  return at >= 0 && one[at] < other[at];
}
function showRelease(release) {
  if (!/^(?:\\d+\\.\\d+(?:\\.\\d+)?|next)$/.test(release)) return;
  const stretches = [...document.querySelectorAll(".stretch")];
  const found = stretches.findLast(({ dataset }) => !isBefore(release, dataset.from));
  for (const stretch of stretches) stretch.classList.toggle("asked", stretch === found);
  for (const link of document.querySelectorAll(".tabs a")) link.hash = release;
  found.querySelector("details").open = true;
  found.scrollIntoView();
  ask.querySelector("output").textContent = release + " is in: " + found.dataset.name;
}
if (ask) {
  ask.hidden = false;
  ask.addEventListener("submit", (event) => {
    event.preventDefault();
    const release = ask.querySelector("input").value.trim().replace(/^v/, "");
    history.replaceState(null, "", "#" + release);
    showRelease(release);
  });
  const follow = () => showRelease(decodeURIComponent(location.hash.slice(1)));
  addEventListener("hashchange", follow);
  follow();
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
`;
