// `haven models fetch | list | verify`: the model store at the command line.
import { type ModelState, type ModelStatus, ModelStore } from "../../models/model-store.ts";
import { createLogger } from "../core/logger.ts";
import { LazyBar, USUAL_MODELS } from "./prepare-models.ts";

interface Row {
  readonly id: string;
  readonly state: ModelState | "present";
  readonly bytes: number | null;
  readonly licence: string;
  readonly file: string;
}

/**
 * 0 when every model is sound and those that are asked for are there, 2 when not. Asked for are `ids`; without any, those
 * that Haven uses unless told otherwise.
 */
export async function runModels(
  action: "fetch" | "list" | "verify",
  options: { readonly json: boolean; readonly ids: readonly string[] },
  signal: AbortSignal,
): Promise<number> {
  const log = createLogger({ level: "warn", pretty: process.stderr.isTTY === true });
  const store = new ModelStore({ log });
  const asked: ReadonlySet<string> = new Set(options.ids.length === 0 ? USUAL_MODELS : options.ids);
  for (const id of asked) await store.resolve(id);
  if (action === "fetch") {
    using bar = new LazyBar("models");
    await store.ensure([...asked], { signal, progress: (step) => bar.show(step) });
  }
  const rows =
    action === "list"
      ? (await store.list()).map((row) => toRow(row, row.bytes === null ? "missing" : "present"))
      : (await store.verify()).map((row) => toRow(row, row.state));
  if (options.json) process.stdout.write(`${JSON.stringify({ directory: store.directory, models: rows })}\n`);
  else process.stdout.write(format(store.directory, rows));
  if (action === "list") return 0;
  const faulty = rows.filter(
    (row) => row.state === "corrupt" || (row.state === "missing" && asked.has(row.id)),
  );
  for (const row of faulty)
    process.stderr.write(
      row.state === "corrupt"
        ? `haven: the model file ${row.file} is damaged and will not be loaded: haven models fetch ${row.id} repairs it\n`
        : `haven: the model ${row.id} is not there: haven models fetch ${row.id} gets it\n`,
    );
  return faulty.length === 0 ? 0 : 2;
}

function toRow({ entry, bytes, path }: ModelStatus, state: Row["state"]): Row {
  return { id: entry.id, state, bytes, licence: entry.licence, file: path };
}

function format(directory: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map((row) => row.id.length));
  const lines = rows.map((row) => {
    const size = row.bytes === null ? "" : `${(row.bytes / 1e6).toFixed(1)} MB`;
    return `${row.id.padEnd(width)}  ${row.state.padEnd(8)} ${size.padStart(9)}  ${row.licence}`;
  });
  return `${directory}\n${lines.join("\n")}\n`;
}
