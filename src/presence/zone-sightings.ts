import { boxCentre, isInside } from "../domain/geometry.ts";
import type { Zone } from "../domain/zone.ts";
import type { Sighting } from "./occupancy-machine.ts";

/**
 * Those of the sightings that are in the zone: by where they stand, or by the middle of the body for furniture, which
 * people are on and not at. What a machine of its own takes to tell the zone's occupancy.
 */
export function sightingsIn(zone: Zone, sightings: readonly Sighting[]): readonly Sighting[] {
  const furniture = zone.kind === "bed" || zone.kind === "sofa";
  return sightings.filter(({ box }) => {
    const feet = { x: (box.x1 + box.x2) / 2, y: box.y2 };
    return isInside(furniture ? boxCentre(box) : feet, zone.polygon);
  });
}
