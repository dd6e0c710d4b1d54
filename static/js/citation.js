// Copies the text of an element that a button names with data-copy. Without a script the button is not shown, and the
// text stands on the page to be marked by hand. One listener for the page, so that swapped-in buttons work too.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard (plain http, or refused): mark the text, so that one key copies it.
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    source.scrollIntoView({ block: "nearest" });
    tell("The citation is marked: copy it with your keyboard.");
    return;
  }
  tell(button.dataset.copied || "Copied.");
});

function tell(words) {
  const region = document.getElementById("said");
  if (!region) return;
  const toast = document.createElement("div");
  toast.className = "toast toast-ok";
  toast.dataset.toast = "ok";
  const line = document.createElement("p");
  line.textContent = words;
  toast.append(line);
  region.append(toast);
  window.setTimeout(() => toast.remove(), 8000);
}
