import { UserError } from "../../errors.ts";
import { schemaFault } from "../../schemaFault.ts";
import type { ConvNet } from "./convNet.ts";
import { densenet } from "./densenet.ts";
import { resnet } from "./resnet.ts";
import { vgg } from "./vgg.ts";
import { wrn } from "./wrn.ts";

/** The nets by name: that of their file. */
export const CONVNETS: Readonly<Record<string, ConvNet<unknown>>> = { wrn, resnet, densenet, vgg };

/** The names that a phase's `config.net.name` may have. */
export const CONVNET_NAMES = Object.keys(CONVNETS);

/** A net with a config that it accepts. */
export interface ChosenNet<Config = unknown> {
  name: string;
  net: ConvNet<Config>;
  config: Config;
}

/**
 * The net that a config names, and the config checked.
 *
 * @param value `name`, and the net's own keys
 * @throws {UserError} on an unknown name, a key or value that the net refuses: key, value found, value wanted
 */
export function convNetOf(value: { name: string } & Record<string, unknown>): ChosenNet {
  const { name, ...config } = value;
  if (!Object.hasOwn(CONVNETS, name)) {
    throw new UserError(`Cannot use net ${JSON.stringify(name)}: want one of ${CONVNET_NAMES.join(", ")}`);
  }
  const net = CONVNETS[name], parsed = net.schema.safeParse(config);
  if (!parsed.success) throw new UserError(`Cannot use the net ${name}: ${schemaFault(parsed.error, config)}`);
  const fault = net.fault(parsed.data);
  if (fault) throw new UserError(`Cannot use the net ${name}: ${fault}`);
  return { name, net, config: parsed.data };
}
