// The dialog in which a statement is linked: opened by a link that also works without a script (shared with /links/new/).
// Contracts with templates:
//   a[hx-target="#new-link"]   fetches the form into the dialog around #new-link, which is then opened
//   [data-close]               inside: closes it; the focus goes back to what opened it

const dialog = document.getElementById("link-dialog");
let opener = null;

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("a[hx-target='#new-link']")) opener = detail.elt;
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  // Closed while the answer was still settling: it stays closed.
  if (!dialog || target.id !== "new-link" || !target.firstElementChild) return;
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[role=alert]") ? dialog.querySelector(".notice") : dialog.querySelector("#link-q"))?.focus();
});

dialog?.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (!close) return;
  event.preventDefault();
  dialog.close();
});
dialog?.addEventListener("close", () => {
  document.getElementById("new-link").replaceChildren();
  opener?.focus();
});
