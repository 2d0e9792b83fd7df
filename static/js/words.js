// The sentences the modules say, translated by the page: <div id="words" data-name="…">, {n} stands for a number.
export function say(name, n) {
  const words = document.getElementById("words");
  return (words?.dataset[name] ?? "").replace("{n}", n);
}
