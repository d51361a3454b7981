import type { RecordLink } from "../model.ts";

/** Links each once, by seed, the pre-training before what rests on it. */
export function sortedLinks(links: readonly RecordLink[]): RecordLink[] {
  const place = ({ kind }: RecordLink) => kind === "pretrain" ? 0 : 1;
  return [...new Map(links.map((link) => [link.id, link])).values()].sort((a, b) =>
    a.seed - b.seed || place(a) - place(b) || (a.id < b.id ? -1 : 1)
  );
}
