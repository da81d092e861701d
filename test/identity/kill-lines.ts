// What the household that is killed says on the way.
export const KILL_DEEDS = ["enrol", "sync", "merge", "undo", "forget"] as const;
export type KillDeedKind = (typeof KILL_DEEDS)[number];

interface Merge {
  readonly personId: string;
  readonly trackletId: string;
  readonly winner: string;
  readonly auditId: string;
}

export type KillDeed =
  | { readonly kind: "enrol"; readonly personId: string; readonly name: string; readonly photos: number }
  | { readonly kind: "sync"; readonly personId: string; readonly trackletId: string; readonly faces: number }
  | ({ readonly kind: "merge" } & Merge)
  | ({ readonly kind: "undo" } & Merge)
  | { readonly kind: "forget"; readonly personId: string };

export type KillLine = { readonly begin: KillDeedKind | "ready" } | { readonly done: KillDeed };
