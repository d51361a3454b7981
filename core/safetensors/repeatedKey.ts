/** Strings, and the punctuation that opens or closes an object or makes a string a key. */
const token = /"(?:[^"\\]|\\.)*"|[{}:]/g;

/**
 * Finds a key that stands twice in one object of a JSON text; JSON.parse keeps the last of them in silence.
 *
 * @param json a text that JSON.parse accepts
 * @returns the key, or undefined when all are distinct
 */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  let last = "";
  for (const [text] of json.matchAll(token)) {
    if (text === "{") open.push(new Set());
    else if (text === "}") open.pop();
    else if (text === ":") {
      const key: string = JSON.parse(last), keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    } else last = text;
  }
  return undefined;
}
