// What belongs to the person: signing in again over the page, fresh form tokens, and how the page looks to them.
// Contracts with the server:
//   401 for a swap brings dialog#sign-in-again (errors/sign_in_again.html); the page behind keeps every typed word
//   event verbatim:token {token}   a form was refused because its token was out of date
//   event verbatim:looks {theme, keys}   the display was changed (quotes.views.preferences)

const ID = "sign-in-again";
let refused = null; // what asked when the session had ended

function setToken(token) {
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

function tell(title) {
  const region = document.getElementById("said"), shape = document.getElementById("toast-shape");
  if (!region || !shape) return;
  const message = shape.content.firstElementChild.cloneNode(true);
  message.dataset.toast = "warn"; // it stays until it is dismissed: what was typed is not saved yet
  message.querySelector("b").textContent = title;
  region.replaceChildren(message);
}

function close(dialog) {
  dialog.close();
  dialog.remove();
  (refused?.isConnected ? refused : document.getElementById("main"))?.focus();
}

document.addEventListener("verbatim:token", (event) => setToken(event.detail.token));

document.addEventListener("verbatim:looks", ({ detail }) => {
  for (const name of ["theme", "keys"]) {
    if (detail[name]) document.documentElement.dataset[name] = detail[name];
  }
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status !== 401) return;
  refused = document.activeElement === document.body ? detail.requestConfig.elt : document.activeElement;
  // One dialog is enough when several requests find the session gone.
  if (document.getElementById(ID)) detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSwap", () => {
  const dialog = document.getElementById(ID);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[name=login]").focus();
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(dialog); });
  dialog.querySelector("[data-close]").addEventListener("click", () => close(dialog));
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-sign-in]");
  if (!form) return;
  event.preventDefault();
  const trouble = form.querySelector("[data-sign-in-trouble]"), button = form.querySelector("button:not([data-close])");
  const say = (text) => { trouble.textContent = text; };
  say("");
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      const errors = [told.form?.errors, ...Object.values(told.form?.fields ?? {}).map((field) => field.errors)];
      say(errors.flat().filter(Boolean).join(" ") || `Signing in failed (${answer.status}). Try again.`);
      form.elements.password.value = "";
      form.elements.password.focus();
      return;
    }
    await enter(form, told.location, say);
  } catch {
    say("The server did not answer. What you typed is still on the page behind.");
  } finally {
    button.removeAttribute("aria-disabled");
  }
});

async function enter(form, location, say) {
  const answer = await fetch(location ?? "/", { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  const person = page.body.dataset.person, before = document.body.dataset.person;
  if (token) setToken(token);
  if (!person) {
    say("This account needs its second step: sign in in a new tab, then come back.");
    return;
  }
  close(form.closest("dialog"));
  if (person === before) tell("Signed in again. Nothing was saved yet: send it once more.");
  else tell(`You are now signed in as ${person}; this page was opened by ${before}. Reload it before you write.`);
}
