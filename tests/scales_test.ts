import { sha256 } from "../core/sha256.ts";
import { table11 } from "../experiments/thesis/table11.ts";
import { canonicalJson } from "../records/canonical.ts";
import { coreHash } from "../records/identity.ts";
import type { LostRecord } from "../records/folder.ts";
import { entered } from "../records/ledger.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { byContent } from "../reports/scales/contents.ts";
import { byDevice, deviceOf } from "../reports/scales/devices.ts";
import { environmentOf, environmentsOf, isOf, unlike } from "../reports/scales/environment.ts";
import { scaleFacts } from "../reports/scales/facts.ts";
import { type Scale, scalesOf } from "../reports/scales/scale.ts";
import { scaleSummary } from "../reports/scales/summary.ts";
import { usableRecords } from "../reports/scales/usable.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { madeUpPretraining, type MadeUpRecord, madeUpRecords } from "./madeUpRecords.ts";

const rows = ["localmim", "vitfreeze"];

function summary({ id, profile, set, records }: Scale) {
  return [id.replace(/-[0-9a-f]{8}$/, "-…"), profile, set, [...records.values()].flat().length];
}

const ofData = (hash: string) => (record: PhaseRecord) => ({ ...record, hashes: { ...record.hashes, data: hash } });

Deno.test("scalesOf() takes records by key, whatever experiment asked for them", () => {
  const records = [
    ...madeUpRecords({ rows: ["localmim"] }),
    ...madeUpRecords({ experiment: table11, rows: ["localmim_50", "vitfreeze"], seeds: [0, 1] }),
  ];
  const { scales, warnings } = scalesOf(records, []);
  assertEqual([scales.map(summary), warnings], [[["ci", "ci", [], 10]], []]);
  const { experiments, runs } = scaleSummary(scales[0]);
  // LocalMIM, its first half twice, ViTFreeze twice.
  assertEqual([experiments, runs], [["thesis.table17", "thesis.table11", "vitfreeze.table2"], 5]);
});

Deno.test("scalesOf() gives a profile, and each set of changed settings, a scale; the largest comes first", () => {
  const plain = madeUpRecords({ rows }), longer = madeUpRecords({ rows, set: ["pretrain.epochs=9"] });
  const laptop = madeUpRecords({ rows, profile: "laptop" });
  const { scales } = scalesOf([...plain, ...longer, ...laptop], []);
  assertEqual(scales.map(summary), [
    ["laptop", "laptop", [], 4],
    ["ci-…", "ci", ["pretrain.epochs=9"], 4],
    ["ci", "ci", [], 4],
  ]);
  assertTrue(scaleFacts(scales[1])[0] === "Settings: profile ci with pretrain.epochs=9", scaleFacts(scales[1]).join());
  const other = scalesOf([...laptop, ...longer.toReversed(), ...plain], []).scales;
  assertEqual(other.map(scaleSummary), scales.map(scaleSummary));
});

Deno.test("scalesOf() calls the profile paper published only where nothing is set", () => {
  const of = (set: string[]) => scalesOf(madeUpRecords({ rows: ["localmim"], profile: "paper", set }), []).scales;
  assertEqual([[], ["pretrain.epochs=20"]].map((set) => of(set).map(({ published }) => published)), [[true], [false]]);
});

Deno.test("scalesOf() keeps data of other content apart, and a pre-training with what rests on it", () => {
  // Without test images the same content has another hash, as for generated images.
  const images = (letter: string) => (record: PhaseRecord) =>
    ofData((record.phase.kind === "pretrain" ? letter : letter.toUpperCase()).charCodeAt(0).toString(16).repeat(32))(
      record,
    );
  const [one, other] = ["a", "b"].map((letter) => madeUpRecords({ rows, change: images(letter) }));
  const { scales } = scalesOf([...one, ...other], []);
  assertEqual(scales.map(summary), [["ci-…", "ci", [], 4], ["ci-…", "ci", [], 4]]);
  assertTrue(scales[0].id !== scales[1].id, "one name for two scales");
  for (const { records } of scales) {
    const ids = new Set([...records.values()].flat().map(({ id }) => id));
    const starts = [...records.values()].flat().flatMap(({ record }) => record.startedFrom ?? []);
    assertTrue(starts.every((id) => ids.has(id)), "a pre-training is in another scale");
  }
});

Deno.test("scalesOf() keeps what a card computed apart, and what rests on it with it", () => {
  const onCard = (record: PhaseRecord): PhaseRecord => ({
    ...record,
    engine: { ...record.engine, backend: "onnxruntime-webgpu", adapter: "Card, driver 1.2.3" },
  });
  const cpu = madeUpRecords({ rows }), card = madeUpRecords({ rows, change: onCard });
  const { scales, warnings } = scalesOf([...cpu, ...card], []);
  assertEqual([scales.map(summary), warnings], [[["ci-…", "ci", [], 4], ["ci-…", "ci", [], 4]], []]);
  assertTrue(scales[0].id !== scales[1].id, "one name for two scales");
  for (const { records } of scales) {
    assertEqual(new Set([...records.values()].flat().map(({ record }) => record.engine.backend)).size, 1);
  }
  // Alone it has the profile's name, as any other.
  assertEqual(scalesOf(card, []).scales.map(summary), [["ci", "ci", [], 4]]);
  // A fine-tuning on the CPU of what was pre-trained on a card is neither, and comes with its start.
  const [pretrain, finetune] = card;
  const mixed = { ...finetune, id: "e".repeat(64), record: { ...finetune.record, engine: cpu[1].record.engine } };
  assertEqual(usableRecords([pretrain, mixed]).used.map(deviceOf), [
    "webgpu Card, driver 1.2.3",
    "cpu+webgpu Card, driver 1.2.3",
  ]);
  const groups = [...byDevice(usableRecords([...cpu, pretrain, mixed]).used).values()].map((group) =>
    group.map(({ id }) => id).sort()
  );
  assertEqual(groups.sort(), [cpu.map(({ id }) => id).sort(), [pretrain.id], [pretrain.id, mixed.id].sort()].sort());
});

Deno.test("byContent() keeps one pre-training's fine-tunings on other images apart", () => {
  const [pretrain, finetune] = madeUpRecords({ rows: ["localmim"] });
  const elsewhere = { ...finetune, id: "f".repeat(64), record: ofData("1".repeat(64))(finetune.record) };
  const { used } = usableRecords([pretrain, finetune, elsewhere]);
  const groups = byContent(used).map((group) => group.map(({ id }) => id).sort());
  assertEqual(groups, [[pretrain.id, finetune.id].sort(), [elsewhere.id]]);
});

Deno.test("usableRecords() names records whose key, phase or start does not fit, and uses none of them", () => {
  const whole = madeUpRecords({ rows }), [pretrain, finetune, other] = whole;
  const changed = (one: MadeUpRecord, change: Partial<PhaseRecord>, letter: string): MadeUpRecord => ({
    ...one,
    id: letter.repeat(64),
    record: { ...one.record, ...change },
  });
  const warnings = (...records: MadeUpRecord[]) => usableRecords(records).warnings;
  assertEqual([warnings(...whole), usableRecords(whole).used.length], [[], 4]);
  const seed = changed(pretrain, { phase: { ...pretrain.record.phase, seed: 5 } }, "1");
  const wanted = sha256(canonicalJson(seed.record.phase)).slice(0, 12), key = pretrain.record.key.slice(0, 12);
  assertEqual(warnings(seed), [
    `Not used: ${seed.id}.json: its key is ${key}, want ${wanted}, the hash of its phase`,
  ]);
  const elsewhere = changed(finetune, { startedFrom: other.id }, "2");
  assertEqual(warnings(pretrain, other, elsewhere), [
    `Not used: ${elsewhere.id}.json: it starts from ${other.id}.json, whose key is ${
      other.record.key.slice(0, 12)
    }, want ${key}`,
  ]);
  const nowhere = changed(finetune, { startedFrom: null }, "3");
  assertTrue(warnings(nowhere)[0].includes("it names no record that it starts from"), warnings(nowhere)[0]);
  const scratch = changed(pretrain, { startedFrom: finetune.id }, "4");
  assertTrue(warnings(scratch)[0].includes("but its phase starts from none"), warnings(scratch)[0]);
  const onSeed = changed(finetune, { startedFrom: seed.id }, "5");
  assertEqual(
    warnings(seed, onSeed)[1],
    `Not used: ${onSeed.id}.json: it starts from ${seed.id}.json, which is not used`,
  );
  assertEqual(warnings(finetune), [], "the file that it starts from may be gone");
});

Deno.test("scalesOf() says in one line which records no experiment asks for, and uses none of them", () => {
  const renamed = (asked: Partial<PhaseRecord["asked"]>) =>
    madeUpRecords({ rows: ["localmim"], change: (record) => ({ ...record, asked: { ...record.asked, ...asked } }) });
  const profile = renamed({ profile: "tiny" }), set = renamed({ set: ["pretrain.lengths=3"] });
  const { scales, warnings } = scalesOf([...profile, ...set], []);
  assertEqual([scales, warnings.length], [[], 1]);
  assertTrue(warnings[0].startsWith("Not used: no experiment asks for 4 records: "), warnings[0]);
  for (const { id } of [...profile, ...set]) assertTrue(warnings[0].includes(`${id}.json (thesis.table17, `), id);
  assertTrue(warnings[0].includes("profile ci with pretrain.lengths=3"), warnings[0]);
  // Their keys count, not what they were asked for: beside a record of profile ci they are used.
  const [beside] = scalesOf([...profile, ...madeUpRecords({ rows: ["vitfreeze"] })], []).scales;
  assertEqual(summary(beside), ["ci", "ci", [], 4]);
});

Deno.test("scalesOf() knows records by probes, which no table reads", () => {
  const { scales, warnings } = scalesOf(madeUpRecords({ rows: ["vitfreeze"], probes: ["linear", "knn"] }), []);
  assertEqual([scales.map(summary), warnings], [[["ci", "ci", [], 4]], []]);
  const facts = scaleFacts(scales[0]).join("\n");
  assertTrue(/\nLinear probe: .*\nk-NN probe: 640 training images, evaluated on 240 images\n/.test(facts), facts);
});

Deno.test("scalesOf() looks for lost records by key, at the settings of all records", () => {
  const set = ["pretrain.epochs=9"], all = madeUpRecords({ rows, set });
  const entry = (record: MadeUpRecord): LostRecord => ({ ...entered([], [record])[0], lost: "missing" });
  const [scale, ...others] = scalesOf(all.slice(0, 3), [entry(all[3])]).scales;
  assertEqual([others, scale.lost.size], [[], 1]);
  assertTrue(
    scaleFacts(scale).includes(`Missing: the record of ViTFreeze, finetune, seed 0 (${all[3].id.slice(0, 8)})`),
    scaleFacts(scale).join("\n"),
  );
  // Of another record of the same key nothing is missing.
  assertEqual(scalesOf(all, [{ ...entry(all[3]), id: "f".repeat(64) }]).scales[0].lost.size, 0);
  const gone = scalesOf([], [entry(madeUpRecords({ rows })[0])]);
  assertEqual([gone.scales.map(summary), gone.warnings], [[["ci", "ci", [], 0]], []]);
  const lost = scalesOf([], [entry(all[0])]);
  assertEqual(lost.scales, []);
  assertEqual(lost.warnings, [
    `Missing: ${all[0].id}.json, pretrain, seed 0, which thesis.table17 asked for`,
  ]);
});

Deno.test("scaleFacts() says what was run, and warns when equal phases computed different numbers", () => {
  const facts = (...records: MadeUpRecord[]) => scaleFacts(scalesOf(records, []).scales[0]);
  const once = madeUpRecords({ rows: ["localmim"] });
  const slower = madeUpRecords({ rows: ["localmim"], numbers: () => ({ seconds: 12 }) });
  assertEqual(facts(...once, ...slower), [
    "Model: ViT 48x12, patch 8, 64 px, 6.00 M parameters in pre-training, 5.50 M in fine-tuning",
    "Data: images, data dddddddd",
    "Pre-training: 5 epochs of 320 images",
    "Fine-tuning: 2 epochs of 320 images, evaluated on 240 images",
    "Engine: compiled on onnxruntime 1.30.0, threads: 2",
    "Machine: Example CPU, cores: 2, linux x86_64, deno 2.9.6",
    "Code: cccccccc, packages eeeeeeee",
    "Commit: 11111111",
    "Command: deno task repro thesis.table17 --profile ci",
  ]);
  const [model] = facts(...madeUpRecords({ rows: ["localmim"], probes: ["linear", "knn"] }));
  assertEqual(model, `${facts(...once)[0]}, 490 in linear probe`);
  const other = facts(...once, ...madeUpRecords({ rows: ["localmim"], numbers: () => ({ top1: 51 }) }));
  const warning = "Warning: LocalMIM-HOG, finetune, seed 0 was run again and did not compute equal numbers";
  assertEqual(other.filter((fact) => fact.startsWith("Warning")), [warning]);
});

Deno.test("environmentOf() tells machines, engines, code and ranks apart, not the names of the machines", () => {
  const record = madeUpPretraining(), own = environmentOf(record);
  const ranks = (hosts: string[], accum?: number) => [{
    from: 0,
    library: "Open MPI 4.1.4",
    hosts,
    threads: 2,
    ...(accum !== undefined && { accum }),
  }];
  const of = (change: Partial<PhaseRecord>) => environmentOf({ ...record, ...change });
  const same = (a: Partial<PhaseRecord>, b: Partial<PhaseRecord>) => of(a).key === of(b).key;
  assertTrue(same({ ranks: ranks(["a", "a", "b"]) }, { ranks: ranks(["y", "x", "x"]) }), "names of machines");
  assertTrue(!same({ ranks: ranks(["a", "b"]) }, { ranks: ranks(["a", "a"]) }), "machines");
  assertTrue(!same({ ranks: ranks(["a", "b"]) }, { ranks: ranks(["a", "b"], 2) }), "accumulation");
  const engine = { ...record.engine, threads: 1 }, machine = { ...record.machine, cores: 8 };
  assertEqual(unlike(of({ engine }), own), "another engine");
  assertEqual(
    unlike(of({ machine, hashes: { ...record.hashes, code: "1".repeat(64) } }), own),
    "another machine and other code",
  );
  assertEqual(unlike(of({ hashes: { ...record.hashes, lock: "1".repeat(64) } }), own), "other packages");
  assertEqual(unlike(of({ ranks: ranks(["a", "b"]) }), own), "other processes");
  assertEqual(
    unlike(of({ hashes: { ...record.hashes, method: "1".repeat(64) } }), own),
    "another version of the method",
  );
  const later: PhaseRecord = { ...record, start: record.end };
  assertEqual(unlike(own, environmentOf(later)), "");
  const text = scaleFacts(
    scalesOf([{ id: "a", href: "", record: { ...record, ranks: [...ranks(["a", "b", "a"]), ...ranks(["a"], 2)] } }], [])
      .scales[0],
  );
  assertTrue(
    text.includes("Processes: 3 on 2 machines, Open MPI 4.1.4, then one, 2 passes a step each"),
    text.join("\n"),
  );
  const named = (hosts: string[]) => coreHash({ ...record, ranks: ranks(hosts) });
  assertEqual(named(["a", "b"]), named(["c", "d"]));
  assertTrue(named(["a", "b"]) !== named(["a", "a"]) && named(["a", "b"]) !== coreHash(record), "ranks do not count");
});

Deno.test("environmentsOf() joins what pre-trains nothing to every version of the method", () => {
  const { record } = madeUpRecords()[1], scratch = environmentOf(record);
  const versions = ["1", "2"].map((digit) => {
    const pretraining = madeUpPretraining();
    return environmentOf({ ...pretraining, hashes: { ...pretraining.hashes, method: digit.repeat(64) } });
  });
  const all = environmentsOf([...versions, scratch]);
  assertEqual(all.map(({ methods }) => methods.localmim[0]), ["1", "2"]);
  assertEqual(all.map((one) => [scratch, ...versions].map((own) => isOf(own, one))), [[true, true, false], [
    true,
    false,
    true,
  ]]);
  assertEqual(environmentsOf([scratch]).length, 1);
  // Fine-tuned elsewhere: an environment of its own.
  const machine = { ...record.machine, cores: 64 }, moved = environmentOf({ ...record, machine }, versions[0]);
  assertEqual([moved.key === versions[0].key, unlike(moved, versions[0])], [false, "another machine"]);
});

Deno.test("scaleSummary() lists the weights that phases leave, k-NN aside, with what they reach", () => {
  const records = madeUpRecords({ rows: ["localmim"], probes: ["linear", "knn"], numbers: () => ({ top1: 61.5 }) });
  const { weights } = scaleSummary(scalesOf(records, []).scales[0]);
  assertEqual(weights.map(({ kind, label, epochs, top1 }) => [kind, label, epochs, top1]), [
    ["finetune", "LocalMIM-HOG", 2, 61.5],
    ["linear", "LocalMIM-HOG", 20, 61.5],
    ["pretrain", "LocalMIM-HOG", 5, null],
  ]);
  for (const { id, kind, sha256 } of weights) {
    const { record } = records.find((one) => one.id === id)!;
    assertEqual([record.phase.kind, Object.values(record.weights)], [kind, [sha256]]);
  }
});
