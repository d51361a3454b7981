import type { Answer } from "../answers.ts";
import type { OwnAnswer } from "../ownAnswers.ts";
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
<caption>In short, from <a href="tables/thesis.table11.html">Table 11</a> and <a href="tables/thesis.table17.html">Table 17</a></caption>
<thead>
<tr><td></td><th scope="col">In print</th><th scope="col">Author’s logs</th><th scope="col">Our runs</th></tr>
</thead>
<tbody>
${rows}</tbody>
</table>
`;
}

/** A text whose numbers are not parted from their units. */
function unbroken(text: string): string {
  return text.replace(/(\d) (%|h|points)/g, "$1\u00a0$2");
}
