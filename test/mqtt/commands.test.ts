import { describe, expect, it } from "vitest";
import { parseCommand } from "../../src/mqtt/commands.ts";

const ACKNOWLEDGE = "haven/alarm/acknowledge";
const PRIVACY = "haven/camera/living-room_2/privacy/set";

function parse(topic: string, payload: string) {
  return parseCommand(topic, Buffer.from(payload));
}

describe("commands from MQTT", () => {
  it("acknowledge everything that is raised by a press of the button", () => {
    expect(parse(ACKNOWLEDGE, "PRESS")).toEqual({ kind: "acknowledge", by: "mqtt", alarmId: null });
  });

  it("tell who acknowledged and which alarm, when the sender says so", () => {
    expect(parse(ACKNOWLEDGE, '{"by":" Carla\\n","alarm_id":"01J"}')).toEqual({
      kind: "acknowledge",
      by: "Carla",
      alarmId: "01J",
    });
    expect(parse(ACKNOWLEDGE, "{}")).toEqual({ kind: "acknowledge", by: "mqtt", alarmId: null });
  });

  it("do not acknowledge everything when the alarm they name is not named properly", () => {
    for (const id of ["7", '""', "[]", "true"])
      expect(parse(ACKNOWLEDGE, `{"alarm_id":${id}}`)?.kind, id).toBe("malformed");
  });

  it("switch privacy of the camera in the topic", () => {
    expect(parse(PRIVACY, "ON")).toEqual({ kind: "privacy", cameraId: "living-room_2", on: true });
    expect(parse(PRIVACY, " off ")).toEqual({ kind: "privacy", cameraId: "living-room_2", on: false });
  });

  it("answer the alarm they name, and no other", () => {
    const answer = (fields: object) => parse("haven/alarm/answer", JSON.stringify(fields));
    expect(answer({ alarm_id: "01J", answer: "false_alarm", by: "Carla" })).toEqual({
      kind: "answer",
      alarmId: "01J",
      answer: "false_alarm",
      by: "Carla",
    });
    expect(answer({ alarm_id: "01J", answer: "test" })).toMatchObject({ answer: "test", by: "mqtt" });
    for (const wrong of [
      { answer: "real" },
      { alarm_id: "", answer: "real" },
      { alarm_id: null, answer: "real" },
      { alarm_id: 7, answer: "real" },
      { alarm_id: "01J" },
      { alarm_id: "01J", answer: "Real" },
      { alarm_id: "01J", answer: "real", by: 7 },
    ])
      expect(answer(wrong)?.kind, JSON.stringify(wrong)).toBe("malformed");
    expect(parse("haven/alarm/answer", "real")?.kind).toBe("malformed");
  });

  it("choose the mode, as a select sends it or with a name", () => {
    expect(parse("haven/mode/set", "night")).toEqual({ kind: "mode", mode: "night", by: "mqtt" });
    expect(parse("haven/mode/set", ' {"mode":"away","by":"Carla"} ')).toEqual({
      kind: "mode",
      mode: "away",
      by: "Carla",
    });
    for (const payload of ["", "party", "{}", '{"mode":"party"}', '{"mode":["home"]}', '"home"', "toString"])
      expect(parse("haven/mode/set", payload)?.kind, payload).toBe("malformed");
  });

  it("snooze the house or one area for minutes, and end that", () => {
    const snooze = (payload: string) => parse("haven/snooze/set", payload);
    expect(snooze("30")).toEqual({ kind: "snooze", minutes: 30, area: null, by: "mqtt" });
    expect(snooze("0")).toEqual({ kind: "snooze", minutes: 0, area: null, by: "mqtt" });
    expect(snooze("2.5")).toMatchObject({ minutes: 2.5 });
    expect(snooze('{"minutes":15,"area":"Bedroom","by":"Carla"}')).toEqual({
      kind: "snooze",
      minutes: 15,
      area: "Bedroom",
      by: "Carla",
    });
    expect(snooze('{"minutes":15,"area":null}')).toMatchObject({ area: null });
  });

  it.each(["", "-1", "0x1f", "1e3", "NaN", "ON", "1441", "99999", "{}", '{"minutes":"30"}', "[30]", "30 "])(
    "hold nothing back for longer than a day or for no number: %j",
    (payload) => {
      const command = parse("haven/snooze/set", payload);
      // Spaces around a number are a template's, and harmless.
      expect(command?.kind).toBe(payload === "30 " ? "snooze" : "malformed");
    },
  );

  it("do not snooze the whole house when the area they name is not named properly", () => {
    for (const area of ["7", '""', "[]", "true", "{}"])
      expect(parse("haven/snooze/set", `{"minutes":30,"area":${area}}`)?.kind, area).toBe("malformed");
  });

  it("begin and end a drill, before any camera or one", () => {
    const drill = (payload: string) => parse("haven/drill/set", payload);
    expect(drill("ON")).toEqual({ kind: "drill", on: true, cameraId: null, by: "mqtt" });
    expect(drill("off")).toEqual({ kind: "drill", on: false, cameraId: null, by: "mqtt" });
    expect(drill('{"on":true,"camera_id":"bedroom","by":"Carla"}')).toEqual({
      kind: "drill",
      on: true,
      cameraId: "bedroom",
      by: "Carla",
    });
    for (const payload of ["", "1", "{}", '{"on":"ON"}', '{"on":true,"camera_id":7}'])
      expect(drill(payload)?.kind, payload).toBe("malformed");
  });

  it.each(["", "press", "null", "[]", '"PRESS"', '{"by":7}', "{", `{"by":"${"x".repeat(2000)}"}`])(
    "are malformed when an acknowledgement says %j",
    (payload) => expect(parse(ACKNOWLEDGE, payload)?.kind).toBe("malformed"),
  );

  it.each(["", "1", "true", "ONN", "\u0000"])("are malformed when privacy says %j", (payload) =>
    expect(parse(PRIVACY, payload)?.kind).toBe("malformed"),
  );

  it("are read from whatever anybody sends, without a stumble", () => {
    const topics = [
      "haven/alarm/answer",
      "haven/mode/set",
      "haven/snooze/set",
      "haven/drill/set",
      ACKNOWLEDGE,
    ];
    const values = ["1", "-1", '"x"', "null", "true", "[]", "{}", "1e999", '"\\u0000"', ""];
    const keys = ["by", "alarm_id", "answer", "mode", "minutes", "area", "on", "camera_id", "__proto__"];
    for (const topic of topics)
      for (const key of keys)
        for (const value of values)
          for (const payload of [`{"${key}":${value}}`, `{"${key}":${value}`, value, `[${value}]`])
            expect(parse(topic, payload)?.kind, `${topic} ${payload}`).toBeTypeOf("string");
    expect(parseCommand("haven/mode/set", Buffer.from([0xff, 0xfe, 0x7b]))?.kind).toBe("malformed");
  });

  it("are nothing on any other topic", () => {
    for (const topic of [
      "haven/camera/x/privacy",
      "haven/camera/x/y/privacy/set",
      "haven/camera/X/privacy/set",
    ])
      expect(parse(topic, "ON"), topic).toBeNull();
  });
});
