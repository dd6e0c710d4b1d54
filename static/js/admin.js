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
    }
  }
  for (const box of document.querySelectorAll(".select2-search__field")) name(box, "Search");
  for (const list of document.querySelectorAll(".select2-results__options")) name(list, "Results");
};

new MutationObserver(nameAll).observe(document.documentElement, { childList: true, subtree: true });
addEventListener("load", nameAll);
