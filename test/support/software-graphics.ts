// Graphics without a graphics card: Chromium brings a Vulkan driver that computes on the CPU; what loads drivers is a
// library of its own (Debian: libvulkan1).
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const DRIVER = process.env.VK_ICD_FILENAMES ?? "/usr/lib/chromium/vk_swiftshader_icd.json";

/** The driver's description; null where it, or what loads it, is missing. */
export function softwareGraphics(): string | null {
  return existsSync(DRIVER) && hasLoader() ? DRIVER : null;
}

function hasLoader(): boolean {
  try {
    return execFileSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).includes("libvulkan.so.1");
  } catch {
    return false;
  }
}
