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

  it.each(["", "press", "null", "[]", '"PRESS"', '{"by":7}', "{", `{"by":"${"x".repeat(2000)}"}`])(
    "are malformed when an acknowledgement says %j",
    (payload) => expect(parse(ACKNOWLEDGE, payload)?.kind).toBe("malformed"),
  );

  it.each(["", "1", "true", "ONN", "\u0000"])("are malformed when privacy says %j", (payload) =>
    expect(parse(PRIVACY, payload)?.kind).toBe("malformed"),
  );

  it("are nothing on any other topic", () => {
    for (const topic of [
      "haven/camera/x/privacy",
      "haven/camera/x/y/privacy/set",
      "haven/camera/X/privacy/set",
    ])
      expect(parse(topic, "ON"), topic).toBeNull();
  });
});
