// The sections about what Haven offers to others: MQTT, the panel and its API.
import { Type } from "typebox";
import { SECTION } from "./schema-parts.ts";

/** A port the daemon listens on. */
const port = (value: number) => Type.Integer({ title: "Port", minimum: 1, maximum: 65_535, default: value });

export const Mqtt = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        title: "Broker",
        description:
          "mqtt://host:1883 or mqtts://host:8883. Left out: Home Assistant's broker when running there, else the embedded one.",
        pattern: "^(mqtts?|wss?)://.+$",
        writeOnly: true,
        remedy: "give an address such as mqtt://192.168.1.10:1883",
      }),
    ),
    username: Type.Optional(Type.String({ title: "User", minLength: 1 })),
    password: Type.Optional(Type.String({ title: "Password", writeOnly: true })),
    embedded: Type.Object(
      {
        enabled: Type.Unsafe<"auto" | boolean>({
          title: "Embedded broker",
          description: "auto: runs when no other broker is given.",
          enum: ["auto", true, false],
          default: "auto",
        }),
        host: Type.String({
          title: "Listen on",
          description: "127.0.0.1 lets only this machine in; 0.0.0.0 the whole network.",
          minLength: 1,
          default: "127.0.0.1",
        }),
        port: port(1883),
      },
      { ...SECTION, title: "Embedded broker" },
    ),
  },
  { ...SECTION, title: "MQTT" },
);

export const Api = Type.Object(
  {
    host: Type.String({
      title: "Listen on",
      description: "127.0.0.1 lets only this machine in; 0.0.0.0 the whole network: then set a token.",
      minLength: 1,
      default: "127.0.0.1",
    }),
    port: port(8099),
    token: Type.Optional(
      Type.String({
        title: "Token",
        description: "When set, the panel and programs have to give it.",
        minLength: 12,
        writeOnly: true,
        remedy: "must be at least 12 characters long",
      }),
    ),
    allowed_hosts: Type.Array(Type.String({ minLength: 1 }), {
      title: "Further host names",
      description:
        "Names the panel is reached by besides this machine's own, for instance behind a reverse proxy.",
      maxItems: 32,
      default: [],
    }),
  },
  { ...SECTION, title: "Panel and API" },
);
