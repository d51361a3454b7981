/** Style of a report page: light or dark as the reader's system says; below 1100 px a row becomes a card. */
export const style = `:root {
  --paper: #fff; --ink: #1c2024; --faint: #60666e; --line: #d9dde2; --band: #f4f6f8; --link: #0b57b0;
  --yes: #12692f; --no: #a8201a; --open: #7a5200; --contra: #6b2fa0; --none: #60666e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e4e7ea; --faint: #9aa2ab; --line: #343a41; --band: #1d2125; --link: #7cb4ff;
    --yes: #6fd08c; --no: #ff8d85; --open: #e6b450; --contra: #c9a0f5; --none: #9aa2ab;
  }
}
body {
  margin: 2rem auto; padding: 0 1rem; max-width: 80rem;
  background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.4rem; line-height: 1.3; }
h2 { font-size: 1.15rem; margin-top: 2.5rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1rem; margin-top: 2rem; }
p { max-width: 60rem; }
a { color: var(--link); }
.facts { padding-left: 1.1rem; color: var(--faint); font-size: 0.9rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.45rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; }
thead th { vertical-align: bottom; }
thead tr:first-child th { text-align: left; }
tbody th { text-align: left; }
.first { border-left: 1px solid var(--line); }
td:last-child { white-space: nowrap; }
article { margin: 0 0 1rem; padding: 0.6rem 0.9rem; background: var(--band); border-radius: 6px; }
h4 { margin: 0; font-size: 0.95rem; }
.id, .where { color: var(--faint); font-weight: 400; font-size: 0.85em; }
.verdict { margin: 0.15rem 0; font-weight: 600; color: var(--open); }
.reproduced { color: var(--yes); }
.not-reproduced { color: var(--no); }
.contradicted-by-the-paper-itself { color: var(--contra); }
.not-run-at-this-scale { color: var(--none); }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: 0 0.5rem; margin: 0.2rem 0 0; font-size: 0.88rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 1100px) {
  thead { display: none; }
  table, tbody, tr { display: block; }
  tbody th, td { display: block; border: 0; padding: 0.15rem 0.7rem; }
  tr { margin-bottom: 1rem; padding-bottom: 0.4rem; border: 1px solid var(--line); border-radius: 6px; }
  tbody th { padding: 0.5rem 0.7rem; background: var(--band); border-radius: 6px 6px 0 0; }
  td { display: flex; justify-content: space-between; gap: 1rem; }
  td::before { content: attr(data-name); color: var(--faint); text-align: left; }
  td.first { border-top: 1px solid var(--line); border-left: 0; }
  tbody th + td.first { border-top: 0; }
  td.empty { display: none; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.3rem; }
}
`;
