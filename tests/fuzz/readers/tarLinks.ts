import fc from "fast-check";
import sharp from "sharp";
import { imageFiles } from "../../../datasets/check/imageFiles.ts";
import { openSource } from "../../../datasets/imageFolder/openSource.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { type Member, tar } from "../../tarTools.ts";
import { fuzzReader } from "../reader.ts";

/** Names of members: images, others, hidden ones, and folders where links may stand. */
const PLACES = ["train/cat/1.png", "train/dog/2.png", "train/dog/.3.png", "train/dog/4.txt", "test/cat/5.png"];
const LINKS = ["train/cat/6.png", "train/dog/7.png", "./train/cat/8.PNG", "test/dog/9.png", "train/cow", "test/cat/in"];
/** Where they lead: to members, to each other, to folders, round, nowhere, out. */
const TARGETS = [
  ...PLACES,
  ...LINKS,
  "1.png",
  "../dog/2.png",
  "../dog",
  "dog",
  "train/dog",
  "..",
  ".",
  "../..",
  "../../train",
  "6.png",
  "7.png",
  "nowhere.png",
  "/etc/passwd",
  "../../../x",
  "",
];

const member: fc.Arbitrary<Member> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name: fc.constantFrom(...PLACES), kind: fc.constant("0" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      name: fc.constantFrom(...LINKS),
      kind: fc.constantFrom("1" as const, "2" as const),
      link: fc.constantFrom(...TARGETS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      name: fc.constantFrom(...PLACES, ...LINKS),
      kind: fc.constantFrom("3" as const, "6" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      name: fc.constant("train/cat/sparse.png"),
      kind: fc.constantFrom("0" as const, "S" as const),
    }),
  },
);

/**
 * Archives with links of every kind. What is accepted names each of its members as an image, as broken or under a reason; a link
 * to a folder stands in the names of what it leads to.
 */
export const tarLinks = fuzzReader("tar links", 2, async (folder) => {
  const content = new Uint8Array(
    await sharp({ create: { width: 2, height: 2, channels: 3, background: "red" } }).png().toBuffer(),
  );
  const sound = ["train/cat/0.png", "train/dog/0.png", "test/cat/0.png", "test/dog/0.png"];
  return {
    inputs: fc.array(member, { maxLength: 8 }),
    async read(members: Member[]) {
      const all: Member[] = [...sound.map((name) => ({ name, kind: "0" as const })), ...members];
      const path = `${folder}/links.tar`;
      const filled = all.map((own) => own.kind === "0" || own.kind === "S" ? { ...own, content } : own);
      await Deno.writeFile(path, tar(filled));
      const source = await openSource(path), found = await imageFiles(path, source, false), names: string[] = [];
      for await (const { name } of found.images()) names.push(name);
      assertEqual(names.length, found.length);
      assertEqual(new Set(names).size, names.length, "an image that counts twice");
      const accounted = [...names, ...found.leftOut.map(({ path }) => path)];
      assertEqual(found.files + found.leftOut.length, accounted.length);
      for (const { name } of all) {
        const plain = String(name).replace(/^\.\//, "");
        assertTrue(accounted.some((own) => own === plain || own.startsWith(`${plain}/`)), `${plain} has vanished`);
      }
    },
  };
}, true);
