// Offers colleagues while a name is typed behind an @ in a field with data-names (templates/notes/_notes.html).
// The field asks by htmx; here only the words before the caret are sent, and a chosen name is put in their place.
// Without a script the name is typed in full, and a link beside the field leads to the list.

const BEGUN = /(^|[^\p{L}\p{N}_@.+-])@[\p{L}\p{N}_@.+-]{0,150}$/u;
const LONGEST = 160; // characters before the caret that can matter: a name has at most 150

const before = (field) => field.value.slice(Math.max(0, field.selectionStart - LONGEST), field.selectionStart);
const offered = (field) => document.querySelector(field.getAttribute("hx-target"));

document.addEventListener("htmx:configRequest", (event) => {
  const field = event.detail.elt;
  if (!field.matches("[data-names]")) return;
  const text = before(field);
  if (!BEGUN.test(text)) {
    event.preventDefault();
    offered(field)?.replaceChildren();
    return;
  }
  event.detail.parameters = { text };
});

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-name]");
  const list = chosen?.closest("[id]");
  const field = list && document.querySelector(`[data-names][hx-target="#${list.id}"]`);
  if (!field) return;
  const text = before(field), start = field.selectionStart - (text.length - text.lastIndexOf("@"));
  // The @ of an address-like name is not the first one: the name begins behind the last white space.
  const word = text.match(BEGUN)?.[0].replace(/^[^@]/u, "") ?? "";
  const from = word ? field.selectionStart - word.length : start;
  field.setRangeText(`@${chosen.dataset.name} `, from, field.selectionStart, "end");
  list.replaceChildren();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const list = event.target.closest(".nt-p") ?? (event.target.matches("[data-names]") ? offered(event.target) : null);
  if (!list?.firstElementChild) return;
  event.preventDefault();
  event.stopPropagation();
  list.replaceChildren();
  document.querySelector(`[data-names][hx-target="#${list.id}"]`)?.focus();
}, true);
