import { parseHTML } from "linkedom";
import { markup } from "../reports/render/site/markup.ts";
import { linker } from "../reports/render/site/mentions.ts";
import { siteFiles } from "../reports/render/site/siteFiles.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { fullReport } from "./fullReport.ts";
import { EMPTY_REPORT, HOSTILE, madeUpReport } from "./madeUpReport.ts";
import { brokenLinks, filesBeside, pages, structureFaults, unbalancedTags, unreachable } from "./pageChecks.ts";

const report = madeUpReport();
const files = siteFiles(report);

function page(path: string) {
  return parseHTML(files.get(path)!).document;
}

function text(element: Element | null): string {
  return (element?.textContent ?? "").replace(/\s+/g, " ").trim();
}

Deno.test("markup escapes text in content and attributes and keeps markup", () => {
  assertEqual(
    markup`<a title="${HOSTILE}">${["<", markup`<b>${"&"}</b>`, 1, null]}</a>`.html,
    `<a title="&lt;b onclick=&quot;x&quot;&gt;|&#39;&amp;">&lt;<b>&amp;</b>1</a>`,
  );
});

Deno.test("linker() links whole words, the longest first", () => {
  const link = linker(new Map([["Net", "#a"], ["Net w/ x", "#b"], ["t1.1", "#c"]]));
  assertEqual(
    link("Net, Net w/ x; t1.1, not t1.12, t1.1.2 nor Network <").html,
    `<a href="#a">Net</a>, <a href="#b">Net w/ x</a>; <a href="#c">t1.1</a>, not t1.12, t1.1.2 nor Network &lt;`,
  );
  assertEqual(linker(new Map())("a < b").html, "a &lt; b");
});

Deno.test("siteFiles() gives one page per table, the other pages, drawings, data, style and script", () => {
  assertEqual([...files.keys()].sort(), [
    "claims.html",
    "figures.html",
    "figures/curves.csv",
    "figures/curves.svg",
    "figures/narrow/curves.svg",
    "figures/narrow/pareto-published.svg",
    "figures/pareto-published.csv",
    "figures/pareto-published.svg",
    "figures/wide/curves.svg",
    "figures/wide/pareto-published.svg",
    "index.html",
    "runs.html",
    "site.js",
    "style.css",
    "tables/dmjd.table2.html",
    "tables/thesis.table17.html",
    "tables/thesis.table20.html",
    "tables/vitfreeze.table3.html",
  ]);
});

Deno.test("siteFiles() gives the same bytes for the same report, and shows a value that changed", () => {
  assertEqual(siteFiles(madeUpReport()), files);
  const other = madeUpReport();
  other.tables[0].scales[0].rows[0].cells.top1.mean = 50.75;
  const changed = [...siteFiles(other)].filter(([path, content]) => files.get(path) !== content).map(([path]) => path);
  assertEqual(changed, ["tables/thesis.table17.html"]);
});

/** A report in which something of every experiment was run. */
const full = await fullReport();

Deno.test("loadReport() gives the same report of the same records in any order", async () => {
  assertEqual(await fullReport({ reversed: true }), full);
});

for (const [name, made] of [["made-up", report], ["empty", EMPTY_REPORT], ["full", full]] as const) {
  Deno.test(`siteFiles() of the ${name} report gives well-formed pages of sound structure`, () => {
    for (const [path, content] of pages(siteFiles(made))) {
      assertEqual(unbalancedTags(content), [], path);
      assertEqual(structureFaults(content), [], path);
      assertTrue(content.length > 1000, `${path} has ${content.length} characters`);
    }
  });

  Deno.test(`siteFiles() of the ${name} report has no broken link, and every file can be reached`, () => {
    const site = siteFiles(made);
    assertEqual(brokenLinks(site, filesBeside(made)), []);
    assertEqual(unreachable(site), []);
  });
}

Deno.test("siteFiles() of the full report shows every published table and claim, in pages of modest size", () => {
  const site = siteFiles(full);
  assertEqual([...site.keys()].filter((path) => path.startsWith("tables/")).length, 29);
  const { document } = parseHTML(site.get("claims.html")!);
  // 101 claims of thesis and paper, 43 numbered ones of DMJD and the checks that these rest on.
  assertTrue(document.querySelectorAll("article.claim").length >= 101 + 43 + 73, "every claim");
  for (const [path, content] of site) assertTrue(content.length < 400_000, `${path} has ${content.length} characters`);
  const table17 = parseHTML(site.get("tables/thesis.table17.html")!).document;
  assertEqual(text(table17.querySelector("h1")).slice(0, 16), "Thesis Table 17.");
  assertEqual([...table17.querySelectorAll("#row-vitfreeze_srlr td")].slice(0, 4).map(text), [
    "0.42",
    "83.1",
    "96.33",
    "0.1",
  ]);
  assertEqual(table17.querySelectorAll("article.claim").length, 8);
  const codes = parseHTML(site.get("tables/thesis.table03.html")!).document.querySelector("#row-in100 td");
  assertEqual(text(codes).split(", ").length, 100);
  const rows = parseHTML(site.get("tables/thesis.table20.html")!).document.querySelectorAll("#printed tbody tr");
  assertEqual(rows.length, 36);
});

Deno.test("pageChecks find what they look for", () => {
  assertEqual(unbalancedTags("<p><b>x</p></b>"), ["p", "b"]);
  const site = new Map([["index.html", `<a href="a.html#x">a</a><a href="b.html">b</a>`], ["a.html", ""], [
    "c.html",
    "",
  ]]);
  assertEqual(brokenLinks(site, new Set()), ["index.html -> a.html#x", "index.html -> b.html#"]);
  assertEqual(unreachable(site), ["c.html"]);
  assertTrue(structureFaults("<html><body><h2>x</h2><table></table></body></html>").length >= 6, "faults");
});

Deno.test("siteFiles() needs nothing from outside its folder", () => {
  for (const [path, content] of files) {
    if (path.endsWith(".svg")) continue; // names its namespace by an address
    assertTrue(!/https?:|url\(|@import|fetch\(|import[ (]|="\/|="file:/.test(content), path);
  }
});

Deno.test("siteFiles() escapes whatever the report says", () => {
  for (const [path, content] of pages(files)) {
    const { document } = parseHTML(content);
    assertEqual(document.querySelectorAll("b, [onclick]").length, 0, path);
    assertTrue(!content.includes(HOSTILE), path);
  }
  assertTrue(text(page("tables/thesis.table17.html").querySelector("h1")).endsWith(HOSTILE), "the title is whole");
});

Deno.test("siteFiles() shows every state in words", () => {
  const all = pages(files).map(([, content]) => text(parseHTML(content).document.body)).join(" ");
  const states = ["reproduced", "not reproduced", "inconclusive", "inconsistent", "holds in print"];
  const absent = [
    "refused",
    "not run at this scale",
    "not run",
    "missing",
    "not checkable",
    "no log",
    "no print",
    "another scale",
  ];
  for (const state of [...states, ...absent, "holds", "fails", "n = 3", "not computed"]) {
    assertTrue(all.includes(state), `'${state}' stands on no page`);
  }
});

Deno.test("a table's page anchors every printed row and says where each value is printed", () => {
  const document = page("tables/thesis.table17.html");
  const rows = [...document.querySelectorAll("#printed tbody tr")];
  assertEqual(rows.map(({ id }) => id), ["row-base", "row-freeze", "row-cut", "row-late"]);
  const cells = [...rows[1].querySelectorAll("td")];
  assertEqual(cells.map(text), ["1.25", "60.5", "B", "60.1235", "small: n = 1tiny: n = 1"]);
  assertEqual(
    cells[1].getAttribute("title"),
    "Thesis Table 17, section 4.5.3 Applying it; row Frozen, column Top-1",
  );
  assertEqual(cells[3].getAttribute("title"), "best top-1; log run_b; of a second try");
  assertEqual([...rows[3].querySelectorAll("td")].map(text), [
    "1.4",
    "60.25",
    "–",
    "no log",
    `not run: another method ${HOSTILE}`,
  ]);
});

Deno.test("a table's page sets our runs beside print and logs, with difference, verdict and files", () => {
  const rows = [...page("tables/thesis.table17.html").querySelectorAll("#ours-scale-small tbody tr")];
  const cells = (k: number) => [...rows[k].querySelectorAll("td")].map(text);
  assertEqual(cells(0), [
    "10.0 ± 0.5",
    "1",
    "1.000 ± 0.0000.000 ✓ reproduced",
    "61",
    "61.24",
    "50.25 ± 0.31−10.75 ∆ another scale",
    "3",
    "seed 0 finetune small0ffseed 1 finetune small1ffseed 2 finetune small2ff",
  ]);
  const heads = [...page("tables/thesis.table17.html").querySelectorAll("#ours-scale-small thead tr:last-child th")];
  assertEqual(heads.map(text).slice(0, 3), ["ours no print", "print", "ours"]);
  assertEqual(cells(1).slice(2, 3), ["0.900+0.067 ✗ not reproduced"]);
  assertEqual(cells(1).at(-1), "seed 3 finetune small3ffseed 4 finetune small4ff ? missing");
  assertEqual(cells(2), [
    "missing",
    "0.8667",
    `no pair: other code than ${HOSTILE}`,
    "no print",
    "no log",
    "missing",
    "missing",
    "seed 5 finetune small5ff ? damaged",
  ]);
  assertEqual(cells(3).filter((cell) => cell === "not run").length, 4);
  assertTrue(cells(3).includes(`not run: another method ${HOSTILE}`), cells(3).join("|"));
  const link = rows[0].querySelector("td:last-child a")!;
  assertEqual(link.getAttribute("href"), "../results/small%20%230.json");
});

Deno.test("a definition table shows what our code computes, and nothing to run", () => {
  const document = page("tables/vitfreeze.table3.html");
  const cells = [...document.querySelectorAll("#row-few td")].map(text);
  assertEqual(cells, ["n1, n2", "n1, n2 ✓ holds by computation"]);
  assertEqual(text(document.querySelector("#row-none td:last-child")), "not computed");
  assertTrue(!text(document.querySelector("main")).includes("not run"), "nothing is called not run");
});

Deno.test("a claim's texts link to the rows and claims that they name", () => {
  const claim = page("tables/thesis.table17.html").getElementById("claim-t17.6")!;
  const links = [...claim.querySelectorAll(".sides a, .reason a")].map((a) => [text(a), a.getAttribute("href")]);
  assertEqual(links, [
    ["t17.6", "../tables/thesis.table17.html#claim-t17.6"],
    ["t17.8", "../tables/thesis.table17.html#claim-t17.8"],
    [HOSTILE, "#row-late"],
    ["Frozen and cut", "#row-cut"],
    ["Frozen", "#row-freeze"],
  ]);
  assertEqual(page("tables/dmjd.table2.html").querySelectorAll(".sides a[href^='#row']").length, 0);
});

Deno.test("the page of claims holds every claim once, with what the filter needs", () => {
  const claims = [...page("claims.html").querySelectorAll("article.claim")];
  assertEqual(claims.length, 13);
  assertEqual(claims.map((claim) => text(claim.querySelector(".id"))).slice(0, 3), ["t11.1", "t17.2", "t17.3"]);
  assertEqual(claims[1].getAttribute("data-verdict"), "not reproduced");
  assertEqual(claims[1].getAttribute("data-paper"), "thesis");
  const options = [...page("claims.html").querySelectorAll("select[name=verdict] option")].map(text);
  assertTrue(options.includes("inconsistent"), options.join());
  // d.11 and d.18, x.1, and eight of Table 17; two checks beside them.
  const kinds = [...page("claims.html").querySelectorAll("select[name=kind] option")].map(text);
  assertEqual(kinds, ["all", "claims (11)", "cross-checks (2)"]);
  assertEqual(claims.filter((claim) => claim.getAttribute("data-kind") === "check").length, 2);
});

Deno.test("the front page counts outcomes, and lists the contradictions that the authors are bound to", () => {
  const document = page("index.html");
  const tallies = [...document.querySelectorAll(".tally")].map((table) =>
    [...table.querySelectorAll("tr")].map((row) => [...row.querySelectorAll("th, td.numeric")].map(text).join(" "))
  );
  assertEqual(tallies[0], ["✓ holds 7", "✗ fails 3", "– not checkable 1"]);
  assertEqual(tallies[1], ["✓ holds 8", "✗ fails 1", "– not checkable 1", "○ no log 1"]);
  assertEqual(tallies[2].length, 11);
  const listed = [...document.querySelectorAll(".contradictions .id")].map(text);
  assertEqual(listed, ["t17.8", "d.18"]); // neither a derived claim nor a check of ours, the gravest first
  const said = [...document.querySelectorAll(".headline .id")].map(text);
  assertEqual(said, ["t11.1", "t17.2", "d.11"]);
  assertEqual(document.querySelectorAll("section.figure").length, 1);
});

Deno.test("the page of figures shows each drawing with its size and data, and names those without numbers", () => {
  const document = page("figures.html");
  const images = [...document.querySelectorAll("#figure-curves img")];
  assertEqual(images.map((image) => ["src", "width", "height"].map((name) => image.getAttribute(name))), [
    ["figures/wide/curves.svg", "640", "200"],
    ["figures/narrow/curves.svg", "340", "200"],
  ]);
  const title = `Thesis Figure 2, redrawn. Figure curves ${HOSTILE}`;
  assertEqual(text(document.querySelector("#figure-curves h2")), title);
  assertEqual(images.map((image) => image.getAttribute("alt")), [title, title]);
  assertEqual(document.querySelector("#figure-curves a[download]")?.getAttribute("href"), "figures/curves.csv");
  const caption = text(document.querySelector("#figure-curves figcaption"));
  assertTrue(caption.startsWith("Caption of curves"), caption);
  assertTrue(text(document.querySelector("#figure-curves .reading")).startsWith("Reading of curves"), "reading");
  assertEqual(text(document.querySelector("#not-drawn + dl dt")), "DMJD Figure 1");
  assertTrue(text(document.querySelector("#not-drawn + dl dd")).endsWith("Its values are in the image alone."), "why");
});

Deno.test("the page of runs tells what each scale took, and when its files are gone", () => {
  const document = page("runs.html");
  const said = (id: string) => text(document.querySelector(`#scale-${id} p`));
  assertEqual(said("small"), "profile small: 4 runs of thesis.table17 in 4 records, 2.5 hours of computation.");
  assertEqual(
    said("tiny"),
    "profile tiny: 4 runs of thesis.table17 in 4 records, 15 minutes of computation. 2 measurements of time, 6 minutes.",
  );
  assertEqual(said("gone"), "profile gone: No record is left: their files are missing or damaged.");
  const rows = [...document.querySelectorAll("#records-scale-tiny tbody tr")].map((row) =>
    text(row.querySelector("th"))
  );
  assertEqual(rows, ["Baseline", `Frozen ${HOSTILE}`]);
  assertTrue(text(document.querySelector("#not-used + ul")).startsWith("Not used: no experiment asks for"), "warnings");
});

Deno.test("siteFiles() of an empty report says that nothing was run", () => {
  const site = siteFiles(EMPTY_REPORT);
  for (const path of ["index.html", "runs.html"]) assertTrue(site.get(path)!.includes("Nothing was run."), path);
});
