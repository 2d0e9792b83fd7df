// form[data-autosubmit]: a filter answers at once; typing waits 300 ms. Forms with hx-get answer by themselves.
const WAIT = 300;
const timers = new WeakMap();

function submitSoon(form, wait) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => form.requestSubmit(), wait));
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]")) submitSoon(form, event.target.matches("select, [type=checkbox], [type=radio]") ? 0 : WAIT);
});

// Empty fields only lengthen the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-autosubmit]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
