// data-prose on a text with its bar: signs by button or key, and a preview that the server makes of what is typed.
const KEYS = { b: "bold", i: "italic", k: "link", 8: "list" };
const AROUND = { bold: "**", italic: "*" };

const textOf = (prose) => prose.querySelector("textarea");

// As if it had been typed, so that the browser can take it back; where that does not go, without.
function put(area, start, end, words, from, to) {
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, words)) {
    area.setRangeText(words, start, end);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(start + from, start + to);
}

// The chosen words without the spaces around them: a sign beside a space is none.
function chosen(area) {
  const words = area.value.slice(area.selectionStart, area.selectionEnd);
  const start = area.selectionStart + words.length - words.trimStart().length;
  return { start, end: start + words.trim().length, words: words.trim() };
}

function surround(area, sign) {
  const { start, end, words } = chosen(area);
  const size = sign.length;
  const inner = area.value.slice(start - size, start) === sign && area.value.slice(end, end + size) === sign;
  if (inner && !area.value.slice(0, start - size).endsWith("*")) {
    return put(area, start - size, end + size, words, 0, words.length);
  }
  put(area, start, end, sign + words + sign, size, size + words.length);
}

function list(area) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const after = area.value.indexOf("\n", area.selectionEnd);
  const end = after < 0 ? area.value.length : after;
  const lines = area.value.slice(start, end).split("\n");
  const isList = lines.every((line) => line.startsWith("- "));
  const words = lines.map((line) => (isList ? line.slice(2) : line.startsWith("- ") ? line : `- ${line}`)).join("\n");
  const before = area.value.slice(0, start);
  const gap = isList || !before.trim() || before.endsWith("\n\n") || /(^|\n)- .*\n$/.test(before) ? "" : "\n";
  put(area, start, end, gap + words, gap.length + (isList ? 0 : 2), gap.length + words.length);
}

function link(area) {
  const { start, end, words } = chosen(area);
  const text = words || area.closest(".prose-f").querySelector("[data-sign=link]").textContent;
  const address = "https://";
  put(area, start, end, `[${text}](${address})`, text.length + 3, text.length + 3 + address.length);
}

function sign(prose, name) {
  const area = textOf(prose);
  if (area.hidden) toggle(prose, false);
  if (name === "list") list(area);
  else if (name === "link") link(area);
  else surround(area, AROUND[name]);
}

// The preview takes the place of the text and is as high, so that nothing moves.
function toggle(prose, on) {
  const area = textOf(prose);
  const shown = prose.querySelector(".prose-shown");
  if (on) shown.style.height = `${area.offsetHeight}px`;
  area.hidden = on;
  shown.hidden = !on;
  prose.querySelector("[data-preview]").setAttribute("aria-pressed", on);
}

async function preview(prose) {
  const area = textOf(prose);
  if (area.hidden) return toggle(prose, false);
  const headers = { "X-CSRFToken": area.form.elements.csrfmiddlewaretoken.value };
  const body = new URLSearchParams({ text: area.value });
  try {
    const answer = await fetch(prose.dataset.prose, { method: "POST", headers, body, redirect: "error" });
    if (!answer.ok) return;
    prose.querySelector(".prose-shown").innerHTML = await answer.text(); // sanitised where it was made
    toggle(prose, true);
  } catch {
    /* no connection: the text stays in sight */
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".prose-bar button");
  if (!button) return;
  const prose = button.closest("[data-prose]");
  if (button.dataset.sign) sign(prose, button.dataset.sign);
  else preview(prose);
});

document.addEventListener("keydown", (event) => {
  const prose = event.target.closest?.("[data-prose]");
  if (!prose) return;
  if (event.target.matches("textarea") && (event.ctrlKey || event.metaKey) && !event.altKey) {
    const name = KEYS[event.code === "Digit8" ? "8" : event.key.toLowerCase()];
    if (!name || (name === "list") !== event.shiftKey) return;
    event.preventDefault();
    sign(prose, name);
  }
  if (event.target.matches(".prose-bar button")) walk(event);
});

// A toolbar is one stop of the Tab key; the arrows lead along it.
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.target.parentElement.querySelectorAll("button")];
  const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
}
