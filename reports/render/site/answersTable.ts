import type { Answer, OwnAnswer } from "../answer.ts";
import type { Mark } from "../words.ts";
import { type Markup, markup } from "./markup.ts";

const TONES: Readonly<Record<OwnAnswer["state"], Mark["tone"]>> = {
  yes: "yes",
  no: "no",
  undecided: "open",
  other: "open",
  "not run": "none",
};

/** The first questions with the answers of print, logs and our runs, a row each. */
export function answersMarkup(answers: Answer[]): Markup {
  const rows = answers.map(({ question, print, logs, ours }) =>
    markup`<tr><th scope="row">${question}</th><td data-source="In print">${
      unbroken(print)
    }</td><td data-source="Author’s logs">${unbroken(logs)}</td><td data-source="Our runs" class="${
      TONES[ours.state]
    }"><span>${unbroken(ours.text)}</span></td></tr>
`
  );
  return markup`<table class="answers">
<caption>In short, from Tables <a href="tables/thesis.table10.html">10</a>, <a href="tables/thesis.table11.html">11</a> and <a href="tables/thesis.table17.html">17</a>, <a href="tables/dmjd.table2.html">II</a> and <a href="tables/dmjd.table3.html">III</a></caption>
<thead>
<tr><td></td><th scope="col">In print</th><th scope="col">Author’s logs</th><th scope="col">Our runs</th></tr>
</thead>
<tbody>
${rows}</tbody>
</table>
`;
}

/** A text whose numbers are not parted from their units, nor n from its value. */
function unbroken(text: string): string {
  return text.replace(/(\d) (%|h|points)/g, "$1\u00a0$2").replace(/n = (\d)/g, "n\u00a0=\u00a0$1");
}
