import { UserError } from "../../errors.ts";
import { schemaFault } from "../../schemaFault.ts";
import type { ConvNet, ConvNetConfig } from "./convNet.ts";
import { densenet } from "./densenet.ts";
import { resnet } from "./resnet.ts";
import { vgg } from "./vgg.ts";
import { wrn } from "./wrn.ts";

/** The families by name. */
export const CONVNETS = { wrn, resnet, densenet, vgg } as unknown as Readonly<Record<string, ConvNet<ConvNetConfig>>>;

/** The names that a phase's `config.net.name` may have. */
export const CONVNET_NAMES = Object.keys(CONVNETS);

/** A family with a config that it accepts. */
export interface ChosenConvNet {
  name: string;
  net: ConvNet<ConvNetConfig>;
  config: ConvNetConfig;
}

/**
 * The network that a config names, and the config checked.
 *
 * @param value `name`, and the family's own keys
 * @throws {UserError} on an unknown name, a key or value that the family refuses: key, value found, value wanted
 */
export function convNetOf({ name, ...config }: { name: string } & Record<string, unknown>): ChosenConvNet {
  if (!Object.hasOwn(CONVNETS, name)) {
    throw new UserError(`Cannot use net ${JSON.stringify(name)}: want one of ${CONVNET_NAMES.join(", ")}`);
  }
  const net = CONVNETS[name], parsed = net.schema.safeParse(config);
  if (!parsed.success) throw new UserError(`Cannot use the net ${name}: ${schemaFault(parsed.error, config)}`);
  const fault = net.fault(parsed.data);
  if (fault) throw new UserError(`Cannot use the net ${name}: ${fault}`);
  return { name, net, config: parsed.data };
}
