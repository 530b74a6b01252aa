// The desk's only script. It keeps the queue fresh, tells who else looks at a case, and stops a form from being sent twice; everything works without it.
"use strict";

const EVERY = 10_000; // milliseconds

function keepFresh(lines) {
  const stale = document.getElementById("stale");
  let shown = null;
  async function look() {
    if (document.hidden || lines.contains(document.activeElement)) return; // never move what somebody is about to press
    try {
      const answer = await fetch(lines.dataset.fresh, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== shown) lines.innerHTML = shown = text; // our own page, escaped by the server
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}

const LOOK = 20_000; // milliseconds; a viewer is gone after 60 s (storage/sql/presence.py)

function stayHere(box) {
  let shown = null;
  async function look() {
    if (document.hidden || box.contains(document.activeElement)) return;
    try {
      const answer = await fetch(box.dataset.here, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) return;
      const text = await answer.text();
      if (text !== shown) box.innerHTML = shown = text; // our own page, escaped by the server
    } catch { /* no line just now: the next look tells */ }
  }
  setInterval(look, LOOK);
  document.addEventListener("visibilitychange", look);
}

function onlyOnce(form) {
  form.addEventListener("submit", () => {
    setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; });
  });
}

const lines = document.querySelector("[data-fresh]");
if (lines) keepFresh(lines);
const here = document.querySelector("[data-here]");
if (here) stayHere(here);
document.querySelectorAll("form[data-once]").forEach(onlyOnce);
addEventListener("pageshow", (event) => { // back to a page whose form was sent: it can be used again
  if (event.persisted) document.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; });
});
