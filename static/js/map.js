// The map: shows the chosen link first, and walks from box to box with the arrow keys. Without a script the region is
// scrolled by hand, and Tab walks the boxes.

function showChosen() {
  const region = document.querySelector(".map-scroll");
  const chosen = region?.querySelector(".m-n.on");
  if (!chosen) return;
  const names = region.querySelector(".lm-names").getBoundingClientRect().width;
  const at = chosen.getBoundingClientRect().left - region.getBoundingClientRect().left;
  if (at < names || at > region.clientWidth * 0.6) region.scrollLeft += at - names - 24;
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  const way = WAYS[event.key];
  const here = document.activeElement?.closest?.("svg.lm a.m-n");
  if (!way || !here || event.altKey || event.ctrlKey || event.metaKey) return;
  const from = here.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const other of document.querySelectorAll("svg.lm a.m-n")) {
    const to = other.getBoundingClientRect();
    const [x, y] = [to.left - from.left, to.top - from.top];
    const ahead = x * way[0] + y * way[1];
    if (other === here || ahead <= 1) continue;
    // What lies off the way counts more, so that an arrow keeps to its row or column.
    const distance = ahead + 3 * Math.abs(way[0] ? y : x);
    if (distance < least) [best, least] = [other, distance];
  }
  if (!best) return;
  event.preventDefault();
  best.focus();
});

document.addEventListener("htmx:afterSettle", showChosen);
showChosen();
