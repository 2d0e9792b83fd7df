// Shows what needs a passkey where the browser knows them, tells the library which parts of the page are whose, and
// says so when a passkey was not used. No module: it stands beside the library's own scripts, which run in their order.
document.addEventListener("DOMContentLoaded", () => {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("[data-passkey]").forEach((button) => {
    button.hidden = false;
  });
  document.querySelectorAll("[data-passkey-fault]").forEach((note) => {
    const { step, action, button, credential, options, passwordless } = note.dataset;
    const ids = { [action]: button, credential, data: options, passwordless };
    window.allauth.webauthn.forms[step]({ ids });
  });
});
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.querySelector("[data-passkey-fault]");
  note.hidden = false;
  note.focus();
});
