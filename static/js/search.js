// The preview beside a list of results. The list works without it: every row is a link.
// Contract: [data-peek] is the pane, [data-peek-url] on a row where its preview is fetched from; keys.js tells by
// "verbatim:row" which row J and K have reached.

const REST_MS = 120; // J held down runs through rows; only the one it rests on is fetched
const pane = () => document.querySelector("[data-peek]");
let waiting = 0;
let asking = null;

async function show(row) {
  const target = pane();
  const url = row?.dataset.peekUrl;
  if (!target || !url || getComputedStyle(target).display === "none") return;
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok) return;
    target.innerHTML = await answer.text();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

addEventListener("verbatim:row", (event) => {
  clearTimeout(waiting);
  const row = event.target.closest("[data-peek-url]");
  waiting = setTimeout(show, REST_MS, row);
});
