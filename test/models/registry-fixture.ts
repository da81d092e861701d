// For tests that fetch: a registry of their own, npm pointed at it, and an empty folder to put things in.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { LocalRegistry } from "./local-registry.ts";

export interface RegistryFixture {
  registry: LocalRegistry;
  folder: string;
}

/** Fresh before every test of the file that calls it. */
export function withLocalRegistry(): RegistryFixture {
  const fixture = {} as RegistryFixture;
  const before = { ...process.env };
  beforeEach(async () => {
    fixture.registry = await LocalRegistry.start();
    fixture.folder = await mkdtemp(join(tmpdir(), "haven-fetch-"));
    process.env.npm_config_registry = fixture.registry.url;
    process.env.npm_config_cache = join(fixture.folder, "npm-cache");
  });
  afterEach(async () => {
    await fixture.registry[Symbol.asyncDispose]();
    await rm(fixture.folder, { recursive: true, force: true });
    for (const name of ["npm_config_registry", "npm_config_cache"]) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  return fixture;
}
