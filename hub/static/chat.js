// Comfort for the conversation, which works without it: answers come without a new page and are read out, and a source
// opens beside what was said. Texts come from the page, so that they are in its language.
"use strict";

(() => {
  const talk = document.querySelector("[data-talk]");
  if (!talk) return;
  const list = talk.querySelector(".messages");
  const status = talk.querySelector("[data-working]");
  const field = document.getElementById("eingabe");
  const panel = document.getElementById("quelle");
  const wide = matchMedia("(min-width: 62rem)");
  const hint = talk.querySelector("[data-enter]");
  // How often it is looked for what comes by itself, in milliseconds: less and less often while nothing comes.
  const [soon, often, seldom] = [2000, 10000, 60000];
  let busy = false;
  let turns = 0;
  let pause = often;
  let timer = 0;
  let ended = location.search !== "";
  let failed = false;

  // Where there is a keyboard: on a phone, Enter begins a new line.
  hint.hidden = !wide.matches;
  wide.addEventListener("change", () => (hint.hidden = !wide.matches));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !wide.matches) return;
    event.preventDefault();
    if (field.value.trim()) field.form.requestSubmit();
  });

  talk.addEventListener("submit", async (event) => {
    const form = event.target;
    const path = new URL(form.action).pathname;
    if (!["/chat", "/chat/wahl"].includes(path) || location.search) return;
    event.preventDefault();
    if (busy) return;
    const data = new URLSearchParams(new FormData(form, event.submitter));
    renew(form);
    busy = true;
    turns += 1;
    list.parentElement.setAttribute("aria-busy", "true");
    status.textContent = status.dataset.working;
    try {
      const page = await fetched(form.action, { method: "POST", body: data });
      if (form.contains(field)) field.value = "";
      show(page, form);
      await comeBack(page);
    } catch (error) {
      status.textContent = error.said ?? status.dataset.failed;
    } finally {
      busy = false;
      list.parentElement.removeAttribute("aria-busy");
      ended = false;
      lookIn(often);
    }
  });

  async function fetched(address, options = {}) {
    const response = await fetch(address, { headers: { Accept: "text/html" }, ...options });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!response.ok || !page.querySelector("[data-talk]")) {
      // Somewhere else: to sign in, or to say what is wrong.
      if (response.redirected && response.ok) location.assign(response.url);
      const said = page.querySelector(".notice.warning p, main h1 + p")?.textContent;
      throw Object.assign(new Error(String(response.status)), { said });
    }
    return page;
  }

  // What one's own turn brought: said in the status, and in view.
  function show(page, form) {
    const first = merge(page);
    status.textContent = first ? status.dataset.done : "";
    first?.scrollIntoView({ block: "nearest" });
    if (first && !form.contains(field)) first.focus({ preventScroll: true });
    else if (document.activeElement === document.body) field.focus();
  }

  // What is new comes at the end, what was changed stands in its place; the rest stays, with what has the focus.
  // Returns the first new message of the bot.
  function merge(page) {
    const known = new Map([...list.children].map((item) => [item.id, item]));
    const there = [...page.querySelectorAll(".messages > li")];
    let first = null;
    for (const item of there) {
      const old = known.get(item.id);
      if (!old) {
        list.append(item);
        if (item.classList.contains("bot")) first ??= item;
      } else if (old.textContent !== item.textContent) {
        const focused = old.contains(document.activeElement) && document.activeElement.value;
        old.replaceWith(item);
        if (focused) [...item.querySelectorAll("button")].find((button) => button.value === focused)?.focus();
      }
    }
    const left = new Set(there.map((item) => item.id));
    const hasEarlier = page.querySelector("a[href^='/chat?vor=']") !== null;
    for (const [id, item] of known) {
      // Taken back, and not only too long ago to be on the page.
      if (!left.has(id) && !(hasEarlier && Number(id.slice(1)) < Number(there[0].id.slice(1)))) item.remove();
    }
    for (const part of talk.querySelectorAll("[data-begun]")) part.hidden = list.children.length === 0;
    if (!page.querySelector("[data-waits]")) talk.querySelector("[data-waits]")?.remove();
    talk.dataset.seen = page.querySelector("[data-talk]").dataset.seen;
    return first;
  }

  // An answer that takes longer is looked for again.
  async function comeBack(page) {
    let waits = page;
    for (let times = 0; waits.querySelector("[data-waits]") && times < 60; times += 1) {
      status.textContent = status.dataset.working;
      await new Promise((resolve) => setTimeout(resolve, 2000));
      waits = await fetched("/chat");
      show(waits, field.form);
    }
  }

  // What comes by itself, such as a colleague's answer, is added while somebody has the page before them. The list is read
  // out by itself; neither the focus nor the view moves.
  function lookIn(milliseconds) {
    clearTimeout(timer);
    pause = milliseconds;
    const nothing = list.children.length === 0;
    offerLink((ended || failed) && !nothing);
    if (!ended && !nothing && !document.hidden) timer = setTimeout(look, pause);
  }

  async function look() {
    if (busy) return;
    const turn = turns;
    let next = Math.min(pause * 1.5, seldom);
    try {
      const seen = { Accept: "text/html", "If-None-Match": `"${talk.dataset.seen}"` };
      const response = await fetch("/chat/neues", { headers: seen });
      const text = await response.text();
      if (turn !== turns) return;
      failed = !response.ok && response.status !== 304;
      if (response.ok) next = add(new DOMParser().parseFromString(text, "text/html"));
      else if (failed) next = Math.max(seldom, 1000 * (Number(response.headers.get("Retry-After")) || 0));
    } catch {
      [failed, next] = [true, seldom];
    }
    if (turn === turns) lookIn(next);
  }

  function add(page) {
    const there = [...page.querySelectorAll(".messages > li")];
    // Somebody else's, or over: signed out, or deleted elsewhere. What is on the page stays until it is loaded again.
    ended = !there.some((item) => item.id && document.getElementById(item.id));
    if (!ended) merge(page);
    return page.querySelector("[data-waits]") ? soon : often;
  }

  function offerLink(shown) {
    const link = talk.querySelector("[data-news]");
    if (link) link.hidden = !shown;
  }

  document.addEventListener("visibilitychange", () => lookIn(document.hidden ? often : soon));
  if (!ended) lookIn(talk.querySelector("[data-waits]") ? soon : often);

  // A form's one-time key is for one sending; each further one is a sending of its own.
  function renew(form) {
    const key = form.querySelector("input[name=form_key]");
    if (!key) return;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    key.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Where there is room, a source opens beside what was said; elsewhere the link leads to its page.
  talk.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href^='/dokument/']");
    if (!link || panel.contains(link) || !wide.matches) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    try {
      const response = await fetch(link.href, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(String(response.status));
      open(new DOMParser().parseFromString(await response.text(), "text/html"), link);
    } catch {
      location.assign(link.href);
    }
  });

  function open(page, link) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "secondary";
    close.textContent = panel.dataset.close;
    close.addEventListener("click", () => shut(link));
    const title = document.createElement("h2");
    title.textContent = page.querySelector("h1")?.textContent ?? "";
    const place = page.getElementById("stelle") ?? page.querySelector(".beside > div");
    place.removeAttribute("id");
    const whole = document.createElement("a");
    whole.href = link.href;
    whole.textContent = panel.dataset.whole;
    const last = document.createElement("p");
    last.append(whole);
    panel.replaceChildren(close, title, place, last);
    panel.hidden = false;
    panel.focus({ preventScroll: true });
  }

  function shut(link) {
    panel.hidden = true;
    panel.replaceChildren();
    link.focus();
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") panel.querySelector("button")?.click();
  });
})();
