import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { randomStream } from "../core/random/stream.ts";
import { type CatalogueEntry, readCatalogue } from "../datasets/fetch/catalogue.ts";
import { download } from "../datasets/fetch/download.ts";
import { fetchDataset, type FetchOptions } from "../datasets/fetch/fetchDataset.ts";
import { unpack } from "../datasets/fetch/unpack.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { record } from "./reliability/record.ts";
import { joined, tarOf } from "./cifarFixtures.ts";
import { inFolder } from "./reportTools.ts";
import { filesBelow } from "./commandTools.ts";
import { type FileServer, withServer } from "./fileServer.ts";

const hex = (kind: "md5" | "sha256", bytes: Uint8Array) => createHash(kind).update(bytes).digest("hex");

/** 50,003 bytes without a pattern. */
const BODY = Uint8Array.from({ length: 50_003 }, (_, i) => (i * 7919 + (i >> 8) * 31) & 255);

/** No pauses that a test would wait for. */
const QUICK = { signal: new AbortController().signal, pauses: [0, 0, 0], maxBytes: 1e6 };

Deno.test("download() takes a cut connection up where it ended, whatever the byte", () =>
  inFolder(async (folder) => {
    const random = randomStream(5, "subset", 0, 0);
    for (let i = 0; i < 12; i++) {
      const cuts = [0, 1, 2].map(() => 1 + random.uint32() % 15_000), part = join(folder, `${i}.part`);
      await withServer({ body: BODY, cuts: [...cuts] }, async ({ url, asked }) => {
        await download({ ...QUICK, url, part });
        assertEqual(await Deno.readFile(part), BODY, `cuts ${cuts}`);
        assertEqual(asked.map(({ status }) => status), [200, 206, 206, 206]);
        const kept = asked.slice(1).map(({ range }) => Number(/\d+/.exec(range!)![0]));
        assertTrue(kept.every((at, k) => at > 0 && at <= cuts.slice(0, k + 1).reduce((a, b) => a + b)), `kept ${kept}`);
        assertEqual(asked.slice(1).map(({ ifRange }) => ifRange), ['"one"', '"one"', '"one"']);
      });
    }
    await record("fetch", {
      promise: "A download goes on where it was cut, and is used only with the publisher's checksum",
      how: "a local server that cuts at random bytes, changes the file, ignores ranges or sends something else",
      count: "36 cuts and the other cases of tests/fetch_test.ts",
    });
  }));

/** Downloads with a server that cuts once and lets no second try begin: the part of an ended program. */
async function leavePart({ url, behaviour }: FileServer, part: string): Promise<number> {
  behaviour.cuts.push(20_000);
  await assertRejects(() => download({ ...QUICK, url, part, pauses: [] }), "bytes are kept in");
  return (await Deno.stat(part)).size;
}

Deno.test("download() goes on with the part of an earlier program, and asks for nothing when it is whole", () =>
  inFolder((folder) =>
    withServer({ body: BODY, etag: undefined, lastModified: "Sat, 21 Nov 2026 10:00:00 GMT" }, async (server) => {
      const part = join(folder, "x.part"), size = await leavePart(server, part);
      assertTrue(size > 0 && size <= 20_000, `${size} bytes`);
      await download({ ...QUICK, url: server.url, part });
      assertEqual(server.asked[1], { range: `bytes=${size}-`, ifRange: server.behaviour.lastModified!, status: 206 });
      assertEqual(await Deno.readFile(part), BODY);
      await download({ ...QUICK, url: server.url, part });
      assertEqual(server.asked.length, 2);
    })
  ));

Deno.test("download() starts anew when the file has changed, the server knows no ranges or gives no validator", () =>
  inFolder(async (folder) => {
    const other = BODY.map((byte) => byte ^ 255), part = join(folder, "x.part");
    const changes: [string, (server: FileServer) => void, number[], Partial<FileServer["behaviour"]>?][] = [
      ["another ETag", ({ behaviour }) => Object.assign(behaviour, { etag: '"two"', body: other }), [200, 200]],
      ["no ranges", ({ behaviour }) => behaviour.ranges = false, [200, 200]],
      ["a weak ETag", () => {}, [200, 200], { etag: 'W/"one"' }],
      ["no validator", () => {}, [200, 200], { etag: undefined }],
      ["a shorter file", ({ behaviour }) => behaviour.body = other.slice(0, 900), [200, 416, 200]],
      ["a faulty range", ({ behaviour }) => behaviour.shift = 5, [200, 206, 200]],
    ];
    for (const [what, change, statuses, behaviour] of changes) {
      await withServer({ body: BODY, ...behaviour }, async (server) => {
        await leavePart(server, part);
        change(server);
        await download({ ...QUICK, url: server.url, part });
        assertEqual(await Deno.readFile(part), server.behaviour.body, what);
        assertEqual(server.asked.map(({ status }) => status), statuses, what);
        await Deno.remove(part);
      });
    }
  }));

Deno.test("download() does not go on with the part of another address", () =>
  inFolder((folder) =>
    withServer({ body: BODY }, async (server) => {
      const part = join(folder, "x.part");
      await leavePart(server, part);
      await download({ ...QUICK, url: `${server.url}?mirror`, part });
      assertEqual(server.asked[1].range, null);
      assertEqual(await Deno.readFile(part), BODY);
    })
  ));

Deno.test("download() tries again after passing failures, and gives up in one line after others", () =>
  inFolder(async (folder) => {
    const part = join(folder, "x.part"), notices: string[] = [];
    const notice = (line: string) => notices.push(line);
    await withServer({ body: BODY, statuses: [503, 429], chunked: true }, async ({ url, asked, behaviour }) => {
      await download({ ...QUICK, url, part, notice });
      assertEqual(await Deno.readFile(part), BODY);
      assertEqual(notices[0], "the server answers 503 service unavailable; trying again in 0 s");
      behaviour.statuses = [404];
      await Deno.remove(part);
      await assertRejects(() => download({ ...QUICK, url, part }), "the server answers 404 Not Found, want 200 or 206");
      assertEqual(asked.length, 4);
      behaviour.statuses = [500, 500, 500, 500];
      await assertRejects(() => download({ ...QUICK, url, part }), "the server answers 500 internal server error");
      assertEqual(asked.length, 8);
      const most = { ...QUICK, maxBytes: 50_002 };
      await assertRejects(() => download({ ...most, url, part }), "has 50003 bytes or more, want at most 50002");
    });
    await withServer({ body: BODY, cuts: [10_000], stalls: true }, async ({ url, asked }) => {
      await download({ ...QUICK, url, part: `${part}2`, idle: 100, notice });
      assertEqual([await Deno.readFile(`${part}2`), asked[1].range], [BODY, "bytes=10000-"]);
      assertTrue(notices.at(-1)!.startsWith("no byte came for 0.1 s"), notices.at(-1)!);
    });
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" }),
      closed = `http://127.0.0.1:${listener.addr.port}/x`;
    listener.close();
    const message = await assertRejects(() => download({ ...QUICK, url: closed, part: `${part}3` }), "refused");
    assertTrue(message.split(closed).length === 2 && !message.includes("\n"), message);
    assertEqual(await filesBelow(folder), ["x.part2", "x.part2.json"]);
  }));

Deno.test("download() leaves the part when it is interrupted, and lets one program write at a time", () =>
  inFolder((folder) =>
    withServer({ body: BODY, cuts: [30_000], stalls: true }, async ({ url, asked }) => {
      const part = join(folder, "x.part"), controller = new AbortController(), stop = new Error("stop");
      const begun = Promise.withResolvers<void>(), whole = Promise.withResolvers<void>();
      const show = (done: number) => {
        begun.resolve();
        if (done >= 30_000) whole.resolve();
      };
      const first = download({ ...QUICK, url, part, signal: controller.signal, show });
      const ended = assertRejects(() => first, "stop");
      await begun.promise;
      await assertRejects(() => download({ ...QUICK, url, part }), "another download is writing to it");
      await whole.promise;
      controller.abort(stop);
      await ended;
      assertEqual((await Deno.stat(part)).size, 30_000);
      await download({ ...QUICK, url, part });
      assertEqual([await Deno.readFile(part), asked[1].range], [BODY, "bytes=30000-"]);
    })
  ));

const FILES = { "set/meta.txt": Uint8Array.of(97, 10), "set/train.bin": BODY, "set/test.bin": BODY.slice(0, 999) };

/** An entry for an archive of the small files. */
function entryOf(archive: Uint8Array, url: string): CatalogueEntry {
  const checksum = { kind: "md5", value: hex("md5", archive) } as const;
  const sizes = { maxBytes: 1e6, maxUnpackedBytes: 60_000 };
  return {
    name: "tiny",
    title: "",
    publisher: url,
    url,
    archive: "tiny.tar.gz",
    folder: "set",
    checksum,
    terms: "",
    ...sizes,
  };
}

/** Runs a test with a served archive and a folder to fetch it to. */
async function withArchive(
  run: (context: { to: string; server: FileServer; entry: CatalogueEntry; options: FetchOptions }) => Promise<void>,
): Promise<void> {
  const archive = new Uint8Array(gzipSync(await tarOf(FILES)));
  await inFolder((to) =>
    withServer(
      { body: archive },
      (server) =>
        run({ to, server, entry: entryOf(archive, server.url), options: { to, signal: QUICK.signal, pauses: [0] } }),
    )
  );
}

const KEPT = ["set/meta.txt", "set/test.bin", "set/train.bin", "tiny.sha256.json", "tiny.tar.gz"];

Deno.test("fetchDataset() downloads, checks, unpacks and records; a second run does nothing but check", () =>
  withArchive(async ({ to, server, entry, options }) => {
    server.behaviour.cuts.push(5000);
    const archive = join(to, "tiny.tar.gz");
    assertEqual(await fetchDataset(entry, options), { archive, downloaded: true, unpacked: true, members: 3 });
    assertEqual(await filesBelow(to), KEPT);
    assertEqual(await Deno.readFile(join(to, "set/train.bin")), BODY);
    assertEqual(JSON.parse(await Deno.readTextFile(join(to, "tiny.sha256.json"))), {
      name: "tiny",
      archive: hex("sha256", server.behaviour.body),
      members: Object.fromEntries(Object.entries(FILES).map(([path, bytes]) => [path, hex("sha256", bytes)])),
    });
    const asked = server.asked.length, written = (await Deno.stat(join(to, "set/train.bin"))).mtime?.getTime();
    const second = { archive, downloaded: false, unpacked: false, members: 3 };
    assertEqual(await fetchDataset(entry, options), second);
    assertEqual(await fetchDataset(entry, { ...options, verifyOnly: true }), second);
    assertEqual([server.asked.length, (await Deno.stat(join(to, "set/train.bin"))).mtime?.getTime()], [asked, written]);
    await Deno.remove(join(to, "set/test.bin"));
    await assertRejects(() => fetchDataset(entry, { ...options, verifyOnly: true }), "test.bin: no such file");
    assertEqual(await fetchDataset(entry, options), { ...second, unpacked: true });
    assertEqual([await filesBelow(to), server.asked.length], [KEPT, asked]);
    await Deno.remove(join(to, "tiny.tar.gz"));
    await assertRejects(() => fetchDataset(entry, { ...options, verifyOnly: true }), "tiny.tar.gz: no such file");
    assertEqual(await fetchDataset(entry, options), { ...second, downloaded: true });
  }));

Deno.test("fetchDataset() names one flipped byte in the archive or a file, with both hashes", () =>
  withArchive(async ({ to, entry, options, server }) => {
    await fetchDataset(entry, options);
    const places = [["tiny.tar.gz", "md5"], ["set/train.bin", "sha256"], ["set/meta.txt", "sha256"]] as const;
    for (const [file, kind] of places) {
      const path = join(to, file), right = await Deno.readFile(path), wrong = right.slice();
      wrong[right.length >> 1] ^= 1;
      await Deno.writeFile(path, wrong);
      const label = kind === "md5" ? "MD5" : "SHA-256";
      const wanted = `Cannot use ${path}: its ${label} is ${hex(kind, wrong)}, want ${hex(kind, right)} as `;
      for (const verifyOnly of [false, true]) {
        await assertRejects(() => fetchDataset(entry, { ...options, verifyOnly }), wanted);
      }
      await Deno.writeFile(path, right);
    }
    await Deno.writeTextFile(join(to, "tiny.sha256.json"), "{}");
    await assertRejects(() => fetchDataset(entry, options), "tiny.sha256.json: it is damaged");
    assertEqual(server.asked.length, 1);
  }));

Deno.test("fetchDataset() keeps nothing of an archive with a wrong checksum, also of one that is cut or not as recorded", () =>
  withArchive(async ({ to, entry, options, server }) => {
    const right = server.behaviour.body;
    for (const body of [right.map((byte, i) => i === 99 ? byte ^ 1 : byte), right.slice(0, -1)]) {
      server.behaviour.body = body;
      const wanted = `its MD5 is ${hex("md5", body)}, want ${
        hex("md5", right)
      } as its publisher states; nothing is kept`;
      await assertRejects(() => fetchDataset(entry, options), `Cannot use ${server.url}: ${wanted}`);
      assertEqual(await filesBelow(to), []);
    }
    server.behaviour.body = right;
    await fetchDataset(entry, options);
    const other = new Uint8Array(gzipSync(await tarOf({ "set/meta.txt": Uint8Array.of(1) })));
    await Deno.remove(join(to, "tiny.tar.gz"));
    server.behaviour.body = other;
    const forged = entryOf(other, server.url);
    const wanted = `its SHA-256 is ${hex("sha256", other)}, want ${hex("sha256", right)} as tiny.sha256.json records`;
    await assertRejects(() => fetchDataset(forged, options), wanted);
    assertEqual(await filesBelow(to), KEPT.slice(0, -1));
  }));

/** A .tar.gz of one plain file and one hostile member. */
async function hostile(
  header: { name: string; type?: "symlink" | "link" | "character-device" | "fifo"; linkname?: string },
) {
  const archive = pack(), chunks: Uint8Array[] = [];
  archive.entry({ name: "set/plain.txt" }, "plain");
  if (header.type) archive.entry(header);
  else archive.entry(header, "hostile");
  archive.finalize();
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return gzipSync(joined(chunks));
}

Deno.test("unpack() refuses hostile members before it writes anything", () =>
  inFolder(async (folder) => {
    const cases: [Parameters<typeof hostile>[0], string][] = [
      [{ name: "../x" }, 'member "../x" is a path that leaves the folder'],
      [{ name: "set/../../x" }, "is a path that leaves the folder"],
      [{ name: "set/.." }, "is a path that leaves the folder"],
      [{ name: "/etc/x" }, 'member "/etc/x" is an absolute path'],
      [{ name: "C:/x" }, "is an absolute path"],
      [{ name: "set\\..\\x" }, "is an unusual path"],
      [{ name: "set//x" }, "is an unusual path"],
      [{ name: "set/plain.txt" }, "is there twice"],
      [{ name: "set/x", type: "symlink", linkname: "/etc" }, 'member "set/x" is a symlink, want files and folders'],
      [{ name: "set/x", type: "link", linkname: "set/plain.txt" }, "is a link"],
      [{ name: "set/x", type: "character-device" }, "is a character device"],
      [{ name: "set/x", type: "fifo" }, "is a fifo"],
    ];
    const archive = join(folder, "a.tar.gz"), to = join(folder, "to/inner");
    for (const [header, wanted] of cases) {
      await Deno.writeFile(archive, await hostile(header));
      const message = await assertRejects(() => unpack(archive, to, 1e6), wanted);
      assertTrue(message.startsWith(`Cannot unpack ${archive}: `) && !message.includes("\n"), message);
      assertEqual(await filesBelow(folder), ["a.tar.gz"]);
    }
    await Deno.mkdir(join(to, "real"), { recursive: true });
    await Deno.symlink(folder, join(to, "set"));
    await Deno.writeFile(archive, gzipSync(await tarOf(FILES)));
    await assertRejects(() => unpack(archive, to, 1e6), "it is a symbolic link, want a folder or nothing");
    await record("fetch-unpack", {
      promise: "An archive writes nothing outside its folder",
      how: "paths that leave it, links, devices, a link in the way: refused before anything is written",
      count: `${cases.length + 1} hostile archives`,
    });
  }));

Deno.test("unpack() bounds what an archive may unpack to, and refuses a cut or false one", () =>
  inFolder(async (folder) => {
    const archive = join(folder, "a.tar.gz"), to = join(folder, "to"), tar = await tarOf(FILES);
    const attempt = async (bytes: Uint8Array, maxBytes = 1e6) => {
      await Deno.writeFile(archive, bytes);
      return async () => void await unpack(archive, to, maxBytes);
    };
    await assertRejects(
      await attempt(gzipSync(tar), 51_003),
      'with member "set/test.bin" it has more than 51003 bytes',
    );
    const header = tar.slice(0, 1024);
    header.set(Uint8Array.of(0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0), 124); // its size: 2^40, in base 256
    header.fill(32, 148, 156);
    header.set(
      new TextEncoder().encode(header.subarray(0, 512).reduce((a, b) => a + b).toString(8).padStart(6, "0")),
      148,
    );
    await assertRejects(await attempt(gzipSync(header)), 'with member "set/meta.txt" it has more than 1000000 bytes');
    const bomb = gzipSync(joined([tar, new Uint8Array(2 ** 24)])); // zeros behind the end of the archive
    await assertRejects(await attempt(bomb, 60_000), "it has more than 60000 bytes unpacked");
    const packed = gzipSync(tar);
    await assertRejects(
      await attempt(packed.subarray(0, packed.length >> 1)),
      "want a whole gzip-compressed tar archive",
    );
    await assertRejects(await attempt(tar), "incorrect header check, want a whole gzip-compressed tar archive");
    assertEqual(await filesBelow(to), []);
    await (await attempt(packed, 52_000))();
    assertEqual(await filesBelow(to), ["set/meta.txt", "set/test.bin", "set/train.bin"]);
  }));

Deno.test("readCatalogue() pins the publisher's addresses and MD5 sums", async () => {
  const found = [...(await readCatalogue()).values()].map(({ name, url, checksum }) => [name, url, checksum]);
  const at = "https://www.cs.toronto.edu/~kriz/", md5 = (value: string) => ({ kind: "md5", value });
  assertEqual(found, [
    ["cifar10", `${at}cifar-10-binary.tar.gz`, md5("c32a1d4ab5d03f1284b67883e8d87530")],
    ["cifar10-python", `${at}cifar-10-python.tar.gz`, md5("c58f30108f718f92721af3b95e74349a")],
    ["cifar100", `${at}cifar-100-binary.tar.gz`, md5("03b5dce01913d631647c71ecec9e9cb8")],
    ["cifar100-python", `${at}cifar-100-python.tar.gz`, md5("eb9058c3a382ffc7106e4002c42a8d85")],
  ]);
});
