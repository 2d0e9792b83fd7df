// data-advice="260" on a text field: says how the text will fit; it advises and never blocks.
import { say } from "./words.js";

function advise(field) {
  const left = Number(field.dataset.advice) - field.value.length;
  const line = lineOf(field);
  line.textContent = left >= 0 ? say("adviceLeft", left) : say("adviceOver", -left);
  line.classList.toggle("advice--over", left < 0);
}

function lineOf(field) {
  if (field.nextElementSibling?.classList.contains("advice")) return field.nextElementSibling;
  const line = document.createElement("span");
  line.className = "advice";
  line.id = `${field.id}_advice`;
  field.after(line);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
  return line;
}

const adviseAll = (root) => root.querySelectorAll("[data-advice]").forEach(advise);

adviseAll(document);
document.addEventListener("htmx:load", (event) => adviseAll(event.target));
document.addEventListener("input", (event) => event.target.matches("[data-advice]") && advise(event.target));
