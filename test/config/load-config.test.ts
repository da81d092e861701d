// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax under test
import { describe, expect, it } from "vitest";
import { type Config, entriesOf } from "../../src/config/config.ts";
import { configJsonSchema } from "../../src/config/config-schema.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { exitCodeOf, isAppError } from "../../src/core/errors.ts";

function load(text: string, env: Record<string, string> = {}): Config {
  return loadConfig(text, { file: "/etc/haven/haven.yaml", env });
}

/** The lines of the refusal, without the file's path. */
function mistakes(text: string, env: Record<string, string> = {}): string[] {
  try {
    load(text, env);
  } catch (error) {
    if (!isAppError(error, "config.invalid")) throw error;
    expect(exitCodeOf(error)).toBe(2);
    return error.message.split("\n").map((line) => line.replace("/etc/haven/haven.yaml:", ""));
  }
  throw new Error("it was accepted");
}

const CAMERA = "cameras:\n  - id: hall\n    source: rtsp://cam/1\n";

describe("an empty configuration", () => {
  it("has the defaults the specification names", () => {
    const config = load("");
    expect(config.cameras).toEqual([]);
    expect(config.inference).toEqual({
      provider: "auto",
      workers: 0,
      detector: "movenet-multipose",
      inputSize: 0,
      fps: 10,
      motionGate: true,
      secondLook: true,
      hardwareDecoding: "auto",
      memoryLimitMb: 0,
    });
    expect(config.tracker).toEqual({ kind: "bytetrack", lostS: 2 });
    expect(config.adl.minGroundDurationS).toBe(2);
    expect(config.presence.personTimeoutS).toBe(2);
    expect(config.alarms.throttleS).toBe(20);
    expect(config.storage).toEqual({ maxMb: 1000, syncS: 5 });
    expect(config.history.eventRetentionDays).toBe(90);
    expect(config.mqtt).toEqual({
      embedded: { enabled: "auto", host: "127.0.0.1", port: 1883 },
    });
    expect(config.api.port).toBe(8099);
  });

  it("is also what commented-out sections leave behind", () => {
    expect(load("# nothing yet\ncameras:\ninference:\n  # fps: 5\n")).toEqual(load(""));
  });
});

describe("a camera", () => {
  it("needs no more than an id and an address", () => {
    expect(load(CAMERA).cameras).toEqual([
      {
        id: "hall",
        name: "hall",
        area: null,
        source: "rtsp://cam/1",
        substream: null,
        transport: "auto",
        enabled: true,
        privacy: false,
        zones: [],
        overlaps: [],
      },
    ]);
  });

  it("finds a relative file beside the configuration", () => {
    const [camera] = load("cameras: [{id: demo, source: clips/walk.mp4}]").cameras;
    expect(camera?.source).toBe("/etc/haven/clips/walk.mp4");
  });

  it("finds a detector's manifest beside the configuration, and takes an id for what it is", () => {
    const detector = (text: string) => load(`inference: {detector: ${text}}`).inference.detector;
    expect(detector("models/yolo.json")).toBe("/etc/haven/models/yolo.json");
    expect(detector("yolo.json")).toBe("/etc/haven/yolo.json");
    expect(detector("/srv/yolo.json")).toBe("/srv/yolo.json");
    expect(detector("movenet-multipose")).toBe("movenet-multipose");
  });

  it("takes a small stream beside the large one, and how packets are to come", () => {
    const more = "source: 'rtsp://cam/1', substream: clips/small.mp4, transport: udp";
    const [camera] = load(`cameras: [{id: a, ${more}}]`).cameras;
    expect(camera).toMatchObject({ substream: "/etc/haven/clips/small.mp4", transport: "udp" });
    expect(mistakes("cameras:\n  - id: a\n    source: rtsp://cam/1\n    transport: both\n")).toEqual([
      expect.stringContaining("4 cameras[0].transport"),
    ]);
  });

  it("tells where a door leads, and which cameras see the same place", () => {
    const two =
      "cameras:\n  - {id: a, source: a.mp4, overlaps: [b], zones: [{name: Bath door, kind: door, leads_to: Bathroom, polygon: [[0, 0], [1, 0], [1, 1]]}]}\n  - {id: b, source: b.mp4}\n";
    const [camera] = load(two).cameras;
    expect(camera).toMatchObject({ overlaps: ["b"], zones: [{ id: "bath-door", leadsTo: "Bathroom" }] });
    const broken =
      "cameras:\n  - id: a\n    source: a.mp4\n    overlaps: [a, c]\n  - {id: b, source: b.mp4}\n";
    expect(mistakes(broken)).toEqual([
      '4 cameras[0].overlaps[0]: is "a", the camera itself',
      '4 cameras[0].overlaps[1]: is "c", which no camera has as its id',
    ]);
  });

  it("gives zones without an id one made from their name, each its own", () => {
    const zone = (more: string) => `      - {kind: bed, polygon: [[0, 0], [1, 0], [1, 1]], ${more}}\n`;
    const text = `${CAMERA}    zones:\n${zone("name: Großes Bett")}${zone("name: Left")}${zone("name: Right, id: left")}${zone("name: 床")}`;
    expect(load(text).cameras[0]?.zones.map(({ id }) => id)).toEqual([
      "gro-es-bett",
      "left-2",
      "left",
      "bed",
    ]);
    expect(load(text).cameras[0]?.zones[0]?.polygon).toEqual([
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ]);
  });
});

describe("references to the environment", () => {
  it("are resolved inside strings", () => {
    const [camera] = load("cameras: [{id: a, source: 'rtsp://${USER}:${PASS}@cam/1'}]", {
      USER: "me",
      PASS: "p$1",
    }).cameras;
    expect(camera?.source).toBe("rtsp://me:p$1@cam/1");
  });

  it("give numbers and switches where the schema wants them, and text where it does not", () => {
    const config = load(
      'mqtt: {username: "${N}", password: "${N}", embedded: {port: "${N}", enabled: "${B}"}}',
      { N: "1884", B: "false" },
    );
    expect(config.mqtt).toMatchObject({
      username: "1884",
      password: "1884",
      embedded: { port: 1884, enabled: false },
    });
  });

  it("are left alone after a second dollar sign", () => {
    expect(load("mqtt: {username: u, password: 'a$${NAME}$b'}").mqtt.password).toBe("a${NAME}$b");
  });

  it("to variables that are not set are named with their key", () => {
    expect(mistakes("cameras:\n  - id: a\n    source: rtsp://${CAM_PASS}@cam/1\n")).toEqual([
      "3 cameras[0].source: needs the environment variable CAM_PASS, which is not set",
    ]);
  });

  it("never show their value in a message", () => {
    const text = 'api: {port: "${SECRET}"}\ngeneral: {log_level: "${SECRET}"}\n';
    const lines = mistakes(text, { SECRET: "hunter2" });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain("hunter2");
  });

  it.each(["${my-var}", "${}", "${OPEN"])("refuse %s as a name", (text) => {
    expect(mistakes(`mqtt: {username: u, password: '${text}'}`)[0]).toContain(
      "names no environment variable",
    );
  });
});

describe("alarms", () => {
  it("escalate in the order of their levels' times, at local times that exist", () => {
    const text =
      "alarms:\n  escalation:\n    - {name: Son, after_seconds: 60}\n    - {name: Doctor, after_seconds: 60}\n  daily_summary_at: '24:00'\nadl: {night_from: '22:30'}\n";
    expect(mistakes(text)).toEqual([
      "4 alarms.escalation[1].after_seconds: is 60: it must be above the level before it, which is 60",
      '5 alarms.daily_summary_at: must be a time in quotes, such as "08:00", or "", not "24:00"',
    ]);
    const { alarms } = load("alarms: {escalation: [{name: Son, after_seconds: 30}]}");
    expect(alarms.escalation).toEqual([{ name: "Son", afterS: 30 }]);
    expect(alarms.armed.night).toContain("bed_exit");
  });
});

describe("mistakes", () => {
  it("are told all at once, in the order of the file, each with its line and what to do", () => {
    const text = `general: {log_level: inf}
cameras:
  - id: Living Room
    source: ftp://cam/1
    zones:
      - {name: Bed, kind: bedd, polygon: [[0, 0], [1, 2]]}
      - {name: Line, kind: bed, polygon: [[0, 0], [1, 1], [0.5, 0.5]]}
  - id: hall
    name: Hall
  - id: hall
    sorce: rtsp://cam/1
infrence: {}
inference:
  fps: "ten"
  input_size: 300
tracker: {low: 0.6, high: 0.2, new_track: 0.7}
mqtt:
  password: x
  embedded: {enabled: yes}
`;
    expect(mistakes(text)).toEqual([
      '1 general.log_level: must be one of fatal, error, warn, info, debug, trace, not "inf"; did you mean info?',
      '3 cameras[0].id: may hold only small letters, digits, "_" and "-", such as "living_room", not "Living Room"',
      "4 cameras[0].source: give an rtsp://, http(s):// address or a file",
      '6 cameras[0].zones[0].kind: must be one of bed, sofa, floor, door, ignore, not "bedd"; did you mean bed?',
      "6 cameras[0].zones[0].polygon: needs at least 3 corners [x, y]",
      "6 cameras[0].zones[0].polygon[1][1]: must be from 0 to 1, not 2",
      "7 cameras[0].zones[1].polygon: has (nearly) no inside; give corners that go once around the zone",
      "8 cameras[1].source: is missing; give an rtsp://, http(s):// address or a file",
      '10 cameras[2].id: is "hall", which another camera (number 2) has already',
      "11 cameras[2].sorce: is not known; did you mean source?",
      "12 infrence: is not known; did you mean inference?",
      '14 inference.fps: must be a whole number, not "ten"',
      "15 inference.input_size: must be a multiple of 32, not 300",
      "16 tracker.low: is 0.6: it must be not above tracker.high, which is 0.2",
      "17 mqtt.username: is missing; a password needs the user it belongs to",
      '19 mqtt.embedded.enabled: must be one of auto, true, false, not "yes"',
    ]);
  });

  it("name what is known where nothing is near", () => {
    expect(mistakes("presence: {zzz: 1}")).toEqual([
      "1 presence.zzz: is not known; known here: person_timeout_seconds, occupancy_hold_seconds, away_after_leaving_seconds, away_after_hours",
    ]);
  });

  it("in an address are told without the address", () => {
    expect(mistakes("cameras: [{id: a, source: 'ftp://me:secret@cam/1'}]").join()).not.toContain("secret");
  });

  it.each([
    ["a: [1\nb: 2\n", 2],
    ["general: {}\ngeneral: {}\n", 2],
    ["mqtt:\n  password: !secret broker\n", 2],
    ["cameras:\n\t- id: a\n", 2],
    ["api: *nobody\n", 1],
  ])("of YAML have a line too: %j", (text, line) => {
    const [first, ...others] = mistakes(text);
    expect(first).toMatch(new RegExp(`^${line} `));
    expect(others).toEqual([]);
  });

  it("include a file that is a list or a sentence", () => {
    expect(mistakes("- id: hall\n")[0]).toContain('sections such as "cameras:"');
    expect(mistakes("hello")[0]).toContain('sections such as "cameras:"');
  });

  it("include numbers where text is wanted", () => {
    expect(mistakes("cameras: [{id: 101, source: x.mp4}]")).toEqual([
      "1 cameras[0].id: must be text (put it in quotes), not 101",
    ]);
  });
});

describe("the mapping of names", () => {
  it("gives back the file's own names for every setting", () => {
    const config = load(CAMERA);
    const entries = entriesOf(config);
    expect(entries.adl).toHaveProperty("min_ground_duration", 2);
    expect(entries.tracker).toHaveProperty("lost_seconds", 2);
    expect(entries.alarms).toHaveProperty("clear_acknowledged_after_minutes", 30);
    expect(load(JSON.stringify(entries))).toEqual(config);
  });
});

describe("the schema for forms", () => {
  it("requires only what has no default, and gives every setting a title", () => {
    const schema = configJsonSchema() as {
      required?: string[];
      properties: Record<
        string,
        { title?: string; required?: string[]; properties?: object; items?: object }
      >;
    };
    expect(schema.required).toBeUndefined();
    expect(schema.properties.inference?.required).toBeUndefined();
    expect(schema.properties.cameras?.items).toMatchObject({ required: ["id", "source"] });
    for (const section of Object.values(schema.properties)) {
      expect(section.title).toBeTypeOf("string");
      for (const setting of Object.values(section.properties ?? {})) expect(setting).toHaveProperty("title");
    }
  });
});
