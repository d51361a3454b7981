/** The ground of a figure where readers want dark pages: that of the site. */
export const DARK_GROUND = "#16181a";
/** The brightest that a line or a text becomes, as relative luminance: pure white glares. */
const BRIGHTEST = 0.76;
const NAMED: Readonly<Record<string, string>> = { white: "#ffffff", black: "#000000" };

/**
 * The colour that has against the dark ground the contrast that a colour has against white, as far as `BRIGHTEST` lets it.
 * So ink becomes light, white becomes the ground, and what can be read on white can be read on the ground.
 *
 * @param colour "white", "black", "#rrggbb" or "rgb(r, g, b)"
 * @returns "#rrggbb"; undefined for anything else, as "none" or "currentColor"
 */
export function darkColour(colour: string): string | undefined {
  const light = channels(colour);
  if (light === undefined) return undefined;
  if (light.every((value) => value === 1)) return DARK_GROUND;
  const own = luminance(light), ground = luminance(channels(DARK_GROUND)!);
  const wanted = Math.min((ground + 0.05) * 1.05 / (own + 0.05) - 0.05, BRIGHTEST);
  const mixed = wanted > own
    ? light.map((value) => value + (1 - value) * (wanted - own) / (1 - own))
    : light.map((value) => value * wanted / own);
  return `#${mixed.map(byte).join("")}`;
}

/**
 * A style sheet that gives the elements of a drawing their dark colours where readers want dark pages. Elsewhere, and
 * where style sheets are not understood, the drawing is as its attributes say.
 */
export function darkStyle(svg: Element): string {
  const used = new Set<string>();
  for (const element of [svg, ...svg.querySelectorAll("[fill], [stroke]")]) {
    for (const name of ["color", "fill", "stroke"]) {
      const colour = element.getAttribute(name);
      if (colour !== null) used.add(`${name}=${colour}`);
    }
  }
  const rules = [...used].sort().flatMap((pair) => {
    const [name, colour] = pair.split("="), dark = darkColour(colour);
    return dark === undefined ? [] : [`[${name}="${colour}"]{${name}:${dark}}`];
  });
  return `@media (prefers-color-scheme:dark){${rules.join("")}}`;
}

/** WCAG's relative luminance, 0 to 1. */
function luminance([red, green, blue]: number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Red, green and blue as amounts of light, 0 to 1. */
function channels(colour: string): number[] | undefined {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(NAMED[colour] ?? colour);
  const decimal = /^rgb\((\d+), ?(\d+), ?(\d+)\)$/.exec(colour);
  const bytes = hex?.slice(1).map((part) => parseInt(part, 16)) ?? decimal?.slice(1).map(Number);
  return bytes?.map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
}

function byte(light: number): string {
  const value = light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * value).toString(16).padStart(2, "0");
}
