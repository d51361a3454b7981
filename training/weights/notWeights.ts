/** Bytes of a file that are looked at. */
const SEEN = 1024;

/** What a file is that holds no weights, and what is wanted, in words; the file's first bytes tell. */
export function whatItIs(bytes: Uint8Array): string {
  const wanted = "want a safetensors file, or one of torch.save";
  if (bytes.length === 0) return `it is empty, ${wanted}`;
  const text = new TextDecoder().decode(bytes.subarray(0, SEEN)).trimStart();
  if (text.startsWith("version https://git-lfs.github.com/spec/")) {
    const [, size = "?"] = /^size (\d+)$/m.exec(text) ?? [];
    return `it is a Git LFS pointer to ${size} bytes, want the file itself (git lfs pull)`;
  }
  if (/^<(!doctype|html|\?xml)/i.test(text)) return "it is a page of HTML or XML, want the file that it speaks of";
  if (text.startsWith("{") || text.startsWith("[")) return `it is JSON, ${wanted}`;
  // The protocol of a pickle, which torch.save wrote without a zip file before version 1.6.
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) {
    return "it is a bare pickle, as torch.save wrote before 1.6, want it saved again by a newer torch";
  }
  return `it begins with ${
    Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ")
  }, ${wanted}`;
}
