// keep
// form[data-keep]: what is being typed stays in this browser until the server has it, and is offered again after an ended
// session, a crash or a reload. One entry an opened form, "draft:<person>:<address>:<token of the form>"; it holds the hidden
// fields too, so that what somebody else has saved since is asked about and not overwritten. The cookie "saved" names the
// form the server has taken last. See also forget.js.
import { mine, read, remove, write } from "./keep-store.js";
import { fill as filled, say } from "./words.js";

const WAIT = 500;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "token"]);
const time = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
const moment = (at) =>
  new Date(at).toDateString() === new Date().toDateString()
    ? time(at)
    : `${new Date(at).toLocaleDateString(document.documentElement.lang, { day: "2-digit", month: "2-digit" })} ${time(at)}`;

const tokenOf = (form) => form.elements.namedItem("token")?.value ?? "";
const wordsOf = (form) => [...new FormData(form)].filter(([name, value]) => !NOT_KEPT.has(name) && typeof value === "string");
const seen = (words) => JSON.stringify(words.filter(([name]) => name !== "version"));

function keep(form) {
  if (write(tokenOf(form), { at: Date.now(), words: wordsOf(form) })) tell(form, say("kept", time(Date.now())));
}

function tell(form, sentence) {
  const line = form.querySelector("[data-keep-status]");
  if (line) line.textContent = sentence;
}

// Rows that a script had added, then each field by its name; what has no place any more is sent along unseen.
function fill(form, words) {
  const left = new Map();
  for (const [name, value] of words) left.set(name, [...(left.get(name) ?? []), value]);
  for (const rows of form.querySelectorAll("[data-formset]")) addRows(form, rows, left);
  for (const input of form.querySelectorAll("[name]")) if (!NOT_KEPT.has(input.name)) put(input, left.get(input.name) ?? []);
  for (const [name, values] of left) if (!form.elements.namedItem(name)) values.forEach((value) => hide(form, name, value));
  form.querySelectorAll("input, select, textarea").forEach((input) => input.dispatchEvent(new Event("input", { bubbles: true })));
}

function addRows(form, rows, left) {
  const total = form.elements.namedItem(`${rows.dataset.formset}-TOTAL_FORMS`);
  const wanted = Math.min(Number(left.get(total.name)?.[0] ?? 0), 200);
  while (Number(total.value) < wanted) rows.querySelector("[data-formset-add]").click();
}

function put(input, values) {
  if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
  else if (input.multiple) for (const option of input.options) option.selected = values.includes(option.value);
  else if (values.length > 0 && input.type !== "file") input.value = values.shift();
}

function hide(form, name, value) {
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
}

function offer(form) {
  const note = form.querySelector("[data-keep-offer]");
  const found = read().filter((entry) => entry.address === location.pathname && entry.token !== tokenOf(form));
  const left = found.find((entry) => seen(entry.words) !== seen(wordsOf(form)));
  found.filter((entry) => seen(entry.words) === seen(wordsOf(form))).forEach((entry) => remove(entry.token));
  if (!note || !left) return;
  note.hidden = false;
  note.querySelector("[data-keep-words]").textContent = filled(note.dataset.words, { time: moment(left.at) });
  note.querySelector("[data-keep-take]").onclick = () => {
    fill(form, left.words);
    keep(form);
    settle(form, note, left);
  };
  note.querySelector("[data-keep-drop]").onclick = () => settle(form, note, left);
}

function settle(form, note, left) {
  note.hidden = true;
  remove(left.token);
  offer(form);
  if (note.hidden) form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

const waiting = new WeakMap();
function soon(form) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => keep(form), WAIT));
}

const forms = () => document.querySelectorAll("form[data-keep]");

if (mine()) {
  read(); // what is too old or somebody else's goes on every page
  const saved = document.cookie.match(/(?:^|; )saved=([^;]+)/);
  if (saved) remove(saved[1]);
  for (const form of forms()) {
    if (form.querySelector("[data-error-summary]")) keep(form); // what the server has just refused
    offer(form);
  }
  document.addEventListener("input", (event) => {
    const form = event.isTrusted && event.target.closest("form[data-keep]");
    if (form) soon(form);
  });
  window.addEventListener("pagehide", () => {
    for (const form of forms()) if (waiting.has(form)) keep(form);
  });
}
