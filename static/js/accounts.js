// Shows the password on request. The passkey button is allauth's own script (mfa/js/webauthn.js).
for (const tick of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(tick.dataset.shows);
  const apply = () => { field.type = tick.checked ? "text" : "password"; };
  tick.addEventListener("change", apply);
  // Never send it as plain text: browsers would keep it among the words typed before.
  field.form.addEventListener("submit", () => { field.type = "password"; });
  apply();
}
