// Shows what needs a passkey where the browser knows them, and says so when one was not used. No module: it stands
// before the library's own scripts, which run in their order.
document.addEventListener("DOMContentLoaded", () => {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("[data-passkey]").forEach((button) => {
    button.hidden = false;
  });
});
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.querySelector("[data-passkey-fault]");
  note.hidden = false;
  note.focus();
});
