// The desk's only script. It keeps the queue fresh, tells who else looks at a case, leads back to the queue as it was, and stops a form from being sent twice; everything works without it.
"use strict";

const EVERY = 10_000; // milliseconds
const SELDOM = 6; // while the page is told of changes, every so many rounds are enough

function keepFresh(lines) {
  const stale = document.getElementById("stale");
  let shown = null;
  // Never move what somebody is about to press, nor undo what they have chosen.
  const inUse = () => document.hidden || lines.contains(document.activeElement) || lines.querySelector(":checked");
  async function look() {
    if (inUse()) return;
    try {
      const answer = await fetch(lines.dataset.fresh, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== shown && !inUse()) lines.innerHTML = shown = text; // our own page, escaped by the server
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }
  const told = listen(lines.dataset.live, look);
  let round = 0;
  setInterval(() => { if (!told() || ++round % SELDOM === 0) look(); }, EVERY);
  document.addEventListener("visibilitychange", look);
}

const LOOK = 20_000; // milliseconds; a viewer is gone after 60 s (storage/sql/presence.py)

function stayHere(box) {
  let shown = null;
  async function look() {
    if (document.hidden || box.contains(document.activeElement)) return;
    try {
      const answer = await fetch(box.dataset.here, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (answer.status === 401) return sent || unsent() || location.reload(); // words stay: sending them leads to the sign-in and back
      if (!answer.ok) return;
      const text = await answer.text();
      if (text !== shown) box.innerHTML = shown = text; // our own page, escaped by the server
    } catch { /* no line just now: the next look tells */ }
  }
  setInterval(look, LOOK);
  document.addEventListener("visibilitychange", look);
}

// Be told of changes as they happen. A hidden page hangs up: a browser has few lines to one server, and somebody may open
// many queues. The answer says whether the line is open; while it is not, the page asks by itself.
function listen(address, look) {
  let line = null;
  function open() {
    if (line || document.hidden || !address || !window.EventSource) return;
    line = new EventSource(address);
    line.addEventListener("open", look);
    line.addEventListener("change", look);
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && line) line = line.close() || null;
    else open();
  });
  addEventListener("pagehide", () => { if (line) line = line.close() || null; });
  addEventListener("pageshow", open);
  open();
  return () => line !== null && line.readyState === 1;
}

// Back from a case to the queue as it was filtered. Words that were searched for stand in no address, so none is kept.
function backToWhereTheyWere() {
  const queue = "/console/";
  if (location.pathname === queue) return sessionStorage.setItem(queue, location.search);
  const up = document.querySelector(`.up a[href="${queue}"]`);
  if (up) up.href = queue + (sessionStorage.getItem(queue) || "");
}

// Whether something was written that no form has sent: nobody writes it twice because a page was left by mistake.
let sent = null;
function unsent() {
  return [...document.querySelectorAll("textarea")].some((box) => box.form !== sent && box.value !== box.defaultValue);
}
document.addEventListener("submit", (event) => { if (event.target.method === "post") sent = event.target; });
addEventListener("beforeunload", (event) => { if (unsent()) event.preventDefault(); });

function onlyOnce(form) {
  form.addEventListener("submit", () => {
    setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
  });
}

try { backToWhereTheyWere(); } catch { /* the browser keeps nothing: back to the whole queue */ }
const lines = document.querySelector("[data-fresh]");
if (lines) keepFresh(lines);
const here = document.querySelector("[data-here]");
if (here) stayHere(here);
document.querySelectorAll("form[data-once]").forEach(onlyOnce);
addEventListener("pageshow", (event) => { // back to a page whose form was sent: it can be used again
  if (event.persisted) document.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; });
});
