// Says what happened and keeps the focus: refusals, lost connections, long waits, messages that come and go.
// Contracts with templates:
//   #said, #warned, #heard   the live regions of shared/messages.html, on the page before anything changes in them
//   [data-toast]             a message; plain and ok ones leave after a while, unless pointed at or focused
//   [data-dismiss]           takes its message away; [data-again] repeats the request that failed
//   [data-focus]             in a fragment: where the focus goes when the swap took away what had it
//   [data-announce]          in a fragment: its text is spoken once, politely ("9 statements")
//   #conflict                near a form: where a 409 is shown, instead of among the messages

const STAYS_MS = 8000; // DESIGN.md §5: a toast stays eight seconds
const LONG_MS = 4000; // after this much silence a waiting person is told that we still wait

const byId = (id) => document.getElementById(id);
let lastFocus = null;
let failed = null;

function hear(text) {
  const region = byId("heard");
  if (!region || !text) return;
  // The same words twice in a row are a change only when the region was empty in between.
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 60);
}

function notice(title, text) {
  const shape = byId("notice-shape"), region = byId("warned");
  if (!shape || !region) return null;
  const made = shape.content.firstElementChild.cloneNode(true);
  made.querySelector("b").textContent = title;
  made.querySelector("p").textContent = text;
  region.replaceChildren(made);
  return made;
}

function say(text) {
  const shape = byId("toast-shape"), region = byId("said");
  if (!shape || !region) return null;
  const made = shape.content.firstElementChild.cloneNode(true);
  made.querySelector("b").textContent = text;
  region.append(made);
  return made;
}

// --- Messages ------------------------------------------------------------------------------------------------------

function arm(message) {
  if (!["", "ok"].includes(message.dataset.toast)) return;
  let timer = 0;
  const leave = () => { if (!message.contains(document.activeElement)) message.remove(); };
  const start = () => { clearTimeout(timer); timer = setTimeout(leave, STAYS_MS); };
  const hold = () => clearTimeout(timer);
  message.addEventListener("pointerenter", hold);
  message.addEventListener("pointerleave", start);
  message.addEventListener("focusin", hold);
  message.addEventListener("focusout", start);
  start();
}

function takeAway(message) {
  const had = message.contains(document.activeElement);
  message.remove();
  if (had) (lastFocus?.isConnected ? lastFocus : byId("main"))?.focus();
}

document.addEventListener("focusin", (event) => {
  if (!event.target.closest("#messages")) lastFocus = event.target;
});

document.addEventListener("click", (event) => {
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) takeAway(dismiss.closest(".toast, .notice"));
  const again = event.target.closest("[data-again]");
  if (again && failed) {
    const request = failed;
    takeAway(again.closest(".notice"));
    repeat(request);
  }
});

for (const region of [byId("said"), byId("warned")].filter(Boolean)) {
  region.querySelectorAll("[data-toast]").forEach(arm);
  // What stood in a live region when the page came is not spoken by itself.
  if (region.textContent.trim()) setTimeout(() => hear(region.textContent.trim().replace(/\s+/g, " ")), 400);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches("[data-toast]")) arm(node);
        const again = node.querySelector("[data-again]");
        if (again) again.hidden = !failed;
      }
    }
  }).observe(region, { childList: true });
}

// --- Requests that fail ----------------------------------------------------------------------------------------------

const reads = (detail) => detail.requestConfig?.verb === "get";

function remember({ requestConfig }) {
  failed = { elt: requestConfig.elt, submitter: requestConfig.triggeringEvent?.submitter };
}

function repeat({ elt, submitter }) {
  if (!elt.isConnected) location.reload();
  else if (elt.matches("form")) elt.requestSubmit(submitter?.isConnected ? submitter : undefined);
  else if (elt.matches("a, button")) elt.click();
  else if (elt.form) elt.form.requestSubmit();
}

function noAnswer(event) {
  remember(event.detail);
  const what = reads(event.detail) ? "The server did not answer" : "Not saved: the server did not answer";
  const why = navigator.onLine ? "What you typed is still here." : "You are offline. What you typed is still here.";
  notice(what, why);
}
document.addEventListener("htmx:sendError", noAnswer);
document.addEventListener("htmx:timeout", noAnswer);

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  const { status } = detail.xhr;
  if (detail.target?.id !== "messages") return;
  // An answer that is no notice of ours comes from a proxy in between.
  if (status >= 400 && !/class="notice/.test(detail.serverResponse)) {
    detail.shouldSwap = false;
    remember(detail);
    notice(
      reads(detail) ? "The page could not be fetched" : "Treat this as not saved",
      `The server answered with ${status}. What you typed is still here.`,
    );
    return;
  }
  if (status >= 500 || status === 429) remember(detail);
  else failed = null;
  detail.target = (status === 409 && byId("conflict")) || byId(status >= 400 ? "warned" : "said");
  detail.swapOverride = "innerHTML";
});

let offline = null;
addEventListener("offline", () => {
  failed = null;
  offline = notice("You are offline", "What you type stays on this page; it is not saved yet.");
});
addEventListener("online", () => {
  offline?.remove();
  say("Back online");
});

// --- Busy ------------------------------------------------------------------------------------------------------------

const running = new Map(); // request -> what it keeps busy
const sending = new WeakSet(); // elements with a write under way

document.addEventListener("htmx:confirm", (event) => {
  // htmx would queue the second press and send it after the first.
  if (event.detail.verb !== "get" && sending.has(event.detail.elt)) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { target, elt, xhr } = detail;
  if (!reads(detail)) sending.add(elt);
  const busy = target && target !== document.body ? target : null;
  busy?.setAttribute("aria-busy", "true");
  const entry = { busy, elt, toast: null };
  entry.timer = setTimeout(() => { entry.toast = say("Still waiting for the server"); }, LONG_MS);
  running.set(xhr, entry);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const entry = running.get(detail.xhr);
  if (!entry) return;
  running.delete(detail.xhr);
  clearTimeout(entry.timer);
  entry.toast?.remove();
  entry.busy?.removeAttribute("aria-busy");
  sending.delete(entry.elt);
});

// The same for forms without htmx: the second press of a double click sends nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post], [data-sign-in]") || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// --- After a swap ----------------------------------------------------------------------------------------------------

function landing(root) {
  const marked = root.matches("[data-focus]") ? root : root.querySelector("[data-focus], [autofocus]");
  return marked ?? root.querySelector("[aria-invalid='true'], h1, h2, h3") ?? root;
}

document.addEventListener("htmx:afterSettle", (event) => {
  const root = event.target;
  if (!(root instanceof Element)) return;
  const heard = root.matches("[data-announce]") ? root : root.querySelector("[data-announce]");
  if (heard) hear(heard.textContent.trim().replace(/\s+/g, " "));
  if (root.closest("#messages, dialog")) return;
  const lost = !document.activeElement || document.activeElement === document.body;
  const demanded = root.querySelector(".conf [data-focus], .notice-err[data-focus]");
  // What asks by itself (progress, every second) leaves whoever reads elsewhere in peace.
  const asked = event.detail.requestConfig?.triggeringEvent;
  if (!(lost && asked) && !demanded) return;
  const to = demanded ?? landing(root);
  if (!to.matches("a, button, input, select, textarea, summary, [tabindex]")) to.tabIndex = -1;
  to.focus();
});
