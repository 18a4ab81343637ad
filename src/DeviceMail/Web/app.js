// DeviceMail: the one small script. Every page works without it; it adds copying, a running clock and live parts.
"use strict";

// <button data-copy="id"> copies the text of that element and says so in its own label.
for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => button.textContent = label, 2500);
  });
}

// <time data-countdown="progress-id">14:32</time> runs down to 0:00. The gateway's answer, not this clock, decides.
for (const clock of document.querySelectorAll("[data-countdown]")) {
  const [minutes, seconds] = clock.textContent.split(":").map(Number);
  const end = Date.now() + (minutes * 60 + seconds) * 1000;
  const bar = document.getElementById(clock.dataset.countdown);
  const timer = setInterval(() => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    if (bar) bar.value = left;
    if (left === 0) clearInterval(timer);
  }, 1000);
}

// <div data-live="/path"> asks that path every two seconds whether its state is still data-state; when it is not, the page is loaded again.
for (const part of document.querySelectorAll("[data-live]")) {
  const ask = async () => {
    try {
      const answer = await fetch(part.dataset.live, { headers: { "X-Live": "1" }, cache: "no-store" });
      if (answer.status === 401 || (answer.ok && await answer.text() !== part.dataset.state)) return location.reload();
    } catch {
      // The gateway restarts or the network is away; the next try says more.
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 2000);
}

// <select data-fills> fills the fields named by the data-… of the chosen option; the reader may still change them.
for (const select of document.querySelectorAll("[data-fills]")) {
  select.addEventListener("change", () => {
    for (const [name, value] of Object.entries(select.selectedOptions[0].dataset)) {
      const field = document.getElementById(name);
      if (field) field.value = value;
    }
  });
}

// Fields that the chosen method or service does not use are disabled while it is chosen: data-for names the methods, data-service the service.
const basic = document.getElementById("basic");
if (basic) {
  const apply = () => {
    for (const field of basic.querySelectorAll("[data-for], [data-service]")) {
      const methods = field.dataset.for ? field.dataset.for.split(" ") : [basic.elements.method.value];
      field.disabled = !methods.includes(basic.elements.method.value) || (field.dataset.service ?? basic.elements.service.value) !== basic.elements.service.value;
    }
  };
  basic.elements.method.addEventListener("change", apply);
  basic.elements.service.addEventListener("change", apply);
}

// <form data-check="/path"> asks that path what is wrong with its fields, one a line: name, tab, sentence. A field says so once the reader has
// left it; passwords are never asked about.
for (const form of document.querySelectorAll("form[data-check]")) {
  const left = new Set();
  form.addEventListener("change", async event => {
    left.add(event.target.name);
    const fields = new URLSearchParams();
    for (const field of form.elements) {
      if (field.name && !field.disabled && !["password", "submit", "button"].includes(field.type) && field.name !== "form-token" && (field.type !== "radio" || field.checked)) fields.set(field.name, field.value);
    }
    try {
      const answer = await fetch(form.dataset.check + "?" + fields, { headers: { "X-Live": "1" }, cache: "no-store" });
      if (!answer.ok) return;
      const faults = new Map((await answer.text()).split("\n").filter(Boolean).map(line => line.split("\t")));
      for (const field of form.elements) {
        const place = document.getElementById(field.name + "-fault");
        if (!place || field.type === "password") continue;
        const fault = left.has(field.name) || field.getAttribute("aria-invalid") === "true" ? faults.get(field.name) : undefined;
        place.textContent = fault ?? "";
        place.hidden = !fault;
        if (fault) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
    } catch {
      // The gateway is away; it judges the fields again when they are sent.
    }
  });
}

// <div id data-refresh> fetches its page again every few seconds and takes over what changed in it. The reader's place stays: what is seen, what has
// the focus, what is open or being typed.
for (const part of document.querySelectorAll("[data-refresh]")) {
  let used = Date.now();
  for (const event of ["pointermove", "keydown", "scroll"]) addEventListener(event, () => used = Date.now(), { passive: true });
  const isBusy = () => document.hidden || Date.now() - used > 20 * 60_000 || part.querySelector(":popover-open, details[open]") ||
    part.querySelector("input:not([type=hidden]):focus, select:focus, textarea:focus");
  const ask = async () => {
    try {
      if (!isBusy()) {
        const answer = await fetch(location.href, { headers: { "X-Live": "1" }, cache: "no-store" });
        if (answer.status === 401) return location.reload();
        const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
        if (fresh && !isBusy() && fresh.innerHTML !== part.innerHTML) takeOver(part, fresh);
      }
    } catch {
      // The gateway restarts or the network is away; the next try says more.
    }
    setTimeout(ask, 3000);
  };
  setTimeout(ask, 3000);
}

function takeOver(part, fresh) {
  const seen = [...part.querySelectorAll("[id]")].find(one => one.getBoundingClientRect().bottom > 0);
  const top = seen?.getBoundingClientRect().top;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && [...part.querySelectorAll(focused.tagName)].indexOf(focused);
  const name = focused && (focused.getAttribute("href") ?? focused.textContent);
  part.replaceChildren(...fresh.childNodes);
  if (focused) {
    const same = [...part.querySelectorAll(focused.tagName)];
    (same.find(one => (one.getAttribute("href") ?? one.textContent) === name) ?? same[place])?.focus({ preventScroll: true });
  }
  const again = seen && document.getElementById(seen.id);
  if (again && scrollY > 0) scrollBy(0, again.getBoundingClientRect().top - top);
}
