// What this browser keeps of ranking lists goes with form[data-sign-out] and when a list cannot be saved any more.
const PREFIX = "ballot:";

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sign-out]")) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
});

const ended = document.querySelector("[data-ballot-ended]");
if (ended && localStorage.getItem(PREFIX + ended.dataset.ballotEnded)) {
  localStorage.removeItem(PREFIX + ended.dataset.ballotEnded);
  ended.querySelector("[data-ballot-unsaved]").hidden = false;
}
