/** What a request asked for, and what it got. */
export interface Asked {
  range: string | null;
  ifRange: string | null;
  status: number;
}

/** How the server behaves; may be changed between requests. */
export interface Behaviour {
  body: Uint8Array<ArrayBuffer>;
  etag?: string;
  lastModified?: string;
  /** Whether it knows ranges. */
  ranges: boolean;
  /** After how many bytes of an answer the connection is cut; one is used up by each request. */
  cuts: number[];
  /** Answers with this status instead, one for each request. */
  statuses: number[];
  /** Sends no Content-Length. */
  chunked?: boolean;
  /** Says nothing after the cut instead of closing. */
  stalls?: boolean;
  /** Answers a range with these bytes of another place, as a faulty server might. */
  shift?: number;
}

/** A server of one file on this machine. */
export interface FileServer {
  url: string;
  behaviour: Behaviour;
  asked: Asked[];
}

/** Runs a test with a server that stops afterwards. */
export async function withServer(
  behaviour: Partial<Behaviour> & Pick<Behaviour, "body">,
  run: (server: FileServer) => Promise<void>,
): Promise<void> {
  const state: Behaviour = { etag: '"one"', ranges: true, cuts: [], statuses: [], ...behaviour }, asked: Asked[] = [];
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response() },
    (r) => {
      const response = answer(r, state);
      asked.push({ range: r.headers.get("range"), ifRange: r.headers.get("if-range"), status: response.status });
      return response;
    },
  );
  try {
    await run({ url: `http://127.0.0.1:${http.addr.port}/file.tar.gz`, behaviour: state, asked });
  } finally {
    await http.shutdown();
  }
}

function answer({ headers }: Request, state: Behaviour): Response {
  const status = state.statuses.shift();
  if (status !== undefined) return new Response("no", { status });
  const { body, etag, lastModified } = state, validator = etag ?? lastModified;
  const asked = state.ranges && Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? NaN);
  const fits = headers.get("if-range") === null || headers.get("if-range") === validator;
  const isPart = typeof asked === "number" && !Number.isNaN(asked) && fits;
  if (isPart && asked >= body.length) {
    return new Response(null, { status: 416, headers: { "content-range": `bytes */${body.length}` } });
  }
  const start = isPart ? asked + (state.shift ?? 0) : 0, bytes = body.subarray(start);
  const fields = new Headers();
  if (!state.chunked) fields.set("content-length", String(bytes.length));
  if (etag) fields.set("etag", etag);
  if (lastModified) fields.set("last-modified", lastModified);
  if (isPart) fields.set("content-range", `bytes ${start}-${body.length - 1}/${body.length}`);
  const cut = state.cuts.shift();
  return new Response(stream(bytes, cut, state.stalls), { status: isPart ? 206 : 200, headers: fields });
}

/** The bytes in pieces; after `cut` of them the connection breaks, or falls silent. */
function stream(bytes: Uint8Array<ArrayBuffer>, cut = Infinity, stalls = false): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const end = Math.min(at + 1000, bytes.length, cut);
      if (end > at) controller.enqueue(bytes.slice(at, end));
      at = end;
      if (at === bytes.length) controller.close();
      else if (at === cut && !stalls) {
        await new Promise((resolve) => setTimeout(resolve, 20)); // lest the bytes before it are lost as well
        controller.error(new Error("cut"));
      } else if (at === cut) await new Promise((resolve) => setTimeout(resolve, 1000));
    },
  });
}
