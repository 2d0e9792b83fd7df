// What htmx alone would pass over in silence: refusals, faults, a lost connection.
import { say } from "./words.js";

function tell(sentence) {
  const place = document.getElementById("fault");
  if (!place) return;
  place.textContent = sentence;
  place.hidden = sentence === "";
}

document.addEventListener("htmx:responseError", (event) => {
  tell(say(event.detail.xhr.status < 500 ? "refused" : "failed"));
});
document.addEventListener("htmx:sendError", () => tell(say("offline")));
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful) tell("");
});
