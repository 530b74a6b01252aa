/* The web chat's live half. Without it the page works all the same, by forms and links. */
(function () {
  "use strict";
  if (!window.fetch || !window.Promise || !("content" in document.createElement("template"))) return;

  var $ = function (id) { return document.getElementById(id); };
  var chat = $("chat"), log = $("log"), pending = $("pending"), text = $("text"), say = $("say"), labels = chat.dataset;
  var formToken = say.elements.form.value;
  var last = labels.after, queue = [], sending = false, retry = 0, tries = 0;
  var LARGE = 10 * 1024 * 1024;
  document.documentElement.classList.add("js");

  /* What is typed or waits to be sent outlives a reload (old phones drop pages), and ends with the tab. */
  function keep(name, value) { try { sessionStorage.setItem("komek." + name, value); } catch (e) { /* private mode */ } }
  function kept(name) { try { return sessionStorage.getItem("komek." + name) || ""; } catch (e) { return ""; } }
  function saveQueue() { keep("queue", JSON.stringify(queue.filter(function (item) { return !item.file; }))); }

  function newId() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
  }

  function tell(id, words) { if ($(id).textContent !== words) $(id).textContent = words; }

  /* ---- what we show ---- */

  function low() { return innerHeight + scrollY > document.documentElement.scrollHeight - 120; }
  function down() { scrollTo(0, document.documentElement.scrollHeight); }
  /* A long answer is read from its first line: what to do stands there. */
  function show(article) {
    if (article.classList.contains("us") && article.offsetHeight > innerHeight * 0.6) article.scrollIntoView();
    else down();
  }

  function unstage(client) {
    var shown = pending.querySelector('[data-client="' + client + '"]');
    if (shown) pending.removeChild(shown);
  }

  /* Whether place a is later than place b: both are "milliseconds-number". */
  function later(a, b) {
    var x = a.split("-"), y = b.split("-");
    return x[0] === y[0] ? +x[1] > +y[1] : +x[0] > +y[0];
  }

  function add(bubble) {
    if (later(bubble.id, last)) last = bubble.id;
    if ($("m" + bubble.id)) return;
    var follow = low(), holder = document.createElement("template");
    holder.innerHTML = bubble.html; /* rendered and escaped by the server, as in the page itself */
    var article = holder.content.firstElementChild;
    if (article.dataset.client) unstage(article.dataset.client);
    var after = log.lastElementChild;
    while (after && later(after.dataset.id, bubble.id)) after = after.previousElementSibling;
    log.insertBefore(article, after ? after.nextElementSibling : log.firstElementChild);
    if ($("welcome")) $("welcome").remove();
    if (follow || article.classList.contains("you")) show(article);
    if (article.classList.contains("us")) speak(article.lang);
  }

  /* The page's own words follow the conversation's language. */
  function speak(lang) {
    var root = document.documentElement;
    if (!lang || lang === root.lang) return;
    fetch("/chat", { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (html) {
      var page = new DOMParser().parseFromString(html, "text/html"), fresh = page.getElementById("chat").dataset;
      root.lang = page.documentElement.lang;
      document.title = page.title;
      Object.keys(labels).forEach(function (name) { if (fresh[name]) labels[name] = fresh[name]; });
      Array.prototype.forEach.call(page.querySelectorAll("[data-t]"), function (theirs) {
        var ours = document.querySelector('[data-t="' + theirs.dataset.t + '"]');
        if (theirs.placeholder) ours.placeholder = theirs.placeholder;
        else if (theirs.hasAttribute("aria-label")) ours.setAttribute("aria-label", theirs.getAttribute("aria-label"));
        else ours.textContent = theirs.textContent;
      });
    }).catch(function () { /* the next bubble asks again */ });
  }

  /* Of what was said until a place, only this is left. An answer that took long says nothing of what came since. */
  function onlyKept(told) {
    var keeps = {};
    told.kept.forEach(function (id) { keeps[id] = true; });
    Array.prototype.slice.call(log.children).forEach(function (article) {
      var id = article.dataset.id;
      if (!keeps[id] && !later(id, told.until)) log.removeChild(article);
    });
  }

  /* ---- hearing: server-sent events, and polling where they do not come through ---- */

  var source = null, fails = 0, poller = 0, pause = 2000;

  function live() {
    clearTimeout(poller);
    if (!window.EventSource) return poll();
    if (source) source.close();
    source = new EventSource("/chat/live?after=" + encodeURIComponent(last));
    source.onopen = function () { fails = 0; pause = 2000; tell("state", ""); };
    source.onmessage = function (event) { add(JSON.parse(event.data)); };
    source.addEventListener("kept", function (event) { onlyKept(JSON.parse(event.data)); });
    source.onerror = function () {
      tell("state", labels.connecting);
      if (source.readyState === 2 || ++fails > 3) { source.close(); source = null; poll(); }
    };
  }

  function news() {
    return fetch("/chat/news?after=" + encodeURIComponent(last), { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error("no news");
      return answer.json();
    }).then(function (found) {
      found.bubbles.forEach(add);
      onlyKept(found);
      tell("state", "");
    });
  }

  var polls = 0;
  function poll() {
    clearTimeout(poller);
    news().then(function () { pause = 4000; }, function () {
      pause = Math.min(pause * 2, 30000);
      tell("state", labels.connecting);
    }).then(function () {
      var again = window.EventSource && ++polls % 5 === 0;
      poller = setTimeout(again ? live : poll, pause);
    });
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden && !source) live(); });
  addEventListener("online", function () { live(); pump(); });
  addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });

  /* ---- saying: one at a time, in order, the same id until the server has it ---- */

  function stage(item) {
    var bubble = document.createElement("div"), words = document.createElement("button"), state = document.createElement("small");
    bubble.className = "msg you is-" + item.what;
    bubble.dataset.client = item.client;
    words.type = "button";
    words.className = "text";
    words.dir = "auto";
    words.textContent = item.shown;
    words.addEventListener("click", function () { clearTimeout(retry); pump(); });
    bubble.appendChild(words);
    bubble.appendChild(state);
    pending.appendChild(bubble);
    if ($("welcome")) $("welcome").hidden = true;
    down();
  }

  function mark(item, state, className) {
    var bubble = pending.querySelector('[data-client="' + item.client + '"]');
    if (!bubble) return;
    var follow = low();
    bubble.lastChild.textContent = state;
    bubble.classList.toggle("unsent", className === "unsent");
    if (follow) down();
  }

  function send(item) {
    tell("notice", "");
    queue.push(item);
    saveQueue();
    stage(item);
    pump();
  }

  function post(item) {
    var fields = { form: formToken, id: item.client }, body, headers = { Accept: "application/json" };
    Object.keys(item.fields).forEach(function (name) { fields[name] = item.fields[name]; });
    if (item.file) {
      body = new FormData();
      Object.keys(fields).forEach(function (name) { body.append(name, fields[name]); });
      body.append("file", item.file, item.shown);
    } else {
      headers["Content-Type"] = "application/x-www-form-urlencoded";
      body = Object.keys(fields).map(function (name) { return name + "=" + encodeURIComponent(fields[name]); }).join("&");
    }
    var asked = { method: "POST", body: body, headers: headers, credentials: "same-origin" }, timer = 0;
    if (window.AbortController) {
      var stop = new AbortController();
      asked.signal = stop.signal;
      timer = setTimeout(function () { stop.abort(); }, item.file ? 300000 : 20000);
    }
    return fetch(item.url, asked).then(function (answer) { clearTimeout(timer); return answer; }, function (fault) { clearTimeout(timer); throw fault; });
  }

  function pump() {
    if (sending || !queue.length) return;
    var item = queue[0];
    sending = true;
    mark(item, labels.sending, "");
    post(item).then(function (answer) {
      if (answer.ok) return done(item);
      if (answer.status >= 500 || answer.status === 429) throw new Error("later");
      return answer.json().then(function (told) { refused(item, told.notice); });
    }).then(function () {
      tries = 0;
      sending = false;
      pump();
    }, function () {
      sending = false;
      mark(item, labels.unsent, "unsent");
      retry = setTimeout(pump, Math.min(1000 * Math.pow(2, tries++), 30000));
    });
  }

  function done(item) {
    queue.shift();
    saveQueue();
    mark(item, "", "");
    if (!source || source.readyState !== 1) news().catch(function () { /* the poll goes on */ });
  }

  function refused(item, notice) {
    queue.shift();
    saveQueue();
    unstage(item.client);
    if (item.what === "text" && !text.value) text.value = item.shown;
    if ($("welcome")) $("welcome").hidden = false;
    tell("notice", notice);
    down();
  }

  /* ---- the person's hands ---- */

  say.addEventListener("submit", function (event) {
    event.preventDefault();
    var words = text.value.trim();
    if (words) send({ url: "/chat/say", client: newId(), what: "text", shown: words, fields: { text: words } });
    text.value = "";
    keep("typed", "");
    grow();
    text.focus();
  });

  text.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    if (!event.repeat) say.dispatchEvent(new Event("submit", { cancelable: true }));
  });

  function grow() { text.style.height = "auto"; text.style.height = Math.min(text.scrollHeight + 4, 144) + "px"; }
  text.addEventListener("input", function () { grow(); keep("typed", text.value); });

  /* A second tap within a second is the same tap. */
  function twice(button) {
    var now = Date.now(), again = now - (button.pressed || 0) < 1000;
    button.pressed = now;
    return again;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    if (button.name === "choice" || button.name === "start") {
      event.preventDefault();
      var fields = {};
      fields[button.name] = button.value;
      if (!twice(button)) send({ url: "/chat/say", client: newId(), what: "choice", shown: button.textContent, fields: fields });
    } else if (button.classList.contains("place") && !twice(button)) {
      locate();
    }
  });

  function locate() {
    var nowhere = function () { tell("notice", labels.nowhere); };
    if (!navigator.geolocation) return nowhere();
    navigator.geolocation.getCurrentPosition(function (found) {
      var fields = { lat: found.coords.latitude.toFixed(6), lon: found.coords.longitude.toFixed(6) };
      $("more").open = false;
      send({ url: "/chat/place", client: newId(), what: "place", shown: labels.located, fields: fields });
    }, nowhere, { enableHighAccuracy: true, timeout: 30000, maximumAge: 60000 });
  }

  $("more").addEventListener("toggle", function () { if ($("more").open) down(); });

  $("chosen").addEventListener("change", function () {
    var file = this.files[0];
    this.value = "";
    if (!file) return;
    if (file.size > LARGE) return tell("notice", labels.large);
    $("more").open = false;
    send({ url: "/chat/file", client: newId(), what: "file", shown: file.name || "file", fields: {}, file: file });
  });

  /* ---- the start: what a reload left behind, then the line ---- */

  if (labels.fresh) { keep("queue", "[]"); keep("typed", ""); }
  if (!text.value) text.value = kept("typed");
  try { queue = JSON.parse(kept("queue") || "[]"); } catch (e) { queue = []; }
  queue.forEach(stage);
  grow();
  down();
  pump();
  live();
})();
