// The plan of the house, and its law: which rooms there are, what each is for, which rooms it may enter and which npm
// packages it may use. test/architecture.test.ts holds the code to it; this is the only place it is told.

export interface Room {
  readonly task: string;
  /** Where its files lie: folders end in "/"; "src/*" is the files directly in src, not the folders in it. */
  readonly places: readonly string[];
  /** Rooms whose files it may import; "*" is every room. */
  readonly rooms: "*" | readonly string[];
  /** Single files of other rooms it may import, types only: how the panel shares the wire's types with the daemon. */
  readonly typesOf?: readonly string[];
  /** npm packages it may import. A package that stands in no row may be imported nowhere. */
  readonly packages: readonly string[];
  /** Decides only: imports nothing from Node, so that time, files and the network can only be inputs. */
  readonly pure?: true;
}

const NOUNS = ["core", "domain"] as const;

export const ROOMS: Readonly<Record<string, Room>> = {
  core: {
    task: "bus, clock, errors, ids, logger, newest-wins slot, service lifecycle",
    places: ["src/core/"],
    rooms: [],
    packages: ["pino", "ulid"],
  },
  domain: {
    task: "readonly nouns handed from stage to stage, and tiny pure functions on them",
    places: ["src/domain/"],
    rooms: ["core"],
    packages: [],
    pure: true,
  },
  models: {
    task: "the model manifest, the store that fetches and checks weights, the converter to ONNX",
    places: ["models/"],
    rooms: ["core"],
    packages: ["ajv", "onnx-proto", "tar", "typebox"],
  },
  config: {
    task: "one schema gives type, default, range and title; load, interpolate, migrate, write back",
    places: ["src/config/"],
    rooms: NOUNS,
    packages: ["ajv", "typebox", "yaml"],
  },
  store: {
    task: "the only room that opens a database",
    places: ["src/store/"],
    rooms: ["core"],
    packages: ["better-sqlite3", "pg", "pgvector", "sqlite-vec"],
  },
  video: {
    task: "open files and streams, decode, scale, JPEG, encode",
    places: ["src/video/"],
    rooms: NOUNS,
    packages: ["node-av"],
  },
  camera: {
    task: "one camera's life: offline, connecting, online, privacy; reconnect, health",
    places: ["src/camera/"],
    rooms: NOUNS,
    packages: [],
  },
  inference: {
    task: "load a model, choose the execution provider, run it in worker threads",
    places: ["src/inference/"],
    rooms: ["core", "models"],
    packages: ["onnxruntime-node"],
  },
  vision: {
    task: "detectors and pose estimators: pre- and post-processing, decoders per model family",
    places: ["src/vision/"],
    rooms: [...NOUNS, "inference"],
    typesOf: ["models/manifest.ts"],
    packages: [],
  },
  tracking: {
    task: "Kalman filter, association, ByteTrack, tracklets",
    places: ["src/tracking/"],
    rooms: NOUNS,
    packages: ["munkres"],
    pure: true,
  },
  reid: {
    task: "embeddings, crop quality, fusion and the open-set decision",
    places: ["src/reid/"],
    rooms: [...NOUNS, "inference"],
    packages: [],
    pure: true,
  },
  identity: {
    task: "tracklet in, decide, persist, say so; enrol, rename, merge, split",
    places: ["src/identity/"],
    rooms: [...NOUNS, "store", "reid"],
    packages: [],
  },
  adl: {
    task: "pose features, posture, the fall and the bed machine",
    places: ["src/adl/"],
    rooms: NOUNS,
    packages: [],
    pure: true,
  },
  presence: {
    task: "occupancy of a room or zone, and where each person is, with hysteresis",
    places: ["src/presence/"],
    rooms: NOUNS,
    packages: [],
    pure: true,
  },
  history: {
    task: "frames, clips, event log, retention",
    places: ["src/history/"],
    rooms: [...NOUNS, "store"],
    packages: [],
  },
  alarms: {
    task: "durable outbox, throttling, latch, acknowledgement",
    places: ["src/alarms/"],
    rooms: [...NOUNS, "store"],
    packages: [],
  },
  mqtt: {
    task: "client, embedded broker, topics, Home Assistant discovery, commands",
    places: ["src/mqtt/"],
    rooms: NOUNS,
    packages: ["aedes", "any-ascii", "mqtt"],
  },
  api: {
    task: "HTTP and WebSocket, ingress rules, the contract shared with the panel",
    places: ["src/api/"],
    rooms: NOUNS,
    packages: ["express", "ws"],
  },
  evaluation: {
    task: "scores what was detected against ground truth",
    places: ["src/evaluation/"],
    rooms: NOUNS,
    packages: ["ajv", "munkres", "typebox"],
  },
  demo: {
    task: "makes the footage of the demo camera on first use",
    places: ["src/demo/"],
    rooms: [...NOUNS, "models", "video"],
    packages: [],
  },
  bench: {
    task: "what to measure with: footage, crowds, the same work with nothing around it, what processes use",
    places: ["src/bench/"],
    rooms: [...NOUNS, "models", "camera", "demo", "inference", "tracking", "video", "vision"],
    packages: ["node-av", "onnxruntime-node", "tinybench"],
  },
  pipeline: {
    task: "one camera's hot path in order, the vision process and its supervisor",
    places: ["src/pipeline/"],
    rooms: [
      ...NOUNS,
      "video",
      "camera",
      "inference",
      "vision",
      "tracking",
      "reid",
      "identity",
      "adl",
      "presence",
    ],
    packages: [],
  },
  app: {
    task: "composition root, process concerns, command line",
    places: ["src/*", "src/cli/"],
    rooms: "*",
    packages: ["cli-progress", "commander"],
  },
  panel: {
    task: "the web panel; it runs in a browser",
    places: ["panel/src/"],
    rooms: [],
    typesOf: ["src/api/contract.ts", "src/api/care-contract.ts", "src/api/person-contract.ts", "src/domain/"],
    packages: ["lit"],
    pure: true,
  },
};

/** Folders whose code has to belong to a room. */
export const ROOTS = ["src", "models", "panel/src"] as const;

/** A file is one idea; from here on it has grown a second one. */
export const MAX_LINES = 400;

/** Files that may be longer, each with its reason. An entry that is no longer needed fails the test. */
export const LONG_FILES: Readonly<Record<string, string>> = {};
