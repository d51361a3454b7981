import fc from "fast-check";

/** One member of a JSON value is replaced, added or taken away; members are counted in order of appearance. */
export interface JsonEdit {
  member: number;
  change: { kind: "replace"; value: unknown } | { kind: "add"; key: string; value: unknown } | { kind: "remove" };
}

/** Stands for a value inside `depth` arrays, which could not be shown where an input is shown. */
class Nested {
  constructor(readonly depth: number) {}

  value(): unknown {
    let value: unknown = 1;
    for (let i = 0; i < this.depth; i++) value = [value];
    return value;
  }
}

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    -0,
    -1,
    1,
    1.5,
    1e308,
    5e-324,
    2 ** 53,
    "",
    "x",
    "\x1b[2J\n",
    "\ud800",
    "a\u202eb",
    null,
    true,
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(100, 20_000).map((depth) => new Nested(depth)),
);

/** A change of one member. */
export const jsonEdit: fc.Arbitrary<JsonEdit> = fc.record({
  member: fc.nat(400),
  change: fc.oneof(
    fc.record({ kind: fc.constant("replace" as const), value }),
    fc.record({
      kind: fc.constant("add" as const),
      key: fc.constantFrom("x", "__proto__", "toString", "a\n", "\udc00"),
      value,
    }),
    fc.constant({ kind: "remove" as const }),
  ),
});

/** A copy of a JSON value with its changes. */
export function editJson(whole: unknown, edits: readonly JsonEdit[]): unknown {
  const root = { whole: structuredClone(whole) };
  for (const { member, change } of edits) {
    const places = placesOf(root);
    if (places.length === 0) break;
    const { holder, key } = places[member % places.length];
    const found = Reflect.get(holder, key);
    if (change.kind === "replace") define(holder, key, change.value);
    else if (change.kind === "remove") Reflect.deleteProperty(holder, key);
    else if (typeof found === "object" && found !== null) define(found, change.key, change.value);
  }
  return root.whole;
}

/** Sets an own property, also one that is called __proto__. */
function define(holder: object, key: string, value: unknown): void {
  const whole = value instanceof Nested ? value.value() : value;
  Object.defineProperty(holder, key, { value: whole, enumerable: true, configurable: true, writable: true });
}

function placesOf(root: object): { holder: object; key: string }[] {
  const places: { holder: object; key: string }[] = [], open: object[] = [root];
  while (open.length > 0) {
    const holder = open.pop()!;
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof value === "object" && value !== null) open.push(value);
    }
  }
  return places;
}

/** JSON of a value, however deep it is nested in arrays of one member; "" of no value. */
export function jsonText(value: unknown): string {
  const whole = JSON.stringify(value, (_, member) => {
    let depth = 0, inner = member;
    for (; Array.isArray(inner) && inner.length === 1; inner = inner[0]) depth++;
    return depth > 1000 ? `deep ${depth}` : member;
  });
  return whole?.replace(/"deep (\d+)"/g, (_, depth) => `${"[".repeat(depth)}1${"]".repeat(depth)}`) ?? "";
}
