import type { Root } from "./addresses.ts";
import { type Markup, markup } from "./markup.ts";

/** One page of the site. */
export interface Page {
  /** Path in the folder of the site. */
  path: string;
  title: string;
  main: Markup;
}

const sections = [
  ["index.html", "Overview"],
  ["index.html#tables", "Tables"],
  ["claims.html", "Claims"],
  ["figures.html", "Figures"],
  ["runs.html", "Runs"],
] as const;

/** What a page of that path puts before paths of the site. */
function rootOf(path: string): Root {
  return path.includes("/") ? "../" : "";
}

/** The whole text of a page: frame, navigation and content. */
export function pageText({ path, title, main }: Page): string {
  const root = rootOf(path);
  const here = path.startsWith("tables/") ? "index.html#tables" : path;
  const entries = sections.map(([target, name]) => {
    const current = target === here ? markup` aria-current="${path === target ? "page" : "true"}"` : null;
    return markup`<li><a href="${root}${target}"${current}>${name}</a></li>
`;
  });
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}style.css">
<script defer src="${root}site.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="site">
<p class="name">Cheap self-supervised training, re-examined</p>
<nav aria-label="Site">
<ul>
${entries}</ul>
</nav>
</header>
<main id="main">
${main}</main>
<footer class="site">
<p>Published values are as printed. Values of the author’s logs and of our runs are computed from the files that each page
names.</p>
</footer>
</body>
</html>
`.html;
}
