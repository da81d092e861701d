import { fileURLToPath } from "node:url";

/**
 * The file of a child process's or worker's entry, given relative to the importing module. Workers cannot load
 * TypeScript, so a module that runs from its source (in tests) is sent to its compiled neighbour in dist/.
 */
export function entryPoint(from: string, relative: `./${string}.ts` | `../${string}.ts`): string {
  const path = fileURLToPath(new URL(relative, from));
  if (!from.endsWith(".ts")) return path.replace(/\.ts$/, ".js");
  return path
    .replace(/([\\/])(src|models)([\\/])(?!.*[\\/](?:src|models)[\\/])/, "$1dist$1$2$3")
    .replace(/\.ts$/, ".js");
}
