// Comfort on top of pages that work without it: progress of uploads, single keys in lists, a warning before typed text
// is lost, "select all". Texts come from the page, so that they are in its language.
"use strict";

(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // What is wrong with a form is read first.
  document.querySelector("[data-focus]")?.focus();

  // A form that was changed warns before it is left; <form data-guard>.
  const changed = new Set();
  for (const form of all("form[data-guard]")) {
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("submit", () => changed.clear());
  }
  addEventListener("beforeunload", (event) => {
    if (changed.size) event.preventDefault();
  });

  // <label hidden><input type="checkbox" data-select-all="ids">: ticks all boxes of that name.
  for (const box of all("[data-select-all]")) {
    const others = all(`input[type="checkbox"][name="${box.dataset.selectAll}"]`);
    const show = () => {
      const ticked = others.filter((other) => other.checked).length;
      box.checked = others.length > 0 && ticked === others.length;
      box.indeterminate = ticked > 0 && ticked < others.length;
    };
    (box.closest("[hidden]") ?? box).hidden = others.length === 0;
    box.addEventListener("change", () => others.forEach((other) => (other.checked = box.checked)));
    others.forEach((other) => other.addEventListener("change", show));
    show();
  }

  // A filter takes effect when it is changed; <form data-instant> keeps its button for everybody else.
  for (const form of all("form[data-instant]")) {
    form.addEventListener("change", (event) => event.target.matches("select, [type=checkbox]") && form.requestSubmit());
  }

  // Single keys: j and k go through what has data-item, x ticks it, a letter in data-key leads to that button or link.
  // Nothing is done by a single key, only found: Enter acts. They can be switched off, and are where the switch does
  // not show, and while typing.
  const help = document.querySelector("[data-keys]");
  if (help) {
    const wanted = help.querySelector("input");
    help.hidden = false;
    wanted.checked = remembered("allmende-keys") !== "off";
    wanted.addEventListener("change", () => remember("allmende-keys", wanted.checked ? "on" : "off"));
    const items = all("[data-item]");
    const here = () => items.findIndex((item) => item.contains(document.activeElement));
    const go = (index) => items[index]?.querySelector("a[href]")?.focus();
    const keys = {
      j: () => go(Math.min(here() + 1, items.length - 1)),
      k: () => go(Math.max(here() - 1, 0)),
      x: () => items[here()]?.querySelector("input[type=checkbox]")?.click(),
    };
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
      if (!wanted.checked || !help.offsetParent || typing || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
      const target = all("[data-key]").find((element) => element.dataset.key === event.key);
      const act = target ? () => reach(target) : Object.hasOwn(keys, event.key) && keys[event.key];
      if (act) {
        event.preventDefault();
        act();
      }
    });
  }

  // Browsers that keep nothing refuse; then it holds for this page.
  function remembered(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  }

  function remember(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch {}
  }

  function reach(target) {
    const closed = target.closest("details:not([open])");
    if (closed) closed.open = true;
    target.focus();
  }

  // <form data-upload data-done="…" data-failed="…">: files are sent one by one, each with its progress. The answer to
  // each may be JSON with "message" (or an error's "detail") and "href".
  for (const form of all("form[data-upload]")) {
    form.addEventListener("submit", async (event) => {
      const input = form.querySelector("input[type=file]");
      if (input.files.length === 0) return;
      event.preventDefault();
      const button = form.querySelector("button:not([type=button])");
      const list = document.createElement("ul");
      list.className = "uploads";
      form.after(list);
      const lines = [...input.files].map((file) => [file, line(list, file.name)]);
      button.disabled = true;
      changed.delete(form);
      for (const [file, shown] of lines) await upload(form, input, file, shown);
      button.disabled = false;
      input.value = "";
    });
  }

  function line(list, name) {
    const item = document.createElement("li");
    const title = document.createElement("span");
    const bar = document.createElement("progress");
    const result = document.createElement("span");
    title.textContent = name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    result.className = "result";
    result.setAttribute("role", "status");
    item.append(title, bar, result);
    list.append(item);
    return { bar, result };
  }

  function upload(form, input, file, { bar, result }) {
    const data = new FormData(form);
    data.delete(input.name);
    data.append(input.name, file);
    renew(form, data);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.loaded < event.total) bar.value = event.loaded / event.total;
      else bar.removeAttribute("value");
    });
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => {
        const good = request.status >= 200 && request.status < 300;
        const said = told(request);
        bar.value = good ? 1 : 0;
        result.classList.toggle("error", !good);
        result.textContent = said.message ?? said.detail ?? (good ? form.dataset.done : form.dataset.failed);
        if (said.href?.startsWith("/")) {
          const link = document.createElement("a");
          link.href = said.href;
          link.textContent = result.textContent;
          result.replaceChildren(link);
        }
        resolve();
      });
      request.send(data);
    });
  }

  // A form's one-time key is for one sending; each further file is a sending of its own.
  function renew(form, data) {
    const key = form.querySelector("input[name=form_key]");
    if (!key) return;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    data.set(key.name, [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }

  function told(request) {
    try {
      return JSON.parse(request.responseText) ?? {};
    } catch {
      return {};
    }
  }
})();
