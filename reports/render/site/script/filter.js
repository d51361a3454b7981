// @ts-check
"use strict";

/*
 * The claims of the page of claims can be filtered.
 */

for (const form of document.querySelectorAll("form#filters")) {
  if (form instanceof HTMLFormElement) makeFilter(form);
}

/**
 * Shows the claims of a paper, of a verdict and with all words of a text; the address may name the choice.
 *
 * @param {HTMLFormElement} form
 */
function makeFilter(form) {
  const field = (
    /** @type {string} */ name,
  ) => /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(name));
  const claims = [...document.querySelectorAll("article.claim")].map((claim) => ({
    claim,
    text: (claim.textContent ?? "").toLowerCase(),
  }));
  const groups = [...document.querySelectorAll("section.claims")];
  const shown = /** @type {HTMLElement} */ (document.getElementById("shown"));

  const apply = () => {
    const [paper, verdict, text] = ["paper", "verdict", "text"].map((name) => field(name).value);
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let count = 0;
    for (const { claim, text } of claims) {
      const fits = (paper === "" || claim.getAttribute("data-paper") === paper) &&
        (verdict === "" || claim.getAttribute("data-verdict") === verdict) &&
        words.every((word) => text.includes(word));
      claim.toggleAttribute("hidden", !fits);
      if (fits) count++;
    }
    for (const group of groups) {
      group.toggleAttribute("hidden", group.querySelector("article.claim:not([hidden])") === null);
    }
    shown.textContent = `${count} of ${claims.length} claims`;
  };

  form.hidden = false;
  const chosen = new URLSearchParams(location.search);
  for (const name of ["paper", "verdict", "text"]) {
    const value = chosen.get(name);
    if (value !== null) field(name).value = value;
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  apply();
}
