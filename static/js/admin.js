// The stock autocomplete (select2) gives its boxes no name of their own; axe: aria-input-field-name.
const name = (box, text) => text && !box.getAttribute("aria-label") && box.setAttribute("aria-label", text);

const nameAll = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.replace(":", "").trim()
      || select.closest("td")?.className.replace("field-", "").replace(/_/g, " ");
    const box = select.parentElement?.querySelector(".select2-selection");
    if (box) {
      // The label that select2 points to is an element without a text until something is chosen.
      box.removeAttribute("aria-labelledby");
      name(box, label);
      // What is chosen stands in a read-only text box inside it.
      const chosen = box.querySelector("[role=textbox]");
      if (chosen) name(chosen, label);
    }
  }
  for (const box of document.querySelectorAll(".select2-search__field")) name(box, "Search");
  name(document.getElementById("searchbar") ?? document.createElement("i"), "Search");
  for (const box of document.querySelectorAll(".delete input")) name(box, "Delete this row");
  // A head without words over the column that holds links or nothing; axe: empty-table-header.
  for (const head of document.querySelectorAll("th:empty")) {
    head.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: "Entry" }));
  }
  for (const list of document.querySelectorAll(".select2-results__options")) name(list, "Results");
};

new MutationObserver(nameAll).observe(document.documentElement, { childList: true, subtree: true });
addEventListener("load", nameAll);
