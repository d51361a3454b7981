/** One line of a file. */
export interface Line {
  /** Counted from 1; parts of a line that a carriage return ends have one number. */
  number: number;
  /** Without its line break. */
  text: string;
  /** Longer than the limit: `text` is its beginning only. */
  clipped: boolean;
  /** The file ended before a line break. */
  cut: boolean;
}

/** Splits a stream of bytes into lines and at carriage returns, which progress bars write, whatever the sizes of its chunks. */
export interface LineSplitter {
  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): Line[];
  /** The rest behind the last line break; undefined when there is none. */
  end(): Line | undefined;
}

/** Bytes of a line that are kept; the longest lines of training logs have a few thousand. */
export const LONGEST_LINE = 65536;

const NEWLINE = 10, RETURN = 13;

/** Makes a line splitter. It holds one line at most, and of that no more than `limit` bytes. */
export function createLineSplitter(limit = LONGEST_LINE): LineSplitter {
  const decoder = new TextDecoder(), held = new Uint8Array(limit);
  let kept = 0, length = 0, number = 1, returned = false;
  const hold = (bytes: Uint8Array) => {
    const part = bytes.subarray(0, limit - kept);
    held.set(part, kept);
    kept += part.length;
    length += bytes.length;
  };
  const take = (cut: boolean): Line => {
    const text = decoder.decode(held.subarray(0, kept)), line = { number, text, clipped: length > limit, cut };
    kept = length = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: Line[] = [];
      let from = 0, newline = chunk.indexOf(NEWLINE), back = chunk.indexOf(RETURN);
      while (newline >= 0 || back >= 0) {
        const at = back < 0 || (newline >= 0 && newline < back) ? newline : back;
        hold(chunk.subarray(from, at));
        if (length > 0 || (at === newline && !returned)) lines.push(take(false));
        returned = at === back;
        if (!returned) number++;
        from = at + 1;
        if (returned) back = chunk.indexOf(RETURN, from);
        else newline = chunk.indexOf(NEWLINE, from);
      }
      if (from < chunk.length) returned = false;
      hold(chunk.subarray(from));
      return lines;
    },
    end: () => length > 0 ? take(true) : undefined,
  };
}
