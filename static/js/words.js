// The sentences the modules say, translated by the page: <div id="words" data-name="…">, {n} stands for a number.
export function say(name, n) {
  const words = document.getElementById("words");
  return fill(words?.dataset[name] ?? "", { n });
}

// A sentence with values put in for its {names}.
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
