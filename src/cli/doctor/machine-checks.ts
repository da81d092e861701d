import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { panelDir } from "../places.ts";
import type { DoctorContext, Finding } from "./finding.ts";

const NEEDED = [20, 19] as const;

export async function checkNode(): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const enough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  const detail = `Node ${process.versions.node}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB memory`;
  return [
    {
      check: "machine",
      state: enough ? "ok" : "failed",
      detail,
      remedy: enough ? null : `install Node ${NEEDED.join(".")} or newer`,
    },
  ];
}

/** Whether the panel was built, and whether its port is free or already answered by a Haven. */
export async function checkPanel({ config, signal }: DoctorContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    readFileSync(join(panelDir(), "index.html"));
  } catch {
    findings.push({
      check: "panel",
      state: "failed",
      detail: "it has not been built",
      remedy: "run npm run build",
    });
  }
  const { host, port } = config.api;
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  try {
    const response = await fetch(`http://${reachable}:${port}/healthz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]),
    });
    const body: unknown = await response.json().catch(() => null);
    const haven = typeof body === "object" && body !== null && "status" in body;
    findings.push(
      haven
        ? { check: "panel", state: "ok", detail: `a Haven answers on port ${port}`, remedy: null }
        : {
            check: "panel",
            state: "failed",
            detail: `another program answers on port ${port}`,
            remedy: "stop it, or set api.port to a free one",
          },
    );
  } catch {
    findings.push({ check: "panel", state: "ok", detail: `port ${port} is free`, remedy: null });
  }
  return findings;
}

/** A machine without a clock battery starts in the past until it has asked a time server. */
export async function checkClock(): Promise<Finding[]> {
  const year = new Date().getFullYear();
  const right = year >= 2026 && year < 2100;
  return [
    {
      check: "clock",
      state: right ? "ok" : "failed",
      detail: `${new Date().toISOString()}, time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`,
      remedy: right ? null : "set the machine's clock (timedatectl set-ntp true): alarms carry this time",
    },
  ];
}
