// "/" goes to the field marked data-search-key; typing in a field is left alone, and so are other keys.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = [...document.querySelectorAll("[data-search-key]")].find((input) => input.checkVisibility());
  if (!field) return;
  event.preventDefault();
  field.focus();
});
