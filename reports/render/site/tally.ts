import { type Tally } from "../overview.ts";
import { mark, verdictMeanings } from "../words.ts";
import { outcome } from "./badge.ts";
import { type Markup, markup } from "./markup.ts";

/** Counts by outcome as a table with a bar in each row; verdicts link to their claims. */
export function tallyMarkup({ title, counts }: Tally): Markup {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const rows = counts.map(({ state, count }) => {
    const share = (100 * count / total).toFixed(1);
    const isVerdict = title === "Our verdict" && verdictMeanings.some(([verdict]) => verdict === state);
    const name = isVerdict
      ? markup`<a href="claims.html?kind=claim&verdict=${encodeURIComponent(state)}">${outcome(state)}</a>`
      : outcome(state);
    return markup`<tr><th scope="row">${name}</th><td class="bar"><span class="${
      mark(state).tone
    }" style="inline-size:${share}%"></span></td><td class="numeric">${count}</td></tr>
`;
  });
  return markup`<table class="tally">
<caption>${title}</caption>
<tbody>
${rows}</tbody>
</table>
`;
}
