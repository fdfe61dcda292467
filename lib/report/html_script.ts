/**
 * The script of the HTML report: it shows the controls, filters the cases, and
 * leads from a cause to those that it explains.
 *
 * @module
 */

/** Inlined into the page. */
export const script = `
const byId = (id) => document.getElementById(id);
const cases = [...document.querySelectorAll("article")];
const present = (ids) => ids.map(byId).filter(Boolean);
const choices = present(["cause", "arch", "release", "status"]);
const lists = present(["rule", "field"]);
function filter() {
  const words = byId("text").value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0, passes = 0;
  for (const one of cases) {
    const { dataset } = one;
    const shown = choices.every(({ id, value }) => !value || dataset[id] === value) &&
      lists.every(({ id, value }) => !value || dataset[id].split(" ").includes(value)) &&
      words.every((word) => dataset.text.includes(word));
    one.hidden = !shown;
    count += shown;
    passes += shown && byId("passes").contains(one);
  }
  byId("passes").hidden = passes === 0;
  byId("passes").open = [byId("text"), ...choices, ...lists].some(({ value }) => value);
  byId("count").textContent = count + " of " + cases.length + " cases";
}
for (const control of [byId("text"), ...choices, ...lists]) control.addEventListener("input", filter);
const form = document.querySelector("form");
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-show]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const cause = byId("cause");
    if (cause) cause.value = button.dataset.show;
    filter();
    byId("cases").scrollIntoView();
    (cause ?? byId("text")).focus({ preventScroll: true });
  });
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not(#passes)")) details.open = true;
});
filter();
`;
