// form[data-once]: the second press does nothing, the button says what is going on. The server refuses doubles itself.
import { say } from "./words.js";

function makeBusy(button) {
  const label = button.querySelector(".kern-label") ?? button;
  button.dataset.label = label.textContent;
  button.setAttribute("aria-disabled", "true");
  button.classList.add("busy");
  label.textContent = button.dataset.busy || say("saving");
}

function makeReady(button) {
  (button.querySelector(".kern-label") ?? button).textContent = button.dataset.label;
  button.removeAttribute("aria-disabled");
  button.classList.remove("busy");
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll(".busy").forEach(makeReady);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  if (event.submitter) makeBusy(event.submitter);
});
// Back from the next page, the browser may show the form as it was left; a download leaves it where it is.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-sent]");
  if (form) release(form);
});
