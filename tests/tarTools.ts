import { Buffer } from "node:buffer";

/** A member of a tar archive: its kind's sign, its name in bytes, what it links to, its content. */
export interface Member {
  name: string | Uint8Array;
  kind?: "0" | "1" | "2" | "3" | "5" | "6" | "S" | "x";
  link?: string;
  content?: Uint8Array;
}

/** A tar archive as old as Unix: headers of 512 bytes. */
export function tar(members: Member[]): Uint8Array {
  const blocks = members.flatMap(({ name, kind = "0", link = "", content = new Uint8Array() }) => {
    const header = new Uint8Array(512),
      put = (text: string | Uint8Array, at: number) =>
        header.set(typeof text === "string" ? new TextEncoder().encode(text) : text, at);
    put(name, 0);
    put("0000644\0", 100);
    put(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    put("        ", 148);
    put(kind, 156);
    put(link, 157);
    put("ustar\x0000", 257);
    put(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, new Uint8Array((512 - content.length % 512) % 512)];
  });
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

/** A PAX header before a member: it says its path, whatever the member's own header says. */
export function paxPath(path: Uint8Array): Member {
  const record = (length: number) => [...new TextEncoder().encode(`${length} path=`), ...path, 0x0a];
  let length = path.length;
  while (record(length).length !== length) length = record(length).length;
  return { name: "PaxHeaders/x", kind: "x", content: new Uint8Array(record(length)) };
}
