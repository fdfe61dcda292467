/**
 * The script of the HTML report: it filters the cases, and leads from a cause
 * to those that it explains.
 *
 * @module
 */

/** Inlined into the page. */
export const script = `
const byId = (id) => document.getElementById(id);
const cases = [...document.querySelectorAll("article")];
const choices = ["cause", "arch", "release", "status"].map(byId);
const lists = ["rule", "field"].map(byId);
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
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    byId("cause").value = button.dataset.show;
    filter();
    byId("cases").scrollIntoView();
    byId("cause").focus({ preventScroll: true });
  });
}
filter();
`;
