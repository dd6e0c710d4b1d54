// Single-key shortcuts, outside fields only, off when the person says so (WCAG 2.1.4). Nothing here knows an address.
// Contracts with templates:
//   data-key="v"    on a link, button or field: V clicks it (a field is focused). data-key="/" and "?" likewise.
//                   Several keys are parted by spaces. In a list it is the chosen row's own that answers, else the first.
//                   data-key="f" on something else (a filter panel): F focuses the first control inside.
//   data-go="v"     on a link: G then V follows it
//   [data-rows]     a list; J and K walk the first link of each child; Enter is the link's own
//   [data-peek]     the preview beside it; Space hides and shows it
//   aria-keyshortcuts is set here, so that it is never promised where it does not work

const root = document.documentElement;
const FIELD = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const REACHABLE = "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, summary";
const THEN_MS = 1200; // how long G waits for its letter

let sinceG = -Infinity; // time of the last G, in ms since the page came

const on = () => root.dataset.keys !== "off";
const shown = (element) => element.checkVisibility({ visibilityProperty: true });

function first(selector) {
  const all = [...document.querySelectorAll(selector)].filter(shown);
  const inMain = all.filter((element) => element.closest("#main"));
  return inMain.find((element) => element.closest("[data-rows] > .is-sel")) ?? inMain[0] ?? all[0];
}

// Letters by their place on the keyboard when the layout is not Latin, so that J is J on a Ukrainian keyboard too.
function letter(event) {
  if (/^[\x20-\x7e]$/.test(event.key) || event.key.length > 1) return event.key.toLowerCase();
  const place = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code);
  return place ? place[1].toLowerCase() : event.key;
}

function act(element) {
  if (element.matches(FIELD)) {
    element.focus();
    element.select?.();
  } else if (element.matches("a, button, input, summary, label")) {
    element.click();
  } else {
    [...element.querySelectorAll(REACHABLE)].find(shown)?.focus();
  }
}

// --- Lists -----------------------------------------------------------------------------------------------------------

function walk(step) {
  const list = first("[data-rows]");
  const rows = list ? [...list.children].filter((row) => row.querySelector("a[href]") && shown(row)) : [];
  if (!rows.length) return false;
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const chosen = rows.findIndex((row) => row.classList.contains("is-sel"));
  const at = focused >= 0 ? focused : chosen;
  // The first press goes to the row that is marked already, when the focus is somewhere else.
  const to = rows[Math.min(rows.length - 1, Math.max(0, focused < 0 && at >= 0 ? at : at + step))];
  for (const row of rows) {
    row.classList.toggle("is-sel", row === to);
    if (row === to) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  const link = to.querySelector("a[href]");
  link.focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
  link.dispatchEvent(new CustomEvent("verbatim:row", { bubbles: true }));
  return true;
}

function peek() {
  const pane = document.querySelector("[data-peek]");
  if (!pane) return false;
  pane.hidden = !pane.hidden;
  return true;
}

// --- Keys ------------------------------------------------------------------------------------------------------------

function press(key) {
  if (key === "?") {
    document.getElementById("keys")?.togglePopover();
    return true;
  }
  const bound = first(`[data-key~="${CSS.escape(key)}"]`);
  if (bound) {
    act(bound);
    return true;
  }
  if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
  if (key === " ") return peek();
  return false;
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { target } = event;
  const field = target.closest?.(FIELD);
  if (field) {
    // A field in an open menu or dialog: Escape closes that, and the browser gives the focus back.
    if (event.key === "Escape" && !field.closest("[popover], dialog")) field.blur();
    return;
  }
  if (!on() || document.querySelector("dialog[open]")) return;
  const key = letter(event);
  // Space belongs to whatever it presses, opens or scrolls; only a row's link leaves it free.
  if (key === " " && target !== document.body && !target.closest("[data-rows] a")) return;
  const waited = event.timeStamp - sinceG;
  sinceG = -Infinity;
  if (waited < THEN_MS) {
    const place = document.querySelector(`a[data-go="${CSS.escape(key)}"]`);
    if (place) {
      event.preventDefault();
      place.click();
      return;
    }
  }
  if (key === "g") {
    sinceG = event.timeStamp;
    return;
  }
  if (press(key)) event.preventDefault();
});

// --- What the keys do, told truthfully --------------------------------------------------------------------------------

function name(element) {
  const words = element.dataset.keyLabel ?? element.getAttribute("aria-label");
  if (words) return words;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, .n").forEach((part) => part.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function promise(scope) {
  const bound = scope.querySelectorAll("[data-key]");
  for (const element of bound) {
    if (on()) element.setAttribute("aria-keyshortcuts", element.dataset.key);
    else element.removeAttribute("aria-keyshortcuts");
  }
}

function list(keys) {
  const parts = Object.fromEntries([...keys.querySelectorAll("[data-keys-for]")].map((part) => [part.dataset.keysFor, part]));
  parts.rows.hidden = !first("[data-rows]");
  parts.peek.hidden = !document.querySelector("[data-peek]");
  const lines = parts.page.querySelector("dl");
  lines.replaceChildren();
  const seen = new Set(["/", "?"]);
  for (const element of document.querySelectorAll("[data-key]")) {
    if (seen.has(element.dataset.key) || !shown(element)) continue;
    seen.add(element.dataset.key);
    const line = document.createElement("div"), term = document.createElement("dt"), what = document.createElement("dd");
    const cap = document.createElement("kbd");
    cap.textContent = element.dataset.key.split(" ")[0].toUpperCase();
    what.textContent = name(element);
    term.append(cap);
    line.append(term, what);
    lines.append(line);
  }
  parts.page.hidden = !lines.childElementCount;
}

document.getElementById("keys")?.addEventListener("beforetoggle", (event) => {
  if (event.newState === "open") list(event.target);
});
document.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelectorAll) promise(event.target); });
new MutationObserver(() => promise(document)).observe(root, { attributeFilter: ["data-keys"] });
promise(document);
