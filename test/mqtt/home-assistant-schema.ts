// What Home Assistant accepts on homeassistant/device/<id>/config, as rules: its DEVICE_DISCOVERY_SCHEMA and the
// schemas of the platforms in use. Home Assistant refuses a device with an unknown key on the outer level, and drops
// unknown keys of components silently; here both are findings.

const AVAILABILITY_KEYS = [
  "availability",
  "availability_mode",
  "availability_template",
  "availability_topic",
];
const ROOT_KEYS = [
  ...AVAILABILITY_KEYS,
  "payload_available",
  "payload_not_available",
  "device",
  "components",
  "origin",
  "state_topic",
  "command_topic",
  "qos",
  "encoding",
];
const DEVICE_KEYS = [
  "identifiers",
  "connections",
  "manufacturer",
  "model",
  "model_id",
  "name",
  "hw_version",
  "serial_number",
  "sw_version",
  "via_device",
  "suggested_area",
  "configuration_url",
];
const ORIGIN_KEYS = ["name", "sw_version", "support_url"];
const AVAILABILITY_ENTRY_KEYS = ["topic", "payload_available", "payload_not_available", "value_template"];
const ENTITY_KEYS = [
  ...AVAILABILITY_KEYS,
  "payload_available",
  "payload_not_available",
  "platform",
  "qos",
  "encoding",
  "enabled_by_default",
  "entity_category",
  "icon",
  "json_attributes_topic",
  "json_attributes_template",
  "default_entity_id",
  "unique_id",
  "name",
];

interface Platform {
  readonly required: readonly string[];
  readonly allowed: readonly string[];
  readonly deviceClasses: readonly string[];
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  binary_sensor: {
    required: ["state_topic"],
    allowed: [
      "state_topic",
      "value_template",
      "device_class",
      "expire_after",
      "force_update",
      "off_delay",
      "payload_off",
      "payload_on",
    ],
    deviceClasses: ["connectivity", "motion", "occupancy", "presence", "problem", "running", "safety"],
  },
  sensor: {
    required: ["state_topic"],
    allowed: [
      "state_topic",
      "value_template",
      "device_class",
      "expire_after",
      "force_update",
      "last_reset_value_template",
      "options",
      "suggested_display_precision",
      "state_class",
      "unit_of_measurement",
    ],
    deviceClasses: ["data_size", "duration", "enum", "timestamp"],
  },
  device_tracker: {
    required: ["json_attributes_topic"],
    allowed: [
      "state_topic",
      "value_template",
      "payload_home",
      "payload_not_home",
      "payload_reset",
      "source_type",
    ],
    deviceClasses: [],
  },
  event: {
    required: ["state_topic", "event_types"],
    allowed: ["state_topic", "value_template", "device_class", "event_types"],
    deviceClasses: ["button", "doorbell", "motion"],
  },
  switch: {
    required: ["command_topic"],
    allowed: [
      "command_topic",
      "command_template",
      "state_topic",
      "value_template",
      "device_class",
      "optimistic",
      "payload_off",
      "payload_on",
      "retain",
      "state_off",
      "state_on",
    ],
    deviceClasses: ["outlet", "switch"],
  },
  select: {
    required: ["command_topic", "options"],
    allowed: [
      "command_topic",
      "command_template",
      "state_topic",
      "value_template",
      "optimistic",
      "options",
      "retain",
    ],
    deviceClasses: [],
  },
  button: {
    required: ["command_topic"],
    allowed: ["command_topic", "command_template", "device_class", "payload_press", "retain"],
    deviceClasses: ["identify", "restart", "update"],
  },
};

/** What the device class duration may be measured in. */
const DURATION_UNITS = ["d", "h", "min", "s", "ms", "µs"];

/** How a device tracker may know. */
const SOURCE_TYPES = ["bluetooth", "bluetooth_le", "gps", "router"];

type Json = Readonly<Record<string, unknown>>;

/** Everything Home Assistant would refuse or drop; empty when it takes the device as it is. */
export function findings(payload: string): readonly string[] {
  const root: unknown = JSON.parse(payload);
  if (!isObject(root)) return ["the payload is no object"];
  const found: string[] = [...unknown("root", root, ROOT_KEYS), ...availability("root", root)];
  const { device, origin, components } = root;
  if (isObject(device)) {
    found.push(...unknown("device", device, DEVICE_KEYS));
    const ids = device.identifiers;
    if (!Array.isArray(ids) || ids.length === 0) found.push("device: no identifiers");
    for (const [key, value] of Object.entries(device))
      if (key !== "identifiers" && (typeof value !== "string" || value === ""))
        found.push(`device.${key}: no text`);
    const url = device.configuration_url;
    if (typeof url === "string" && !/^(https?|homeassistant):\/\//.test(url))
      found.push("device.configuration_url: scheme");
  } else found.push("root: device is required");
  if (isObject(origin)) {
    found.push(...unknown("origin", origin, ORIGIN_KEYS));
    if (typeof origin.name !== "string") found.push("origin: name is required");
  } else found.push("root: origin is required");
  if (isObject(components)) {
    for (const [key, value] of Object.entries(components))
      found.push(...(isObject(value) ? component(key, value, device) : [`${key}: no object`]));
    found.push(...duplicates(components, "unique_id"), ...duplicates(components, "default_entity_id"));
  } else found.push("root: components is required");
  return found;
}

function component(key: string, value: Json, device: unknown): readonly string[] {
  const rules = PLATFORMS[String(value.platform)];
  if (rules === undefined) return [`${key}: unknown platform ${String(value.platform)}`];
  // Nothing but the platform is the form of a removal.
  if (Object.keys(value).length === 1) return [];
  const found = [...unknown(key, value, [...ENTITY_KEYS, ...rules.allowed]), ...availability(key, value)];
  for (const required of [...rules.required, "unique_id", "name", "default_entity_id"])
    if (value[required] === undefined) found.push(`${key}: ${required} is required`);
  const [domain, entity] = String(value.default_entity_id).split(".");
  if (domain !== value.platform) found.push(`${key}: default_entity_id is of the domain ${domain}`);
  if (!/^[a-z0-9_]+$/.test(entity ?? "")) found.push(`${key}: default_entity_id has no valid object id`);
  const deviceName = isObject(device) ? String(device.name) : "";
  if (String(value.name).toLowerCase().startsWith(deviceName.toLowerCase()))
    found.push(`${key}: the name repeats the device's`);
  if (value.device_class !== undefined && !rules.deviceClasses.includes(String(value.device_class)))
    found.push(`${key}: device_class ${String(value.device_class)}`);
  if (
    value.entity_category !== undefined &&
    !["diagnostic", "config"].includes(String(value.entity_category))
  )
    found.push(`${key}: entity_category`);
  if (value.qos !== undefined && ![0, 1, 2].includes(Number(value.qos))) found.push(`${key}: qos`);
  if (value.icon !== undefined && !/^mdi:[a-z0-9-]+$/.test(String(value.icon))) found.push(`${key}: icon`);
  for (const [name, topic] of Object.entries(value))
    if (name.endsWith("_topic") && !isTopic(topic)) found.push(`${key}: ${name} is no topic`);
  if (value.platform === "sensor") found.push(...sensor(key, value));
  if (value.platform === "device_tracker" && !SOURCE_TYPES.includes(String(value.source_type ?? "gps")))
    found.push(`${key}: source_type`);
  if (value.platform === "select" && (!Array.isArray(value.options) || value.options.length === 0))
    found.push(`${key}: options is empty`);
  if (value.platform === "event" && (!Array.isArray(value.event_types) || value.event_types.length === 0))
    found.push(`${key}: event_types is empty`);
  return found;
}

function sensor(key: string, value: Json): readonly string[] {
  const found: string[] = [];
  const { options, device_class: deviceClass, state_class: stateClass, unit_of_measurement: unit } = value;
  if (options !== undefined) {
    if (!Array.isArray(options) || options.length === 0) found.push(`${key}: options is empty`);
    else if (new Set(options).size < options.length) found.push(`${key}: an option is there twice`);
    if (deviceClass !== "enum") found.push(`${key}: options need the device_class enum`);
    if (stateClass !== undefined || unit !== undefined)
      found.push(`${key}: options go with neither state_class nor unit`);
  }
  if (deviceClass === "enum" && options === undefined) found.push(`${key}: enum without options`);
  if (deviceClass === "timestamp" && (stateClass !== undefined || unit !== undefined))
    found.push(`${key}: a timestamp has neither state_class nor unit`);
  if (deviceClass === "duration" && !DURATION_UNITS.includes(String(unit)))
    found.push(`${key}: a duration in ${String(unit)}`);
  if (stateClass !== undefined && !["measurement", "total", "total_increasing"].includes(String(stateClass)))
    found.push(`${key}: state_class`);
  return found;
}

function availability(where: string, value: Json): readonly string[] {
  const found: string[] = [];
  if (value.availability !== undefined && value.availability_topic !== undefined)
    found.push(`${where}: availability and availability_topic exclude one another`);
  if (
    value.availability_mode !== undefined &&
    !["all", "any", "latest"].includes(String(value.availability_mode))
  )
    found.push(`${where}: availability_mode`);
  if (value.availability === undefined) return found;
  if (!Array.isArray(value.availability)) return [...found, `${where}: availability is no list`];
  for (const entry of value.availability as readonly unknown[]) {
    if (!isObject(entry)) found.push(`${where}: availability entry is no object`);
    else {
      found.push(...unknown(`${where}.availability`, entry, AVAILABILITY_ENTRY_KEYS));
      if (!isTopic(entry.topic)) found.push(`${where}.availability: topic is required`);
    }
  }
  return found;
}

function unknown(where: string, value: Json, allowed: readonly string[]): readonly string[] {
  return Object.keys(value)
    .filter((key) => !allowed.includes(key))
    .map((key) => `${where}: unknown key ${key}`);
}

function duplicates(components: Json, key: string): readonly string[] {
  const values = Object.values(components)
    .map((value) => (isObject(value) ? value[key] : undefined))
    .filter((value) => value !== undefined);
  return new Set(values).size === values.length ? [] : [`components: a ${key} is used twice`];
}

function isTopic(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !/[+#]/.test(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
