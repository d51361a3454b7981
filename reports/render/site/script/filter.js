// @ts-check
"use strict";

/*
 * The claims of the page of claims can be filtered.
 */

for (const form of document.querySelectorAll("form#filters")) {
  if (form instanceof HTMLFormElement) makeFilter(form);
}

/**
 * Shows the claims of a paper, of a kind, of a verdict and with all words of a text; the address may name the choice.
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
  const setOf = (/** @type {Element} */ claim) => claim.getAttribute("data-kind") === "check" ? "check" : "claim";
  const total = { claim: 0, check: 0 };
  for (const { claim } of claims) total[setOf(claim)]++;
  const groups = [...document.querySelectorAll("section.claims")];
  const shown = /** @type {HTMLElement} */ (document.getElementById("shown"));

  const apply = () => {
    const [paper, kind, verdict, text] = ["paper", "kind", "verdict", "text"].map((name) => field(name).value);
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const count = { claim: 0, check: 0 };
    for (const { claim, text } of claims) {
      const fits = (paper === "" || claim.getAttribute("data-paper") === paper) &&
        (kind === "" || claim.getAttribute("data-kind") === kind) &&
        (verdict === "" || claim.getAttribute("data-verdict") === verdict) &&
        words.every((word) => text.includes(word));
      claim.toggleAttribute("hidden", !fits);
      if (fits) count[setOf(claim)]++;
    }
    for (const group of groups) {
      group.toggleAttribute("hidden", group.querySelector("article.claim:not([hidden])") === null);
    }
    shown.textContent = `${count.claim} of ${total.claim} claims, ${count.check} of ${total.check} cross-checks`;
  };

  form.hidden = false;
  const chosen = new URLSearchParams(location.search);
  for (const name of ["paper", "kind", "verdict", "text"]) {
    const value = chosen.get(name);
    if (value !== null) field(name).value = value;
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  apply();
}
