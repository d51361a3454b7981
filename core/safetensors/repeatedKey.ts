/**
 * Finds a key that stands twice in one object of a JSON text; JSON.parse keeps the last of them in silence.
 *
 * @param json a text that JSON.parse accepts
 * @returns the key, or undefined when all are distinct
 */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  let last = "";
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === "{") open.push(new Set());
    else if (char === "}") open.pop();
    else if (char === ":") {
      const key: string = JSON.parse(last), keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    } else if (char === '"') {
      const begin = at++;
      while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
      last = json.slice(begin, at + 1);
    }
  }
  return undefined;
}
