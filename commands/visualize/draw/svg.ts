/** A number as it stands in an SVG: two decimals at most, so that equal pictures are equal bytes. */
export function num(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`Cannot draw at ${value}: want a finite number`);
  return String(Math.round(value * 100) / 100 || 0);
}

/** Text for an SVG: markup escaped, characters that XML forbids replaced. */
export function escapeText(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, "\ufffd").replace(/[&<>"]/g, (sign) => entities[sign]);
}

/**
 * One element.
 *
 * @param attributes numbers are written by `num`, text is escaped
 * @param content SVG inside it
 */
export function element(tag: string, attributes: Record<string, string | number>, content = ""): string {
  const words = Object.entries(attributes).map(([name, value]) =>
    ` ${name}="${typeof value === "number" ? num(value) : escapeText(value)}"`
  );
  return content === "" ? `<${tag}${words.join("")}/>` : `<${tag}${words.join("")}>${content}</${tag}>`;
}

/** A group that is moved to (x, y). */
export function moved(x: number, y: number, content: string): string {
  return element("g", { transform: `translate(${num(x)} ${num(y)})` }, content);
}

/** One line of text, its baseline at (x, y). */
export function text(x: number, y: number, size: number, words: string, weight: "normal" | "bold" = "normal"): string {
  const bold: Record<string, string> = weight === "bold" ? { "font-weight": "bold" } : {};
  return element("text", { x, y, "font-size": size, ...bold }, escapeText(words));
}
