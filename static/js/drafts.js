// Keeps what is typed into a form until it is saved: over an expired session, a lost network, a dead server, Back.
// Contracts with templates:
//   form[data-draft=KEY][data-draft-lock]   is kept under KEY, for this account
//   [data-draft-bar] in or before the form  offers a draft that is there: [data-draft-at], [data-draft-restore], [data-draft-discard]
//   [data-draft-state]                      says that what is typed is not saved yet
// A draft lies encrypted in this browser. Its key comes with the page, for the one account, and pages are not kept: so
// nobody reads on the disk what was typed, and signing out takes the drafts away. The hidden fields of the form belong
// to a draft, so that one made before somebody else's change is refused as stale like the form itself would be.

const PREFIX = "verbatim-draft:";
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const PAUSE_MS = 250;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "idempotency_key", "tab", "order"]);
const timers = new WeakMap();
const able = Boolean(globalThis.crypto?.subtle);
let over = false; // signing out: nothing is kept any more

const nameOf = (form) => `${PREFIX}${document.body.dataset.person}:${form.dataset.draft}`;
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));

function fields(form) {
  return [...form.elements].filter((one) => one.name && !NOT_KEPT.has(one.name)
    && !["submit", "button", "password", "file"].includes(one.type) && !(one.type === "hidden" && one.name === "do"));
}

function valueOf(one) {
  if (one.type === "checkbox" || one.type === "radio") return one.checked ? [one.value] : [];
  return [one.value];
}

function read(form, { hidden }) {
  const values = {};
  for (const one of fields(form)) {
    if (one.type === "hidden" && !hidden) continue;
    values[one.name] = [...(values[one.name] ?? []), ...valueOf(one)];
  }
  return values;
}

const same = (one, other) => {
  const told = (values) => JSON.stringify(Object.entries(values).filter(([, value]) => value.some(Boolean)).sort());
  return told(one) === told(other);
};

const key = (form) => crypto.subtle.importKey("raw", bytes(form.dataset.draftLock), "AES-GCM", false, ["encrypt", "decrypt"]);

async function keep(form) {
  if (!form.isConnected) return;
  const at = Date.now(), iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify({ shown: read(form, { hidden: false }), all: read(form, { hidden: true }) }));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(form), plain);
  if (form.dataset.draftSaved || over) return;
  try {
    localStorage.setItem(nameOf(form), JSON.stringify({ at, iv: text(iv), box: text(box) }));
    state(form, `Not saved yet. Draft kept, ${clock(at)}.`);
  } catch {
    state(form, "Not saved yet, no draft kept.");
  }
}

async function kept(form) {
  try {
    const found = JSON.parse(localStorage.getItem(nameOf(form)) ?? "null");
    if (!found) return null;
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(found.iv) }, await key(form), bytes(found.box));
    return { at: found.at, ...JSON.parse(new TextDecoder().decode(plain)) };
  } catch {
    // Of another password, or not whole: it can never be read again.
    localStorage.removeItem(nameOf(form));
    return null;
  }
}

function clock(at) {
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const today = new Date(at).toDateString() === new Date().toDateString();
  return today ? time : `${new Date(at).toLocaleDateString()}, ${time}`;
}

function state(form, words) {
  const place = form.querySelector("[data-draft-state]");
  if (place && place.textContent !== words) place.textContent = words;
}

const barOf = (form) => form.querySelector("[data-draft-bar]") ?? form.parentElement.querySelector("[data-draft-bar]");

async function offer(form) {
  const found = await kept(form), bar = barOf(form);
  if (!found || !bar) return;
  if (same(found.shown, read(form, { hidden: false }))) return;
  bar.querySelector("[data-draft-at]").textContent = clock(found.at);
  bar.hidden = false;
}

async function restore(form) {
  const found = await kept(form);
  barOf(form).hidden = true;
  if (!found) return;
  const missing = [];
  for (const [name, values] of Object.entries(found.all)) {
    const places = fields(form).filter((one) => one.name === name);
    if (!places.length && values.some(Boolean)) missing.push([name, values]);
    places.forEach((one, number) => {
      const was = valueOf(one).join();
      if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
      else one.value = values[number] ?? "";
      // Others listen too: which questions are answered, what may be sent.
      if (one.type !== "hidden" && valueOf(one).join() !== was) one.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  form.querySelectorAll("details").forEach((part) => {
    if ([...part.querySelectorAll("input, textarea, select")].some((one) => one.value !== one.defaultValue && one.value)) part.open = true;
  });
  const look = form.querySelector("button[name=do][value=look]");
  if (missing.length && look) {
    // Rows that this page has no fields for: the server makes them, from the same form.
    for (const [name, values] of missing) {
      for (const value of values) {
        const input = document.createElement("input");
        Object.assign(input, { type: "hidden", name, value });
        form.append(input);
      }
    }
    form.requestSubmit(look);
    return;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  fields(form).find((one) => one.type !== "hidden")?.focus();
}

function forget(form) {
  clearTimeout(timers.get(form));
  localStorage.removeItem(nameOf(form));
  state(form, "");
}

function later(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  if (!form?.matches("[data-draft]") || !event.target.name && event.target !== form) return;
  delete form.dataset.draftSaved;
  // The line beside the button changes only when something is typed: between pressing and letting go of the mouse a
  // button must not move.
  if (event.type === "input") state(form, "Not saved yet.");
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), PAUSE_MS));
}

if (able) {
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    try {
      if (Date.now() - JSON.parse(localStorage.getItem(name)).at > KEPT_MS) localStorage.removeItem(name);
    } catch {
      localStorage.removeItem(name);
    }
  }
  document.querySelectorAll("form[data-draft]").forEach(offer);
  document.addEventListener("input", later);
  document.addEventListener("change", later);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-draft-restore], [data-draft-discard]");
    if (!button) return;
    const bar = button.closest("[data-draft-bar]"), form = bar.closest("form") ?? bar.parentElement.querySelector("form[data-draft]");
    if (button.matches("[data-draft-restore]")) restore(form);
    else {
      forget(form);
      bar.hidden = true;
      fields(form).find((one) => one.type !== "hidden")?.focus();
    }
  });
}

// What came back refused holds what was typed: that is the draft now, and nothing is offered over it.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig?.elt?.closest?.("form[data-draft]");
  if (!form) return;
  const only = detail.requestConfig.parameters?.do === "look" || detail.requestConfig.verb === "get";
  if (detail.xhr.status < 400 && !only) {
    form.dataset.draftSaved = "yes";
    forget(form);
  }
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.requestConfig?.elt?.closest?.("form[data-draft]");
  // An answer that only leads on is not swapped.
  if (form && detail.requestConfig.verb === "post" && detail.xhr.status === 204) {
    form.dataset.draftSaved = "yes";
    forget(form);
  }
});
document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (!able || !(target instanceof Element)) return;
  const own = detail.requestConfig?.elt?.closest?.("form[data-draft]")?.dataset.draft;
  const found = target.matches("form[data-draft]") ? [target] : target.querySelectorAll("form[data-draft]");
  for (const form of found) {
    if (form.dataset.draft === own && detail.requestConfig.verb === "post" && (detail.xhr.status >= 400 || detail.requestConfig.parameters?.do === "look")) keep(form);
    else offer(form);
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  over = true;
  Object.keys(localStorage).filter((one) => one.startsWith(PREFIX)).forEach((one) => localStorage.removeItem(one));
});
