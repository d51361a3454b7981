import { Buffer } from "node:buffer";
import { type Extract, extract } from "tar-stream";

/** What PAX says of a member beside what every header does. */
export type Pax = Record<string, string>;

/** Parts of tar-stream's reader that its types do not tell. */
interface Inner {
  _header: { type: string | null };
  _pax: Pax | null;
  _decodeLongHeader(bytes: Uint8Array): void;
}

/** Names in one character a byte; the package's types do not know this option. */
const BYTES = { filenameEncoding: "latin1" } as object;

/**
 * tar-stream's reader, all names in one character a byte. Those of PAX headers too: it would read them as UTF-8 and put the
 * same sign in the place of whatever is none, so that different names became one.
 */
export function extractByteNames(): Extract {
  const unpack = extract(BYTES), inner = unpack as unknown as Inner, decode = inner._decodeLongHeader;
  inner._decodeLongHeader = function (bytes) {
    decode.call(inner, bytes);
    if (inner._header.type === "pax-header" && inner._pax) Object.assign(inner._pax, namesOf(bytes));
  };
  return unpack;
}

/** The names among the records of a PAX header, each "<bytes> <key>=<value>\n". */
function namesOf(bytes: Uint8Array): Pax {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"), names: Pax = {};
  for (let at = 0; at < text.length;) {
    const length = parseInt(text.slice(at, at + 20), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ (path|linkpath)=([^]*)\n$/.exec(text.slice(at, at + length)) ?? [];
    if (key !== undefined) names[key] = value;
    at += length;
  }
  return names;
}
