// data-formset="prefix": one more row from its <template>; without script there are spare rows.
function addRow(formset) {
  const total = formset.querySelector(`[name="${formset.dataset.formset}-TOTAL_FORMS"]`);
  const template = formset.querySelector("template");
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
  const row = holder.firstElementChild;
  template.before(row);
  total.value = Number(total.value) + 1;
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  row.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-formset-add]");
  if (button) addRow(button.closest("[data-formset]"));
});
