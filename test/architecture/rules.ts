// Each rule looks at the whole project and returns one sentence per offence.
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path/posix";
import type { Import, Project, SourceFile } from "./project.ts";
import { LONG_FILES, MAX_LINES, ROOMS, ROOTS } from "./rooms.ts";

export type Rule = (project: Project) => string[];

const BUILTIN = new Set(builtinModules);

type Target =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "package"; readonly name: string };

function targetOf(from: string, specifier: string): Target {
  if (specifier.startsWith(".") || specifier.startsWith("/"))
    return { kind: "file", path: normalize(join(dirname(from), specifier)).replace(/[?#].*$/, "") };
  if (specifier.startsWith("node:") || BUILTIN.has(specifier)) return { kind: "node", name: specifier };
  const [scope = "", name = ""] = specifier.split("/");
  return { kind: "package", name: scope.startsWith("@") ? `${scope}/${name}` : scope };
}

/** The room a path lies in; null when it lies in none. */
function roomOf(path: string): string | null {
  for (const [name, room] of Object.entries(ROOMS))
    for (const place of room.places) {
      const folder = place.replace(/\*$/, "");
      if (path.startsWith(folder) && (place === folder || !path.slice(folder.length).includes("/")))
        return name;
    }
  return null;
}

function targets(file: SourceFile): { target: Target; kind: Import["kind"] }[] {
  return file.imports.flatMap(({ specifier, kind }) =>
    specifier === null ? [] : [{ target: targetOf(file.path, specifier), kind }],
  );
}

export const somethingIsChecked: Rule = ({ sources }) =>
  ROOTS.filter((root) => !sources.some((file) => file.path.startsWith(`${root}/`))).map(
    (root) => `no source file was found in ${root}/: the rules would pass by looking at nothing`,
  );

export const everyFileHasARoom: Rule = ({ sources }) =>
  sources
    .filter((file) => roomOf(file.path) === null)
    .map((file) => `${file.path} lies in no room: add its folder to test/architecture/rooms.ts or move it`);

export const roomsImportOnlyWhatTheTableAllows: Rule = ({ sources }) =>
  sources.flatMap((file) => {
    const name = roomOf(file.path);
    const room = name === null ? undefined : ROOMS[name];
    if (name === null || room === undefined) return [];
    return targets(file).flatMap(({ target, kind }) => {
      if (target.kind !== "file") return [];
      const other = roomOf(target.path);
      if (other === name || room.rooms === "*") return [];
      if (other === null) {
        // The panel's styles and pages lie beside its code and belong to it.
        const own = name === "panel" && target.path.startsWith("panel/");
        return own ? [] : [`${file.path} imports ${target.path}, which lies in no room`];
      }
      if (room.rooms.includes(other)) return [];
      // A process of its own is put together by the composition root: to start it is not to enter it.
      if (kind === "entry" && other === "app") return [];
      const typesAllowed = room.typesOf?.some(
        (place) => target.path === place || (place.endsWith("/") && target.path.startsWith(place)),
      );
      if (typesAllowed && kind === "type") return [];
      const only = typesAllowed ? " other than as a type" : "";
      return [`${file.path}: room ${name} may not import ${target.path} of room ${other}${only}`];
    });
  });

export const packagesStayInTheirRoom: Rule = ({ sources }) =>
  sources.flatMap((file) => {
    const name = roomOf(file.path);
    const room = name === null ? undefined : ROOMS[name];
    if (room === undefined) return [];
    return targets(file).flatMap(({ target }) => {
      if (target.kind !== "package" || room.packages.includes(target.name)) return [];
      const owners = Object.keys(ROOMS).filter((owner) => ROOMS[owner]?.packages.includes(target.name));
      const where = owners.length > 0 ? `belongs to ${owners.join(", ")}` : "stands in no row of the table";
      return [`${file.path}: room ${name} may not import ${target.name}, which ${where}`];
    });
  });

export const pureRoomsStayPure: Rule = ({ sources }) =>
  sources.flatMap((file) => {
    const name = roomOf(file.path);
    if (name === null || ROOMS[name]?.pure === undefined) return [];
    return targets(file).flatMap(({ target, kind }) =>
      target.kind === "node" && kind !== "type"
        ? [`${file.path}: room ${name} is pure and may not import ${target.name}`]
        : [],
    );
  });

export const importsCanBeRead: Rule = ({ sources }) =>
  sources
    .filter((file) => file.imports.some((one) => one.specifier === null))
    .map((file) => `${file.path} computes what it imports: no rule can judge that`);

export const roomsFormNoCycle: Rule = ({ sources }) => {
  const edges = new Map<string, Set<string>>();
  for (const file of sources) {
    const from = roomOf(file.path);
    if (from === null) continue;
    const out = edges.get(from) ?? new Set();
    edges.set(from, out);
    for (const { target, kind } of targets(file)) {
      const to = target.kind === "file" && kind !== "entry" ? roomOf(target.path) : null;
      if (to !== null && to !== from) out.add(to);
    }
  }
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (room: string, trail: readonly string[]) => {
    const at = trail.indexOf(room);
    if (at !== -1) {
      found.push(`rooms import one another in a circle: ${[...trail.slice(at), room].join(" -> ")}`);
      return;
    }
    if (done.has(room)) return;
    for (const next of edges.get(room) ?? []) walk(next, [...trail, room]);
    done.add(room);
  };
  for (const room of edges.keys()) walk(room, []);
  return found;
};

export const noBarrels: Rule = ({ sources }) =>
  sources
    .filter((file) => /(^|\/)index\.[cm]?[jt]s$/.test(file.path) || file.onlyReExports)
    .map((file) => `${file.path} is a barrel: import from the file that has the thing`);

export const namesSaySomething: Rule = ({ paths }) =>
  paths
    .filter((path) => /^(src|models|panel|test)\//.test(path))
    .filter((path) => /(^|[/.-])(utils?|helpers?|common|misc|shared|lib)([/.-]|$)/i.test(path))
    .map((path) => `${path} has a name that says nothing: name it after what is in it`);

export const oneManifest: Rule = ({ paths }) => {
  const found = paths.filter((path) => /(^|\/)config\.(ya?ml|json)$/i.test(path));
  const strays = found.filter((path) => path !== "config.yaml");
  return [
    ...(found.includes("config.yaml")
      ? []
      : ["config.yaml, Home Assistant's app manifest, is not at the top level"]),
    ...strays.map((path) => `${path}: the Supervisor takes any file of that name for an app's manifest`),
  ];
};

export const filesHoldOneIdea: Rule = ({ sources }) => {
  const long = sources.filter((file) => file.lines > MAX_LINES);
  return [
    ...long
      .filter((file) => LONG_FILES[file.path] === undefined)
      .map(
        (file) =>
          `${file.path} has ${file.lines} lines (at most ${MAX_LINES}): what is the second idea in it?`,
      ),
    ...Object.keys(LONG_FILES)
      .filter((path) => !long.some((file) => file.path === path))
      .map((path) => `${path} is listed as a long file and is none: take it off the list`),
  ];
};
