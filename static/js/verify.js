// The keys of the verify room, and what changes while questions are answered. Everything here also works by pointing
// and without a script; the other keys are data-key attributes (keys.js).
// Contracts with templates/verify/:
//   form[data-check] with one li[data-axis] of radios for each question, in the order of their numbers
//   1 … 6 answer yes, with Shift no; U answers the first open question with “unclear”
//   [data-sign]         signs; it waits until every question is answered. #why says how many are open
//   [data-needs-note]   a decision that needs a reason in #note
//   .tri[data-title]    the title of the page after a swap

const form = () => document.querySelector("form[data-check]");
const rows = () => [...document.querySelectorAll("form[data-check] li[data-axis]")];
const answered = (row) => row.querySelector("input:checked") !== null;
const open = () => rows().filter((row) => !answered(row));
let said = "";

function hear(text) {
  const region = document.getElementById("heard");
  if (!region || text === said) return;
  said = text;
  region.textContent = text;
}

function tell({ aloud = false } = {}) {
  const left = open(), all = rows();
  const sign = document.querySelector("[data-sign]"), why = document.getElementById("why");
  for (const row of all) row.classList.toggle("on", row === left[0]);
  if (!sign || !why) return;
  if (left.length) sign.setAttribute("aria-disabled", "true");
  else sign.removeAttribute("aria-disabled");
  why.textContent = left.length ? `${left.length} ${left.length === 1 ? "question" : "questions"} to answer before you can sign` : "";
  if (aloud) hear(`${all.length - left.length} of ${all.length} answered`);
}

function answer(row, verdict) {
  const choice = row?.querySelector(`input[value="${verdict}"]`);
  if (!choice) return;
  choice.checked = true;
  row.scrollIntoView({ block: "nearest" });
  tell({ aloud: true });
}

function start() {
  const room = document.querySelector(".tri[data-title]");
  if (room) document.title = room.dataset.title;
  said = "";
  tell();
  lookAtSource();
  document.querySelector(".tri-q .is-sel")?.scrollIntoView({ block: "nearest" });
}

// The highlight into view inside its own column; the page itself stays where it is.
function lookAtSource() {
  const paper = document.querySelector(".paper"), here = paper?.querySelector("[data-here]");
  if (here && paper.scrollHeight > paper.clientHeight) {
    paper.scrollTop = here.offsetTop - paper.clientHeight / 3;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  if (!form()) return;
  // By place: Shift and a digit give another character on every keyboard.
  const digit = /^(?:Digit|Numpad)([1-6])$/.exec(event.code);
  if (digit) {
    const row = rows()[Number(digit[1]) - 1];
    if (!row) return;
    event.preventDefault();
    answer(row, event.shiftKey ? "fail" : "pass");
  } else if (event.code === "KeyU" && !event.shiftKey) {
    event.preventDefault();
    answer(open()[0], "unclear");
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-check] input[type=radio]")) tell({ aloud: true });
});

// Before the server is asked: what it would refuse anyway. Without a script it does.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sign], [data-needs-note]");
  if (!button) return;
  const left = open();
  if (button.matches("[data-sign]") && left.length) {
    event.preventDefault();
    left[0].querySelector("input").focus();
    hear(`${left.length} of ${rows().length} still to answer`);
  }
  const note = document.getElementById("note");
  if (button.matches("[data-needs-note]") && !note.value.trim()) {
    event.preventDefault();
    button.closest("[popover]")?.hidePopover();
    note.setAttribute("aria-invalid", "true");
    note.focus();
    hear("This decision needs a reason: write it into the note");
  }
}, true);

// htmx knows the button that was pressed only when it stands inside its form; the decisions stand at the foot.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const pressed = detail.triggeringEvent?.submitter;
  if (pressed?.name && detail.elt.matches("form[data-check]")) detail.parameters[pressed.name] = pressed.value;
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "room") start();
  if (target.id === "source") lookAtSource();
});
start();
