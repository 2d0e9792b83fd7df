// What this browser keeps of ranking lists and of unsaved texts goes with form[data-sign-out]; a ranking list also when it
// cannot be saved any more.
import { signedOut } from "./keep-store.js";

const PREFIX = "ballot:";

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  signedOut();
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
});

const ended = document.querySelector("[data-ballot-ended]");
if (ended && localStorage.getItem(PREFIX + ended.dataset.ballotEnded)) {
  localStorage.removeItem(PREFIX + ended.dataset.ballotEnded);
  ended.querySelector("[data-ballot-unsaved]").hidden = false;
}
