// The few options Home Assistant's own dialog offers for the app, as the Supervisor writes them to /data/options.json.
import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { AppError, messageOf } from "../core/errors.ts";
import { problemsOf } from "./config-problem.ts";
import { pathText } from "./source-lines.ts";

const OptionsSchema = Type.Object({
  log_level: Type.Optional(Type.Enum(["fatal", "error", "warn", "info", "debug", "trace"])),
  mqtt_host: Type.Optional(Type.String()),
  mqtt_port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  mqtt_username: Type.Optional(Type.String()),
  mqtt_password: Type.Optional(Type.String({ writeOnly: true })),
});

type Entries = Static<typeof OptionsSchema>;

export interface HaOptions {
  readonly logLevel: NonNullable<Entries["log_level"]> | null;
  /** A broker of the user's own; null for the one the Supervisor knows. */
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly username: string | null;
    readonly password: string | null;
  } | null;
}

const validate = new Ajv({ allErrors: true, verbose: true }).compile<Entries>(OptionsSchema);

/** Emptied fields count as not given, unknown ones are a newer app's. Throws AppError config.invalid. */
export function parseHaOptions(json: string): HaOptions {
  const options = withoutEmpty(parseJson(json));
  if (!validate(options)) {
    const problems = problemsOf(validate.errors ?? [], options, () => false);
    throw new AppError(
      "config.invalid",
      problems.map(({ path, text }) => `app option ${pathText(path)}: ${text}`).join("\n"),
    );
  }
  return {
    logLevel: options.log_level ?? null,
    mqtt:
      options.mqtt_host === undefined
        ? null
        : {
            host: options.mqtt_host,
            port: options.mqtt_port ?? 1883,
            username: options.mqtt_username ?? null,
            password: options.mqtt_password ?? null,
          },
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new AppError(
      "config.invalid",
      `the app's options are not valid JSON (${messageOf(error)}); save them anew in Home Assistant`,
      { cause: error },
    );
  }
}

function withoutEmpty(options: unknown): unknown {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== "" && value !== null));
}
