/** A piece of HTML that is safe to insert as it is. */
export interface Markup {
  readonly html: string;
}

/** What may stand inside `markup`: text is escaped, null is left out, lists are joined. */
export type Part = Markup | string | number | null | readonly Part[];

/** Builds HTML from a template; whatever is inserted as text is escaped, in element content and quoted attributes. */
export function markup(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return { html: strings.map((string, k) => k === 0 ? string : insert(parts[k - 1]) + string).join("") };
}

function insert(part: Part): string {
  if (part === null) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return escape(part);
  return "html" in part ? part.html : part.map(insert).join("");
}

/** Joins parts with a separator between them. */
export function joined(parts: readonly Part[], separator: Part): Markup {
  return markup`${parts.map((part, k) => k === 0 ? part : [separator, part])}`;
}

/** Text whose words are not broken at their hyphens. */
export function unbroken(text: string): Markup {
  const parts = text.split(/(\S*-\S*)/);
  return markup`${parts.map((part, k) => k % 2 === 0 ? part : markup`<span class="whole">${part}</span>`)}`;
}

function escape(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (sign) => names[sign]);
}
