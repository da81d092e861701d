// What went down in a fixed camera's picture and did not leave, whether or not anybody recognises it as a person: regions
// of about a person's size that differ from the learned background and are not explained by anybody who is seen. Things
// that were moved are learned after ten minutes; a place where somebody was lost is kept until it is seen empty.
import type { LumaImage } from "../domain/frame.ts";
import { boxArea } from "../domain/geometry.ts";
import type { ForegroundRegion, Track } from "../domain/track.ts";
import { type CellBox, cellsOf, fill, shareIn } from "./background-cells.ts";
import { ABSORB_S, BackgroundModel, FREE, KEPT, SEEN } from "./background-model.ts";
import { isHole, regionOf, type StandingRegion, standingRegions } from "./background-regions.ts";
import {
  beginVigil,
  carryOver,
  coverVigils,
  keepVigil,
  LONGEST_VIGIL_S,
  type Loss,
  liveCells,
  unchangedCells,
  type Vigil,
} from "./background-vigil.ts";

/** Of a track: all that is needed. */
export type Follower = Pick<Track, "id" | "state" | "box" | "detected" | "lastSeenS">;

/** Seconds between two looks. Every second frame of ten a second is enough for what stands still, every fourth with nobody. */
const EVERY_S = 0.15;
const ALONE_EVERY_S = 0.35;
/** Nothing is said before so much of the picture has been seen empty. */
const LEARNED = 0.5;
/** Boxes are enlarged by this share on each side, and one cell: arms, feet and the shadow right beside a body are its own. */
const MARGIN = 0.1;
/** Not detected for so long, seconds, somebody is lost: shorter gaps are flicker. */
const LOST_AFTER_S = 0.5;
/** What came to stand this long before the loss or after it may be who was lost: a fall takes up to 1.5 s. */
const LINK_BEFORE_S = 2;
const LINK_AFTER_S = 5;
/** How far from where they were lost, in long sides of their box. */
const LINK_REACH = 1;
/** Of what stood there before they were lost, this share must lie in the box they were seen in. */
const LINK_SHARE = 0.6;
/**
 * Person-sized, in areas of the boxes of people seen here: a curled up body half hidden behind a table covers a seventh of
 * its standing box; somebody close to the camera four times one in the middle of the room.
 */
const SMALLEST = 0.15;
const LARGEST = 4;
/** The same before anybody was seen, shares of the picture: a person of 15 % of its height lying, and one that fills a third. */
const SMALLEST_SHARE = 0.003;
const LARGEST_SHARE = 0.33;
const FEWEST_CELLS = 8;
/** A vigil is told of while so much of it is as it was. */
const LIVE_SHARE = 1 / 3;
/** Right beside somebody who is seen, less than this share of their box is their shadow or what they carry. */
const BESIDE = 0.4;
/** How slowly the sizes of people are forgotten: by this share at each sight of one. */
const FORGET = 0.002;

export class BackgroundWatch {
  #model: BackgroundModel | null = null;
  #cover = new Uint8Array(0);
  #vigils: readonly Vigil[] = [];
  #losses: readonly Loss[] = [];
  /** Who was seen of late, by track id. */
  readonly #seen = new Map<number, Loss>();
  #smallest: number | null = null;
  #largest: number | null = null;
  #lastS = Number.NEGATIVE_INFINITY;
  #standing: readonly StandingRegion[] = [];
  #regions: readonly ForegroundRegion[] | null = null;

  /** As of the last picture; null before the room is known. */
  get regions(): readonly ForegroundRegion[] | null {
    return this.#regions;
  }

  /**
   * @param timeS media time; a step back in it begins anew
   * @param tracks of the last analysed frame, those that ended left out
   */
  observe(luma: LumaImage, timeS: number, tracks: readonly Follower[]): void {
    if (timeS < this.#lastS) this.reset();
    if (timeS - this.#lastS < (tracks.length > 0 ? EVERY_S : ALONE_EVERY_S)) return;
    this.#lastS = timeS;
    if (this.#model?.width !== luma.width || this.#model.height !== luma.height) {
      this.reset();
      this.#lastS = timeS;
      this.#model = new BackgroundModel(luma, timeS);
      this.#cover = new Uint8Array(luma.data.length);
    }
    const model = this.#model;
    this.#markCover(model, tracks);
    if (model.observe(luma.data, timeS, this.#cover)) this.#carryOver(model);
    this.#noteLosses(model, tracks, timeS);
    this.#keepVigils(model, timeS);
    this.#standing = this.#findStanding(model, tracks);
    const isKnown = this.#standing.length > 0 || isLearned(model);
    this.#regions = isKnown ? this.#standing.map((region) => describe(region, model)) : null;
  }

  /** The camera was turned, or somebody says that what it shows is as it should be: everything is learned anew. */
  reset(): void {
    this.#model = null;
    this.#vigils = [];
    this.#losses = [];
    this.#seen.clear();
    this.#standing = [];
    this.#regions = null;
    this.#lastS = Number.NEGATIVE_INFINITY;
  }

  #markCover(model: BackgroundModel, tracks: readonly Follower[]): void {
    const cover = this.#cover;
    cover.fill(FREE);
    coverVigils(this.#vigils, cover);
    // Who was seen a moment ago may be there still, though their track has ended.
    for (const { box } of this.#seen.values()) fill(cover, box, model, KEPT);
    for (const { box, detected } of tracks) {
      fill(cover, cellsOf(box, model, MARGIN), model, detected ? SEEN : KEPT);
    }
  }

  #noteLosses(model: BackgroundModel, tracks: readonly Follower[], timeS: number): void {
    for (const track of tracks) {
      if (!track.detected || track.state !== "confirmed") continue;
      const box = cellsOf(track.box, model, 0);
      this.#seen.set(track.id, { trackId: track.id, box, lastSeenS: timeS, wasKept: false });
      this.#noteSize(boxArea(track.box));
      // Seen elsewhere, they are not there.
      this.#vigils = this.#vigils.filter(
        ({ trackId, cells }) => trackId !== track.id || shareIn(cells, box, model) > 0,
      );
      this.#losses = this.#losses.filter(({ trackId }) => trackId !== track.id);
    }
    for (const loss of this.#seen.values()) {
      if (timeS - loss.lastSeenS < LOST_AFTER_S) continue;
      this.#seen.delete(loss.trackId);
      this.#losses = [...this.#losses, loss];
      // Seen there in between, unexplained only since.
      this.#vigils = this.#vigils.map((vigil) =>
        shareIn(vigil.cells, loss.box, model) >= LINK_SHARE
          ? { ...vigil, sinceS: Math.max(vigil.sinceS, loss.lastSeenS) }
          : vigil,
      );
      const cells = unchangedCells(model, loss);
      if (cells.length >= this.#fewestCells(model)) this.#keep(model, cells, loss, loss.lastSeenS);
    }
    this.#losses = this.#losses.filter(({ lastSeenS }) => timeS - lastSeenS <= LINK_AFTER_S);
  }

  #keepVigils(model: BackgroundModel, timeS: number): void {
    const kept: Vigil[] = [];
    for (const before of this.#vigils) {
      const vigil = keepVigil(model, before, this.#cover, timeS);
      if (vigil !== null) kept.push(vigil);
      else if (before.trackId !== null && timeS < before.untilS) {
        // They may lie a little further on now.
        this.#losses = [
          ...this.#losses,
          { trackId: before.trackId, box: regionOf(before.cells, model), lastSeenS: timeS, wasKept: true },
        ];
      }
    }
    this.#vigils = kept;
  }

  #noteSize(area: number): void {
    if (area <= 0) return;
    const small = this.#smallest ?? area;
    const large = this.#largest ?? area;
    this.#smallest = Math.min(small + FORGET * (area - small), area);
    this.#largest = Math.max(large + FORGET * (area - large), area);
  }

  #fewestCells({ width, height }: BackgroundModel): number {
    const share = this.#smallest === null ? SMALLEST_SHARE : SMALLEST * this.#smallest;
    return Math.max(FEWEST_CELLS, share * width * height);
  }

  #mostCells({ width, height }: BackgroundModel): number {
    const share = Math.max(LARGEST_SHARE, LARGEST * (this.#largest ?? 0));
    return Math.min(0.5, share) * width * height;
  }

  #keep(model: BackgroundModel, cells: readonly number[], loss: Loss, stoodS: number): void {
    const sinceS = Math.max(stoodS, loss.lastSeenS);
    const untilS = sinceS + LONGEST_VIGIL_S;
    this.#vigils = [...this.#vigils, beginVigil(model, cells, { trackId: loss.trackId, sinceS, untilS })];
  }

  /** What is there, each thing once: regions of a known background, and vigils over places that are not known. */
  #findStanding(model: BackgroundModel, tracks: readonly Follower[]): readonly StandingRegion[] {
    const cover = this.#cover;
    const fewest = this.#fewestCells(model);
    const most = this.#mostCells(model);
    const found: StandingRegion[] = [];
    const told = new Uint8Array(cover.length);
    for (const region of standingRegions(model, fewest, cover)) {
      if (region.cells.length > most) continue;
      const kept = this.#vigilOver(region);
      const loss = kept === undefined ? this.#lossNear(model, region) : undefined;
      const mayBeHole = loss === undefined ? region.cells.every((at) => cover[at] === FREE) : loss.wasKept;
      if (kept === undefined && mayBeHole && isHole(region, model)) {
        for (const at of region.cells) model.learn(at);
        continue;
      }
      if (isBeside(region, tracks, model)) continue;
      if (kept !== undefined) this.#follow(model, kept, region);
      else if (loss !== undefined) this.#keep(model, region.cells, loss, region.sinceS);
      // Unexplained since then, however long they had lain there before, seen.
      found.push({ ...region, sinceS: Math.max(region.sinceS, kept?.sinceS ?? loss?.lastSeenS ?? 0) });
      for (const at of region.cells) told[at] = 1;
    }
    for (const vigil of this.#vigils) {
      const cells = liveCells(model, vigil, cover);
      if (cells.length < fewest || cells.length < LIVE_SHARE * vigil.cells.length) continue;
      if (cells.filter((at) => told[at] === 1).length * 2 >= cells.length) continue;
      found.push({ ...regionOf(cells, model), sinceS: vigil.sinceS });
    }
    return found;
  }

  #vigilOver(region: StandingRegion): Vigil | undefined {
    if (this.#vigils.length === 0) return undefined;
    const cells = new Set(region.cells);
    return this.#vigils.find((vigil) => vigil.cells.some((at) => cells.has(at)));
  }

  /** Who was lost there: they came to lie there about then, or had lain there, seen, for as long as it stands. */
  #lossNear(model: BackgroundModel, region: StandingRegion): Loss | undefined {
    return this.#losses.find(({ lastSeenS, box }) => {
      const isNew = region.sinceS >= lastSeenS - LINK_BEFORE_S;
      return isNew ? isNear(box, region) : shareIn(region.cells, box, model) >= LINK_SHARE;
    });
  }

  /** Whoever is kept turns over, stretches, or crawls on: the vigil goes with them, where the place itself is known. */
  #follow(model: BackgroundModel, kept: Vigil, region: StandingRegion): void {
    if (kept.cells.length === region.cells.length || kept.cells.some((at) => model.known[at] !== 1)) return;
    const moved = beginVigil(model, region.cells, kept);
    this.#vigils = this.#vigils.map((vigil) => (vigil === kept ? moved : vigil));
  }

  /** Another light or view: what stood in the old one is kept where it was, things for as long as they would have been. */
  #carryOver(model: BackgroundModel): void {
    const things = this.#standing.filter(
      (region) => !this.#vigils.some(({ cells }) => shareIn(cells, region, model) > 0),
    );
    for (const { cells } of things) for (const at of cells) model.forget(at);
    this.#vigils = [
      ...this.#vigils.map(carryOver),
      ...things.map(({ cells, sinceS }) =>
        beginVigil(model, cells, { trackId: null, sinceS, untilS: sinceS + ABSORB_S }),
      ),
    ];
  }
}

function isNear(box: CellBox, region: CellBox): boolean {
  const across = (box.left + box.right - region.left - region.right) / 2;
  const down = (box.top + box.bottom - region.top - region.bottom) / 2;
  const longSide = Math.max(box.right - box.left, box.bottom - box.top);
  return Math.hypot(across, down) <= LINK_REACH * longSide;
}

/** Whether a region that touches somebody who is seen is no more than their shadow. */
function isBeside(region: StandingRegion, tracks: readonly Follower[], model: BackgroundModel): boolean {
  return tracks.some((track) => {
    if (!track.detected) return false;
    const near = cellsOf(track.box, model, MARGIN);
    const touches =
      region.left <= near.right &&
      region.right >= near.left &&
      region.top <= near.bottom &&
      region.bottom >= near.top;
    return touches && region.cells.length < BESIDE * boxArea(track.box) * model.width * model.height;
  });
}

function isLearned({ known }: BackgroundModel): boolean {
  let count = 0;
  for (const cell of known) count += cell;
  return count >= LEARNED * known.length;
}

function describe(region: StandingRegion, { width, height }: BackgroundModel): ForegroundRegion {
  const { left, top, right, bottom } = region;
  return {
    box: { x1: left / width, y1: top / height, x2: right / width, y2: bottom / height },
    sinceS: region.sinceS,
    share: region.cells.length / (width * height),
  };
}
