import { UserError } from "../errors.ts";
import { schemaFault } from "../schemaFault.ts";
import type { Method } from "./method.ts";
import { METHODS } from "./methods.ts";

export { METHODS };

/** The names that a phase's `config.method.name` may have. */
const METHOD_NAMES = Object.keys(METHODS);

/** A method with a config that it accepts. */
export interface ChosenMethod<Config = unknown> {
  name: string;
  method: Method<Config>;
  config: Config;
}

/**
 * The method that a config names, and the config checked.
 *
 * @param value `name`, and the method's own keys
 * @throws {UserError} on an unknown name, a key or value that the method refuses: key, value found, value wanted
 */
export function methodOf(value: { name: string } & Record<string, unknown>): ChosenMethod {
  const { name, ...config } = value;
  if (!Object.hasOwn(METHODS, name)) {
    throw new UserError(`Cannot use method ${JSON.stringify(name)}: want one of ${METHOD_NAMES.join(", ")}`);
  }
  const method = METHODS[name], parsed = method.schema.safeParse(config);
  if (!parsed.success) {
    throw new UserError(`Cannot use the method ${name}: ${schemaFault(parsed.error, config)}`);
  }
  const fault = method.fault(parsed.data);
  if (fault) throw new UserError(`Cannot use ${fault}`);
  return { name, method, config: parsed.data };
}
