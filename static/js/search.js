// The preview beside a list of results. The list works without it: every row is a link.
// Contract: the address of previews is in data-peek of the pane, with "the-uid" where a row's data-uid belongs; keys.js
// tells by "verbatim:row" which row J and K have reached, and hides the pane with Space.
// Fetched here and not by htmx: nobody asked for it, so it neither moves the focus nor says anything.

const REST_MS = 120; // J held down runs through rows; only the one it rests on is fetched
const WIDE = matchMedia("(min-width: 70.0625em)"); // as .peek in search.css
let waiting = 0;
let asking = new AbortController();

async function show(row) {
  const pane = document.querySelector("[data-peek]");
  if (!pane || !row || !WIDE.matches) return;
  asking.abort();
  asking = new AbortController();
  const url = pane.dataset.peek.replace("the-uid", row.dataset.uid);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    pane.replaceChildren(...page.body.childNodes);
    pane.hidden = false;
  } catch (error) {
    // Somebody walked on, or the network is away: the list says so when it is needed.
    if (error.name !== "AbortError" && error.name !== "TypeError") throw error;
  }
}

function first() {
  const row = document.querySelector("[data-rows] [data-uid]");
  if (!row || !WIDE.matches || document.querySelector("[data-rows] .is-sel")) return;
  row.classList.add("is-sel");
  show(row);
}

addEventListener("verbatim:row", (event) => {
  clearTimeout(waiting);
  if (document.querySelector("[data-peek]")?.hidden) return;
  waiting = setTimeout(show, REST_MS, event.target.closest("[data-uid]"));
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "results") first();
});
first();
